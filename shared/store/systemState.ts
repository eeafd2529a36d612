import type { PollCursors } from '#shared/store/pollCursors.ts';
import type { CallLimits } from './callLimits.ts';
import type { Counters, WebhookCounter } from './counters.ts';
import type { DraftProofs } from './draftProofs.ts';
import type { IntakeStart } from './intakeStart.ts';
import type { MessageCopies } from './messageCopies.ts';
import type { MissingAddresses } from './missingAddresses.ts';
import type { ReadinessLooks } from './readiness.ts';
import type { RegisteredWebhooks } from './registeredWebhooks.ts';
import type { RememberedFaults } from './rememberedFaults.ts';
import type { SecretReports } from './secretReports.ts';
import type { SenderCounts } from './senderCounts.ts';
import type { SenderLocks } from './senderLocks.ts';
import type { SpendMeter } from './spendMeter.ts';
import type { SweepCursors } from './sweepCursors.ts';
import type { ThreadStarters } from './threadStarters.ts';

/** All that the table of the system's state keeps, for those who make the store. Everything else takes the interfaces that it needs. */
export interface SystemState
  extends PollCursors,
    SweepCursors,
    IntakeStart,
    ThreadStarters,
    MessageCopies,
    DraftProofs,
    Counters,
    WebhookCounter,
    SpendMeter,
    CallLimits,
    SenderCounts,
    SenderLocks,
    MissingAddresses,
    RegisteredWebhooks,
    ReadinessLooks,
    SecretReports,
    RememberedFaults {
  /** Proves that the table takes a conditional write; for `/ready`. Leaves nothing. */
  probe(): Promise<void>;
}
