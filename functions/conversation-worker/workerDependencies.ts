import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import type { ChannelLookup } from '#shared/channels/channel.ts';
import type { KnownCustomers } from '#shared/customers/knownCustomers.ts';
import type { DraftKeeper } from '#shared/drafts/draftKeeper.ts';
import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import type { ConversationWriter } from '#shared/freescout/conversationWriter.ts';
import type { RateLimiter } from '#shared/http/rateLimiter.ts';
import type { JobQueue } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { LanguageModel } from '#shared/openai/languageModel.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { CallLimits } from '#shared/store/callLimits.ts';
import type { IntakeStart } from '#shared/store/intakeStart.ts';
import type { MessageCopies } from '#shared/store/messageCopies.ts';
import type { RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { SenderCounts } from '#shared/store/senderCounts.ts';
import type { SenderLocks } from '#shared/store/senderLocks.ts';
import type { Store } from '#shared/store/store.ts';
import type { ThreadStarters } from '#shared/store/threadStarters.ts';
import type { Clock } from '#shared/time/clock.ts';
import type { FieldOptions } from './answering/fieldOptions.ts';

/** What the worker works with; bound once per cold start, made of fakes or local parts in tests. */
export interface WorkerDependencies {
  readonly settings: Settings;
  readonly store: Pick<Store, 'ledger' | 'threadMap'> & {
    readonly state: CallLimits &
      IntakeStart &
      MessageCopies &
      Pick<RememberedFaults, 'rememberFault'> &
      SenderCounts &
      SenderLocks &
      ThreadStarters;
  };
  readonly queue: JobQueue;
  readonly freescout: ConversationReader & ConversationWriter;
  readonly channel: ChannelLookup;
  readonly customers: Pick<KnownCustomers, 'isAnswered'>;
  readonly model: LanguageModel;
  readonly draftKeeper: DraftKeeper;
  readonly fieldOptions: FieldOptions;
  /** The channels that are configured now. */
  readonly alertChannels: () => Promise<readonly AlertChannel[]>;
  /** Lets so many messages of senders over their share begin that FreeScout's rate limit has room for everybody else. */
  readonly overSharePace: RateLimiter;
  /** Reports which values are filled in of the secrets that the worker alone may read. Does not throw. */
  readonly reportSecrets: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
  /** Length of a lease: the function's own time limit and a little more, so that a lease outlives its worker. */
  readonly leaseSeconds: number;
}
