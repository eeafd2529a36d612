/**
 * Which charset bytes of a mail are in, whatever their mail declares: mail in the wild lies about it or does not name it.
 */

/** Labels of programs that did not look at what they sent. */
const meansNothing =
  /^(?:utf-?_?8.*|us-?ascii|ascii|ansi_x3\.4-1968|unknown|unknown-8bit|x-unknown|default|binary|8bit|)$/;

/** Names of UTF-7 (RFC 2152), which no runtime reads. */
const utf7Labels = /^(?:x-)?(?:utf-?7|unicode-1-1-utf-7|csunicode11utf7)$/;

/** Charsets that programs take for one another: one holds more than the declared one, or another is usual for its language. */
const siblings: readonly (readonly string[])[] = [
  ['gb18030', 'gb2312', 'gbk', 'gb_2312-80', 'big5'],
  ['iso-2022-jp', 'shift_jis', 'euc-jp', 'windows-31j'],
  ['euc-kr', 'ks_c_5601-1987'],
];

/** What is known of a text besides its bytes. */
export interface CharsetHints {
  /** lower-case; null when not declared */
  readonly declared: string | null;
  /** of what is neither declared nor UTF-8 */
  readonly legacy: string;
  readonly isHtml: boolean;
}

export interface DecodedText {
  readonly text: string;
  /** the one that was taken, lower-case; null when its lines are in several, or the runtime cannot read it */
  readonly charset: string | null;
}

/**
 * The text that bytes hold. Valid UTF-8 with at least two characters of several bytes is UTF-8 whatever is declared: in any other
 * charset such a text would be nonsense. U+FFFD stands only where no charset in question reads a byte.
 *
 * @returns null when the declared charset is to be believed and this runtime does not know it
 */
export function decodedText(bytes: Uint8Array, hints: CharsetHints): DecodedText | null {
  const declared = hints.declared ?? '';
  if (/^utf-?16|^ucs-?2|^unicode$/.test(declared)) {
    return utf16Text(bytes, declared);
  }
  if (!bytes.some((byte) => byte >= 0x80)) {
    return sevenBitText(bytes, declared);
  }
  const utf8 = strictUtf8(bytes);
  if (utf8 !== null && (meansNothing.test(declared) || charactersBeyondAscii(utf8) >= 2)) {
    return { text: utf8, charset: 'utf-8' };
  }
  if (meansNothing.test(declared)) {
    return undeclaredText(bytes, hints);
  }
  const text = decode(bytes, declared);
  if (text === null || !text.includes('\ufffd')) {
    return text === null ? null : { text, charset: declared };
  }
  if (utf8 !== null) {
    return { text: utf8, charset: 'utf-8' };
  }
  const others = siblings.find((labels) => labels.includes(declared)) ?? [];
  for (const charset of others) {
    const read = decode(bytes, charset);
    if (read !== null && !read.includes('\ufffd')) {
      return { text: read, charset };
    }
  }
  return { text, charset: declared };
}

function utf16Text(bytes: Uint8Array, declared: string): DecodedText | null {
  const utf8 = bytes.includes(0) ? null : strictUtf8(bytes);
  if (utf8 !== null && (charactersBeyondAscii(utf8) >= 2 || charactersBeyondAscii(utf8) === 0)) {
    return { text: utf8, charset: 'utf-8' };
  }
  const text = decode(bytes, declared);
  if (text === null || !looksLikeSwappedUtf16(text)) {
    return text === null ? null : { text, charset: declared };
  }
  const charset = declared.endsWith('be') ? 'utf-16le' : 'utf-16be';
  return { text: decode(bytes, charset) ?? text, charset };
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
  return sample.length > 2 && (swapped?.length ?? 0) > sample.length / 3;
}

function sevenBitText(bytes: Uint8Array, declared: string): DecodedText | null {
  if (utf7Labels.test(declared)) {
    return { text: utf7Text(latin1(bytes)), charset: null };
  }
  const isJapanese = ['\u001b$B', '\u001b$@'].some((start) => Buffer.from(bytes).includes(start));
  const charset = isJapanese && !declared.startsWith('iso-2022') ? 'iso-2022-jp' : declared;
  const text = decode(bytes, meansNothing.test(charset) ? 'utf-8' : charset);
  return text === null ? null : { text, charset };
}

/** RFC 2152: UTF-16 in base64 between a plus and a minus sign, which may be missing; `+-` is a plus sign. */
function utf7Text(text: string): string {
  return text.replace(/\+([A-Za-z0-9+/]*)(-?)/g, (sign, base64: string, end: string) => {
    if (base64 === '') {
      return end === '' ? sign : '+';
    }
    const units = Buffer.from(base64, 'base64');
    return units
      .subarray(0, units.byteLength & ~1)
      .swap16()
      .toString('utf16le');
  });
}

function undeclaredText(bytes: Uint8Array, { isHtml, legacy }: CharsetHints): DecodedText {
  const utf8 = decode(bytes, 'utf-8') ?? '';
  if (isMisreadAsUtf8(utf8)) {
    const charset = (isHtml ? metaCharset(utf8) : null) ?? legacy;
    return { text: decode(bytes, charset) ?? utf8, charset };
  }
  return { text: lineByLine(bytes, legacy), charset: null };
}

/** Footers that a gateway adds may be in another charset than the text. */
function lineByLine(bytes: Uint8Array, legacy: string): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.byteLength; ) {
    const lineFeed = bytes.indexOf(0x0a, start);
    const end = lineFeed < 0 ? bytes.byteLength : lineFeed + 1;
    const line = bytes.subarray(start, end);
    const utf8 = decode(line, 'utf-8') ?? '';
    const isLegacy = utf8.includes('\ufffd') && charactersBeyondAscii(utf8.replaceAll('\ufffd', '')) === 0;
    lines.push((isLegacy ? decode(line, legacy) : null) ?? utf8);
    start = end;
  }
  return lines.join('');
}

/** What HTML says of itself, for parts whose header says nothing. */
function metaCharset(text: string): string | null {
  const label = /<meta\s[^<>]{0,300}?charset\s{0,5}=\s{0,5}["']?([a-z0-9_:.-]{3,40})/i
    .exec(text)?.[1]
    ?.toLowerCase();
  return label === undefined || /^(?:utf|us-ascii)/.test(label) || !isKnownCharset(label) ? null : label;
}

/** Legacy text read as UTF-8 is all replacement characters; damaged UTF-8 still has most of its letters. */
function isMisreadAsUtf8(text: string): boolean {
  const lost = text.split('\ufffd').length - 1;
  return lost > 0 && lost >= charactersBeyondAscii(text) - lost;
}

function charactersBeyondAscii(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80 && (unit < 0xdc00 || unit > 0xdfff)) {
      count++;
    }
  }
  return count;
}

/** Whether the label says in which charset a text is, and this runtime can read that charset. */
export function isLegacyCharset(label: string): boolean {
  return !meansNothing.test(label) && isKnownCharset(label);
}

function isKnownCharset(label: string): boolean {
  return decode(new Uint8Array(0), label) !== null;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true });

/** null when the bytes are not UTF-8. */
export function strictUtf8(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return null;
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
