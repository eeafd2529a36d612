import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

/**
 * Makes one write to FreeScout for a ledger row. The start is stored before the call, and taken back only when the answer proves
 * that nothing was written; so a crash or an unanswered request leaves a trace that the next attempt follows (`findWrite.ts`).
 */
export async function writeOnce<Written>(
  deps: Pick<WorkerDependencies, 'store' | 'clock'>,
  row: LedgerRow,
  delivery: Delivery,
  write: () => Promise<Written>,
): Promise<Written> {
  const { ledger } = deps.store;
  await ledger.progress(row.key, delivery.owner, { writeStartedAt: deps.clock.now().toISOString() });
  try {
    return await write();
  } catch (thrown) {
    if (thrown instanceof FreeScoutFailure && thrown.nothingWritten) {
      await ledger.progress(row.key, delivery.owner, { writeStartedAt: null });
    }
    throw thrown;
  }
}
