import type { GmailClient } from '#shared/channels/gmail/gmailClient.ts';
import type { JobQueue } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { IntakeStart } from '#shared/store/intakeStart.ts';
import type { Ledger } from '#shared/store/ledger.ts';
import type { PollCursors } from '#shared/store/pollCursors.ts';
import type { Clock } from '#shared/time/clock.ts';

/** What a poll works with. */
export interface PollDependencies {
  readonly settings: Pick<Settings, 'channels' | 'gmail' | 'ledger' | 'limits'>;
  readonly store: {
    readonly ledger: Pick<Ledger, 'getAll' | 'settle' | 'reconsider'>;
    readonly state: PollCursors & IntakeStart;
  };
  readonly queue: JobQueue;
  /** null: the account's secret is not filled in yet. */
  readonly gmail: (alias: string) => Promise<GmailClient | null>;
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
  /** Id of one run; stands in its log lines and travels with its jobs. */
  readonly newRunId: () => string;
  /** Time that the function has left. */
  readonly timeLeftMilliseconds: () => number;
}
