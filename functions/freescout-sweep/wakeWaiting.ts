import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import { deduplicationId, type Job } from '#shared/jobs/jobs.ts';
import type { DeferReason, LedgerRow } from '#shared/store/ledger.ts';
import { dayMilliseconds, hourMilliseconds, minuteMilliseconds } from '#shared/time/durations.ts';
import type { SweepDependencies, SweepRun } from './sweepDependencies.ts';

/** Deferred rows of one kind woken a run at most. */
const deferredAtOnce = 20;
/** Rows that wait for their hourly attempt, woken a run at most; the others come with the next hour. */
const waitingAtOnce = 2000;
/** The queue itself repeats a failed job for about this long; until then a second job would only meet the first. */
const queueRepeatsMilliseconds = 30 * minuteMilliseconds;
/** A worker that has not come back by then never will. */
const abandonedAfterMilliseconds = hourMilliseconds;
/** After three days of failing, a person has to look. */
const givenUpAfterMilliseconds = 72 * hourMilliseconds;

/**
 * Wakes what people relabelled and whose job was lost; and what waits for the budget or, from an earlier day, for the share of its sender:
 * the oldest first, and only while the meter has room, because every job that finds none puts its row to the end of the line.
 *
 * @returns number of jobs queued.
 */
export async function wakeDeferred(deps: SweepDependencies, run: SweepRun): Promise<number> {
  const deferred = async (limit: number, reason: DeferReason, changedBefore?: Date) =>
    limit === 0
      ? []
      : deps.store.ledger.listByStatus('deferred', {
          limit,
          reason,
          ...(changedBefore === undefined ? {} : { changedBefore }),
        });
  const limit = Math.min(deferredAtOnce, await roomOnMeter(deps, run));
  const today = new Date(Math.floor(run.startedAt.getTime() / dayMilliseconds) * dayMilliseconds);
  const forBudget = await deferred(limit, 'budget');
  return wake(deps, run, [
    ...(await deferred(deferredAtOnce, 'relabelled')),
    ...forBudget,
    ...(await deferred(limit - forBudget.length, 'share', today)),
  ]);
}

/**
 * Once an hour: wakes failed rows that may work now, gives up those that failed for three days, and wakes rows whose worker never
 * came back and whose job is gone, and messages of the team that wait for the conversation of their thread.
 *
 * @returns number of jobs queued.
 */
export async function wakeFailed(deps: SweepDependencies, run: SweepRun): Promise<number> {
  const { ledger } = deps.store;
  const before = (milliseconds: number) => new Date(run.startedAt.getTime() - milliseconds);
  const failed = await ledger.listByStatus('failed', {
    limit: waitingAtOnce,
    changedBefore: before(queueRepeatsMilliseconds),
    retryable: true,
  });
  const processing = await ledger.listByStatus('processing', {
    limit: waitingAtOnce,
    changedBefore: before(abandonedAfterMilliseconds),
  });
  const hopeless = failed.filter(
    (row) =>
      Date.parse(row.failedSince ?? row.statusAt) < before(givenUpAfterMilliseconds).getTime() &&
      jobFor(row, run) !== null,
  );
  for (const { key, reason } of hopeless) {
    if (await ledger.giveUp(key)) {
      deps.log.write('JOB_FAILED_FOR_GOOD', { rowKey: key, code: reason ?? null, retryable: false });
      deps.measure('JobsFailedForGood');
    }
  }
  const hopeful = failed.filter((row) => !hopeless.includes(row));
  const ofTeam = await ledger.listByStatus('deferred', { limit: waitingAtOnce, reason: 'thread-pending' });
  // In this order: the jobs of one thread are worked on one after the other.
  return wake(deps, run, [...hopeful, ...processing.filter((row) => isAbandoned(row, run)), ...ofTeam]);
}

/** Nobody has had the row for an hour, and nothing came of it. */
export function isAbandoned(row: LedgerRow, run: Pick<SweepRun, 'startedAt'>): boolean {
  const heldUntil = Date.parse(row.leaseUntil ?? row.statusAt);
  return row.status === 'processing' && run.startedAt.getTime() - heldUntil > abandonedAfterMilliseconds;
}

/** Conversations that the budget has room for; triage alone costs little, so drafts are what is counted. */
async function roomOnMeter({ settings, store }: SweepDependencies, run: SweepRun): Promise<number> {
  const meter = await store.state.getMeter(run.startedAt);
  const { dailyUsd, monthlyUsd } = settings.openai.budget;
  const { draftsPerDay } = settings.limits;
  if ((dailyUsd > 0 && meter.dayUsd >= dailyUsd) || (monthlyUsd > 0 && meter.monthUsd >= monthlyUsd)) {
    return 0;
  }
  return draftsPerDay === 0 ? Number.POSITIVE_INFINITY : Math.max(0, draftsPerDay - meter.draftsToday);
}

async function wake(deps: SweepDependencies, run: SweepRun, rows: readonly LedgerRow[]): Promise<number> {
  const jobs = rows.flatMap((row) => {
    const job = jobFor(row, run);
    if (job === null) {
      deps.log.write('ROW_OF_LATER_RELEASE', { rowKey: row.key, status: row.status });
      return [];
    }
    return { job, deduplicationId: deduplicationId.run('wake', row.key, run.startedAt.toISOString()) };
  });
  await deps.queue.sendAll(jobs);
  return jobs.length;
}

/** null: only a later release, which ran before this one, can work on the row. It stays as it is until that one runs again. */
function jobFor(row: LedgerRow, run: SweepRun): Job | null {
  return jobOfRow(row, { cause: 'wake', requestId: run.id });
}
