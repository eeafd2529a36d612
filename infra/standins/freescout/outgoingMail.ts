import { createHash } from 'node:crypto';
import { type DeskState, nowOf, scaled, undoMilliseconds } from './deskState.ts';
import { addressesOf, sanitizeEmail, withoutTags } from './phpText.ts';
import { sortedThreads } from './presentation.ts';
import { type ConversationRecord, mainEmail, type OutgoingMail, type ThreadRecord } from './records.ts';

/** The Message-ID of an agent's reply, without angle brackets. */
export function replyMessageId(desk: DeskState, thread: ThreadRecord): string {
  const hash = createHash('md5').update(`${thread.id}${desk.appKey}`).digest('hex').slice(0, 16);
  return `FS_reply-${thread.id}-${hash}@${mailboxOf(desk, thread.conversationId)?.email.split('@')[1] ?? ''}`;
}

const mailboxOf = (desk: DeskState, conversationId: number) =>
  desk.mailboxes.get(desk.conversations.get(conversationId)?.mailboxId ?? 0);

/**
 * What happens when FreeScout hears "an agent replied": the mail is queued for the end of the undo time, or not at all.
 *
 * Nothing is ever mailed when the newest published message is marked `imported`: an imported draft, or an imported message of the
 * customer that is dated into the future or came in the same second, swallows the agent's mail without a word. Nor is anything mailed
 * when the thread is not published (a draft), when a phone conversation's customer has no address, or in a chat.
 */
export function queueReplyMail(
  desk: DeskState,
  conversation: ConversationRecord,
  thread: ThreadRecord,
): void {
  const customer = desk.customers.get(conversation.customerId);
  const hasNoAddress = customer === undefined || mainEmail(customer) === '';
  if (conversation.type === 'chat' || (conversation.type === 'phone' && hasNoAddress)) {
    return;
  }
  const published = sortedThreads(desk, conversation.id)
    .filter(
      ({ state, type }) =>
        state === 'published' && (type === 'customer' || type === 'message' || type === 'lineitem'),
    )
    .toSorted(newestFirst);
  if (published[0]?.imported) {
    return;
  }
  const from = published.indexOf(thread);
  if (from < 0) {
    return;
  }
  const replyIds = published
    .slice(from)
    .filter(({ type }) => type !== 'lineitem')
    .map(({ id }) => id);
  const cancel = desk.clock.setTimer(scaled(desk, undoMilliseconds), () => {
    desk.pendingSends.delete(thread.id);
    sendReplyMail(desk, conversation.id, replyIds);
  });
  desk.pendingSends.set(thread.id, { sentAt: desk.clock.now().getTime(), cancel });
}

/** Within one second the higher id comes first, also where the API lists it last (seen on core 1.8.235 with MariaDB). */
function newestFirst(a: ThreadRecord, b: ThreadRecord): number {
  return a.createdAt === b.createdAt ? b.id - a.id : a.createdAt < b.createdAt ? 1 : -1;
}

function sendReplyMail(desk: DeskState, conversationId: number, replyIds: readonly number[]): void {
  const conversation = desk.conversations.get(conversationId);
  const mailbox = mailboxOf(desk, conversationId);
  const threads = replyIds
    .map((id) => desk.threads.get(id))
    .filter((thread) => thread !== undefined)
    .toSorted(newestFirst);
  const [last, ...older] = threads;
  if (conversation === undefined || mailbox === undefined || last === undefined || last.state === 'draft') {
    return;
  }
  const recipient = conversation.customerEmail || addressesOf(last.to)[0];
  if (!recipient) {
    return;
  }
  const lastCustomerThread = older.find(({ type }) => type === 'customer');
  const inReplyTo = lastCustomerThread?.messageId ?? null;
  const references =
    inReplyTo === null
      ? []
      : older
          .map((thread) => (thread.type === 'message' ? replyMessageId(desk, thread) : thread.messageId))
          .filter((id) => id !== null)
          .toReversed();
  const html = `${(last.body ?? '').replace(/<!--[\s\S]*?-->/g, '')}${mailbox.signature}`;
  const mail: OutgoingMail = {
    conversationId,
    threadId: last.id,
    messageId: replyMessageId(desk, last),
    from: { name: mailbox.name, email: mailbox.email },
    to: addressesOf(last.to).length > 1 ? addressesOf(last.to) : [recipient],
    cc: addressesOf(last.cc).filter((email) => email !== mailbox.email && email !== sanitizeEmail(recipient)),
    bcc: addressesOf(last.bcc),
    subject: `${older.length > 0 ? 'Re: ' : ''}${conversation.subject ?? ''}`,
    html,
    text: textOf(html),
    inReplyTo,
    references,
    sentAt: nowOf(desk),
  };
  desk.mail.push(mail);
  desk.revision.value += 1;
  desk.deliverToCustomer(mail);
}

const entities: Readonly<Record<string, string>> = {
  '&nbsp;': ' ',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

/** Plain text of an editor's HTML: blocks and `<br>` become line ends. */
export const textOf = (html: string): string =>
  withoutTags(
    html
      .replace(/<br\s*\/?>(?=<\/(div|p|li)>)/gi, '')
      .replace(/<br\s*\/?>|<\/(div|p|li|ul|ol|h\d|tr)>/gi, '\n'),
  )
    .replace(/&(?:nbsp|lt|gt|quot|#39|amp);/g, (entity) => entities[entity] ?? entity)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
