import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';

const england = '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}';
const family = '👨\u200d👩\u200d👧\u200d👦';

describe('what a reader sees stays', () => {
  it.each([
    ['a family', family],
    ['a woman at a laptop, with a skin tone', '👩🏽\u200d💻'],
    ['a heart on fire', '❤\ufe0f\u200d🔥'],
    ['the rainbow flag', '🏳\ufe0f\u200d🌈'],
    ['red hair', '👨🏿\u200d🦰'],
    ['the flag of England', england],
    ['the flag of France', '🇫🇷'],
    ['a keycap', '1\ufe0f\u20e3'],
    ['a sign as text', '☎\ufe0e'],
    ['Persian', 'می\u200cخواهم'],
    ['Persian with vowel signs', 'مِی\u200cخواهَم'],
    ['Persian behind a number', '۱۲\u200cساله'],
    ['an Arabic letter in its joined shape', 'سنة ١٤٤٧ ه\u200d.'],
    ['Malayalam, a chillu at the end of a word', 'അവന്\u200d പറഞ്ഞു'],
    ['Sinhala', 'ශ්\u200dරී ලංකා'],
    ['Devanagari, joined', 'क्\u200dष'],
    ['Devanagari, apart', 'क्\u200cष'],
    ['Bengali', 'র\u200d্যাম'],
    ['Mongolian', 'ᠭᠠᠭ\u180eᠠ ᠨ\u180b'],
    ['a Japanese name in its own variant', '葛\u{e0100}城'],
    ['a mathematical sign with serifs', '∩\ufe00'],
    ['Mongolian, joined behind a variant', 'ᠨ\u180b\u200dᠠ'],
    ['Mongolian, a vowel apart from a variant', 'ᠨ\u180b\u180eᠠ'],
    ['Javanese', 'ꦏ꧀\u200cꦱ'],
    ['Balinese', 'ᬓ᭄\u200cᬓ'],
    ['Meitei', 'ꯀ꯭\u200cꯀ'],
    ['Chakma', '𑄇𑄳\u200c𑄇'],
    ['Rohingya', '𐴀\u200c𐴀'],
    ['Korean in letters', '\u1112\u1161\u11ab\u1100\u1173\u11af'],
    ['a Korean consonant and a vowel that stand alone', '\u1100\u1160\u115f\u1161'],
    ['punctuation in Hebrew', 'אני כותב ב-C++\u200e כל יום'],
    ['punctuation in Arabic', 'السعر 5\u200f% اليوم'],
  ])('%s', (_, text) => {
    expect(withoutInvisibleCharacters(text)).toBe(text);
  });
});

describe('what nobody sees goes', () => {
  it.each([
    ['NUL and other controls', 'a\u0000b\u0007c\u009fd\te\nf', 'abcd\te\nf'],
    ['every kind of line end', 'a\r\nb\rc\u0085d\u2028e\u2029f', 'a\nb\nc\nd\ne\nf'],
    [
      'overrides, embeddings and isolates',
      'a\u202ab\u202bc\u202cd\u202de\u202ef\u2066g\u2067h\u2068i\u2069j',
      'abcdefghij',
    ],
    ['zero-width space, word joiner, byte order mark, soft hyphen', 'a\u200bb\u2060c\ufeffd\u00ade', 'abcde'],
    ['joiners between Latin letters', 'pay\u200dm\u200cent', 'payment'],
    ['a joiner behind a mark that Syriac shares with Latin', 'pay\u0304\u200dment', 'pay\u0304ment'],
    ['joiners at the edges', '\u200dا\u200c \u200c', 'ا '],
    ['joiners behind joiners', 'ا\u200c\u200c\u200cا', 'ا\u200cا'],
    ['joiners behind joiners at the end', 'ا\u200c\u200c\u200c.', 'ا.'],
    ['what else is invisible around a joiner', 'می\u00ad\u200b\u200c\u2060\ufeffخواهم', 'می\u200cخواهم'],
    ['a joiner behind an emoji that joins nothing', '👍\u200d fine \u200d👍', '👍 fine 👍'],
    ['a ZWNJ between emoji', '👍\u200c👍', '👍👍'],
    ['tags without a flag', 'Hi\u{e0041}\u{e0042}!', 'Hi!'],
    ['tags behind a flag that is none', '🏴\u{e0068}\u{e0069}\u{e007f}', '🏴'],
    ['tags behind a whole flag', `${england}\u{e0068}`, england],
    ['half a flag', england.slice(0, -2), '🏴'],
    ['variation selectors of nothing', 'a\ufe0fb\ufe00c\u{e0100}d', 'abcd'],
    ['variation selectors that spell', '漢\u{e0158}\u{e0159}字😀\u{e0158}', '漢字😀'],
    ['a second variation selector', '❤\ufe0f\ufe0f', '❤\ufe0f'],
    ['direction marks in English', 'a\u200e, \u200fb\u061c.', 'a, b.'],
    ['direction marks within a word', 'law\u200eyer שלום', 'lawyer שלום'],
    ['a second direction mark', 'שלום\u200f\u200e\u200f!', 'שלום\u200f!'],
    ['direction marks in a line of its own', 'שלום\u200f!\nHi\u200f!', 'שלום\u200f!\nHi!'],
    ['fillers that fill nothing', 'a\u115fb\u1160c\u115f\u1160d', 'abcd'],
    ['fillers that are seen as a space', '김\u3164철수\uffa0님', '김 철수 님'],
    ['annotations', 'a\ufff9b\ufffac\ufffbd', 'abcd'],
  ])('%s', (_, text, seen) => {
    expect(withoutInvisibleCharacters(text)).toBe(seen);
  });

  it.each([
    ['a high half', '\ud800 …', '\ufffd …'],
    ['a low half', 'a\udc00', 'a\ufffd'],
    ['halves in the wrong order', '\udc00\ud800', '\ufffd\ufffd'],
    ['a whole character', '𝒜', '𝒜'],
  ])('%s', (_, text, seen) => {
    expect(withoutInvisibleCharacters(text)).toBe(seen);
  });
});

const units = [
  ...[
    '\ud83d',
    '\ude00',
    '\u0000',
    '\n',
    '\r',
    ' ',
    'a',
    '1',
    'é',
    '😀',
    '👩',
    '🏽',
    '❤',
    '🏴',
    england,
    family,
  ],
  ...['ا', 'ِ', '۱', 'ש', 'क', '्', 'ന', '്', 'ᠠ', '葛', '∩', '\u3164', '\u{e0067}', '\u{e007f}', '\u{e0100}'],
  ...[
    '\u200b',
    '\u200c',
    '\u200d',
    '\u200e',
    '\u200f',
    '\u061c',
    '\u202e',
    '\u2066',
    '\ufe00',
    '\ufe0f',
    '\u180b',
    '\u180e',
    '\u1100',
    '\u115f',
    '\u1160',
    '\u1161',
  ],
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...units), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 30 })
  .map((parts) => parts.join(''));

describe('of any text', () => {
  const check = (property: (text: string) => void) =>
    fc.assert(fc.property(text, property), { numRuns: 3_000 });

  it('what stays is whole characters without controls, overrides and fillers', () => {
    check((given) => {
      const seen = withoutInvisibleCharacters(given);
      expect(seen.isWellFormed()).toBe(true);
      expect(seen).not.toMatch(/(?![\t\n])\p{Cc}|[\u00ad\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff]/u);
    });
  });

  it('a joiner that stays has something to join', () => {
    check((given) => {
      const seen = withoutInvisibleCharacters(given);
      expect(seen).not.toMatch(/^[\u200c\u200d]|[\s\p{Script=Latin}\u200c\u200d][\u200c\u200d]/u);
      expect(seen).not.toMatch(/\u200c(?:\s|$|\p{Script=Latin}|\p{Extended_Pictographic})/u);
      expect(seen).not.toMatch(/\p{Extended_Pictographic}\u200d(?!\p{Extended_Pictographic})/u);
    });
  });

  it('nothing that a reader sees is lost, and a second time changes nothing', () => {
    const visible = (given: string) =>
      given.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, '');
    check((given) => {
      const seen = withoutInvisibleCharacters(given);
      // Fillers of Hangul are as wide as a letter.
      expect(visible(seen)).toBe(visible(given.toWellFormed().replace(/[\u3164\uffa0]/g, ' ')));
      expect(withoutInvisibleCharacters(seen)).toBe(seen);
    });
  });
});
