import { deduplicationId } from '#shared/jobs/jobs.ts';
import type { SweepCursor } from '#shared/store/sweepCursors.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import type { SweepDependencies, SweepRun } from './sweepDependencies.ts';

/**
 * Queues what operators are told once a day, when the day is over in UTC. The row of the digest sees to it that it is sent once.
 *
 * @returns the day whose digests are queued now.
 */
export async function queueDigests(
  { settings, queue }: Pick<SweepDependencies, 'settings' | 'queue'>,
  { id, startedAt }: SweepRun,
  { digestDay }: Pick<SweepCursor, 'digestDay'>,
): Promise<string> {
  const day = new Date(startedAt.getTime() - dayMilliseconds).toISOString().slice(0, 10);
  if (digestDay !== day && settings.alerts.filteredDaily) {
    await queue.send(
      { kind: 'digest', digest: 'filtered', day, cause: 'sweep', requestId: id },
      deduplicationId.digest('filtered', day),
    );
  }
  return day;
}
