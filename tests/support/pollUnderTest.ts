import { pollAccounts } from '#functions/gmail-poll/pollAccounts.ts';
import type { PollDependencies } from '#functions/gmail-poll/pollDependencies.ts';
import type { GmailClient } from '#shared/channels/gmail/gmailClient.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { messageKey } from '#shared/store/keys.ts';
import { type FakeGmailOptions, fakeGmail } from './fakeGmail.ts';
import { createInMemoryStore, type StoreOperation } from './inMemoryStore.ts';
import { manualClock } from './manualClock.ts';
import { recordingLog, recordingMeasure } from './recordingLog.ts';
import { recordingQueue } from './recordingQueue.ts';

/** The poll of the account `support` over a fake Gmail and a store in memory. */
export function pollUnderTest({
  settings = {},
  gmail: gmailOptions = {},
  timeLeft = () => 110_000,
  beforeStore,
}: {
  readonly settings?: object;
  readonly gmail?: Partial<FakeGmailOptions>;
  readonly timeLeft?: () => number;
  /** Runs before each operation of the store. */
  readonly beforeStore?: (operation: StoreOperation) => void;
} = {}) {
  const clock = manualClock();
  const store = createInMemoryStore({
    clock,
    ...(beforeStore === undefined ? {} : { beforeEach: beforeStore }),
  });
  const queue = recordingQueue();
  const log = recordingLog();
  const metrics = recordingMeasure();
  const gmail = fakeGmail({ clock, ...gmailOptions });
  const clients = new Map<string, GmailClient | null>([['support', gmail.client]]);
  let runs = 0;
  const deps: PollDependencies = {
    settings: parseSettings(settings),
    store,
    queue,
    gmail: async (alias) => clients.get(alias) ?? null,
    clock,
    log,
    measure: metrics.measure,
    newRunId: () => {
      runs += 1;
      return `run-${runs}`;
    },
    timeLeftMilliseconds: timeLeft,
  };
  return {
    ...{ clock, store, queue, log, metrics, gmail, clients, deps },
    poll: () => pollAccounts(deps),
    cursor: () => store.state.getPollCursor('gmail', 'support'),
    queuedIds: () =>
      queue.jobs.map(({ job }) => (job.kind === 'incoming-message' ? job.messageId : job.kind)),
    row: (messageId: string) => store.ledger.get(messageKey('gmail', 'support', messageId)),
    /** What a worker does to a row when it takes the mail. */
    claim: (messageId: string) =>
      store.ledger.claim(messageKey('gmail', 'support', messageId), {
        owner: 'worker',
        leaseSeconds: 210,
        lastDelivery: false,
      }),
  };
}
