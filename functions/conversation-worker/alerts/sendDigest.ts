import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { underClaim } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { gatheredReason } from '#shared/alerts/alertKinds.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { countsByReason, filteredDigest, gatheredDigest } from '#shared/alerts/digest.ts';
import type { DigestJob } from '#shared/jobs/jobs.ts';
import { digestKey } from '#shared/store/keys.ts';
import type { LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import { dayMilliseconds, hourMilliseconds } from '#shared/time/durations.ts';
import { sendOnEach } from './sendOnEach.ts';

type DigestDependencies = Pick<
  WorkerDependencies,
  'settings' | 'store' | 'alertChannels' | 'clock' | 'log' | 'measure' | 'leaseSeconds'
>;

/** Rows that are counted at most. A day or an hour with more of them is told as that many or more. */
const mostRows = 5000;

/** Tells the operators once what happened within a day or an hour, on every channel. When there is nothing to tell, nobody is told. */
export async function sendDigest(
  deps: DigestDependencies,
  job: DigestJob,
  delivery: Delivery,
): Promise<void> {
  await underClaim(deps, digestKey(job.digest, job.day), delivery, {}, (row) =>
    tell(deps, job, delivery, row),
  );
}

async function tell(
  deps: DigestDependencies,
  job: DigestJob,
  delivery: Delivery,
  row: LedgerRow,
): Promise<LedgerOutcome> {
  const [digest, channels] = [await digestOf(deps, job), await deps.alertChannels()];
  const told = { status: 'success', action: 'alerted' } as const;
  if (digest === null) {
    return { ...told, reason: 'nothing-to-tell' };
  }
  if (channels.length === 0) {
    // The row ends as done, because the operator finds the same in the filtered rows.
    return { ...told, reason: 'no-channel' };
  }
  await sendOnEach(deps, channels, digest, delivery, row);
  return told;
}

async function digestOf(deps: DigestDependencies, { digest, day }: DigestJob): Promise<Alert | null> {
  const rows = await filteredWithin(deps, digest, day);
  const isWhole = rows.length < mostRows;
  if (digest === 'gathered') {
    const deskUrl = deps.settings.freescout.url;
    return rows.length === 0 ? null : gatheredDigest(day, rows, { isWhole, deskUrl });
  }
  const counts = countsByReason(rows);
  return counts.size === 0 ? null : filteredDigest(day, counts, { isWhole });
}

/** The newest rows first, so that these are counted when there are too many. */
async function filteredWithin(
  { store }: DigestDependencies,
  digest: DigestJob['digest'],
  day: string,
): Promise<readonly LedgerRow[]> {
  const isHour = day.includes('T');
  const begin = Date.parse(isHour ? `${day}:00Z` : `${day}T00:00Z`);
  return store.ledger.listByStatus('filtered', {
    limit: mostRows,
    changedSince: new Date(begin),
    changedBefore: new Date(begin + (isHour ? hourMilliseconds : dayMilliseconds)),
    newestFirst: true,
    ...(digest === 'gathered' ? { reason: gatheredReason } : {}),
  });
}
