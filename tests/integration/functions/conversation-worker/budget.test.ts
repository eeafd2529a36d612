import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFieldOptions } from '#functions/conversation-worker/answering/fieldOptions.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { workOnJob } from '#functions/conversation-worker/workOnJob.ts';
import { sweep } from '#functions/freescout-sweep/sweep.ts';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { type OpenaiStandIn, startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import { createKnownCustomers } from '#shared/customers/knownCustomers.ts';
import { createDraftKeeper } from '#shared/drafts/draftKeeper.ts';
import { retryable } from '#shared/failure/failure.ts';
import { proveDraftsStayDrafts, stopDrafting } from '#shared/freescout/draftProof.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { provokeWebhook } from '#shared/freescout/proofConversations.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import type { Job } from '#shared/jobs/jobs.ts';
import { createLanguageModel } from '#shared/openai/openaiLanguageModel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import type { Store } from '#shared/store/store.ts';
import { systemClock } from '#shared/time/clock.ts';
import { type LocalDynamo, startDynamo } from '#tests/support/dynoxide.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';
import { recordingQueue } from '#tests/support/recordingQueue.ts';

// At noon of today: a budget is one of a day, which must not end in the middle of a test.
const fromNoon = Date.parse(`${new Date().toISOString().slice(0, 10)}T12:00:00Z`) - Date.now();
const clock = { ...systemClock, now: () => new Date(Date.now() + fromNoon) };
let dynamo: LocalDynamo;
let desk: FreeScoutStandIn;
let openai: OpenaiStandIn;

beforeAll(async () => {
  [dynamo, desk, openai] = await Promise.all([
    startDynamo(),
    startFreeScoutStandIn({ delayFactor: 0 }),
    startOpenaiStandIn({ port: 0 }),
  ]);
});
afterAll(async () => {
  await Promise.all([dynamo.stop(), desk.close(), openai.close()]);
});

async function newStore(): Promise<Store> {
  return createDynamoStore({
    client: createDocumentClient(dynamo.config),
    tables: await dynamo.createTables(),
    clock,
  });
}

/** A worker and a sweep over the same store, as a deployment with this budget has them. */
function deploy(store: Store, dailyUsd: number, state: Store['state'] = store.state) {
  const settings = parseSettings({
    freescout: { url: desk.url, botUserId: defaultBot, safetyNet: false },
    openai: { baseUrl: openai.baseUrl, budget: { dailyUsd, monthlyUsd: 0 } },
    limits: { draftsPerDay: 0, messagesPerAddress: 0, messagesPerDomain: 0 },
  });
  const log = recordingLog();
  const metrics = recordingMeasure();
  const queue = recordingQueue();
  const common = { clock, log, measure: metrics.measure };
  const freescout = createFreeScoutClient({
    ...common,
    baseUrl: desk.url,
    apiKey: async () => desk.apiKey,
    botUserId: defaultBot,
    fetch,
    limiter: unlimited,
    timeoutMilliseconds: 10_000,
    attempts: 1,
  });
  const proof = { ...common, client: freescout, state, url: desk.url };
  const worker: WorkerDependencies = {
    ...common,
    settings,
    store: { ...store, state },
    queue,
    freescout,
    channel: () => null,
    customers: createKnownCustomers(freescout),
    model: createLanguageModel({
      ...common,
      apiKey: async () => 'key',
      settings,
      state,
      limiter: unlimited,
    }),
    draftKeeper: createDraftKeeper({
      ...common,
      freescout,
      drafts: store.drafts,
      mode: async () => 'guarded',
      proveDrafts: () => proveDraftsStayDrafts({ ...proof, mailboxId: 1 }),
      stopDrafting: (reason) => stopDrafting({ ...proof, reason }),
      botUserId: defaultBot,
      settings: settings.drafts,
    }),
    fieldOptions: createFieldOptions({ freescout, clock }),
    alertChannels: async () => [],
    overSharePace: unlimited,
    reportSecrets: async () => undefined,
    leaseSeconds: 210,
  };
  let deliveries = 0;
  return {
    queue,
    metrics,
    work: (job: Job) =>
      workOnJob(worker, JSON.stringify(job), {
        owner: `delivery-${deliveries++}`,
        receiveCount: 1,
        last: false,
        timeLeftMilliseconds: () => 180_000,
      }),
    sweep: () =>
      sweep({
        ...common,
        settings,
        store,
        queue,
        freescout: async () => freescout,
        provokeWebhook: (mailboxId) => provokeWebhook(freescout, mailboxId),
        freescoutCalls: () => 0,
        newRunId: () => 'run',
        timeLeftMilliseconds: () => 180_000,
      }),
  };
}

async function openConversations(count: number, text: (index: number) => string): Promise<readonly number[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const customer = { email: `customer${index}@example.org` };
      const answer = await fetch(`${desk.url}/api/conversations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-freescout-api-key': desk.apiKey },
        body: JSON.stringify({
          type: 'email',
          mailboxId: 1,
          subject: `Order ${index}`,
          customer,
          threads: [{ type: 'customer', text: text(index), customer }],
        }),
      });
      return Number(answer.headers.get('resource-id'));
    }),
  );
}

const jobOf = (conversationId: number): Job => ({
  kind: 'conversation',
  conversationId,
  cause: 'webhook',
  requestId: 'request',
});

const question = (index: number) => `Where is my order ${index}? It should have been here last week.`;

describe('the budget', () => {
  it('holds when fifty jobs ask at once, and lets all of them finish by themselves once it is raised', async () => {
    const conversations = await openConversations(50, question);
    // What the dearest of ten calls reserves, found out by one conversation without a budget.
    const trial = await newStore();
    await deploy(trial, 0).work(jobOf((await openConversations(1, question))[0] ?? 0));
    const { dayUsd: oneConversation } = await trial.state.getMeter(clock.now());
    const dailyUsd = await budgetForCalls(10);

    const store = await newStore();
    const callsBefore = openai.calls.length;
    const poor = deploy(store, dailyUsd);
    const ends = await Promise.all(conversations.map((id) => poor.work(jobOf(id))));
    expect(ends.every(({ end }) => end === 'done')).toBe(true);

    const spent = poor.metrics.total('ModelSpendUsd');
    const calls = openai.calls.length - callsBefore;
    expect(calls).toBeGreaterThanOrEqual(10);
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(dailyUsd + oneConversation);
    const meter = await store.state.getMeter(clock.now());
    expect(meter.dayUsd).toBeLessThanOrEqual(dailyUsd);
    expect(meter.dayUsd).toBeCloseTo(spent, 6);
    const { messages } = await store.state.counts();
    expect(messages.deferred).toBeGreaterThan(0);
    expect(messages.deferred + messages.success).toBe(50);
    expect(poor.metrics.total('ConversationsDeferred')).toBe(messages.deferred);

    const rich = deploy(store, dailyUsd * 100);
    for (let round = 0; round < 10 && (await store.state.counts()).messages.deferred > 0; round += 1) {
      const queued = rich.queue.jobs.length;
      await rich.sweep();
      await Promise.all(rich.queue.jobs.slice(queued).map(({ job }) => rich.work(job)));
    }
    const after = await store.state.counts();
    expect(after.messages).toMatchObject({ deferred: 0, failed: 0, processing: 0 });
    expect(after.drafts.live).toBe(50);
    const rows = await store.ledger.getAll(await rowKeys(conversations));
    expect([...rows.values()].map(({ action }) => action)).toEqual(Array(50).fill('drafted'));
  });

  it('stops no ticket and no escalation: words are found by rules when it is used up', async () => {
    const [id = 0] = await openConversations(1, () => 'I will hand this to my lawyer if nobody answers.');
    const store = await newStore();
    const callsBefore = openai.calls.length;
    const worker = deploy(store, 0.000_000_1);
    expect(await worker.work(jobOf(id))).toEqual({ end: 'done' });
    expect(openai.calls.length).toBe(callsBefore);
    expect((await store.state.counts()).messages).toMatchObject({ deferred: 1 });
    expect(tagsOf(id)).toEqual(expect.arrayContaining(['p0', 'high-priority']));
  });

  it('lets no model be asked while the meter cannot be reached, and words are found all the same', async () => {
    const [id = 0, other = 0] = await openConversations(2, (index) =>
      index === 0 ? 'We had a data breach and need help now.' : question(index),
    );
    const store = await newStore();
    const unreachable: Store['state'] = {
      ...store.state,
      reserveSpend: async () => {
        throw retryable('store-contention', 'DynamoDB stayed too busy.');
      },
    };
    const callsBefore = openai.calls.length;
    const worker = deploy(store, 10, unreachable);
    expect(await worker.work(jobOf(id))).toEqual({ end: 'done' });
    expect(await worker.work(jobOf(other))).toEqual({ end: 'done' });
    expect(openai.calls.length).toBe(callsBefore);
    expect((await store.state.counts()).messages).toMatchObject({ deferred: 2 });
    expect(tagsOf(id)).toEqual(expect.arrayContaining(['p0', 'high-priority']));
    expect(tagsOf(other)).toEqual([]);
  });

  it('of a model without a price is refused before anything is deployed', () => {
    expect(() => parseSettings({ openai: { draftModel: 'gpt-unheard-of' } })).toThrow(SettingsError);
    expect(() => parseSettings({ openai: { draftModel: 'gpt-unheard-of' } })).toThrow(
      /openai\.draftModel: no price for model "gpt-unheard-of": add it to openai\.prices/,
    );
  });
});

/** A budget into which the reservations of so many judgements fit. */
async function budgetForCalls(calls: number): Promise<number> {
  const [id = 0] = await openConversations(1, () => 'I will hand this to my lawyer.');
  const store = await newStore();
  let reserved = 0;
  const state: Store['state'] = {
    ...store.state,
    reserveSpend: async (_kind, usd) => {
      reserved = Math.max(reserved, usd);
      return false;
    },
  };
  await deploy(store, 10, state).work(jobOf(id));
  expect(reserved).toBeGreaterThan(0);
  return reserved * calls;
}

async function rowKeys(conversations: readonly number[]) {
  return conversations.flatMap((id) => {
    const threads = [...desk.model.threads.values()].filter(
      ({ conversationId, type }) => conversationId === id && type === 'customer',
    );
    return threads.map((thread) => `freescout:${id}:${thread.id}` as const);
  });
}

function tagsOf(conversationId: number): readonly string[] {
  const ids = desk.model.tagsOf.get(conversationId) ?? new Set<number>();
  return [...ids].flatMap((id) => desk.model.tags.get(id)?.name ?? []);
}
