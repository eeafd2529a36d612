/**
 * Reads a table of phrases written one language a line, `en: first | second`. What stands before the colon is for the
 * reader only; a phrase may be a regular expression with alternatives of its own, as long as no spaces surround its bars.
 */
export function phrases(table: string): readonly string[] {
  return table
    .split('\n')
    .flatMap((line) => line.slice(line.indexOf(': ') + 1).split(/\s\|\s/))
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '');
}
