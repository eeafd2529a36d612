import type { MailAttachment } from './parseMail.ts';

/** More pictures than this in one mail are decoration; they stay unread. */
const MAX_IMAGES = 50;
const DATA_IMAGE = /data:image\/(png|jpe?g|gif|webp|bmp);base64,([a-z0-9+/=\s]{40,})/gi;

/**
 * Pictures that a mail carries inside its HTML (`src="data:image/png;base64,…"`) as attachments, and the HTML with
 * references (`cid:`) in their place, as if they had been sent the usual way.
 */
export function withoutDataImages(html: string): {
  readonly html: string;
  readonly images: readonly MailAttachment[];
} {
  const images: MailAttachment[] = [];
  if (!html.includes('data:image/')) return { html, images };
  const replaced = html.replace(DATA_IMAGE, (uri, type: string, content: string) => {
    if (images.length >= MAX_IMAGES) return uri;
    const number = images.length + 1;
    const extension = type.toLowerCase().replace('jpeg', 'jpg');
    images.push({
      fileName: `picture-${number}.${extension}`,
      mimeType: `image/${type.toLowerCase().replace('jpg', 'jpeg')}`,
      content: new Uint8Array(Buffer.from(content, 'base64')),
      inline: true,
      contentId: `<picture-${number}@html>`,
    });
    return `cid:picture-${number}@html`;
  });
  return { html: replaced, images };
}
