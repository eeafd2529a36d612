import type { MetricsBody } from './figures.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | null];
type AddFamily = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]) => void;

/**
 * The figures in Prometheus' text format. Instants are in seconds since 1970; what there is no value for yet is left out.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function prometheusText(body: MetricsBody): string {
  const lines: string[] = [];
  const family: AddFamily = (name, type, help, samples) => {
    lines.push(`# HELP csm_${name} ${help}`, `# TYPE csm_${name} ${type}`);
    for (const [labels, value] of samples) {
      if (value !== null) {
        lines.push(`csm_${name}${labelText(labels)} ${value}`);
      }
    }
  };
  family(
    'webhooks_received_total',
    'counter',
    'Webhooks that FreeScout signed.',
    one(body.webhooks_received),
  );
  family(
    'webhooks_failed_total',
    'counter',
    'Webhooks that FreeScout signed and that could not be taken.',
    one(body.webhooks_failed),
  );
  family('last_webhook_timestamp_seconds', 'gauge', 'Last webhook.', one(seconds(body.last_webhook)));
  family('uptime_start_timestamp_seconds', 'gauge', 'Deployment.', one(seconds(body.uptime_start)));
  family('messages', 'gauge', 'Rows of the ledger by status.', each('status', body.db_messages_by_status));
  family('thread_mappings', 'gauge', 'Entries of the thread map.', one(body.db_thread_mappings));
  family(
    'bot_drafts',
    'gauge',
    'Conversations by the state of our newest draft.',
    each('state', body.bot_drafts_by_state),
  );
  family(
    'draft_outcomes_total',
    'counter',
    'Draft cycles by how they ended.',
    each('outcome', body.draft_outcomes),
  );
  family(
    'draft_acceptance_ratio',
    'gauge',
    'Drafts sent unchanged or lightly edited.',
    one(body.draft_acceptance_rate),
  );
  family('drafts_today', 'gauge', 'Drafts of this UTC day.', one(body.drafts_today));
  family(
    'drafts_per_day_limit',
    'gauge',
    'Drafts allowed per UTC day; 0 = unlimited.',
    one(body.drafts_per_day),
  );
  family('spend_usd', 'gauge', 'Model spend of the current UTC day and month.', [
    [{ period: 'day' }, body.spend_today_usd],
    [{ period: 'month' }, body.spend_this_month_usd],
  ]);
  family('budget_usd', 'gauge', 'Budget of a UTC day and month; 0 = unlimited.', [
    [{ period: 'day' }, body.budget_daily_usd],
    [{ period: 'month' }, body.budget_monthly_usd],
  ]);
  family('queue_depth', 'gauge', 'Jobs that wait or are worked on.', one(body.queue_depth));
  family('oldest_job_seconds', 'gauge', 'Age of the oldest job.', one(body.oldest_job_seconds));
  family('dead_letters', 'gauge', 'Jobs that failed five times.', one(body.dead_letters));
  family('failed_for_good', 'gauge', 'Rows that failed and that nothing repeats.', one(body.failed_for_good));
  family(
    'last_poll_timestamp_seconds',
    'gauge',
    'Last poll that went through.',
    Object.entries(body.last_poll).map(([account, at]) => [{ account }, seconds(at)]),
  );
  family('last_sweep_timestamp_seconds', 'gauge', 'Last sweep.', one(seconds(body.last_sweep)));
  family('missing', 'gauge', 'Messages that only a gap check found.', one(body.missing));
  addLights(family, body);
  return `${lines.join('\n')}\n`;
}

/** What `/ready` knows. */
function addLights(family: AddFamily, body: MetricsBody): void {
  family(
    'ready',
    'gauge',
    '1 while the system can work, also with something wrong; else 0.',
    one(body.ready),
  );
  family('drafting_stopped', 'gauge', '1 while no drafts are made for safety.', one(body.drafting_stopped));
  family(
    'last_look_timestamp_seconds',
    'gauge',
    'Last look for what is wrong.',
    one(seconds(body.last_look)),
  );
  family(
    'issue',
    'gauge',
    '1 while the condition stands; RUNBOOK.md has a section for each.',
    each('condition', body.issues_by_condition),
  );
}

function one(value: number | null): readonly Sample[] {
  return [[{}, value]];
}

function each(label: string, values: Readonly<Record<string, number | null>>): readonly Sample[] {
  return Object.entries(values).map(([name, value]) => [{ [label]: name }, value]);
}

function seconds(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant) / 1000;
}

/** Label values are aliases, states and statuses: none of them needs escaping. */
function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
