import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import type { JobQueue } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { IntakeSettings } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { BotDrafts } from '#shared/store/botDrafts.ts';
import type { Counters } from '#shared/store/counters.ts';
import type { IntakeStart } from '#shared/store/intakeStart.ts';
import type { Ledger } from '#shared/store/ledger.ts';
import type { RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { SecretReports } from '#shared/store/secretReports.ts';
import type { SpendMeter } from '#shared/store/spendMeter.ts';
import type { SweepCursors } from '#shared/store/sweepCursors.ts';
import type { Clock } from '#shared/time/clock.ts';

/** What a sweep works with. */
export interface SweepDependencies {
  readonly settings: IntakeSettings &
    Pick<Settings, 'alerts' | 'channels' | 'followUps' | 'freescout' | 'limits' | 'openai'>;
  readonly store: {
    readonly ledger: Pick<Ledger, 'getAll' | 'listByStatus' | 'giveUp'>;
    readonly drafts: Pick<BotDrafts, 'getLive'>;
    readonly state: SweepCursors &
      IntakeStart &
      Counters &
      Pick<SpendMeter, 'getMeter'> &
      Pick<SecretReports, 'secretReportOf'> &
      Pick<RememberedFaults, 'rememberFault'>;
  };
  readonly queue: JobQueue;
  /** null: FreeScout's address or API key is not filled in yet. */
  readonly freescout: () => Promise<ConversationReader | null>;
  /**
   * Has FreeScout send a webhook by which nobody hears of anything.
   *
   * @throws FreeScoutFailure when FreeScout did not take the call.
   */
  readonly provokeWebhook: (mailboxId: number) => Promise<void>;
  /** Calls that the client made so far, repeated ones included. */
  readonly freescoutCalls: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
  /** Id of one run; stands in its log lines and travels with its jobs. */
  readonly newRunId: () => string;
  /** Time that the function has left. */
  readonly timeLeftMilliseconds: () => number;
}

/** One sweep, under way. */
export interface SweepRun {
  readonly id: string;
  readonly startedAt: Date;
}
