import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Channel } from '#shared/channels/channel.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { freescoutThreadIn, type ThreadMapKey } from '#shared/store/keys.ts';
import { customerQuery } from './customerQuery.ts';
import type { MessageInHand } from './messageInHand.ts';

/** Pages of conversations that are searched for a thread the map does not know. */
const searchedPages = 2;

/** Conversations that a message says it answers of which are looked at. */
const searchedConversations = 3;

/**
 * The conversation of what a message says that it answers, in the mailbox of its channel; null when nothing leads to one.
 *
 * @param known - what the thread map has of the answers.
 * @param except - a conversation that is not meant.
 */
export async function answeredConversation(
  deps: Pick<WorkerDependencies, 'freescout'>,
  { channel, message, sender }: Pick<MessageInHand, 'channel' | 'message' | 'sender'>,
  known: ReadonlyMap<ThreadMapKey, number>,
  except: number | null = null,
): Promise<Conversation | null> {
  const answered = new Set(message.answers.flatMap((key) => known.get(key) ?? []));
  answered.delete(except ?? 0);
  return answered.size === 0
    ? conversationWithThread(deps, channel, sender, message.answers)
    : firstInMailbox(deps, channel, [...answered]);
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
  return findAmongNewest(deps, channel, sender, (conversation) =>
    conversation.threads.some((thread) => threadIds.includes(thread.id)),
  );
}

/**
 * The first that fits among the newest conversations in a mailbox.
 *
 * @param sender - whose they are; null: anybody's.
 */
export async function findAmongNewest(
  deps: Pick<WorkerDependencies, 'freescout'>,
  { mailboxId }: Channel,
  sender: CustomerIdentity | null,
  isIt: (conversation: Conversation) => boolean,
): Promise<Conversation | null> {
  for (let page = 1; page <= searchedPages; page += 1) {
    const { conversations, totalPages } = await deps.freescout.listConversations({
      mailboxIds: [mailboxId],
      ...(sender === null ? {} : customerQuery(sender)),
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
