import { randomBytes } from 'node:crypto';

interface MailParty {
  readonly name?: string;
  readonly email: string;
}

interface MailAttachment {
  readonly fileName: string;
  readonly mimeType: string;
  readonly data: Uint8Array;
  /** Set for an image that the HTML shows as `cid:<contentId>`. */
  readonly contentId?: string;
}

export interface MailToCompose {
  readonly from: MailParty;
  readonly to: readonly MailParty[];
  readonly cc?: readonly MailParty[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly inReplyTo?: string | null;
  readonly references?: readonly string[];
  readonly date: Date;
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly MailAttachment[];
}

interface Part {
  readonly headers: readonly string[];
  readonly body: string;
}

/** Writes a mail as a mail program would: plain text beside HTML, inline images beside the HTML, attachments around both. */
export function composeMail(mail: MailToCompose): Buffer {
  const attachments = mail.attachments ?? [];
  const inline = attachments.filter((attachment) => attachment.contentId !== undefined).map(attachmentPart);
  const others = attachments.filter((attachment) => attachment.contentId === undefined).map(attachmentPart);
  const text = textPart('plain', mail.text);
  const html =
    mail.html === undefined ? [] : [multipart('related', [textPart('html', mail.html), ...inline])];
  const content = multipart('mixed', [multipart('alternative', [text, ...html]), ...others]);
  const headers = [
    `From: ${party(mail.from)}`,
    `To: ${mail.to.map(party).join(', ')}`,
    ...(mail.cc?.length ? [`Cc: ${mail.cc.map(party).join(', ')}`] : []),
    `Subject: ${words(mail.subject)}`,
    `Date: ${mail.date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${mail.messageId}>`,
    ...(mail.inReplyTo ? [`In-Reply-To: <${mail.inReplyTo}>`] : []),
    ...(mail.references?.length
      ? [`References: ${mail.references.map((id) => `<${id}>`).join('\r\n ')}`]
      : []),
    ...Object.entries(mail.headers ?? {}).map(([name, value]) => `${name}: ${words(value)}`),
    'MIME-Version: 1.0',
    ...content.headers,
  ];
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${content.body}\r\n`);
}

/** One part stays as it is. */
function multipart(kind: string, parts: readonly Part[]): Part {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) {
    return only;
  }
  const boundary = `part-${randomBytes(12).toString('hex')}`;
  const bodies = parts.map((part) => `--${boundary}\r\n${part.headers.join('\r\n')}\r\n\r\n${part.body}\r\n`);
  return {
    headers: [`Content-Type: multipart/${kind}; boundary="${boundary}"`],
    body: `${bodies.join('')}--${boundary}--`,
  };
}

function textPart(kind: 'plain' | 'html', text: string): Part {
  return {
    headers: [`Content-Type: text/${kind}; charset=utf-8`, 'Content-Transfer-Encoding: base64'],
    body: wrapped(Buffer.from(text.replace(/\r?\n/g, '\r\n'))),
  };
}

function attachmentPart({ fileName, mimeType, data, contentId }: MailAttachment): Part {
  return {
    headers: [
      `Content-Type: ${mimeType}; name="${fileName}"`,
      `Content-Disposition: ${contentId === undefined ? 'attachment' : 'inline'}; filename="${fileName}"`,
      ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
      'Content-Transfer-Encoding: base64',
    ],
    body: wrapped(data),
  };
}

function wrapped(data: Uint8Array): string {
  return (
    Buffer.from(data)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n');
}

function party({ name, email }: MailParty): string {
  return name === undefined || name === '' ? email : `${words(name, true)} <${email}>`;
}

/** Encoded words (RFC 2047) for what is not plain ASCII; each is at most 75 characters long. */
function words(text: string, quoted = false): string {
  if (/^[\x20-\x7e]*$/.test(text)) {
    return quoted ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text;
  }
  const chunks: string[] = [''];
  for (const character of text) {
    const last = chunks.length - 1;
    if (Buffer.byteLength((chunks[last] ?? '') + character) > 42) {
      chunks.push(character);
    } else {
      chunks[last] += character;
    }
  }
  return chunks.map((chunk) => `=?UTF-8?B?${Buffer.from(chunk).toString('base64')}?=`).join('\r\n ');
}
