/** Scripts that spell with ZWNJ and ZWJ. */
const JOINING_SCRIPTS =
  'Arabic Syriac Nko Adlam Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar';
const JOINING = `[${JOINING_SCRIPTS.replace(/\w+/g, '\\p{scx=$&}').replaceAll(' ', '')}]`;
const LETTER = `[[${JOINING}&&[\\p{L}\\p{M}]]--\\p{DI}]`;
const LETTER_OR_DIGIT = `[${LETTER}[${JOINING}&&\\p{Nd}]]`;

/** Characters that show nothing themselves but change how their neighbour looks, each with the neighbour that it changes. */
const AT_WORK: readonly string[] = [
  '\\p{RGI_Emoji_Tag_Sequence}', // flags of England, Scotland and Wales; all other tags smuggle text
  '\\u200d(?<=\\p{ExtPict}[\\ufe0f\\p{Emoji_Modifier}]?\\u200d)(?=\\p{ExtPict})', // of families and the like
  '[\\ufe0e\\ufe0f](?<=\\p{Emoji}.)', // a sign as a text or as a picture
  // At the end of a word too: it gives the letter before it the shape that has something behind it.
  `\\u200d(?<=${LETTER}.)`,
  `\\u200c(?<=${LETTER_OR_DIGIT}.)(?=${LETTER_OR_DIGIT})`,
  '[\\u180b-\\u180f](?<=[\\p{sc=Mongolian}--\\p{DI}].)',
  '\\ufe00(?<=[\\p{Sm}\\p{sc=Myanmar}].)',
  // Variants of characters in names; Unicode has hundreds of them registered, and the later ones could spell a hidden text.
  '[\\ufe00-\\ufe02\\u{e0100}-\\u{e011f}](?<=\\p{sc=Han}.)',
];

/** Where punctuation goes in a line that runs from right to left; elsewhere they only hide. */
const DIRECTION_MARKS = '\\u061c\\u200e\\u200f';

/** Unicode's own list of what shows nothing, and the annotation marks. The first group is what stays. */
const INVISIBLE = new RegExp(`(${AT_WORK.join('|')})|[[\\p{DI}\\ufff9-\\ufffb]--[${DIRECTION_MARKS}]]`, 'gv');

const DIRECTION_MARK = new RegExp(`[${DIRECTION_MARKS}]`, 'gv');
/** Between two letters there is no punctuation to be put right, and a second mark adds nothing. */
const IDLE_DIRECTION_MARK = new RegExp(
  `(?<=[\\p{L}\\p{M}])[${DIRECTION_MARKS}]+(?=\\p{L})|(?<=[${DIRECTION_MARKS}])[${DIRECTION_MARKS}]+`,
  'gv',
);
const RIGHT_TO_LEFT =
  /[[\p{scx=Hebrew}\p{scx=Arabic}\p{scx=Syriac}\p{scx=Thaana}\p{scx=Nko}\p{scx=Adlam}]&&\p{L}]/v;

/** C0 and C1 control characters except tab and line feed; NUL breaks databases further on. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;

/**
 * Takes out everything a human reader would not see in plain text, turns every kind of line end into `\n` and half characters into
 * U+FFFD. What spells words and emoji stays: joiners, variation selectors, direction marks, each where it works.
 * Linear in the length of the text.
 */
export function withoutInvisibleCharacters(text: string): string {
  const seen = text
    .toWellFormed()
    .replace(/\r\n?|\u0085|[\u2028\u2029]/g, '\n')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '$1');
  return seen.search(DIRECTION_MARK) < 0 ? seen : seen.replace(/[^\n]+/g, withMarksAtWork);
}

function withMarksAtWork(line: string): string {
  return line.replace(RIGHT_TO_LEFT.test(line) ? IDLE_DIRECTION_MARK : DIRECTION_MARK, '');
}

/** What a human reader would see of a header's value. */
export function oneLine(text: string): string {
  return withoutInvisibleCharacters(text).replace(/\s+/g, ' ').trim();
}

/** Whether a reader would see nothing of a text but its space: also of a Braille cell without dots. */
export function isBlank(text: string): boolean {
  return withoutInvisibleCharacters(text).replaceAll('\u2800', ' ').trim() === '';
}
