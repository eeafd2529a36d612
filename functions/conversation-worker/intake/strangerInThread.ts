import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { answeredConversation } from './answeredConversation.ts';
import type { IntakeEnd, MessageInHand } from './messageInHand.ts';
import { hasPart } from './partInConversation.ts';
import { isRevived } from './revivedThread.ts';
import { unrecordedConversation } from './threadStarter.ts';

/**
 * Whether a message may be added to a conversation that its thread leads to: a channel may put mails of one subject together, also those
 * of people who have nothing to do with each other. A message that was written in the conversation belongs there, and so does who wrote in
 * it before: FreeScout shows the main address of a customer, not the one that they write from.
 */
export async function belongs(
  { store }: Pick<WorkerDependencies, 'store'>,
  { message, sender, writersThread }: MessageInHand,
  conversation: Conversation,
): Promise<boolean> {
  // FreeScout tells no numbers of the people in a conversation, and a number is the thread of its channel.
  if (message.target === conversation.id || sender.kind === 'phone' || hasPart(conversation, sender)) {
    return true;
  }
  return (await store.threadMap.getAll([writersThread])).get(writersThread) === conversation.id;
}

/**
 * Where the message of a writer goes on who has no part in the conversation of its thread: their own conversation in that thread, or the
 * one that they answer. null: it starts one, whose note names the conversation of the thread.
 */
export async function placeOfStranger(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  conversationId: number,
): Promise<IntakeEnd | null> {
  const { row, delivery, message, writersThread } = inHand;
  const known = await deps.store.threadMap.getAll([...new Set([writersThread, ...message.answers])]);
  const earlier = known.get(writersThread);
  if (earlier !== undefined && (await isOpenTo(deps, inHand, earlier))) {
    return { status: 'goes-on', conversationId: earlier, isMapped: false };
  }
  const answered = await answeredConversation(deps, inHand, known, conversationId);
  if (answered?.isTheirs) {
    return { status: 'goes-on', conversationId: answered.conversationId, isMapped: true, isApart: true };
  }
  const begun = await unrecordedConversation(deps, writersThread, message.key);
  if (begun !== null) {
    return { status: 'goes-on', conversationId: begun, isMapped: false };
  }
  deps.log.write('STRANGER_IN_THREAD', { otherConversationId: conversationId });
  await deps.store.ledger.progress(row.key, delivery.owner, {
    remarks: [{ code: 'stranger-in-thread', conversationId }],
  });
  await deps.store.state.rememberThreadStarter(writersThread, message.key);
  return null;
}

/** A message that left a conversation, because that one is gone or too old, may not be sent back there: it would go round for ever. */
async function isOpenTo(
  { freescout }: Pick<WorkerDependencies, 'freescout'>,
  inHand: MessageInHand,
  conversationId: number,
): Promise<boolean> {
  const conversation = await freescout.getConversation(conversationId);
  return conversation !== null && conversation.state !== 'deleted' && !isRevived(conversation, inHand);
}
