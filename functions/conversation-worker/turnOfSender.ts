import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import { ComeBackLater } from '#shared/jobs/failure.ts';
import { senderDigest } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

/** A write takes FreeScout a second or two: so long others wait in place, for every return to the queue counts as a delivery. */
const mostLooks = 10;
const lookMilliseconds = 1000;

/** Short enough that a job, which has five deliveries, outwaits the turn of a worker that stopped. */
const longestReturnSeconds = 60;

/**
 * Makes a write in which FreeScout may meet a sender for the first time, while no other worker makes one of the same sender: of two
 * such requests at once FreeScout refuses one, or gives it a customer without an address (seen on core 1.8.235).
 *
 * After a write that nobody answered the turn ends by itself: FreeScout may be at it still.
 *
 * @throws {ComeBackLater} when the turn does not come.
 */
export async function inTurnOfSender<Written>(
  deps: Pick<WorkerDependencies, 'store' | 'clock' | 'leaseSeconds'>,
  row: LedgerRow,
  address: string,
  write: () => Promise<Written>,
): Promise<Written> {
  const digest = senderDigest(address);
  const end = () =>
    deps.store.state.endTurn(digest, row.key, deps.clock.now()).catch(() => {
      // It ends by itself.
    });
  await takeTurn(deps, row, digest);
  try {
    const written = await write();
    await end();
    return written;
  } catch (thrown) {
    if (thrown instanceof FreeScoutFailure && thrown.nothingWritten) {
      await end();
    }
    throw thrown;
  }
}

async function takeTurn(
  { store, clock, leaseSeconds }: Pick<WorkerDependencies, 'store' | 'clock' | 'leaseSeconds'>,
  row: LedgerRow,
  digest: string,
): Promise<void> {
  for (let look = 1; ; look += 1) {
    const until = await store.state.takeTurn(digest, row.key, leaseSeconds, clock.now());
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
