import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { answeredConversation } from './answeredConversation.ts';
import { mergedInto } from './mergedInto.ts';
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
  const openPlace = (id: number | null | undefined) => openPlaceOf(deps, inHand, id, conversationId);
  const earlier = await openPlace(known.get(writersThread));
  if (earlier !== null) {
    return { status: 'goes-on', conversationId: earlier, isMapped: false };
  }
  const answered = await answeredConversation(deps, inHand, known, conversationId);
  const theirs = await openPlace(answered?.isTheirs ? answered.conversationId : null);
  if (theirs !== null) {
    return { status: 'goes-on', conversationId: theirs, isMapped: true, isApart: true };
  }
  const begun = await openPlace(await unrecordedConversation(deps, writersThread, message.key));
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

/**
 * Where a message may go that something leads to a conversation: there, or to the one that it was merged into. null when both are gone,
 * too old, or the one that the message leaves: sent back to such a conversation, it would go round for ever.
 */
export async function openPlaceOf(
  deps: Pick<WorkerDependencies, 'store' | 'freescout'>,
  inHand: MessageInHand,
  conversationId: number | null | undefined,
  leftConversationId: number,
): Promise<number | null> {
  if (conversationId === null || conversationId === undefined || conversationId === leftConversationId) {
    return null;
  }
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation?.state === 'deleted') {
    return openPlaceOf(deps, inHand, await mergedInto(deps, inHand, conversationId), leftConversationId);
  }
  return conversation === null || isRevived(conversation, inHand) ? null : conversationId;
}
