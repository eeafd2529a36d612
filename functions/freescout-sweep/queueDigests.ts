import { gatheredReason } from '#shared/alerts/alertKinds.ts';
import { deduplicationId } from '#shared/jobs/jobs.ts';
import type { SweepCursor } from '#shared/store/sweepCursors.ts';
import { dayMilliseconds, hourMilliseconds, minuteMilliseconds } from '#shared/time/durations.ts';
import type { SweepDependencies, SweepRun } from './sweepDependencies.ts';

/** Rows are dated before they are written; by then those of an hour are there. */
const settledAfterMilliseconds = 2 * minuteMilliseconds;

/** Hours that are told of after the sweep stood still; the rows of longer ago stay, for the operator to list. */
const mostHours = 72;

/**
 * Queues what operators are told together: once a day what was filtered, when the day is over in UTC, and once an hour the gathered
 * alerts. The row of each digest sees to it that it is sent once.
 *
 * @returns the day and the hour whose digests are queued now.
 */
export async function queueDigests(
  { settings, store, queue }: Pick<SweepDependencies, 'settings' | 'store' | 'queue'>,
  { id, startedAt }: SweepRun,
  { digestDay, digestHour }: Pick<SweepCursor, 'digestDay' | 'digestHour'>,
): Promise<Pick<SweepCursor, 'digestDay' | 'digestHour'>> {
  const send = (digest: 'filtered' | 'gathered', day: string) =>
    queue.send(
      { kind: 'digest', digest, day, cause: 'sweep', requestId: id },
      deduplicationId.digest(digest, day),
    );
  const day = new Date(startedAt.getTime() - dayMilliseconds).toISOString().slice(0, 10);
  if (digestDay !== day && settings.alerts.filteredDaily) {
    await send('filtered', day);
  }
  const hours = hoursToTell(startedAt, digestHour);
  for (const hour of hours) {
    const begin = Date.parse(`${hour}:00Z`);
    const [gathered] = await store.ledger.listByStatus('filtered', {
      limit: 1,
      reason: gatheredReason,
      changedSince: new Date(begin),
      changedBefore: new Date(begin + hourMilliseconds),
    });
    if (gathered !== undefined) {
      await send('gathered', hour);
    }
  }
  return { digestDay: day, digestHour: hours.at(-1) ?? digestHour };
}

/** The hours that are over since the last one told of, oldest first; the first sweep of all begins with the newest. */
function hoursToTell(startedAt: Date, told: string | null): readonly string[] {
  const newest = Math.floor((startedAt.getTime() - settledAfterMilliseconds) / hourMilliseconds) - 1;
  const last = told === null ? newest - 1 : Date.parse(`${told}:00Z`) / hourMilliseconds;
  const first = Math.max(last + 1, newest - mostHours + 1);
  return Array.from({ length: Math.max(0, newest - first + 1) }, (_, index) =>
    new Date((first + index) * hourMilliseconds).toISOString().slice(0, 13),
  );
}
