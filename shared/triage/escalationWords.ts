import type { Settings } from '#shared/settings/settings.ts';

/**
 * Words of the settings that stand in the text as whole words, whatever the language the model would see: a legal threat, a
 * security incident, a chargeback, the wish for a person. Compared without case; each word once, in the order of the settings.
 */
export function escalationWordsIn(text: string, settings: Settings['escalation']): readonly string[] {
  const haystack = text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ');
  const words = new Set(Object.values(settings.words).flat());
  return [...words].filter((word) => containsWord(haystack, word.normalize('NFC').toLowerCase()));
}

/** There a word has no edges to look at. */
const WRITTEN_WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function containsWord(haystack: string, word: string): boolean {
  if (WRITTEN_WITHOUT_SPACES.test(word)) {
    return haystack.includes(word);
  }
  for (let at = haystack.indexOf(word); at !== -1; at = haystack.indexOf(word, at + 1)) {
    if (!isWordCharacter(haystack[at - 1]) && !isWordCharacter(haystack[at + word.length])) {
      return true;
    }
  }
  return false;
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
