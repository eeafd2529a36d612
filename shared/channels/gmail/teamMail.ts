import type { TeamMessage } from '#shared/channels/incomingMessage.ts';
import { automaticOriginOf, autoSubmitted } from '#shared/mail/hygiene/automaticReply.ts';
import { answersOrForwards, automaticSubjects } from '#shared/mail/hygiene/automaticSubjects.ts';
import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import type { MailAddress } from '#shared/mail/parsing/addresses.ts';
import { headerValue } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { messageKey, threadMapKey } from '#shared/store/keys.ts';
import type { RawGmailMessage } from './gmailClient.ts';
import { keysOfMails } from './mailKeys.ts';
import { isSentInThread, sentReason } from './ticketedLabels.ts';

/**
 * What a person sent from the account itself: the team's answer, if the conversation of its thread is known. FreeScout's replies, which
 * lie among what was sent too when FreeScout mails through the account, are none, and neither is what the account or a form on a web site
 * sends by itself: a person's answer says which mail it answers, and comes back to nobody else.
 *
 * @returns null when the mail is no such message.
 */
export async function teamMail(
  message: RawGmailMessage,
  { alias, ownAddresses: own }: { readonly alias: string; readonly ownAddresses: ReadonlySet<string> },
): Promise<TeamMessage | null> {
  if (!isSentInThread(message)) {
    return null;
  }
  const mail = await parseMail(message.raw);
  const others = (addresses: readonly MailAddress[]) =>
    addresses.map(({ address }) => address).filter((address) => !isOurs(address, own));
  const recipients = others([...mail.to, ...mail.cc]);
  const isAnswer = mail.inReplyTo.length + mail.references.length > 0 && others(mail.replyTo).length === 0;
  if (!isAnswer || recipients.length === 0 || isOfFreeScout(mail) || isAutomatic(mail)) {
    return null;
  }
  return {
    kind: 'team-message',
    key: messageKey('gmail', alias, message.messageId),
    target: null,
    thread: threadMapKey.thread('gmail', alias, message.gmailThreadId),
    answers: keysOfMails([...mail.inReplyTo, ...mail.references.toReversed()]),
    author: mail.from?.name ?? mail.from?.address ?? alias,
    reachedCustomer: true,
    recipients,
    keptOutAs: sentReason,
    html: () => htmlOf(mail),
    receivedAt: message.internalDate,
  };
}

/**
 * FreeScout mails under ids of its own (core 1.8.235, `Thread::getMessageId`). Gmail's mail server may replace an id and then keeps the
 * former one in a header of its own.
 */
function isOfFreeScout(mail: ParsedMail): boolean {
  const ids = [mail.messageId ?? '', headerValue(mail, 'x-google-original-message-id')];
  return ids.some((id) => /^<?FS_/i.test(id)) || headerValue(mail, 'x-freescout-mail-type') !== '';
}

/** Gmail's vacation responder and the answers of its filters write these headers. */
function isAutomatic(mail: ParsedMail): boolean {
  return (
    (autoSubmitted(mail) ?? 'no') !== 'no' ||
    /^(?:bulk|junk|auto[_-]?reply)\b/i.test(headerValue(mail, 'precedence')) ||
    automaticOriginOf(mail) !== null ||
    // Who answers by hand keeps the subject of the thread, whatever it is, behind a prefix.
    (automaticSubjects.test(mail.subject.slice(0, 200)) && !answersOrForwards.test(mail.subject))
  );
}

/** Only what was newly written: the conversation has the rest. */
function htmlOf(mail: ParsedMail): string {
  const files = mail.attachments.filter(({ inline }) => !inline).map(({ fileName }) => fileName);
  const lines = [
    splitReply(mail.text).newText,
    ...(files.length === 0 ? [] : [`Attachments, which are in the mailbox: ${files.join(', ')}`]),
  ];
  return textToHtml(lines.join('\n\n'));
}
