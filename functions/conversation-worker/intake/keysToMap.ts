import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { ThreadMapKey } from '#shared/store/keys.ts';
import type { MessageInHand } from './messageInHand.ts';

/**
 * The keys under which later messages find the conversation that a message is in: its own, and that of its writer in its thread. The key
 * of the thread alone is left out for a writer who has another conversation than the one of the thread.
 *
 * @param isApart - the message is known to be outside the conversation of its thread.
 */
export async function keysToMap(
  { store }: Pick<WorkerDependencies, 'store'>,
  { row, message, sender, writersThread }: MessageInHand,
  isApart: boolean,
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
    isApart ||
    row.remarks?.some(({ code }) => code === 'stranger-in-thread') === true ||
    (ofWriter !== undefined && ofThread !== undefined && ofWriter !== ofThread);
  return [writersThread, ...ownKeys.filter((key) => key !== thread || !isElsewhere)];
}
