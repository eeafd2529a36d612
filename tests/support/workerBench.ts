import { createFieldOptions } from '#functions/conversation-worker/answering/fieldOptions.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { type JobEnd, workOnJob } from '#functions/conversation-worker/workOnJob.ts';
import { createFreeScoutApp } from '#infra/standins/freescout/api.ts';
import { createHelpDesk, defaultBot, type HelpDesk } from '#infra/standins/freescout/model.ts';
import type { ChannelLookup } from '#shared/channels/channel.ts';
import { createGmailChannels } from '#shared/channels/gmail/gmailChannel.ts';
import { createKnownCustomers } from '#shared/customers/knownCustomers.ts';
import { createDraftKeeper, type DraftKeeper } from '#shared/drafts/draftKeeper.ts';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { createUserAddresses } from '#shared/freescout/userAddresses.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import type { LanguageModel, ModelRequest } from '#shared/openai/languageModel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import type { Store } from '#shared/store/store.ts';
import { type CallFault, type FaultOfCall, faultyFetch, productClock } from './drafts/draftDesk.ts';
import { type FakeGmail, fakeGmail } from './fakeGmail.ts';
import { createVirtualClock, type VirtualClock } from './freescout/virtualClock.ts';
import { createInMemoryStore } from './inMemoryStore.ts';
import { type RecordingLog, recordingLog } from './recordingLog.ts';
import { type RecordingQueue, recordingQueue } from './recordingQueue.ts';

const apiKey = 'key-under-test';

type Purpose = ModelRequest<never>['purpose'];

/**
 * Answers of the model by what is asked; a triage that says `customer`, and a short reply, unless the test has others. `refused`: the
 * model declines; `over-budget`: it may not be asked.
 */
export type ModelAnswers = Partial<Record<Purpose, unknown>>;

export const judgement = {
  type: 'customer',
  importance: 5,
  reasoning: 'The customer asks a question.',
  facts: [],
  uncertainties: [],
  language: 'en',
  sentiment: 'neutral',
  needsReply: true,
  escalationReason: null,
  threatens: false,
};

export const reply = {
  language: 'en',
  blocks: [{ kind: 'paragraph', text: 'Thank you for your message, we look into it today.' }],
};

export interface WorkerBench {
  readonly deps: WorkerDependencies;
  readonly desk: HelpDesk;
  readonly clock: VirtualClock;
  readonly client: FreeScoutClient;
  readonly store: Store;
  readonly queue: RecordingQueue;
  readonly gmail: FakeGmail;
  readonly log: RecordingLog;
  /** A keeper of drafts whose records are in that store. */
  keeperOver(store: Pick<Store, 'drafts'>): DraftKeeper;
  /** What the model was asked, oldest first. */
  readonly asked: readonly Purpose[];
  /** Somebody does something while the model is asked for this the next time. */
  duringNext(purpose: Purpose, act: () => unknown): void;
  /** The next call whose method and path match goes wrong. */
  failNext(method: string, path: RegExp, fault: CallFault): void;
  /** Works on a job as the function would. */
  work(
    job: unknown,
    options?: { readonly receiveCount?: number; readonly deps?: Partial<WorkerDependencies> },
  ): Promise<JobEnd>;
  /** Works on every job that is queued, in order, until there is none left. */
  drain(): Promise<void>;
}

/** The worker over the stand-in FreeScout, a fake Gmail and a store in memory, on virtual time. */
export function createWorkerBench({
  settings: rawSettings = {},
  faultOf = () => null,
  answers = {},
  mode = 'guarded',
  channels = (gmail) => gmail,
}: {
  readonly settings?: object;
  /** `managed`: FreeScout has the companion module. */
  readonly mode?: 'guarded' | 'managed';
  readonly faultOf?: FaultOfCall;
  /** Further channels beside Gmail. */
  readonly channels?: (gmail: ChannelLookup) => ChannelLookup;
  readonly answers?: ModelAnswers;
} = {}): WorkerBench {
  const clock = createVirtualClock('2026-11-20T10:00:00Z');
  const desk = createHelpDesk({ clock });
  desk.switches.companionModule = mode === 'managed';
  const product = productClock(clock);
  const log = recordingLog();
  const measure = () => {};
  const settings = parseSettings({
    channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 }],
    freescout: { url: 'http://freescout.test', botUserId: defaultBot, attempts: 1 },
    ...rawSettings,
  });
  const awaited: { readonly method: string; readonly path: RegExp; readonly fault: CallFault }[] = [];
  const client = createFreeScoutClient({
    baseUrl: 'http://freescout.test',
    apiKey: async () => apiKey,
    fetch: faultyFetch(createFreeScoutApp(desk, { apiKey, keptRequests: 200 }), (call) => {
      const index = awaited.findIndex(({ method, path }) => method === call.method && path.test(call.path));
      return index < 0 ? faultOf(call) : (awaited.splice(index, 1)[0]?.fault ?? null);
    }),
    clock: product,
    limiter: unlimited,
    timeoutMilliseconds: 1_000,
    attempts: 1,
    botUserId: defaultBot,
    log,
    measure,
  });
  const store = createInMemoryStore({ clock: product, keepDays: settings.ledger.keepDays });
  const queue = recordingQueue();
  const gmail = fakeGmail({ clock: product });
  const asked: Purpose[] = [];
  const acts: { readonly purpose: Purpose; readonly act: () => unknown }[] = [];
  const usage = { model: 'test', inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, usd: 0 };
  const model: LanguageModel = {
    async ask(request) {
      asked.push(request.purpose);
      const index = acts.findIndex(({ purpose }) => purpose === request.purpose);
      await (index < 0 ? null : acts.splice(index, 1)[0]?.act());
      if (answers[request.purpose] === 'refused') {
        return { outcome: 'refused', usage };
      }
      if (answers[request.purpose] === 'over-budget') {
        return { outcome: 'over-budget' };
      }
      const value = answers[request.purpose] ?? (request.purpose === 'triage' ? judgement : reply);
      return { outcome: 'answered', value: request.schema.parse(value), usage };
    },
  };
  const keeperOver = ({ drafts }: Pick<Store, 'drafts'>) =>
    createDraftKeeper({
      freescout: client,
      drafts,
      mode: async () => mode,
      proveDrafts: async () => 'proven',
      stopDrafting: async () => {},
      botUserId: defaultBot,
      settings: settings.drafts,
      clock: product,
      log,
      measure,
    });
  const customers = createKnownCustomers(client);
  const deps: WorkerDependencies = {
    settings,
    store,
    queue,
    freescout: client,
    channel: channels(
      createGmailChannels({
        settings,
        state: store.state,
        customers,
        users: createUserAddresses({ freescout: client, clock: product }),
        clock: product,
        log,
        client: () => gmail.client,
      }),
    ),
    customers,
    model,
    draftKeeper: keeperOver(store),
    fieldOptions: createFieldOptions({ freescout: client, clock: product }),
    alertChannels: async () => [],
    overSharePace: unlimited,
    reportSecrets: async () => undefined,
    clock: product,
    log,
    measure,
    leaseSeconds: 210,
  };
  let deliveries = 0;
  let drained = 0;
  const work: WorkerBench['work'] = (job, { receiveCount = 1, deps: instead = {} } = {}) => {
    deliveries += 1;
    return workOnJob({ ...deps, ...instead }, JSON.stringify(job), {
      owner: `delivery-${deliveries}`,
      receiveCount,
      last: receiveCount >= 5,
      timeLeftMilliseconds: () => 180_000,
    });
  };
  return {
    deps,
    desk,
    clock,
    client,
    store,
    queue,
    gmail,
    log,
    keeperOver,
    asked,
    duringNext: (purpose, act) => void acts.push({ purpose, act }),
    failNext: (method, path, fault) => void awaited.push({ method, path, fault }),
    work,
    async drain() {
      for (let next = queue.jobs[drained]; next !== undefined; next = queue.jobs[drained]) {
        drained += 1;
        await work(next.job);
      }
    },
  };
}
