import { firstBytes } from '#shared/text/firstBytes.ts';
import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { normalForm } from '#shared/text/normalForm.ts';

/** Extensions for parts that come without a name; what is not listed becomes `.bin`. */
const extensions: Readonly<Record<string, string>> = {
  'application/ics': 'ics',
  'application/json': 'json',
  'application/msword': 'doc',
  'application/pdf': 'pdf',
  'application/pgp-encrypted': 'asc',
  'application/pgp-keys': 'asc',
  'application/pgp-signature': 'asc',
  'application/pkcs7-mime': 'p7m',
  'application/pkcs7-signature': 'p7s',
  'application/x-pkcs7-mime': 'p7m',
  'application/x-pkcs7-signature': 'p7s',
  'application/rtf': 'rtf',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'image/bmp': 'bmp',
  'image/gif': 'gif',
  'image/heic': 'heic',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/tiff': 'tif',
  'image/webp': 'webp',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/rfc822-headers': 'txt',
  'text/vcard': 'vcf',
  'text/x-vcard': 'vcf',
  'video/mp4': 'mp4',
};

/** Parts whose role says more than a number. */
const names: Readonly<Record<string, string>> = {
  'application/ms-tnef': 'winmail.dat',
  'application/vnd.ms-tnef': 'winmail.dat',
  'message/delivery-status': 'delivery-status.txt',
  'message/disposition-notification': 'disposition-notification.txt',
  'message/feedback-report': 'feedback-report.txt',
  'message/rfc822': 'message.eml',
  'message/global': 'message.eml',
  'text/calendar': 'invite.ics',
  'application/ics': 'invite.ics',
};

/**
 * FreeScout saves a file under its name, and a file system takes 255 bytes: a longer name ends its request in the middle, with
 * the message there and its attachments not (seen on core 1.8.235, which cuts names at 125 characters of up to four bytes).
 */
const mostBytes = 120;

/**
 * A file name that is safe to hand on: composed (NFC), no path, control or invisible characters, at most 120 bytes of UTF-8 with
 * its extension kept. A part without a name gets one from its type.
 *
 * @param at position of the part in the mail, from 0; numbers the nameless
 */
export function safeFileName(name: string | null, mimeType: string, at: number): string {
  const cleaned = normalForm(withoutInvisibleCharacters(name ?? ''), 'NFC')
    .replace(/\s+/g, ' ')
    .replace(/^.*[\\/]/, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (cleaned === '') {
    return namelessFile(mimeType.toLowerCase(), at);
  }
  if (Buffer.byteLength(cleaned) <= mostBytes) {
    return cleaned;
  }
  const extension = /\.[a-z0-9]{1,10}$/i.exec(cleaned)?.[0] ?? '';
  return firstBytes(cleaned, mostBytes - extension.length).replace(/[. ]+$/, '') + extension;
}

function namelessFile(mimeType: string, at: number): string {
  const known = names[mimeType];
  if (known !== undefined) {
    return known;
  }
  const kind = mimeType.startsWith('image/')
    ? 'image'
    : mimeType.includes('signature')
      ? 'signature'
      : 'attachment';
  return `${kind}-${at + 1}.${extensions[mimeType] ?? 'bin'}`;
}
