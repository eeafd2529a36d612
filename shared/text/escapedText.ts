import { firstCharacters } from './firstCharacters.ts';

/** Text as HTML that shows exactly this text, also within a quoted attribute. */
export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** As much of a text as has room once it is escaped; neither a character nor an entity is cut in two. */
export function within(
  room: number,
  text: string,
  escaping: (text: string) => string,
): { readonly html: string; readonly isAll: boolean } {
  const escaped = escaping(firstCharacters(text, room));
  if (escaped.length <= room) {
    return { html: escaped, isAll: text.length <= room };
  }
  const cut = firstCharacters(escaped, room);
  const entity = cut.lastIndexOf('&');
  return { html: entity > cut.lastIndexOf(';') ? cut.slice(0, entity) : cut, isAll: false };
}
