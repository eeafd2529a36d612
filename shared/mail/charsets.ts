/**
 * Mail in the wild lies about its charset or does not name it. These functions mend the raw bytes so that the MIME
 * parser, which trusts what is declared, reads them right. All work on bytes (as latin1 strings, one character a byte).
 */

const MAX_HEADER_SEARCH = 4 * 1024 * 1024;
const TEXT_PART = /^content-type:[ \t]*text\/(plain|html)\b[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gim;
const CHARSET = /;\s*charset\s*=\s*(?:"([^"\r\n]{0,60})"|'([^'\r\n]{0,60})'|([^\s;"']{1,60}))/i;

/** What the header of the main text part says: of the first plain text part, else of the first HTML part. */
export interface TextPart {
  /** lower-case; null when not declared */
  readonly charset: string | null;
  readonly flowed: boolean;
  readonly delSp: boolean;
}

export function mainTextPart(raw: Uint8Array): TextPart {
  const text = latin1(raw.subarray(0, MAX_HEADER_SEARCH));
  let header: string | null = null;
  for (const match of text.matchAll(TEXT_PART)) {
    header = match[1]?.toLowerCase() === 'plain' ? match[0] : (header ?? match[0]);
    if (header === match[0] && match[1]?.toLowerCase() === 'plain') break;
  }
  return {
    charset: charsetIn(header ?? ''),
    flowed: /format\s*=\s*"?flowed/i.test(header ?? ''),
    delSp: /delsp\s*=\s*"?yes/i.test(header ?? ''),
  };
}

function charsetIn(contentType: string): string | null {
  const match = CHARSET.exec(contentType);
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
  if (isPlain) return raw;
  const charset = head.includes(0x1b) ? 'iso-2022-jp' : isUtf8(head) ? null : legacyCharset(raw, head);
  if (charset === null) return raw;
  const decoded = decode(head, charset);
  return decoded === null ? raw : Buffer.concat([Buffer.from(decoded, 'utf8'), raw.subarray(end)]);
}

function endOfHeaders(raw: Uint8Array): number {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const ends = [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')].filter((at) => at >= 0);
  return ends.length === 0 ? raw.byteLength : Math.min(...ends);
}

/**
 * A second version of the mail with corrected charset parameters, for one more parse, when the text of the first shows
 * replacement characters, UTF-16 of the wrong byte order or undeclared ISO-2022-JP. null: nothing to mend.
 *
 * @param text all text as decoded with the declared charsets
 */
export function repairedCharsets(raw: Uint8Array, text: string): Uint8Array | null {
  const bytes = latin1(raw);
  if (looksLikeSwappedUtf16(text)) {
    return rewriteTextParts(bytes, (declared) => (declared?.startsWith('utf-16') ? 'utf-16be' : null));
  }
  if (text.includes('\u001b$B') || text.includes('\u001b$@'))
    return rewriteTextParts(bytes, () => 'iso-2022-jp');
  if (!isMisreadAsUtf8(text) || bytes.includes('\xef\xbf\xbd')) return null;
  const charset = legacyCharset(raw, raw.subarray(0, endOfHeaders(raw)));
  return rewriteTextParts(bytes, (declared) =>
    declared === null || /^(utf-?8|us-ascii|unknown-8bit|x-unknown|default|)$/.test(declared)
      ? charset
      : null,
  );
}

/** Legacy text read as UTF-8 is all replacement characters; damaged UTF-8 still has most of its letters. */
function isMisreadAsUtf8(text: string): boolean {
  const lost = text.split('\ufffd').length - 1;
  return lost > 0 && lost >= (text.match(/[\u00a1-\u{10ffff}]/gu)?.length ?? 0) - lost;
}

/** UTF-16 without a byte order mark is big-endian by RFC 2781, but is decoded as little-endian. */
function looksLikeSwappedUtf16(text: string): boolean {
  if (text.includes('\ufffe')) return true;
  const sample = text.slice(0, 2_000);
  const swapped = sample
    .match(/[\u0a00\u0d00\u2000\u4100-\u7a00]/g)
    ?.filter((c) => c.charCodeAt(0) % 256 === 0);
  return sample.length > 4 && (swapped?.length ?? 0) > sample.length / 3;
}

function rewriteTextParts(
  bytes: string,
  charsetFor: (declared: string | null) => string | null,
): Uint8Array | null {
  let changed = false;
  const rewritten = bytes.replace(TEXT_PART, (header) => {
    const charset = charsetFor(charsetIn(header));
    if (charset === null) return header;
    changed = true;
    return `${header.replace(CHARSET, '')}; charset=${charset}`;
  });
  if (changed) return Buffer.from(rewritten, 'latin1');
  const charset = /^content-type:/im.test(bytes.slice(0, MAX_HEADER_SEARCH)) ? null : charsetFor(null);
  if (charset === null) return null;
  return Buffer.from(
    `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=${charset}\r\n${bytes}`,
    'latin1',
  );
}

/** Which legacy charset undeclared 8-bit text is most likely in: the one its encoded words use, else Western. */
function legacyCharset(raw: Uint8Array, head: Uint8Array): string {
  const headers = latin1(head);
  const hint =
    /=\?([a-z0-9_-]{3,30})\?[bq]\?/i.exec(headers)?.[1] ?? charsetIn(headers) ?? mainTextPart(raw).charset;
  if (hint !== null && !/^(utf-?8|us-ascii)$/i.test(hint) && decode(new Uint8Array(0), hint) !== null)
    return hint;
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
  if (!bytes.includes('\nboundary=')) return raw;
  const mended = bytes
    .toString('latin1')
    .replace(/^(content-type:[^\r\n]{1,200};[ \t]*\r?\n)(?=boundary=)/gim, '$1 ');
  return Buffer.from(mended, 'latin1');
}
