import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Channel } from '#shared/channels/channel.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import { type Conversation, isCustomerMessage } from '#shared/freescout/model.ts';
import { freescoutThreadIn, type MessageKey, parseLedgerKey, type ThreadMapKey } from '#shared/store/keys.ts';
import { customerQuery } from './customerQuery.ts';
import type { MessageInHand } from './messageInHand.ts';

export type Match =
  | { readonly kind: 'none' }
  /** It starts a conversation of its own, whatever its thread. */
  | { readonly kind: 'own' }
  | {
      readonly kind: 'found';
      readonly conversationId: number;
      readonly by: 'target' | 'thread' | 'answer';
    }
  /** What the message says that it answers lies in a conversation in which its sender has no part: anybody can write that. */
  | { readonly kind: 'not-theirs'; readonly conversationId: number };

/** Pages of a customer's conversations that are searched for a thread the map does not know. */
const searchedPages = 2;

/** Conversations that a message says it answers of which are looked at. */
const searchedConversations = 3;

/**
 * Which conversation a message belongs to: the one it was written in, that of its channel thread, that of the messages it answers, that
 * of the FreeScout reply it answers. Never by its subject.
 */
export async function findConversation(
  deps: Pick<WorkerDependencies, 'store' | 'freescout'>,
  { channel, message, sender }: Pick<MessageInHand, 'channel' | 'message' | 'sender'>,
): Promise<Match> {
  if (message.target !== null) {
    return { kind: 'found', conversationId: message.target, by: 'target' };
  }
  if (message.startsOwn) {
    return { kind: 'own' };
  }
  const known = await deps.store.threadMap.getAll([...new Set([message.thread, ...message.answers])]);
  const ofThread = known.get(message.thread);
  if (ofThread !== undefined) {
    return { kind: 'found', conversationId: ofThread, by: 'thread' };
  }
  const answered = [...new Set(message.answers.flatMap((key) => known.get(key) ?? []))];
  const conversation =
    answered.length === 0
      ? await conversationWithThread(deps, channel, sender, message.answers)
      : await firstInMailbox(deps, channel, answered);
  if (conversation === null) {
    return { kind: 'none' };
  }
  return hasPart(conversation, sender) && sender.verified
    ? { kind: 'found', conversationId: conversation.id, by: 'answer' }
    : { kind: 'not-theirs', conversationId: conversation.id };
}

/** Conversation that a bounce or a similar report speaks about; null when none of the keys leads to one. */
export async function conversationOfReport(
  deps: Pick<WorkerDependencies, 'store'>,
  about: readonly ThreadMapKey[],
): Promise<number | null> {
  const known = await deps.store.threadMap.getAll([...new Set(about)]);
  return about.map((key) => known.get(key)).find((id) => id !== undefined) ?? null;
}

/** A message that was sent to two of our mailboxes is in a conversation of each, and its keys lead to one of them only. */
async function firstInMailbox(
  deps: Pick<WorkerDependencies, 'freescout'>,
  { mailboxId }: Channel,
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
  channel: Channel,
  sender: CustomerIdentity,
  answers: readonly ThreadMapKey[],
): Promise<Conversation | null> {
  const threadIds = answers.flatMap((key) => freescoutThreadIn(key) ?? []);
  if (threadIds.length === 0) {
    return null;
  }
  return findAmongCustomers(deps, channel, sender, (conversation) =>
    conversation.threads.some((thread) => threadIds.includes(thread.id)),
  );
}

/**
 * Conversation that now holds the earlier messages of a deleted one: merging moves threads to another conversation of the customer
 * and soft-deletes the one they came from.
 */
export async function mergedInto(
  deps: Pick<WorkerDependencies, 'store' | 'freescout'>,
  { channel, sender }: Pick<MessageInHand, 'channel' | 'sender'>,
  deletedConversationId: number,
): Promise<number | null> {
  const candidates: Conversation[] = [];
  await findAmongCustomers(deps, channel, sender, (conversation) => {
    if (conversation.state === 'published' && conversation.id !== deletedConversationId) {
      candidates.push(conversation);
    }
    return false;
  });
  const keysOf = new Map(candidates.map((conversation) => [conversation.id, messageKeysIn(conversation)]));
  const rows = await deps.store.ledger.getAll([...keysOf.values()].flat());
  const merged = candidates.find((conversation) =>
    keysOf.get(conversation.id)?.some((key) => rows.get(key)?.conversationId === deletedConversationId),
  );
  return merged?.id ?? null;
}

/** Ledger keys of the messages that we brought into a conversation, out of the markers we left. */
export function messageKeysIn(conversation: Conversation): readonly MessageKey[] {
  return conversation.threads
    .filter((thread) => isCustomerMessage(thread) && thread.sourceType === 'api')
    .flatMap((thread) => markerNames(thread.body))
    .flatMap((name) => messageKeyIn(name) ?? []);
}

function messageKeyIn(marker: string): MessageKey | null {
  const parsed = parseLedgerKey(marker);
  return parsed?.kind === 'message' ? parsed.key : null;
}

async function findAmongCustomers(
  deps: Pick<WorkerDependencies, 'freescout'>,
  { mailboxId }: Channel,
  sender: CustomerIdentity,
  isIt: (conversation: Conversation) => boolean,
): Promise<Conversation | null> {
  for (let page = 1; page <= searchedPages; page += 1) {
    const { conversations, totalPages } = await deps.freescout.listConversations({
      mailboxIds: [mailboxId],
      ...customerQuery(sender),
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

/**
 * Whether an address is the customer, on cc, or the author of a message there. Nobody has a part by a number: FreeScout tells no numbers
 * of the people in a conversation.
 */
function hasPart(conversation: Conversation, sender: CustomerIdentity): boolean {
  if (sender.kind === 'phone') {
    return false;
  }
  const theirs = [
    conversation.customer?.email,
    ...conversation.cc,
    ...conversation.threads.flatMap((thread) => [
      ...(isCustomerMessage(thread) ? [thread.customer?.email, thread.createdBy?.email] : []),
      ...thread.cc,
    ]),
  ];
  return theirs.some((email) => email?.toLowerCase() === sender.address);
}
