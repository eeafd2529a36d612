import { differsFromLanguage } from './stopWords.ts';

/** Scripts of languages. A language that is not listed is taken in any script. */
const scriptsOf: ReadonlyMap<string, string> = new Map([
  ...'af ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms nl no pl pt ro sk sl sq sv sw tl tr vi'
    .split(' ')
    .map((language): [string, string] => [language, 'Latin']),
  ...'be bg mk ru uk'.split(' ').map((language): [string, string] => [language, 'Cyrillic']),
  ...'ar fa ur'.split(' ').map((language): [string, string] => [language, 'Arabic']),
  ...'hi mr ne'.split(' ').map((language): [string, string] => [language, 'Devanagari']),
  ['bn', 'Bengali'],
  ['el', 'Greek'],
  ['he', 'Hebrew'],
  ['hy', 'Armenian'],
  ['ja', 'Han Hiragana Katakana'],
  ['ka', 'Georgian'],
  ['kk', 'Cyrillic Latin'],
  ['ko', 'Hangul Han'],
  ['sr', 'Cyrillic Latin'],
  ['ta', 'Tamil'],
  ['te', 'Telugu'],
  ['th', 'Thai'],
  ['zh', 'Han'],
]);

/** Further codes of a language → the code that is used here. */
const canonicalCodes: Readonly<Record<string, string>> = {
  nb: 'no',
  nn: 'no',
  iw: 'he',
  in: 'id',
  bs: 'hr',
  fil: 'tl',
  cmn: 'zh',
};

/** A text with fewer letters tells nothing about its script. */
const minLetters = 20;

/**
 * Whether a reply is in the language in which the customer is to be answered. The model tells the language of its reply; the script
 * of the letters and the stop words must not contradict it. Regions do not count (`de-AT` is `de`). Where nothing can be told, the
 * answer is true.
 *
 * @param told - ISO 639-1, as the model says.
 * @param expected - ISO 639-1; empty or `und` when not known.
 */
export function answersInLanguage(told: string, text: string, expected: string): boolean {
  const wanted = primary(expected);
  if (wanted === '' || wanted === 'und') {
    return true;
  }
  if (primary(told) !== wanted) {
    return false;
  }
  const written = text.replace(/\S*(?:@|:\/\/)\S*/g, '');
  const scripts = scriptsOf.get(wanted);
  return (scripts === undefined || isWrittenIn(written, scripts)) && !differsFromLanguage(written, wanted);
}

function primary(code: string): string {
  const subtag = code.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  return canonicalCodes[subtag] ?? subtag;
}

/** Names, products and addresses keep their own script, so a third of the letters is enough. */
function isWrittenIn(text: string, scripts: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  const pattern = new RegExp(
    `^[${scripts
      .split(' ')
      .map((script) => `\\p{Script=${script}}`)
      .join('')}]$`,
    'u',
  );
  return (
    letters.length < minLetters ||
    letters.filter((letter) => pattern.test(letter)).length * 3 >= letters.length
  );
}
