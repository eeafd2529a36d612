import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { underClaim } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { countsByReason, filteredDigest } from '#shared/alerts/digest.ts';
import type { DigestJob } from '#shared/jobs/jobs.ts';
import { digestKey } from '#shared/store/keys.ts';
import type { LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import { sendOnEach } from './sendOnEach.ts';

type DigestDependencies = Pick<
  WorkerDependencies,
  'store' | 'alertChannels' | 'clock' | 'log' | 'measure' | 'leaseSeconds'
>;

/** Rows that are counted at most. A day with more of them is told as that many or more. */
const mostRows = 5000;

/** Tells the operators once what happened within a day, on every channel. A day of which there is nothing to tell is told to nobody. */
export async function sendDigest(
  deps: DigestDependencies,
  job: DigestJob,
  delivery: Delivery,
): Promise<void> {
  await underClaim(deps, digestKey(job.digest, job.day), delivery, {}, (row) =>
    tellFiltered(deps, job.day, delivery, row),
  );
}

async function tellFiltered(
  deps: DigestDependencies,
  day: string,
  delivery: Delivery,
  row: LedgerRow,
): Promise<LedgerOutcome> {
  const [rows, channels] = [await filteredWithin(deps, day), await deps.alertChannels()];
  const counts = countsByReason(rows);
  const told = { status: 'success', action: 'alerted' } as const;
  if (counts.size === 0) {
    return { ...told, reason: 'nothing-to-tell' };
  }
  if (channels.length === 0) {
    // The row ends as done, because the operator finds the same in the filtered rows.
    return { ...told, reason: 'no-channel' };
  }
  await sendOnEach(
    deps,
    channels,
    filteredDigest(day, counts, { isWhole: rows.length < mostRows }),
    delivery,
    row,
  );
  return told;
}

async function filteredWithin({ store }: DigestDependencies, day: string): Promise<readonly LedgerRow[]> {
  const begin = Date.parse(`${day}T00:00:00Z`);
  const rows = await store.ledger.listByStatus('filtered', {
    limit: mostRows,
    changedBefore: new Date(begin + dayMilliseconds),
    newestFirst: true,
  });
  return rows.filter(({ statusAt }) => Date.parse(statusAt) >= begin);
}
