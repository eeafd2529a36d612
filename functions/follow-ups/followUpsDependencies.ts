import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import type { JobQueue } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { Ledger } from '#shared/store/ledger.ts';
import type { Clock } from '#shared/time/clock.ts';

/** What a look for conversations that wait too long works with. */
export interface FollowUpsDependencies {
  readonly settings: Pick<Settings, 'channels' | 'drafts' | 'followUps'>;
  readonly store: { readonly ledger: Pick<Ledger, 'getAll'> };
  readonly queue: JobQueue;
  /** null: FreeScout's address or API key is not filled in yet. */
  readonly freescout: () => Promise<ConversationReader | null>;
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
  /** Id of one run; stands in its log lines and travels with its jobs. */
  readonly newRunId: () => string;
  /** Time that the function has left. */
  readonly timeLeftMilliseconds: () => number;
}
