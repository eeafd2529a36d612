import fc from 'fast-check';

/** RFC 5322 `atext`, lower-case. */
const atext = [..."abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"];

const word = (characters: readonly string[], maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength, size: 'max' });

const local = fc
  .array(word(atext, 20), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('.'))
  .filter((text) => text.length <= 64);

const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
const label = fc.oneof(
  word(letters, 30),
  fc.tuple(word(letters, 10), word([...letters, '-'], 40), word(letters, 10)).map((parts) => parts.join('')),
  // Internationalized, as people type it and as it is sent.
  fc.constantFrom('bücher', 'xn--bcher-kva', 'пример', 'xn--e1afmkfd'),
);

/** Addresses that are odd and legal, lower-case: every character that may stand there, long ones too. */
export const legalAddress = fc
  .tuple(local, fc.array(label, { minLength: 1, maxLength: 4 }))
  .map(([name, labels]) => `${name}@${labels.join('.')}.test`)
  .filter((address) => address.length <= 254);
