import type { MailAttachment } from './parsedMail.ts';

/** More pictures than this in one mail are decoration; they stay unread. */
const maxImages = 50;
const imageStart = /data:image\/(png|jpe?g|gif|webp|bmp);base64,/gi;
const notBase64 = /[^a-z0-9+/=\s]/gi;
const minLength = 40;

/**
 * Pictures that a mail carries inside its HTML (`src="data:image/png;base64,…"`) as attachments, and the HTML with
 * references (`cid:`) in their place, as if they had been sent the usual way. A picture may be megabytes long: its end is
 * looked for, because an expression that matches all of it runs out of stack.
 */
export function withoutDataImages(html: string): {
  readonly html: string;
  readonly images: readonly MailAttachment[];
} {
  const images: MailAttachment[] = [];
  const kept: string[] = [];
  let at = 0;
  imageStart.lastIndex = 0;
  for (
    let match = imageStart.exec(html);
    match !== null && images.length < maxImages;
    match = imageStart.exec(html)
  ) {
    const start = imageStart.lastIndex;
    notBase64.lastIndex = start;
    const end = notBase64.exec(html)?.index ?? html.length;
    imageStart.lastIndex = end;
    if (end - start < minLength) {
      continue;
    }
    const type = match[1]?.toLowerCase() ?? '';
    const number = images.length + 1;
    images.push({
      fileName: `picture-${number}.${type.replace('jpeg', 'jpg')}`,
      mimeType: `image/${type.replace('jpg', 'jpeg')}`,
      content: new Uint8Array(Buffer.from(html.slice(start, end), 'base64')),
      inline: true,
      contentId: `<picture-${number}@html>`,
    });
    kept.push(html.slice(at, match.index), `cid:picture-${number}@html`);
    at = end;
  }
  return { html: images.length === 0 ? html : kept.join('') + html.slice(at), images };
}
