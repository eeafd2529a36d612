/** Characters that a reader does not see but a model reads. U+FE0F is not here: it is part of ordinary emoji. */
const INVISIBLE_RANGES: readonly string[] = [
  '\\u00ad\\u034f\\u061c', // soft hyphen, grapheme joiner, Arabic letter mark
  '\\u115f\\u1160\\u3164\\uffa0', // Hangul fillers
  '\\u17b4\\u17b5\\u180b-\\u180f', // Khmer and Mongolian format characters
  '\\u200b\\u200e\\u200f\\u202a-\\u202e', // zero-width space, direction marks and overrides
  '\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb', // word joiner, isolates, byte order mark, annotations
  '\\ufe00-\\ufe0e', // variation selectors
  '\\u{1d173}-\\u{1d17a}', // musical format characters
  '\\u{e0000}-\\u{e0fff}', // tags and further variation selectors: both are used to smuggle text
];
const INVISIBLE = new RegExp(`[${INVISIBLE_RANGES.join('')}]`, 'gu');

/** Scripts that spell with ZWNJ and ZWJ; anywhere else but in emoji these two only hide. */
const JOINING_SCRIPTS =
  'Arabic Syriac Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar';
const BEFORE_JOINER = `${JOINING_SCRIPTS.replace(/\w+/g, '\\p{Script=$&}')}\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f`;
const JOINER_OUT_OF_PLACE = new RegExp(`(?<![${BEFORE_JOINER.replaceAll(' ', '')}])[\\u200c\\u200d]+`, 'gu');

/** C0 and C1 control characters except tab and line feed; NUL breaks databases further on. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;

/**
 * Takes out everything a human reader would not see in plain text and turns every kind of line end into `\n`.
 * Linear in the length of the text.
 */
export function withoutInvisibleCharacters(text: string): string {
  return text
    .replace(/\r\n?|\u0085|[\u2028\u2029]/g, '\n')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '')
    .replace(JOINER_OUT_OF_PLACE, '');
}

/** What a human reader would see of a header's value. */
export function oneLine(text: string): string {
  return withoutInvisibleCharacters(text).replace(/\s+/g, ' ').trim();
}
