import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Channel } from '#shared/channels/channel.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { freescoutThreadIn, type ThreadMapKey } from '#shared/store/keys.ts';
import { findAmongNewest } from './findAmongNewest.ts';
import type { MessageInHand } from './messageInHand.ts';
import { hasPart } from './partInConversation.ts';

/** Conversations that a message says it answers of which are looked at. */
const searchedConversations = 3;

/** What a message says that it answers. */
export interface Answered {
  readonly conversationId: number;
  /** Its sender has a part there. Anybody can write what they answer, so only then it is believed. */
  readonly isTheirs: boolean;
}

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
): Promise<Answered | null> {
  const answered = new Set(message.answers.flatMap((key) => known.get(key) ?? []));
  answered.delete(except ?? 0);
  const conversation =
    answered.size === 0
      ? await conversationWithThread(deps, channel, sender, message.answers)
      : await firstInMailbox(deps, channel, [...answered]);
  return conversation === null
    ? null
    : { conversationId: conversation.id, isTheirs: sender.verified && hasPart(conversation, sender) };
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
