/** Scripts of the languages that are not written in Latin letters. */
const SCRIPTS: Readonly<Record<string, string>> = {
  ar: 'Arabic',
  be: 'Cyrillic',
  bg: 'Cyrillic',
  bn: 'Bengali',
  el: 'Greek',
  fa: 'Arabic',
  he: 'Hebrew',
  hi: 'Devanagari',
  hy: 'Armenian',
  ja: 'Han Hiragana Katakana',
  ka: 'Georgian',
  kk: 'Cyrillic',
  ko: 'Hangul Han',
  mk: 'Cyrillic',
  mr: 'Devanagari',
  ne: 'Devanagari',
  ru: 'Cyrillic',
  sr: 'Cyrillic Latin',
  ta: 'Tamil',
  te: 'Telugu',
  th: 'Thai',
  uk: 'Cyrillic',
  ur: 'Arabic',
  zh: 'Han',
};

/** Languages that go by several codes. */
const SAME: Readonly<Record<string, string>> = {
  nb: 'no',
  nn: 'no',
  iw: 'he',
  in: 'id',
  bs: 'hr',
  fil: 'tl',
  cmn: 'zh',
};

/** Letters below which a text says nothing about its script. */
const MIN_LETTERS = 20;

/**
 * Whether a reply is in the language the customer is to be answered in: the model's own word for it, checked against the script
 * that most letters are of. Regions do not count (`de-AT` is `de`).
 *
 * @param expected empty or `und` = not known.
 */
export function answersInLanguage(told: string, text: string, expected: string): boolean {
  const wanted = primary(expected);
  if (wanted === '' || wanted === 'und') return true;
  return primary(told) === wanted && isWrittenIn(text, SCRIPTS[wanted] ?? 'Latin');
}

function primary(code: string): string {
  const subtag = code.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  return SAME[subtag] ?? subtag;
}

/** Names, products and addresses keep their own script, so a third of the letters is enough. */
function isWrittenIn(text: string, scripts: string): boolean {
  const letters = text.replace(/\S*(?:@|:\/\/)\S*/g, '').match(/\p{L}/gu) ?? [];
  const pattern = new RegExp(
    `^[${scripts
      .split(' ')
      .map((script) => `\\p{Script=${script}}`)
      .join('')}]$`,
    'u',
  );
  return (
    letters.length < MIN_LETTERS ||
    letters.filter((letter) => pattern.test(letter)).length * 3 >= letters.length
  );
}
