import { deflateSync } from 'node:zlib';

/** Object identifiers of CMS (RFC 5652), encoded. */
export const cmsTypes = {
  data: '2a864886f70d010701',
  signed: '2a864886f70d010702',
  enveloped: '2a864886f70d010703',
  compressed: '2a864886f70d0109100109',
} as const;

/** One element of BER with its length, in the shortest form. */
export function ber(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const length = content.byteLength;
  if (length < 0x80) {
    return Buffer.concat([Buffer.from([tag, length]), content]);
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return Buffer.concat([Buffer.from([tag, 0x84]), bytes, content]);
}

/** One element of BER whose length is not told: two zero bytes end it. */
export function berWithoutLength(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...contents, Buffer.from([0, 0])]);
}

/** A message of CMS around an element. */
export function cmsMessage(type: string, content: Uint8Array): Buffer {
  return ber(0x30, ber(0x06, Buffer.from(type, 'hex')), ber(0xa0, content));
}

/** A signed message without any signature; null holds nothing, as a message of certificates does. */
export function signedCms(content: Uint8Array | null): Buffer {
  const held = content === null ? [] : [ber(0xa0, ber(0x04, content))];
  const encapsulated = ber(0x30, ber(0x06, Buffer.from(cmsTypes.data, 'hex')), ...held);
  return cmsMessage(
    cmsTypes.signed,
    ber(0x30, ber(0x02, Buffer.from([1])), ber(0x31), encapsulated, ber(0x31)),
  );
}

/** As programs write it that do not know the length when they begin: in pieces. */
export function streamedCms(content: Uint8Array, pieceBytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.byteLength; at += pieceBytes) {
    pieces.push(ber(0x04, content.subarray(at, at + pieceBytes)));
  }
  const held = berWithoutLength(0xa0, berWithoutLength(0x24, Buffer.concat(pieces)));
  const encapsulated = berWithoutLength(0x30, ber(0x06, Buffer.from(cmsTypes.data, 'hex')), held);
  const signed = berWithoutLength(0x30, ber(0x02, Buffer.from([1])), ber(0x31), encapsulated, ber(0x31));
  return berWithoutLength(
    0x30,
    ber(0x06, Buffer.from(cmsTypes.signed, 'hex')),
    berWithoutLength(0xa0, signed),
  );
}

/** Compressed data (RFC 3274). */
export function compressedCms(content: Uint8Array): Buffer {
  const held = ber(0xa0, ber(0x04, deflateSync(content)));
  const encapsulated = ber(0x30, ber(0x06, Buffer.from(cmsTypes.data, 'hex')), held);
  return cmsMessage(cmsTypes.compressed, ber(0x30, ber(0x02, Buffer.from([0])), ber(0x30), encapsulated));
}
