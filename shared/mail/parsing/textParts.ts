import { type DecodedText, decodedText, isLegacyCharset } from './charsets.ts';
import { type MailPart, partHeaders, withRewrittenParts } from './partHeaders.ts';
import { fromDeclaredBase64, fromQuotedPrintable } from './transferEncodings.ts';

/**
 * Text parts whose header is wrong about them. Those that the MIME parser, which trusts what is declared, would not read right are
 * written again in UTF-8, each for itself; all others stay as they are.
 */

const contentType = /^content-type:[ \t]*([^\r\n;]*)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/im;
const transferEncoding = /^content-transfer-encoding:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/im;
const disposition = /^content-disposition:[ \t]*([a-z]*)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/im;
const charsetPattern = /;\s*charset\s*=\s*(?:"([^"\r\n]{0,60})"|'([^'\r\n]{0,60})'|([^\s;"']{1,60}))/i;
const namePattern = /;\s*(?:file)?name(?:\*\d{0,3}\*?)?\s*=\s*"?[^"\s;]/i;

/** Multiparts whose texts are the body, whatever a program names them. */
const isBodyOf = /^(?:alternative|related)$/;

/** What the header of the main text part says: of the first plain text part, else of the first HTML part. */
export interface TextPart {
  /** lower-case; null when not declared */
  readonly charset: string | null;
  readonly flowed: boolean;
  readonly delSp: boolean;
}

export function mainTextPart(raw: Uint8Array): TextPart {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const parts = partHeaders(mail).flatMap(({ start, end }) => {
    const match = contentType.exec(mail.toString('latin1', start, end));
    const type = match?.[1]?.trim().toLowerCase();
    return match !== null && (type === 'text/plain' || type === 'text/html')
      ? [{ type, header: match[0] }]
      : [];
  });
  const header = (parts.find(({ type }) => type === 'text/plain') ?? parts[0])?.header ?? '';
  return {
    charset: charsetIn(header),
    flowed: /format\s*=\s*"?flowed/i.test(header),
    delSp: /delsp\s*=\s*"?yes/i.test(header),
  };
}

function charsetIn(header: string): string | null {
  const match = charsetPattern.exec(header);
  return (match?.[1] ?? match?.[2] ?? match?.[3])?.trim().toLowerCase() || null;
}

/** Which legacy charset undeclared 8-bit text is most likely in: the one the mail's encoded words use, else Western. */
export function legacyCharset(raw: Uint8Array): string {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const headers = mail.toString('latin1', 0, partHeaders(mail)[0]?.end ?? 0);
  const hint =
    /=\?([a-z0-9_-]{3,30})\?[bq]\?/i.exec(headers)?.[1] ?? charsetIn(headers) ?? mainTextPart(raw).charset;
  return hint !== null && isLegacyCharset(hint.toLowerCase()) ? hint.toLowerCase() : 'windows-1252';
}

/**
 * The same mail with texts that the parser reads right, and with text files that it takes for files. A text with a name of its own is a
 * file, whatever its disposition says; what the mail itself says has none. Where all texts of a mail have names, those that only their
 * type names are the mail.
 *
 * @param legacy charset of text that is neither declared nor UTF-8
 */
export function withReadableTexts(raw: Uint8Array, legacy: string): Uint8Array {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const hasText = partHeaders(mail).some(({ start, end, bodyEnd }) => {
    const head = mail.toString('latin1', start, end);
    const isBody =
      isText(head) && !isAttached(head) && !hasName(head, contentType) && !hasName(head, disposition);
    return isBody && mail.toString('latin1', end, Math.min(bodyEnd, end + 1_000)).trim() !== '';
  });
  return withRewrittenParts(raw, (part) => {
    const { head, body, parent } = part;
    if (isText(head)) {
      const isFile = hasName(head, disposition) || (hasText && hasName(head, contentType));
      if (isAttached(head)) {
        return null;
      }
      return isFile && !isBodyOf.test(parent ?? '')
        ? { head: asAttachment(head), body }
        : readablePart(part, legacy);
    }
    return typeOf(head) === 'text/calendar' ? readablePart(part, legacy) : null;
  });
}

/** A part without a type is plain text. */
function typeOf(head: string): string {
  return contentType.exec(head)?.[1]?.trim().toLowerCase() || 'text/plain';
}

function isText(head: string): boolean {
  return /^text\/(?:plain|html)$/.test(typeOf(head));
}

function isAttached(head: string): boolean {
  return disposition.exec(head)?.[1]?.toLowerCase() === 'attachment';
}

function hasName(head: string, header: RegExp): boolean {
  return namePattern.test(header.exec(head)?.[0] ?? '');
}

function asAttachment(head: string): string {
  return disposition.test(head)
    ? head.replace(disposition, (header) => header.replace(/:[ \t]*[a-z]*/i, ': attachment'))
    : withHeader(head, 'Content-Disposition: attachment');
}

function readablePart({ head, body }: MailPart, legacy: string) {
  const type = contentType.exec(head)?.[0] ?? '';
  const declared = charsetIn(type);
  const { bytes, isAsDeclared } = decodedBody(body, transferEncoding.exec(head)?.[0] ?? '');
  const decoded = decodedText(bytes, { declared, legacy, isHtml: typeOf(head) === 'text/html' });
  const isRead = decoded === null || decoded.charset === (declared ?? '') || isUtf8Label(decoded, declared);
  if (isRead && isAsDeclared) {
    return null;
  }
  const text = (decoded?.text ?? bytes.toString('latin1')).replaceAll('\r\n', '\n');
  const plain = type === '' ? withHeader(head, 'Content-Type: text/plain') : head;
  const relabelled = plain
    .replace(contentType, (header) => `${header.replace(charsetPattern, '').trimEnd()}; charset=utf-8`)
    .replace(transferEncoding, 'Content-Transfer-Encoding: base64');
  return {
    head: transferEncoding.test(head)
      ? relabelled
      : withHeader(relabelled, 'Content-Transfer-Encoding: base64'),
    // Encoded, because no line of it may be taken for the end of its part.
    body: Buffer.from(`${Buffer.from(text).toString('base64')}\r\n`),
  };
}

/** The parser takes text without a charset for UTF-8. */
function isUtf8Label({ charset }: DecodedText, declared: string | null): boolean {
  return charset === 'utf-8' && (declared === null || declared === 'utf8');
}

function decodedBody(
  body: Buffer,
  encoding: string,
): { readonly bytes: Buffer; readonly isAsDeclared: boolean } {
  if (/base64/i.test(encoding)) {
    return fromDeclaredBase64(body.toString('latin1'));
  }
  const isQuoted = /quoted-printable/i.test(encoding);
  return { bytes: isQuoted ? fromQuotedPrintable(body.toString('latin1')) : body, isAsDeclared: true };
}

/** Header lines end with a line feed, and the last of them may lack its own. */
function withHeader(head: string, header: string): string {
  const lines = head === '' || head.endsWith('\n') ? head : `${head}\r\n`;
  return `${lines}${header}\r\n`;
}
