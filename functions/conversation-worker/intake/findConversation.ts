import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { RawGmailMessage } from '#shared/channels/gmail/gmailClient.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import { type Conversation, isCustomerMessage } from '#shared/freescout/model.ts';
import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';
import { ownAddresses } from '#shared/settings/accounts.ts';
import type { Account } from '#shared/settings/settings.ts';
import { type LedgerKey, parseLedgerKey, type ThreadMapKey, threadMapKey } from '#shared/store/keys.ts';
import { senderOf, starterOf } from './mailToFreeScout.ts';

export type Match =
  | { readonly kind: 'none' }
  /** A web form starts a conversation of its own. */
  | { readonly kind: 'form' }
  | { readonly kind: 'found'; readonly conversationId: number; readonly by: 'gmail-thread' | 'header' }
  /** A header names a conversation in which the sender has no part: headers can be forged. */
  | { readonly kind: 'not-theirs'; readonly conversationId: number };

/** Pages of a customer's conversations that are searched for a thread the map does not know. */
const searchedPages = 2;

/** Conversations named by a mail's headers that are looked at. */
const searchedConversations = 3;

/**
 * Which conversation a mail belongs to: by its Gmail thread, by the mails it answers, by the FreeScout reply it answers. Never by
 * its subject.
 */
export async function findConversation(
  deps: Pick<WorkerDependencies, 'store' | 'freescout' | 'settings'>,
  account: Account,
  message: RawGmailMessage,
  mail: ParsedMail,
): Promise<Match> {
  if (isForm(mail, ownAddresses(deps.settings))) {
    return { kind: 'form' };
  }
  const gmailThread = threadMapKey.thread('gmail', account.alias, message.gmailThreadId);
  const answered = [...mail.inReplyTo, ...mail.references.toReversed()];
  const { byGmailThread, byHeader } = await mappedConversations(deps, gmailThread, answered);
  if (byGmailThread !== null) {
    return { kind: 'found', conversationId: byGmailThread, by: 'gmail-thread' };
  }
  const sender = senderOf(mail).address;
  const conversation =
    byHeader.length === 0
      ? await conversationWithThread(deps, account, sender, freeScoutThreadIds(answered))
      : await firstInMailbox(deps, account, byHeader);
  if (conversation === null) {
    return { kind: 'none' };
  }
  return hasPart(conversation, sender) && !mail.fromIsClaimed
    ? { kind: 'found', conversationId: conversation.id, by: 'header' }
    : { kind: 'not-theirs', conversationId: conversation.id };
}

/**
 * Whether a mail is somebody's request that a form passes on. It joins no conversation: Gmail puts the forms of different people into
 * one thread, for they have one sender and one subject. What answers a mail is no form, but for one of our own addresses, as which
 * nobody can join anything.
 */
function isForm(mail: ParsedMail, own: ReadonlySet<string>): boolean {
  if (starterOf(mail, own).address === senderOf(mail).address) {
    return false;
  }
  const answersNothing = mail.inReplyTo.length === 0 && mail.references.length === 0;
  return answersNothing || mail.from === null || isOurs(mail.from.address, own);
}

/** Conversation that a bounce or a similar report speaks about, by the ids found in the report. */
export async function conversationOfReport(
  deps: Pick<WorkerDependencies, 'store'>,
  reportedIds: readonly string[],
): Promise<number | null> {
  const { byHeader } = await mappedConversations(deps, null, reportedIds);
  return byHeader[0] ?? null;
}

async function mappedConversations(
  deps: Pick<WorkerDependencies, 'store'>,
  gmailThread: ThreadMapKey | null,
  messageIds: readonly string[],
): Promise<{ readonly byGmailThread: number | null; readonly byHeader: readonly number[] }> {
  const headerKeys = [
    ...messageIds.map((id) => threadMapKey.mail(id)),
    ...freeScoutThreadIds(messageIds).map((id) => threadMapKey.freescoutThread(id)),
  ];
  const known = await deps.store.threadMap.getAll([
    ...new Set([...(gmailThread === null ? [] : [gmailThread]), ...headerKeys]),
  ]);
  return {
    byGmailThread: gmailThread === null ? null : (known.get(gmailThread) ?? null),
    byHeader: [...new Set(headerKeys.flatMap((key) => known.get(key) ?? []))],
  };
}

/** A mail that was sent to two of our mailboxes is in a conversation of each, and its Message-ID leads to one of them only. */
async function firstInMailbox(
  deps: Pick<WorkerDependencies, 'freescout'>,
  { mailboxId }: Account,
  conversationIds: readonly number[],
): Promise<Conversation | null> {
  for (const id of conversationIds.slice(0, searchedConversations)) {
    const conversation = await deps.freescout.getConversation(id);
    if (conversation?.mailboxId === mailboxId) {
      return conversation;
    }
  }
  return null;
}

async function conversationWithThread(
  deps: Pick<WorkerDependencies, 'freescout'>,
  account: Account,
  customerEmail: string,
  threadIds: readonly number[],
): Promise<Conversation | null> {
  if (threadIds.length === 0) {
    return null;
  }
  return findAmongCustomers(deps, account, customerEmail, (conversation) =>
    conversation.threads.some((thread) => threadIds.includes(thread.id)),
  );
}

/**
 * Conversation that now holds the earlier mails of a deleted one: merging moves threads to another conversation of the customer
 * and soft-deletes the one they came from.
 */
export async function mergedInto(
  deps: Pick<WorkerDependencies, 'store' | 'freescout'>,
  account: Account,
  customerEmail: string,
  deletedConversationId: number,
): Promise<number | null> {
  const candidates: Conversation[] = [];
  await findAmongCustomers(deps, account, customerEmail, (conversation) => {
    if (conversation.state === 'published' && conversation.id !== deletedConversationId) {
      candidates.push(conversation);
    }
    return false;
  });
  const keysOf = new Map(candidates.map((conversation) => [conversation.id, mailKeysIn(conversation)]));
  const rows = await deps.store.ledger.getAll([...keysOf.values()].flat());
  const merged = candidates.find((conversation) =>
    keysOf.get(conversation.id)?.some((key) => rows.get(key)?.conversationId === deletedConversationId),
  );
  return merged?.id ?? null;
}

/** Ledger keys of the mails that we brought into a conversation, out of the markers we left. */
export function mailKeysIn(conversation: Conversation): readonly LedgerKey[] {
  return conversation.threads
    .filter((thread) => isCustomerMessage(thread) && thread.sourceType === 'api')
    .flatMap((thread) => markerNames(thread.body))
    .flatMap((name) => parseLedgerKey(name) ?? [])
    .flatMap(({ kind, key }) => (kind === 'message' ? [key] : []));
}

async function findAmongCustomers(
  deps: Pick<WorkerDependencies, 'freescout'>,
  account: Account,
  customerEmail: string,
  isIt: (conversation: Conversation) => boolean,
): Promise<Conversation | null> {
  for (let page = 1; page <= searchedPages; page += 1) {
    const { conversations, totalPages } = await deps.freescout.listConversations({
      mailboxIds: [account.mailboxId],
      customerEmail,
      embed: ['threads'],
      sort: { field: 'updatedAt', order: 'desc' },
      page,
    });
    const found = conversations.find(isIt);
    if (found !== undefined) {
      return found;
    }
    if (page >= totalPages) {
      break;
    }
  }
  return null;
}

/** Whether an address is the customer, on cc, or the author of a message there. */
function hasPart(conversation: Conversation, address: string): boolean {
  const theirs = [
    conversation.customer?.email,
    ...conversation.cc,
    ...conversation.threads.flatMap((thread) => [
      ...(isCustomerMessage(thread) ? [thread.customer?.email, thread.createdBy?.email] : []),
      ...thread.cc,
    ]),
  ];
  return theirs.some((email) => email?.toLowerCase() === address);
}
