/** Header lines of a mail or part; an array gives the header several times. */
export type MailHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Bytes as they are, or text that is written in UTF-8. */
export type MailBody = string | Uint8Array;

const crlf = '\r\n';
const plainMail: MailHeaders = {
  From: 'Ann Example <ann@customer.example>',
  To: 'help@desk.example',
  Subject: 'Question',
  Date: 'Tue, 03 Nov 2026 10:00:00 +0000',
  'Message-ID': '<one@customer.example>',
  'MIME-Version': '1.0',
};

/**
 * A raw mail. The headers given replace or extend those of an ordinary customer's mail; an empty array leaves one out.
 */
export function buildMail(
  headers: MailHeaders = {},
  body: MailBody = 'Hello, where is my parcel?',
): Uint8Array {
  const names = new Set([...Object.keys(plainMail), ...Object.keys(headers)]);
  const merged: Record<string, string | readonly string[]> = {};
  for (const name of names) {
    merged[name] = headers[name] ?? plainMail[name] ?? [];
  }
  return buildPart(merged, body);
}

/** A part: headers, a blank line, the body. */
export function buildPart(headers: MailHeaders, body: MailBody): Uint8Array {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}${crlf}`),
  );
  return joinBytes([lines.join('') + crlf, body]);
}

/** The body of a multipart and the Content-Type that goes with it. */
export function buildMultipart(
  subtype: string,
  parts: readonly Uint8Array[],
  parameters = '',
): { readonly type: string; readonly body: Uint8Array } {
  const boundary = `b${subtype.length}-${parts.length}-${parts.reduce((sum, part) => sum + part.length, 0)}`;
  const pieces = parts.flatMap((part) => [`--${boundary}${crlf}`, part, crlf]);
  return {
    type: `multipart/${subtype}; ${parameters}boundary="${boundary}"`,
    body: joinBytes([...pieces, `--${boundary}--${crlf}`]),
  };
}

export function textPart(text: MailBody, type = 'text/plain; charset=utf-8'): Uint8Array {
  return buildPart({ 'Content-Type': type, 'Content-Transfer-Encoding': '8bit' }, text);
}

export function htmlPart(html: MailBody): Uint8Array {
  return textPart(html, 'text/html; charset=utf-8');
}

export function base64Part(headers: MailHeaders, content: MailBody): Uint8Array {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  return buildPart({ ...headers, 'Content-Transfer-Encoding': 'base64' }, bytes.toString('base64'));
}

/** Bytes written in hexadecimal, for charsets that the runtime can only read. */
export function hex(bytes: string): Uint8Array {
  return Buffer.from(bytes.replaceAll(' ', ''), 'hex');
}

function joinBytes(pieces: readonly MailBody[]): Uint8Array {
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
