/** The beginning of a text: at most so many UTF-16 code units, no character cut in two. */
export function firstCharacters(text: string, most: number): string {
  const isCutInTwo = (text.codePointAt(most - 1) ?? 0) > 0xffff;
  return text.slice(0, isCutInTwo ? most - 1 : most);
}
