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

function containsWord(haystack: string, word: string): boolean {
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
