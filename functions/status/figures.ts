import { type ConditionName, foundByLooks } from '#shared/observability/conditions.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { Counters, Counts } from '#shared/store/counters.ts';
import type { Ledger } from '#shared/store/ledger.ts';
import type { PollCursor } from '#shared/store/pollCursors.ts';
import { type KeptReadiness, oldestLookMilliseconds, standingConditions } from '#shared/store/readiness.ts';
import type { Meter, SpendMeter } from '#shared/store/spendMeter.ts';
import type { SweepCursor, SweepCursors } from '#shared/store/sweepCursors.ts';
import type { Clock } from '#shared/time/clock.ts';
import { type PollState, readPolls } from './pollReadiness.ts';

/** What the figures are read from; nothing here scans a table. */
export interface FiguresDependencies {
  readonly settings: Pick<Settings, 'channels' | 'openai' | 'limits'>;
  readonly state: Counters & Pick<SpendMeter, 'getMeter'> & Pick<SweepCursors, 'getSweepCursor'> & PollState;
  readonly ledger: Pick<Ledger, 'listByStatus'>;
  readonly queues: () => Promise<QueueDepths>;
  /** ISO 8601. */
  readonly deployedAt: string;
  readonly clock: Clock;
}

export interface QueueDepths {
  /** Jobs that nobody works on. */
  readonly waiting: number;
  readonly inHand: number;
  readonly deadLetters: number;
}

export interface Figures {
  readonly counts: Counts;
  readonly meter: Meter;
  readonly sweep: SweepCursor;
  readonly polls: readonly PollCursor[];
  readonly queues: QueueDepths;
  readonly oldestJobSeconds: number;
  readonly missing: number;
  /** Rows that failed, and that nothing repeats; of very many failed rows, those among the newest. */
  readonly failedForGood: number;
  /** Deferred rows that wait for the budget; of very many, as many as one request reads. */
  readonly waitingForBudget: number;
}

/** Rows of one status that are looked at: one request. */
const rowsRead = 1000;

/**
 * Reads the figures.
 *
 * SQS does not say how old its oldest message is. So the age is that of the oldest row that a worker has taken and not ended. If no
 * worker takes any, it is the time since the queue was first seen not empty: a lower bound, which restarts with the process. On AWS
 * the alarm reads the age from CloudWatch.
 */
export function createFigures(deps: FiguresDependencies): () => Promise<Figures> {
  let notEmptySince: number | null = null;

  function secondsUntouched({ waiting }: QueueDepths, { lastClaimAt }: Counts, now: number): number {
    const claimedAt = Date.parse(lastClaimAt ?? '') || 0;
    if (waiting === 0) {
      notEmptySince = null;
    } else if (notEmptySince === null || claimedAt > notEmptySince) {
      notEmptySince = Math.max(now, claimedAt);
    }
    return notEmptySince === null ? 0 : Math.max(0, now - notEmptySince) / 1000;
  }

  return async () => {
    const now = deps.clock.now();
    const [counts, meter, sweep, queues, [oldest], polls] = await Promise.all([
      deps.state.counts(),
      deps.state.getMeter(now),
      deps.state.getSweepCursor(),
      deps.queues(),
      deps.ledger.listByStatus('processing', { limit: 1 }),
      readPolls(deps.settings, deps.state),
    ]);
    const failed =
      counts.messages.failed === 0
        ? []
        : await deps.ledger.listByStatus('failed', { limit: rowsRead, newestFirst: true });
    const deferred =
      counts.messages.deferred === 0
        ? []
        : await deps.ledger.listByStatus('deferred', { limit: rowsRead, reason: 'budget' });
    const inWork = oldest === undefined ? 0 : (now.getTime() - Date.parse(oldest.statusAt)) / 1000;
    return {
      counts,
      meter,
      sweep,
      polls,
      queues,
      oldestJobSeconds: Math.round(Math.max(0, inWork, secondsUntouched(queues, counts, now.getTime()))),
      missing: sweep.missing + polls.reduce((sum, { missing }) => sum + missing, 0),
      failedForGood: failed.filter(({ retryable }) => !retryable).length,
      waitingForBudget: deferred.length,
    };
  };
}

/**
 * The figures of `GET /metrics`.
 *
 * @param kept - what the newest look found; null before the first one. Figures cost no look.
 */
export function metricsBody(
  figures: Figures,
  kept: KeptReadiness | null,
  { settings, deployedAt, clock }: Pick<FiguresDependencies, 'settings' | 'deployedAt' | 'clock'>,
) {
  const { counts, meter, sweep, polls, queues } = figures;
  const { webhooks, draftOutcomes } = counts;
  const accepted = draftOutcomes.unchanged + draftOutcomes['light-edit'];
  const answered = accepted + draftOutcomes['heavy-edit'] + draftOutcomes.replaced;
  return {
    webhooks_received: webhooks.received,
    webhooks_failed: webhooks.failed,
    last_webhook: webhooks.lastAt,
    uptime_start: deployedAt,
    db_messages_by_status: counts.messages,
    db_thread_mappings: counts.threadMappings,
    db_bot_drafts: Object.values(counts.drafts).reduce((sum, count) => sum + count, 0),
    bot_drafts_by_state: counts.drafts,
    draft_outcomes: draftOutcomes,
    /** Sent as they were or lightly edited, out of all that an agent sent or answered otherwise. */
    draft_acceptance_rate: answered === 0 ? null : accepted / answered,
    drafts_today: meter.draftsToday,
    /** 0 = unlimited, here and below. */
    drafts_per_day: settings.limits.draftsPerDay,
    spend_today_usd: meter.dayUsd,
    budget_daily_usd: settings.openai.budget.dailyUsd,
    spend_this_month_usd: meter.monthUsd,
    budget_monthly_usd: settings.openai.budget.monthlyUsd,
    queue_depth: queues.waiting + queues.inHand,
    oldest_job_seconds: figures.oldestJobSeconds,
    dead_letters: queues.deadLetters,
    failed_for_good: figures.failedForGood,
    last_poll: Object.fromEntries(polls.map(({ account, polledAt }) => [account, polledAt])),
    last_sweep: sweep.ranAt,
    missing: figures.missing,
    ...lightsOf(kept, clock.now()),
  };
}

/** 1 = yes, 0 = no, null while nobody has looked. A system at which nobody looks any longer is not ready. */
function lightsOf(kept: KeptReadiness | null, now: Date) {
  const isNew = kept !== null && now.getTime() - Date.parse(kept.at) <= oldestLookMilliseconds;
  const standing = kept === null ? null : standingConditions(kept);
  const gauge = (name: ConditionName) => (standing === null ? null : Number(standing.includes(name)));
  return {
    ready: kept === null ? null : Number(isNew && kept.status !== 'not_ready'),
    drafting_stopped:
      kept === null ? null : Number(kept.issues.some(({ condition }) => condition === 'DraftingStopped')),
    last_look: kept?.at ?? null,
    /** What looks a minute apart have seen, and not missed for as long. */
    issues_by_condition: Object.fromEntries(foundByLooks.map((name) => [name, gauge(name)])),
  };
}

export type MetricsBody = ReturnType<typeof metricsBody>;
