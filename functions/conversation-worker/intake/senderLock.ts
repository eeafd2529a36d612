import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { type CustomerIdentity, identityDigest } from '#shared/customers/customerIdentity.ts';
import { ComeBackLater } from '#shared/failure/failure.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

/** A write takes FreeScout a second or two. Others wait in place that long, because every return to the queue counts as a delivery. */
const mostLooks = 10;
const lookMilliseconds = 1000;

/** Short enough that a job, which has five deliveries, outwaits the lock of a worker that stopped. */
const longestReturnSeconds = 60;

/**
 * Makes a write that may tell FreeScout of a new customer, while no other worker makes one for the same sender. Of two such requests
 * at once FreeScout refuses one, or gives it a customer without an address (seen on core 1.8.235).
 *
 * After a write that nobody answered the lock runs out by itself: FreeScout may be at work on it still.
 *
 * @throws {ComeBackLater} when another worker holds the lock for too long.
 */
export async function withSenderLock<Written>(
  deps: Pick<WorkerDependencies, 'store' | 'clock' | 'leaseSeconds'>,
  row: LedgerRow,
  sender: CustomerIdentity,
  write: () => Promise<Written>,
): Promise<Written> {
  const digest = identityDigest(sender);
  const release = () =>
    deps.store.state.releaseSenderLock(digest, row.key, deps.clock.now()).catch(() => {
      // The lock runs out by itself.
    });
  await acquireOrComeBack(deps, row, digest);
  try {
    const written = await write();
    await release();
    return written;
  } catch (thrown) {
    if (thrown instanceof FreeScoutFailure && thrown.nothingWritten) {
      await release();
    }
    throw thrown;
  }
}

async function acquireOrComeBack(
  { store, clock, leaseSeconds }: Pick<WorkerDependencies, 'store' | 'clock' | 'leaseSeconds'>,
  row: LedgerRow,
  digest: string,
): Promise<void> {
  for (let look = 1; ; look += 1) {
    const until = await store.state.acquireSenderLock(digest, row.key, leaseSeconds, clock.now());
    if (until === null) {
      return;
    }
    if (look === mostLooks) {
      const seconds = Math.ceil((until.getTime() - clock.now().getTime()) / 1000);
      throw new ComeBackLater('leased', Math.min(Math.max(seconds, 1), longestReturnSeconds));
    }
    await clock.sleep(lookMilliseconds);
  }
}
