import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { ThreadMapKey } from '#shared/store/keys.ts';
import type { MessageInHand } from './messageInHand.ts';

/** What became of the message whose keys are asked for. */
export type KeysFor = 'begun' | 'added' | 'apart';

/**
 * The keys under which later messages find the conversation that a message is in: its own, and that of its writer in its thread. The key
 * of the thread alone is left out for a writer who has another conversation than the one of the thread.
 *
 * @param how - `apart`: the message is known to be outside the conversation of its thread. `added`: it was added to a conversation, which
 * may be the one that it answers, so what the thread leads to stays. Keys that lead there already are written again only where entries are
 * forgotten that nothing writes: a thread in use is not forgotten.
 * @param conversationId - the conversation that the message is in.
 */
export async function keysToMap(
  { store, settings }: Pick<WorkerDependencies, 'store' | 'settings'>,
  { row, message, sender, writersThread }: MessageInHand,
  how: KeysFor,
  conversationId: number,
): Promise<readonly ThreadMapKey[]> {
  const { ownKeys, thread } = message;
  // A number is the thread of its channel, so nobody else writes in it.
  if (!ownKeys.includes(thread) || sender.kind === 'phone') {
    return ownKeys;
  }
  const known = await store.threadMap.getAll([writersThread, thread]);
  const ofWriter = known.get(writersThread);
  const ofThread = known.get(thread);
  const isElsewhere =
    how === 'apart' ||
    row.remarks?.some(({ code }) => code === 'stranger-in-thread') === true ||
    (ofWriter !== undefined && ofThread !== undefined && ofWriter !== ofThread);
  const keys = [writersThread, ...ownKeys.filter((key) => key !== thread || !isElsewhere)];
  if (how !== 'added') {
    return keys;
  }
  const renewed = settings.ledger.keepDays === null ? null : conversationId;
  return keys.filter((key) => !known.has(key) || known.get(key) === renewed);
}
