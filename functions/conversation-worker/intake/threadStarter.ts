import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { MessageKey, ThreadMapKey } from '#shared/store/keys.ts';
import { isTerminal } from '#shared/store/ledger.ts';
import { findEarlierWrite } from './findWrite.ts';

/**
 * The conversation that an earlier message of the same channel thread started and never recorded, because its worker stopped after
 * FreeScout's write and its job ended among the dead letters; null when there is none. The thread leads there from now on.
 *
 * @param key - of the message that asks; it is no earlier one.
 */
export async function unrecordedConversation(
  deps: Pick<WorkerDependencies, 'store' | 'clock' | 'freescout' | 'settings'>,
  thread: ThreadMapKey,
  key: MessageKey,
): Promise<number | null> {
  const starter = await deps.store.state.threadStarterOf(thread);
  if (starter === null || starter === key) {
    return null;
  }
  const row = await deps.store.ledger.get(starter);
  const begun = row === null || isTerminal(row) ? null : await findEarlierWrite(deps, row);
  if (begun === null) {
    return null;
  }
  const conversationId = begun.conversation.id;
  await deps.store.threadMap.putAll([{ key: thread, conversationId }]);
  return conversationId;
}
