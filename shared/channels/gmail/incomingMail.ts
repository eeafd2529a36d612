import type { IncomingMessage, MessageVerdict } from '#shared/channels/incomingMessage.ts';
import { type CustomerIdentity, identityDigest } from '#shared/customers/customerIdentity.ts';
import type { KnownCustomers } from '#shared/customers/knownCustomers.ts';
import { classifyMail } from '#shared/mail/hygiene/classifyMail.ts';
import { withWriterBehindGroup } from '#shared/mail/hygiene/groupSender.ts';
import { type MailWriter, writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import type { MailAddress } from '#shared/mail/parsing/addresses.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';
import { safeHtmlForFreeScout } from '#shared/mail/visible/safeHtml.ts';
import type { HygieneSettings } from '#shared/settings/hygieneSettings.ts';
import { messageKey, type ThreadMapKey, threadMapKey } from '#shared/store/keys.ts';
import type { SystemState } from '#shared/store/systemState.ts';
import type { RawGmailMessage } from './gmailClient.ts';
import { mailDigests } from './mailDigests.ts';

export interface MailContext {
  readonly alias: string;
  /** In lower case. */
  readonly ownAddresses: ReadonlySet<string>;
  readonly hygiene: HygieneSettings;
  readonly state: Pick<SystemState, 'countMailOfSender'>;
  readonly customers: KnownCustomers;
}

/** FreeScout insists on an address; the reserved domain can never be mailed. */
const unknownSender: MailAddress = { address: 'unknown-sender@unknown.invalid', name: 'Unknown sender' };

/** Parses and judges a mail. Counts it as one of its sender's, once, however often it is read. */
export async function incomingMail(message: RawGmailMessage, context: MailContext): Promise<IncomingMessage> {
  const { alias, ownAddresses: own } = context;
  const mail = withWriterBehindGroup(await parseMail(message.raw), own);
  const writer = writerOf(mail, own);
  const people = peopleOf(mail, writer);
  const thread = threadMapKey.thread('gmail', alias, message.gmailThreadId);
  return {
    kind: 'message',
    key: messageKey('gmail', alias, message.messageId),
    ...people,
    target: null,
    hints: { category: null, priority: null, language: null, reference: null },
    thread,
    answers: keysOfMails([...mail.inReplyTo, ...mail.references.toReversed()]),
    ownKeys: mail.messageId === null ? [thread] : [thread, threadMapKey.mail(mail.messageId)],
    digests: mailDigests(mail),
    startsOwn: people.writtenThrough !== null && isForm(mail, own),
    subject: mail.subject,
    html: () => safeHtmlForFreeScout(mail),
    text: mail.text,
    attachments: mail.attachments,
    recipients: [...mail.to, ...mail.cc, ...mail.replyTo].map(({ address }) => address),
    receivedAt: message.internalDate,
    remarks: writer.remarks,
    verdict: await verdictOf(mail, writer, message, people.identity, context),
  };
}

/**
 * Who sent the mail, by its From alone: what a conversation that exists may be joined as, for anybody can name anybody in Reply-To. And
 * whose conversation it starts: the sender's, but for a web form that of the person who filled it in. A placeholder that nobody can be
 * mailed at stands for nobody.
 */
function peopleOf(
  mail: ParsedMail,
  { person }: MailWriter,
): Pick<IncomingMessage, 'identity' | 'writtenThrough'> {
  const from = mail.from ?? unknownSender;
  const starter = person ?? unknownSender;
  const sender: CustomerIdentity = { kind: 'email', ...from, verified: !mail.fromIsClaimed };
  return starter.address === from.address
    ? { identity: sender, writtenThrough: null }
    : { identity: { kind: 'email', ...starter, verified: false }, writtenThrough: sender };
}

/**
 * Whether a mail that names another person in Reply-To is somebody's request that a form passes on. It joins no conversation: Gmail puts
 * the forms of different people into one thread, for they have one sender and one subject. What answers a mail is no form, but for one of
 * our own addresses, as which nobody can join anything.
 */
function isForm(mail: ParsedMail, own: ReadonlySet<string>): boolean {
  const answersNothing = mail.inReplyTo.length === 0 && mail.references.length === 0;
  return answersNothing || mail.from === null || isOurs(mail.from.address, own);
}

function keysOfMails(messageIds: readonly string[]): readonly ThreadMapKey[] {
  return [
    ...messageIds.map((id) => threadMapKey.mail(id)),
    ...freeScoutThreadIds(messageIds).map((id) => threadMapKey.freescoutThread(id)),
  ];
}

async function verdictOf(
  mail: ParsedMail,
  writer: MailWriter,
  { messageId, labelIds, internalDate }: RawGmailMessage,
  identity: CustomerIdentity,
  { alias, ownAddresses, hygiene, state, customers }: MailContext,
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
