/** Scripts that spell with ZWNJ and ZWJ. */
const joiningScripts =
  'Arabic Syriac Nko Adlam Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar' +
  ' Balinese Javanese Sundanese Meetei_Mayek Chakma Tai_Tham Tirhuta Newa Hanifi_Rohingya';
const joining = `[${joiningScripts.replace(/\w+/g, '\\p{scx=$&}').replaceAll(' ', '')}]`;
// Marks that Latin letters bear too join nothing.
const letter = `[[${joining}&&[\\p{L}\\p{M}]]--[\\p{DI}\\p{scx=Latin}]]`;
const letterOrDigit = `[${letter}[${joining}&&\\p{Nd}]]`;

/** Where punctuation goes in a line that runs from right to left; elsewhere they only hide. */
const directionMarks = '\\u061c\\u200e\\u200f';

/** What shows nothing itself and may change how its neighbour looks. */
const canWork =
  '\\u200c\\u200d\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}\\u{e0020}-\\u{e007f}\\u180b-\\u180f\\u115f\\u1160';

const mongolian = '[\\p{sc=Mongolian}--\\p{DI}]';
const mongolianVariant = '[\\u180b-\\u180d\\u180f]';

/** Characters that show nothing themselves but change how their neighbour looks, each with the neighbour that it changes. */
const atWork: readonly string[] = [
  '\\p{RGI_Emoji_Tag_Sequence}', // flags of England, Scotland and Wales; all other tags smuggle text
  '\\u200d(?<=\\p{ExtPict}[\\ufe0f\\p{Emoji_Modifier}]?\\u200d)(?=\\p{ExtPict})', // of families and the like
  '[\\ufe0e\\ufe0f](?<=\\p{Emoji}.)', // a sign as a text or as a picture
  // At the end of a word too: it gives the letter before it the shape that has something behind it.
  `\\u200d(?<=${letter}${mongolianVariant}?.)`,
  // The first of several does the work of all.
  `\\u200c(?<=${letterOrDigit}[${directionMarks}]?.)(?=[\\u200c\\u200d${directionMarks}]*${letterOrDigit})`,
  `${mongolianVariant}(?<=${mongolian}.)`,
  `\\u180e(?<=${mongolian}${mongolianVariant}?.)`,
  // A vowel without a consonant in front of it, and the other way round.
  '\\u115f(?=[\\u1161-\\u11a7\\ud7b0-\\ud7c6])',
  '\\u1160(?<=[\\u1100-\\u115e\\ua960-\\ua97c].)',
  '\\ufe00(?<=[\\p{Sm}\\p{sc=Myanmar}].)',
  // Variants of characters in names; Unicode has hundreds of them registered, and the later ones could spell a hidden text.
  '[\\ufe00-\\ufe02\\u{e0100}-\\u{e011f}](?<=\\p{sc=Han}.)',
];

/** Unicode's own list of what shows nothing, and the annotation marks, without what may be of use. */
const invisible = new RegExp(`[[\\p{DI}\\ufff9-\\ufffb]--[${directionMarks}${canWork}]]`, 'gv');

/** The first group is what stays. */
const idle = new RegExp(`(${atWork.join('|')})|[${canWork}]`, 'gv');

/** Unicode lists them as invisible, but they leave a gap. */
const wideFillers = /[\u3164\uffa0]/g;

const directionMark = new RegExp(`[${directionMarks}]`, 'gv');
/** Between two letters there is no punctuation to be put right, and a second mark adds nothing. */
const idleDirectionMark = new RegExp(
  `(?<=[\\p{L}\\p{M}])[${directionMarks}]+(?=\\p{L})|(?<=[${directionMarks}])[${directionMarks}]+`,
  'gv',
);
const rightToLeft =
  /[[\p{scx=Hebrew}\p{scx=Arabic}\p{scx=Syriac}\p{scx=Thaana}\p{scx=Nko}\p{scx=Adlam}]&&\p{L}]/v;

/** C0 and C1 control characters except tab and line feed; NUL breaks databases further on. */
const control = /(?![\t\n])\p{Cc}/gu;

/**
 * Takes out everything a human reader would not see in plain text, turns every kind of line end into `\n` and half characters into
 * U+FFFD. What spells words and emoji stays: joiners, variation selectors, direction marks, each where it works.
 * Linear in the length of the text.
 */
export function withoutInvisibleCharacters(text: string): string {
  const seen = text
    .toWellFormed()
    .replace(/\r\n?|\u0085|[\u2028\u2029]/g, '\n')
    .replace(control, '')
    .replace(wideFillers, ' ')
    .replace(invisible, '')
    .replace(idle, '$1');
  return seen.search(directionMark) < 0 ? seen : seen.replace(/[^\n]+/g, withMarksAtWork);
}

function withMarksAtWork(line: string): string {
  return line.replace(rightToLeft.test(line) ? idleDirectionMark : directionMark, '');
}

/** What a human reader would see of a header's value. */
export function oneLine(text: string): string {
  return withoutInvisibleCharacters(text).replace(/\s+/g, ' ').trim();
}

/** Whether a reader would see nothing of a text but its space. */
export function isBlank(text: string): boolean {
  return isSpace(withoutInvisibleCharacters(text));
}

/** {@link isBlank} for a text that went through {@link withoutInvisibleCharacters}. A Braille cell without dots is space too. */
export function isSpace(shown: string): boolean {
  return shown.replaceAll('\u2800', ' ').trim() === '';
}
