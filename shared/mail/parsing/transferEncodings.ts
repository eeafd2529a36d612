import { strictUtf8 } from './charsets.ts';

/**
 * Content-Transfer-Encoding (RFC 2045, section 6) of texts. Text is latin1 here: one character a byte.
 */

/** Bytes of base64. Other characters are passed over, and padding in the middle ends one run and begins the next. */
export function fromBase64(text: string): Buffer {
  const runs = text.replace(/[^A-Za-z0-9+/=]+/g, '').split(/=+/);
  return Buffer.concat(runs.map((run) => Buffer.from(run, 'base64')));
}

/** Bytes of quoted-printable without its line ends; an equals sign that begins no byte stands for itself. */
export function fromQuotedPrintable(text: string): Buffer {
  const decoded = text
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
  return Buffer.from(decoded, 'latin1');
}

/**
 * Bytes of a text whose header says base64. Clear lines behind base64 are noise that a gateway added. A text that is clear from its
 * first line on was never encoded.
 */
export function fromDeclaredBase64(text: string): { readonly bytes: Buffer; readonly isAsDeclared: boolean } {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const end = lines.findIndex(isClear);
  const encoded = end < 0 ? lines : lines.slice(0, end);
  const bytes = fromBase64(encoded.join('\n'));
  const isDoubtful = end >= 0 || !isRegularBase64(encoded.join('')) || /\S\s+\S/.test(encoded[0] ?? '');
  return isDoubtful && !isEncodedText(encoded, bytes)
    ? { bytes: Buffer.from(text, 'latin1'), isAsDeclared: false }
    : { bytes, isAsDeclared: end < 0 };
}

/** Several words, of which one is no base64. */
function isClear(line: string): boolean {
  const words = line.trim().split(/[ \t]+/);
  return words.length > 1 && words.some((word) => !isRegularBase64(word));
}

function isRegularBase64(text: string): boolean {
  const letters = text.replace(/\s+/g, '');
  return letters.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(letters);
}

/** Clear words that are taken for base64 become control characters and parts of characters. */
function isEncodedText(lines: readonly string[], bytes: Buffer): boolean {
  if (lines.some((line) => /^[A-Za-z0-9+/=]{60,}\s*$/.test(line))) {
    return true;
  }
  const hasControls = bytes.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte));
  return bytes.byteLength > 0 && !hasControls && (bytes.byteLength >= 18 || strictUtf8(bytes) !== null);
}
