/** More than any letter bears; Unicode's stream-safe format (UAX #15, section 13) has the same bound. The last two are marks in NFKC. */
const runsOfMarks = /([\p{M}\uff9e\uff9f]{31,})/u;

/**
 * The text in a normal form of Unicode. Endless marks on one letter stay as they are: to put them in order takes time that grows with
 * the square of their number. Linear in the length of the text.
 */
export function normalForm(text: string, form: 'NFC' | 'NFKC'): string {
  return text
    .split(runsOfMarks)
    .map((part, at) => (at % 2 === 0 ? part.normalize(form) : part))
    .join('');
}
