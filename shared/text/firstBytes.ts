/** The beginning of a text: at most so many bytes of UTF-8, no character cut in two. */
export function firstBytes(text: string, most: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(most));
  return text.slice(0, read);
}
