import { partHeaders, withRewrittenHeaders } from './partHeaders.ts';

/**
 * Mail in the wild lies about its charset or does not name it. These functions mend the raw bytes so that the MIME
 * parser, which trusts what is declared, reads them right. All work on bytes (as latin1 strings, one character a byte).
 */

const textPart = /^content-type:[ \t]*text\/(plain|html)\b[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gim;
const charsetPattern = /;\s*charset\s*=\s*(?:"([^"\r\n]{0,60})"|'([^'\r\n]{0,60})'|([^\s;"']{1,60}))/i;

/** What the header of the main text part says: of the first plain text part, else of the first HTML part. */
export interface TextPart {
  /** lower-case; null when not declared */
  readonly charset: string | null;
  readonly flowed: boolean;
  readonly delSp: boolean;
}

export function mainTextPart(raw: Uint8Array): TextPart {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const blocks = partHeaders(mail).map(({ start, end }) => mail.toString('latin1', start, end));
  const parts = blocks.flatMap((block) => [...block.matchAll(textPart)].slice(0, 1));
  const header = (parts.find((part) => part[1]?.toLowerCase() === 'plain') ?? parts[0])?.[0];
  return {
    charset: charsetIn(header ?? ''),
    flowed: /format\s*=\s*"?flowed/i.test(header ?? ''),
    delSp: /delsp\s*=\s*"?yes/i.test(header ?? ''),
  };
}

function charsetIn(contentType: string): string | null {
  const match = charsetPattern.exec(contentType);
  return (match?.[1] ?? match?.[2] ?? match?.[3])?.trim().toLowerCase() || null;
}

/**
 * Unencoded 8-bit or ISO-2022-JP headers become UTF-8, which is how they are decoded later. Mail with clean headers is
 * returned as it is.
 */
export function withUtf8Headers(raw: Uint8Array): Uint8Array {
  const end = endOfHeaders(raw);
  const head = raw.subarray(0, end);
  const isPlain = !head.some((byte) => byte >= 0x80 || byte === 0x1b);
  if (isPlain) {
    return raw;
  }
  const charset = head.includes(0x1b) ? 'iso-2022-jp' : isUtf8(head) ? null : legacyCharset(raw, head);
  if (charset === null) {
    return raw;
  }
  const decoded = decode(head, charset);
  return decoded === null ? raw : Buffer.concat([Buffer.from(decoded, 'utf8'), raw.subarray(end)]);
}

function endOfHeaders(raw: Uint8Array): number {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const ends = [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')].filter((at) => at >= 0);
  return ends.length === 0 ? raw.byteLength : Math.min(...ends);
}

/** Labels of programs that did not look at what they sent. */
const meansNothing =
  /^(?:utf-?8|us-?ascii|ascii|ansi_x3\.4-1968|unknown|unknown-8bit|x-unknown|default|binary|8bit|)$/;

/**
 * Text in UTF-8 is often declared as `us-ascii`, `utf8mb4` or `utf-8;`, which is decoded as Western. Under its right name
 * it is read right, and what is not UTF-8 is found out by {@link repairedCharsets}.
 */
export function withPlainUtf8Labels(raw: Uint8Array): Uint8Array {
  return rewriteTextParts(raw, (declared) =>
    declared !== null && declared !== 'utf-8' && (meansNothing.test(declared) || /^utf-?_?8/.test(declared))
      ? 'utf-8'
      : null,
  );
}

/**
 * A second version of the mail with corrected charset parameters, for one more parse, when the text of the first shows
 * replacement characters, UTF-16 of the wrong byte order or undeclared ISO-2022-JP. null: nothing to mend.
 *
 * @param text all text as decoded with the declared charsets
 */
export function repairedCharsets(raw: Uint8Array, text: string): Uint8Array | null {
  if (looksLikeSwappedUtf16(text)) {
    return changed(raw, (declared) => (declared?.startsWith('utf-16') ? 'utf-16be' : null));
  }
  if (text.includes('\u001b$B') || text.includes('\u001b$@')) {
    return changed(raw, () => 'iso-2022-jp');
  }
  if (!isMisreadAsUtf8(text) || Buffer.from(raw).includes('\ufffd')) {
    return null;
  }
  const charset = metaCharset(text) ?? legacyCharset(raw, raw.subarray(0, endOfHeaders(raw)));
  return changed(raw, (declared) => (declared === null || meansNothing.test(declared) ? charset : null));
}

/** What HTML says of itself, for parts whose header says nothing. */
function metaCharset(text: string): string | null {
  const label = /<meta\s[^<>]{0,300}?charset\s{0,5}=\s{0,5}["']?([a-z0-9_:.-]{3,40})/i
    .exec(text)?.[1]
    ?.toLowerCase();
  if (label === undefined || /^(?:utf|us-ascii)/.test(label)) {
    return null;
  }
  return decode(new Uint8Array(0), label) === null ? null : label;
}

/** Legacy text read as UTF-8 is all replacement characters; damaged UTF-8 still has most of its letters. */
function isMisreadAsUtf8(text: string): boolean {
  let lost = 0;
  let read = 0;
  for (let at = text.indexOf('\ufffd'); at >= 0 && at < text.length; at++) {
    if (text.charCodeAt(at) === 0xfffd) {
      lost++;
    }
  }
  if (lost === 0) {
    return false;
  }
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0xa0 && unit !== 0xfffd && (unit < 0xdc00 || unit > 0xdfff)) {
      read++;
    }
  }
  return lost >= read;
}

/** UTF-16 without a byte order mark is big-endian by RFC 2781, but is decoded as little-endian. */
function looksLikeSwappedUtf16(text: string): boolean {
  if (text.includes('\ufffe')) {
    return true;
  }
  const sample = text.slice(0, 2_000);
  const swapped = sample
    .match(/[\u0a00\u0d00\u2000\u4100-\u7a00]/g)
    ?.filter((c) => c.charCodeAt(0) % 256 === 0);
  return sample.length > 4 && (swapped?.length ?? 0) > sample.length / 3;
}

function changed(raw: Uint8Array, charsetFor: (declared: string | null) => string | null): Uint8Array | null {
  const rewritten = rewriteTextParts(raw, charsetFor);
  if (rewritten !== raw) {
    return rewritten;
  }
  const head = latin1(raw.subarray(0, endOfHeaders(raw)));
  const charset = /^content-type:/im.test(head) ? null : charsetFor(null);
  if (charset === null) {
    return null;
  }
  const declared = `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=${charset}\r\n`;
  return Buffer.concat([Buffer.from(declared), raw]);
}

function rewriteTextParts(
  raw: Uint8Array,
  charsetFor: (declared: string | null) => string | null,
): Uint8Array {
  return withRewrittenHeaders(raw, (block) =>
    block.replace(textPart, (header) => {
      const charset = charsetFor(charsetIn(header));
      return charset === null ? header : `${header.replace(charsetPattern, '')}; charset=${charset}`;
    }),
  );
}

/** Which legacy charset undeclared 8-bit text is most likely in: the one its encoded words use, else Western. */
function legacyCharset(raw: Uint8Array, head: Uint8Array): string {
  const headers = latin1(head);
  const hint =
    /=\?([a-z0-9_-]{3,30})\?[bq]\?/i.exec(headers)?.[1] ?? charsetIn(headers) ?? mainTextPart(raw).charset;
  if (hint !== null && !/^(utf-?8|us-ascii)$/i.test(hint) && decode(new Uint8Array(0), hint) !== null) {
    return hint;
  }
  return 'windows-1252';
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** null when the runtime does not know the charset. */
function decode(bytes: Uint8Array, charset: string): string | null {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return null;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/**
 * A `boundary` parameter that its sender failed to indent became a header of its own, and a multipart without a boundary
 * has no readable content. Indents it again.
 */
export function withIndentedBoundaries(raw: Uint8Array): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (!bytes.includes('\nboundary=')) {
    return raw;
  }
  const mended = bytes
    .toString('latin1')
    .replace(/^(content-type:[^\r\n]{1,200};[ \t]*\r?\n)(?=boundary=)/gim, '$1 ');
  return Buffer.from(mended, 'latin1');
}
