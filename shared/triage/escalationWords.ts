import type { Settings } from '#shared/settings/settings.ts';
import { normalForm } from '#shared/text/normalForm.ts';

/**
 * Words of the settings that stand in the text as whole words, whatever the language the model would see: a legal threat, a
 * security incident, a chargeback, the wish for a person. Compared without case and punctuation; each word once, in the order of the
 * settings.
 */
export function escalationWordsIn(text: string, settings: Settings['escalation']): readonly string[] {
  const haystack = wordsOf(text);
  const words = new Set(Object.values(settings.words).flat());
  return [...words].filter((word) => containsWord(haystack, wordsOf(word)));
}

/** Lower-case words, each between single spaces. */
function wordsOf(text: string): string {
  return ` ${normalForm(text, 'NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()} `;
}

/** There a word has no edges to look at. */
const writtenWithoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function containsWord(haystack: string, word: string): boolean {
  return haystack.includes(writtenWithoutSpaces.test(word) ? word.trim() : word);
}
