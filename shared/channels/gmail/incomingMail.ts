import type { IncomingMessage, MessageVerdict, TeamMessage } from '#shared/channels/incomingMessage.ts';
import { type CustomerIdentity, identityDigest } from '#shared/customers/customerIdentity.ts';
import type { KnownCustomers } from '#shared/customers/knownCustomers.ts';
import type { UserAddresses } from '#shared/freescout/userAddresses.ts';
import { classifyMail } from '#shared/mail/hygiene/classifyMail.ts';
import { missingOwnAddress, withWriterBehindGroup } from '#shared/mail/hygiene/groupSender.ts';
import { dependsOnUsers, type MailWriter, writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import type { MailAddress } from '#shared/mail/parsing/addresses.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { answeredNotification } from '#shared/mail/replies/replyIds.ts';
import { safeHtmlForFreeScout, textToHtml } from '#shared/mail/visible/safeHtml.ts';
import type { HygieneSettings } from '#shared/settings/hygieneSettings.ts';
import { messageKey, threadMapKey } from '#shared/store/keys.ts';
import type { SystemState } from '#shared/store/systemState.ts';
import type { RawGmailMessage } from './gmailClient.ts';
import { mailDigests } from './mailDigests.ts';
import { keysOfMails } from './mailKeys.ts';

export interface MailContext {
  readonly alias: string;
  /** In lower case. */
  readonly ownAddresses: ReadonlySet<string>;
  readonly users: UserAddresses;
  readonly hygiene: HygieneSettings;
  readonly state: Pick<SystemState, 'countMailOfSender'>;
  readonly customers: Pick<KnownCustomers, 'isKnown'>;
  /** Gets an address of ours by which the mail came in and which is none of the own addresses. */
  readonly tellMissing: (address: string) => Promise<void>;
}

/** FreeScout insists on an address; the reserved domain can never be mailed. */
const unknownSender: MailAddress = { address: 'unknown-sender@unknown.invalid', name: 'Unknown sender' };

/** Parses and judges a mail. Counts it as one of its sender's, once, however often it is read. */
export async function incomingMail(
  message: RawGmailMessage,
  context: MailContext,
): Promise<IncomingMessage | TeamMessage> {
  const mail = withWriterBehindGroup(await parseMail(message.raw), context.ownAddresses);
  const missing = missingOwnAddress(mail, context.ownAddresses);
  if (missing !== null) {
    await context.tellMissing(missing);
  }
  // The mail is judged as if the settings named the address already. Who wrote it is told without that address: anybody can write one
  // into a header, and a mail from it would be filtered as our own.
  const own = missing === null ? context.ownAddresses : new Set([...context.ownAddresses, missing]);
  const judge = (writer: MailWriter) => judgedAs(mail, writer, message, { ...context, ownAddresses: own });
  let judged = await judge(writerOf(mail, context.ownAddresses));
  // FreeScout is asked for its users only about what becomes a ticket, and where it makes a difference.
  if (judged.verdict.kind === 'customer' && dependsOnUsers(mail, judged.writer)) {
    const users = await context.users();
    if (users.has(mail.from?.address ?? '')) {
      judged = await judge(writerOf(mail, context.ownAddresses, users));
    }
  }
  const { verdict, writer } = judged;
  return verdict.kind === 'customer' && writer.isProvenOwn && notificationOf(mail) !== null
    ? answerToNotification(mail, message, context.alias)
    : customersMessage(mail, message, { ...judged, alias: context.alias, missing });
}

interface Judged {
  readonly writer: MailWriter;
  readonly people: Pick<IncomingMessage, 'identity' | 'writtenThrough'>;
  readonly verdict: MessageVerdict;
}

async function judgedAs(
  mail: ParsedMail,
  writer: MailWriter,
  message: RawGmailMessage,
  context: Omit<MailContext, 'users' | 'tellMissing'>,
): Promise<Judged> {
  const people = peopleOf(mail, writer);
  return { writer, people, verdict: await verdictOf(mail, writer, message, people.identity, context) };
}

function customersMessage(
  mail: ParsedMail,
  message: RawGmailMessage,
  {
    writer,
    people,
    verdict,
    alias,
    missing,
  }: Judged & { readonly alias: string; readonly missing: string | null },
): IncomingMessage {
  const thread = threadMapKey.thread('gmail', alias, message.gmailThreadId);
  // Gmail puts the forms of different people into one thread, for they have one sender and one subject; forwards of one colleague too.
  const startsOwn = writer.as === 'form' || writer.as === 'forward';
  const recipients = [...mail.to, ...mail.cc, ...mail.replyTo].map(({ address }) => address);
  return {
    kind: 'message',
    key: messageKey('gmail', alias, message.messageId),
    ...people,
    target: null,
    hints: { category: null, priority: null, language: null, reference: null },
    thread,
    answers: keysOfMails([...mail.inReplyTo, ...mail.references.toReversed()]),
    ownKeys: [
      ...(startsOwn ? [] : [thread]),
      ...(mail.messageId === null ? [] : [threadMapKey.mail(mail.messageId)]),
    ],
    digests: mailDigests(mail),
    startsOwn,
    subject: mail.subject,
    html: () => safeHtmlForFreeScout(mail),
    text: mail.text,
    attachments: mail.attachments,
    // Whom a form or a colleague wrote to, the person behind it did not choose.
    recipients: startsOwn ? [] : recipients.filter((address) => address !== missing),
    receivedAt: message.internalDate,
    remarks: writer.remarks,
    verdict,
  };
}

/** One of us answered what FreeScout told them by mail. The customer did not get that. */
function answerToNotification(mail: ParsedMail, message: RawGmailMessage, alias: string): TeamMessage {
  const notified = notificationOf(mail);
  const { newText } = splitReply(mail.text);
  const files = mail.attachments.map(({ fileName }) => `[Attachment, in the mailbox: ${fileName}]`);
  const text = [newText === '' ? mail.text : newText, ...files].join('\n');
  return {
    kind: 'team-message',
    key: messageKey('gmail', alias, message.messageId),
    target: notified?.conversationId ?? null,
    thread: threadMapKey.freescoutThread(notified?.threadId ?? 0),
    answers: [],
    author: mail.from?.name ?? mail.from?.address ?? unknownSender.address,
    reachedCustomer: false,
    html: () => textToHtml(text),
    receivedAt: message.internalDate,
  };
}

function notificationOf(mail: ParsedMail) {
  return answeredNotification([...mail.inReplyTo, ...mail.references.toReversed()]);
}

/**
 * Who sent the mail, by its From alone: what a conversation that exists may be joined as, for anybody can name anybody in Reply-To. And
 * whose conversation it starts: the sender's, but for a form that of the person who filled it in, and for a forward that of the author. A
 * placeholder that nobody can be mailed at stands for nobody.
 */
function peopleOf(
  mail: ParsedMail,
  { person }: MailWriter,
): Pick<IncomingMessage, 'identity' | 'writtenThrough'> {
  const from = mail.from ?? unknownSender;
  const starter = person ?? unknownSender;
  const verified = mail.from !== null && !mail.fromIsClaimed;
  const sender: CustomerIdentity = { kind: 'email', ...from, verified };
  return starter.address === from.address
    ? { identity: sender, writtenThrough: null }
    : { identity: { kind: 'email', ...starter, verified: false }, writtenThrough: sender };
}

async function verdictOf(
  mail: ParsedMail,
  writer: MailWriter,
  { messageId, labelIds, internalDate }: RawGmailMessage,
  identity: CustomerIdentity,
  { alias, ownAddresses, hygiene, state, customers }: Omit<MailContext, 'users' | 'tellMissing'>,
): Promise<MessageVerdict> {
  const digest = identityDigest(identity);
  const withinHour = await state.countMailOfSender(alias, digest, messageId, internalDate);
  const verdict = await classifyMail(mail, {
    writer,
    ownAddresses,
    labelIds,
    recentFromSender: withinHour - 1,
    isKnownCustomer: async () => identity.kind === 'email' && customers.isKnown(identity.address),
    settings: hygiene,
  });
  return verdict.kind === 'note'
    ? { kind: 'report', reason: verdict.reason, about: keysOfMails(verdict.references) }
    : verdict;
}
