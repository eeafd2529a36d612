import { inflateSync } from 'node:zlib';

/**
 * What a CMS message (RFC 5652, the envelope of S/MIME) holds, as far as no key is needed for it. Signatures are not checked. The
 * structure is BER, with lengths that may be missing; it comes from strangers, so that each step is counted.
 */

/** Bytes of what is unwrapped. */
const maxContent = 25 * 1024 * 1024;
/** Nested elements; real messages have some ten. */
const maxDepth = 32;
/** A message of 25 MB in pieces of 1,000 bytes has some 26,000. */
const maxElements = 100_000;

/** Object identifiers in hexadecimal: RFC 5652 and RFC 3274 for data that can be read, RFC 5652 and RFC 5083 for what cannot. */
const signedData = '2a864886f70d010702';
const compressedData = '2a864886f70d0109100109';
const encrypted: readonly string[] = ['2a864886f70d010703', '2a864886f70d010706', '2a864886f70d0109100117'];

const sequence = 0x30;
const octetString = 0x04;
const constructedOctetString = 0x24;
const explicit0 = 0xa0;

/** `open` holds what the message contains; `broken` is no CMS message that can be read. */
export type CmsContent =
  | { readonly kind: 'open'; readonly content: Uint8Array }
  | { readonly kind: 'encrypted' | 'broken' | 'empty' };

interface Element {
  readonly tag: number;
  /** of its content */
  readonly start: number;
  readonly end: number;
  /** where the next one begins */
  readonly next: number;
}

class BrokenCms extends Error {}

/**
 * Unwraps one layer.
 *
 * @param isOver whether the time for it is used up
 */
export function cmsContent(bytes: Uint8Array, isOver: () => boolean): CmsContent {
  try {
    return contentIn(bytes, isOver);
  } catch {
    return { kind: 'broken' };
  }
}

function contentIn(bytes: Uint8Array, isOver: () => boolean): CmsContent {
  if (bytes.byteLength > maxContent) {
    throw new BrokenCms('too large');
  }
  const reader = berReader(bytes, isOver);
  const message = reader.element(0, bytes.byteLength);
  const [type, wrapped] = reader.children(message, sequence);
  const kind = type === undefined ? '' : Buffer.from(bytes.subarray(type.start, type.end)).toString('hex');
  if (encrypted.includes(kind)) {
    return { kind: 'encrypted' };
  }
  if ((kind !== signedData && kind !== compressedData) || wrapped === undefined) {
    throw new BrokenCms('another type');
  }
  const [data] = reader.children(wrapped, explicit0);
  const encapsulated = data && reader.children(data, sequence)[2];
  const held = encapsulated && reader.children(encapsulated, sequence)[1];
  if (held === undefined) {
    return { kind: 'empty' };
  }
  const content = Buffer.concat(
    reader.children(held, explicit0).flatMap((octets) => reader.octets(octets, 0)),
  );
  return {
    kind: 'open',
    content: kind === compressedData ? inflateSync(content, { maxOutputLength: maxContent }) : content,
  };
}

function berReader(bytes: Uint8Array, isOver: () => boolean) {
  let elements = 0;

  function element(at: number, limit: number, depth = 0): Element {
    elements++;
    if (depth > maxDepth || elements > maxElements || isOver()) {
      throw new BrokenCms('too much');
    }
    const tag = bytes[at];
    const first = bytes[at + 1];
    if (tag === undefined || first === undefined || at + 2 > limit || (tag & 0x1f) === 0x1f) {
      throw new BrokenCms('no element');
    }
    if (first === 0x80) {
      return withoutLength(tag, at + 2, limit, depth);
    }
    const lengthBytes = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + lengthBytes;
    if (lengthBytes > 4 || start > limit) {
      throw new BrokenCms('no length');
    }
    const length = bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    const end = start + (first < 0x80 ? first : length);
    if (end > limit) {
      throw new BrokenCms('cut');
    }
    return { tag, start, end, next: end };
  }

  /** Two zero bytes end it (X.690, section 8.1.5). */
  function withoutLength(tag: number, start: number, limit: number, depth: number): Element {
    let at = start;
    while (bytes[at] !== 0 || bytes[at + 1] !== 0) {
      at = element(at, limit, depth + 1).next;
    }
    if (at + 2 > limit) {
      throw new BrokenCms('cut');
    }
    return { tag, start, end: at, next: at + 2 };
  }

  function children(parent: Element, tag: number): Element[] {
    if (parent.tag !== tag) {
      throw new BrokenCms('another structure');
    }
    const found: Element[] = [];
    for (let at = parent.start; at < parent.end; ) {
      const child = element(at, parent.end);
      found.push(child);
      at = child.next;
    }
    return found;
  }

  /** A string may come in pieces, and each piece in pieces. */
  function octets(string: Element, depth: number): Uint8Array[] {
    if (depth > maxDepth) {
      throw new BrokenCms('too deep');
    }
    return string.tag === octetString
      ? [bytes.subarray(string.start, string.end)]
      : children(string, constructedOctetString).flatMap((piece) => octets(piece, depth + 1));
  }

  return { element, children, octets };
}
