import { folderOf, insertThread, load, save } from './conversations.ts';
import { createCustomer, findCustomerByEmail, isRefusal } from './customers.ts';
import { type DeskState, nextId, nowOf } from './deskState.ts';
import { replyMessageId } from './outgoingMail.ts';
import { sanitizeEmails } from './phpText.ts';
import { type ConversationRecord, type CustomerMail, mainEmail, type ThreadRecord } from './records.ts';
import { emit } from './webhooks.ts';

/**
 * A customer's mail that FreeScout fetched itself: an answer joins the conversation that its In-Reply-To or References
 * name (never by subject), anything else becomes a new one. A Message-ID that is known already is skipped: null.
 */
export function fetchMail(desk: DeskState, mailboxId: number, mail: CustomerMail): ThreadRecord | null {
  const threads = [...desk.threads.values()];
  if (threads.some(({ messageId }) => messageId === mail.messageId)) {
    return null;
  }
  const found =
    findCustomerByEmail(desk, mail.from.email) ??
    createCustomer(desk, { email: mail.from.email, firstName: mail.from.name });
  if (isRefusal(found)) {
    return null;
  }
  const named = [mail.inReplyTo, ...mail.references];
  const answered = threads.find(
    (thread) =>
      named.includes(thread.type === 'message' ? replyMessageId(desk, thread) : (thread.messageId ?? '')) &&
      desk.conversations.get(thread.conversationId)?.mailboxId === mailboxId,
  );
  const known = answered === undefined ? undefined : desk.conversations.get(answered.conversationId);
  const conversation = known ?? newConversation(desk, mailboxId, mail, found);
  const loaded = load(conversation);
  const now = nowOf(desk);
  const cc = sanitizeEmails(mail.cc);
  const thread = insertThread(desk, {
    conversationId: conversation.id,
    type: 'customer',
    sourceType: 'email',
    sourceVia: 'customer',
    customerId: found.id,
    createdByCustomerId: found.id,
    assigneeId: conversation.assigneeId,
    body: mail.html || mail.text,
    to: sanitizeEmails([mail.to]),
    cc,
    messageId: mail.messageId,
    first: known === undefined,
  });
  const status = loaded.copy.status === 'spam' ? 'spam' : 'active';
  save(desk, loaded, {
    cc,
    status,
    state: 'published',
    customerId: found.id,
    customerEmail: mail.from.email.toLowerCase(),
    lastReplyAt: now,
    lastReplyFrom: 'customer',
    folderId: folderOf({ ...loaded.copy, status, state: 'published' }),
  });
  emit(desk, known === undefined ? 'convo.created' : 'convo.customer.reply.created', {
    conversation: loaded.copy,
  });
  return thread;
}

function newConversation(
  desk: DeskState,
  mailboxId: number,
  mail: CustomerMail,
  customer: Parameters<typeof mainEmail>[0],
): ConversationRecord {
  const now = nowOf(desk);
  const conversation: ConversationRecord = {
    id: nextId(desk, 'conversation'),
    type: 'email',
    status: 'active',
    state: 'published',
    subject: mail.subject,
    preview: '',
    mailboxId,
    folderId: folderOf({ mailboxId, state: 'published', status: 'active', assigneeId: null }),
    assigneeId: null,
    customerId: customer.id,
    customerEmail: mainEmail(customer),
    threadsCount: 0,
    createdByUserId: null,
    createdByCustomerId: customer.id,
    sourceType: 'email',
    sourceVia: 'customer',
    cc: [],
    bcc: [],
    imported: false,
    createdAt: now,
    updatedAt: now,
    userUpdatedAt: null,
    lastReplyAt: now,
    lastReplyFrom: 'customer',
    closedByUserId: null,
    closedAt: null,
  };
  desk.conversations.set(conversation.id, conversation);
  return conversation;
}
