import { firstCharacters } from '#shared/text/firstCharacters.ts';

/**
 * Bounds for mails that are mostly line ends or mostly text. The MIME parser takes some two kilobytes of memory for every
 * line that is not base64, so that a mail of a few megabytes could take a worker's whole memory.
 */

/** Ordinary mails without files have some thousands; 200,000 take some 400 MB. */
const maxLines = 200_000;

/** A line may have 998 characters (RFC 5322, section 2.1.1). */
const maxLine = 988;
const minBase64Line = 60;

/** Characters of one text; what is written to FreeScout and to a prompt is far less. */
const maxText = 3_000_000;
/** Characters of HTML, of which far more than half is not text. */
const maxHtml = 10_000_000;

const cutText = '[The rest of this mail is too long to be shown here. It is in the mailbox.]';
const cutLines =
  '[This mail has too many lines to be read to its end. The original is attached as message.eml.]';

/** The text, at most as long as is of use; the end says so when it is cut. */
export function boundedText(text: string): string {
  return text.length <= maxText ? text : `${firstCharacters(text, maxText)}\n\n${cutText}`;
}

export function boundedHtml(html: string): string {
  return html.length <= maxHtml ? html : `${firstCharacters(html, maxHtml)}<div>${cutText}</div>`;
}

/** A text whose mail was cut by {@link boundedLines}. */
export function textOfCutMail(text: string): string {
  return `${boundedText(text).trimEnd()}\n\n${cutLines}`.trimStart();
}

/**
 * As much of a mail as can be read in a worker's memory. The lines of large files in base64 are joined, because a mail
 * may have hundreds of thousands of them; everything else is kept as it is.
 */
export function boundedLines(raw: Uint8Array): { readonly mail: Uint8Array; readonly isCut: boolean } {
  if (endOfLines(raw, maxLines) === raw.byteLength) {
    return { mail: raw, isCut: false };
  }
  const joined = withJoinedBase64(raw);
  const end = endOfLines(joined, maxLines);
  return { mail: joined.subarray(0, end), isCut: end < joined.byteLength };
}

function endOfLines(raw: Uint8Array, lines: number): number {
  let at = 0;
  for (let line = 0; line < lines; line++) {
    const end = raw.indexOf(0x0a, at);
    if (end < 0) {
      return raw.byteLength;
    }
    at = end + 1;
  }
  return at;
}

function withJoinedBase64(raw: Uint8Array): Uint8Array {
  const joined = Buffer.alloc(raw.byteLength);
  let written = 0;
  let lineLength = 0;
  let wasBase64 = false;
  for (let at = 0; at < raw.byteLength; ) {
    const next = raw.indexOf(0x0a, at);
    const end = next < 0 ? raw.byteLength : next + 1;
    const length = base64Length(raw, at, end);
    const isBase64 = length >= minBase64Line && length % 4 === 0;
    if (isBase64 && wasBase64 && lineLength + length <= maxLine) {
      written -= joined[written - 2] === 0x0d ? 2 : 1;
      lineLength += length;
    } else {
      lineLength = length;
    }
    joined.set(raw.subarray(at, end), written);
    written += end - at;
    wasBase64 = isBase64;
    at = end;
  }
  return joined.subarray(0, written);
}

/** Characters of a line that is nothing but base64 without padding; 0 for any other. */
function base64Length(raw: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = raw[at] ?? 0;
    const isLetter = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
    if (isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2f) {
      continue;
    }
    return byte === 0x0d || byte === 0x0a ? at - start : 0;
  }
  return 0;
}
