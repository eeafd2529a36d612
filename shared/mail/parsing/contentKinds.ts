import { headerValue } from './mailHeaders.ts';
import type { MailAttachment, ParsedMail } from './parsedMail.ts';

/** Where the content of a mail lies whose text does not say it. */
export type ContentElsewhere =
  | { readonly kind: 'smime' | 'pgp' | 'calendar' | 'winmail'; readonly file: MailAttachment }
  /** encrypted where the text should be */
  | { readonly kind: 'pgp-text' }
  | { readonly kind: 'files'; readonly files: readonly MailAttachment[] };

const pgpStart = '-----BEGIN PGP MESSAGE-----';

/** Says nothing itself, only something about the rest. */
const isAside = /^application\/(?:pgp-signature|pgp-encrypted|pgp-keys|(?:x-)?pkcs7-signature)$/;

/**
 * Null for a mail whose text says what it says, and for reports, whose parts are read one by one. An encrypted part counts also beside a
 * text, which is a gateway's then.
 */
export function contentElsewhere(mail: ParsedMail): ContentElsewhere | null {
  const hasText = mail.text.replace(/\[image: [^\]\n]{1,200}\]/g, '').trim() !== '';
  const smime = mail.attachments.find((file) => isSmime(file, hasText));
  if (smime !== undefined) {
    return { kind: 'smime', file: smime };
  }
  if (mail.text.trimStart().startsWith(pgpStart)) {
    return { kind: 'pgp-text' };
  }
  const isPgpMail = mail.attachments.some(({ mimeType }) => mimeType === 'application/pgp-encrypted');
  const pgp = isPgpMail || !hasText ? mail.attachments.find(isPgpMessage) : undefined;
  if (pgp !== undefined) {
    return { kind: 'pgp', file: pgp };
  }
  return hasText || /^multipart\/report\b/i.test(headerValue(mail, 'content-type')) ? null : onlyFiles(mail);
}

function onlyFiles({ attachments }: ParsedMail): ContentElsewhere | null {
  const calendar = attachments.find(isCalendar);
  if (calendar !== undefined) {
    return { kind: 'calendar', file: calendar };
  }
  const winmail = attachments.find(isWinmail);
  if (winmail !== undefined) {
    return { kind: 'winmail', file: winmail };
  }
  const files = attachments.filter(({ inline, mimeType }) => !inline && !isAside.test(mimeType));
  return files.length === 0 ? null : { kind: 'files', files };
}

/** Signed documents have the same type as signed mails; of mails the name is fixed (RFC 8551, section 3.2.1). */
function isSmime({ mimeType, fileName }: MailAttachment, hasText: boolean): boolean {
  const isType = /^application\/(?:x-)?pkcs7-mime$/.test(mimeType);
  return hasText
    ? isType && /^(?:smime|attachment-\d+)\.p7[mz]$/i.test(fileName)
    : isType || /\.p7m$/i.test(fileName);
}

function isPgpMessage({ content }: MailAttachment): boolean {
  return Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 1_000)).includes(
    pgpStart,
  );
}

function isCalendar({ mimeType, fileName }: MailAttachment): boolean {
  return /^(?:text\/calendar|application\/ics)$/.test(mimeType) || /\.ics$/i.test(fileName);
}

function isWinmail({ mimeType, fileName }: MailAttachment): boolean {
  return /^application\/(?:vnd\.)?ms-tnef$/.test(mimeType) || /^winmail\.dat$/i.test(fileName);
}
