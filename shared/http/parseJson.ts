/** Reads JSON that somebody else wrote; undefined when the text is none. What it holds is the caller's to check. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
