import { createHash } from 'node:crypto';
import type { MessageDigests } from '#shared/channels/incomingMessage.ts';
import { headerValue } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';

/**
 * By what a mail is known again that Gmail holds a second time, in another account or under another id. null for a mail without
 * Message-ID: nothing says that two such mails are one.
 */
export function mailDigests(mail: ParsedMail): MessageDigests | null {
  if (mail.messageId === null) {
    return null;
  }
  const text = mail.text.replace(/\s+/g, ' ').trim();
  // Of a form that always writes the same, only Reply-To tells its people apart.
  const people = [mail.from?.address ?? null, ...mail.replyTo.map(({ address }) => address)];
  const files = mail.attachments.map(({ fileName, content }) => [fileName, digestOf(content)]);
  return {
    idDigest: digestOf(mail.messageId),
    contentDigest: digestOf(JSON.stringify([people, headerValue(mail, 'date'), mail.subject, text, files])),
  };
}

function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
