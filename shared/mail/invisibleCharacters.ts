/**
 * Characters that a reader does not see but a model reads: zero-width marks, direction overrides, soft hyphens,
 * Unicode tag characters and variation selectors of the supplement (both are used to smuggle text).
 * U+FE0F is left: it is part of ordinary emoji.
 */
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** ZWNJ and ZWJ are spelling in Arabic and Indic scripts and glue in emoji; anywhere else they only hide. */
const JOINER_OUT_OF_PLACE =
  /(?<![\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])[\u200c\u200d]+/gu;

/** C0 and C1 control characters except tab and line feed; NUL breaks databases further on. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

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
