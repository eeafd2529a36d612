import type { Clock } from '#shared/jobs/clock.ts';
import type { SystemState } from '#shared/store/systemState.ts';

/** What the figures are read from; nothing here scans a table. */
export interface FiguresDependencies {
  readonly state: Pick<
    SystemState,
    'webhookCounts' | 'statusCounts' | 'outcomeCounts' | 'getMeter' | 'getSweepCursor' | 'getGmailCursor'
  >;
  readonly accounts: readonly string[];
  /** Messages waiting in a queue, the ones being worked on included. */
  readonly queueDepths: () => Promise<{ readonly jobs: number; readonly deadLetters: number }>;
  /** ISO 8601. */
  readonly deployedAt: string;
  readonly clock: Clock;
}

/** The figures of `GET /metrics`. */
export async function collectFigures(deps: FiguresDependencies): Promise<Readonly<Record<string, unknown>>> {
  const [webhooks, messages, outcomes, meter, sweep, queues, ...cursors] = await Promise.all([
    deps.state.webhookCounts(),
    deps.state.statusCounts(),
    deps.state.outcomeCounts(),
    deps.state.getMeter(deps.clock.now()),
    deps.state.getSweepCursor(),
    deps.queueDepths(),
    ...deps.accounts.map((account) => deps.state.getGmailCursor(account)),
  ]);
  const accepted = outcomes.unchanged + outcomes['light-edit'];
  const sent = accepted + outcomes['heavy-edit'];
  return {
    webhooks_received: webhooks.received,
    webhooks_failed: webhooks.failed,
    last_webhook: webhooks.lastAt,
    uptime_start: deps.deployedAt,
    db_messages_by_status: messages,
    draft_outcomes: outcomes,
    draft_acceptance_rate: sent + outcomes.replaced === 0 ? null : accepted / (sent + outcomes.replaced),
    drafts_today: meter.draftsToday,
    spend_today_usd: meter.dayUsd,
    spend_this_month_usd: meter.monthUsd,
    queue_depth: queues.jobs,
    dead_letters: queues.deadLetters,
    last_sweep: sweep.ranAt,
    last_poll: Object.fromEntries(cursors.map(({ account, polledAt }) => [account, polledAt])),
    missing: sweep.missing + cursors.reduce((sum, { missing }) => sum + missing, 0),
  };
}
