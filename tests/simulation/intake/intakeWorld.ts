import { createFieldOptions } from '#functions/conversation-worker/answering/fieldOptions.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { workOnJob } from '#functions/conversation-worker/workOnJob.ts';
import { sweep } from '#functions/freescout-sweep/sweep.ts';
import type { SweepDependencies } from '#functions/freescout-sweep/sweepDependencies.ts';
import { receiveWebhook, type WebhookRequest } from '#functions/freescout-webhook/receiveWebhook.ts';
import { pollAccounts } from '#functions/gmail-poll/pollAccounts.ts';
import type { PollDependencies } from '#functions/gmail-poll/pollDependencies.ts';
import { createFreeScoutApp, latestCustomerHeader } from '#infra/standins/freescout/api.ts';
import { createHelpDesk, defaultBot } from '#infra/standins/freescout/model.ts';
import type { OutgoingMail, WebhookDelivery } from '#infra/standins/freescout/records.ts';
import { registerWebhook } from '#infra/standins/freescout/webhooks.ts';
import { createGmailChannels } from '#shared/channels/gmail/gmailChannel.ts';
import { createKnownCustomers } from '#shared/customers/knownCustomers.ts';
import { createDraftKeeper } from '#shared/drafts/draftKeeper.ts';
import { type Failure, retryable } from '#shared/failure/failure.ts';
import { proveDraftsStayDrafts, stopDrafting } from '#shared/freescout/draftProof.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { provokeWebhook } from '#shared/freescout/proofConversations.ts';
import { createUserAddresses } from '#shared/freescout/userAddresses.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { readJob } from '#shared/jobs/jobSchema.ts';
import { deduplicationId, type Job, type JobQueue, messageGroupOf } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { LanguageModel } from '#shared/openai/languageModel.ts';
import { parseSettings, type Settings } from '#shared/settings/settings.ts';
import { messageKey } from '#shared/store/keys.ts';
import type { Store } from '#shared/store/store.ts';
import type { Clock } from '#shared/time/clock.ts';
import { type CallFault, faultyFetch } from '#tests/support/drafts/draftDesk.ts';
import { fakeGmail, type GmailMethod } from '#tests/support/fakeGmail.ts';
import { createInMemoryStore, type StoreOperation } from '#tests/support/inMemoryStore.ts';
import { madeUpChannel } from '#tests/support/madeUpChannel.ts';
import { createFifoQueue, type Received } from '#tests/support/simulation/fifoQueue.ts';
import type { SeededRandom } from '#tests/support/simulation/seededRandom.ts';
import { createVirtualTime, type End } from '#tests/support/simulation/virtualTime.ts';
import { judgement, reply } from '#tests/support/workerBench.ts';

/** How much goes wrong: probabilities per step or call. */
export interface Trouble {
  /** A unit of work stops for good at one of its awaits. */
  crash: number;
  /** A call to FreeScout, Gmail, the model, the store or the queue fails. */
  fault: number;
  /** A webhook of FreeScout is lost. */
  lostWebhook: number;
  /** Windows in which FreeScout and Gmail answer 429 begin. */
  burst: number;
  /** A step takes seconds instead of milliseconds. */
  slow: number;
}

/** Ways to break the product on purpose, so that the rules can be seen to notice. */
export interface Sabotage {
  readonly settings?: object;
  readonly poll?: (deps: PollDependencies) => PollDependencies;
  readonly worker?: (deps: WorkerDependencies) => WorkerDependencies;
  readonly sweep?: (deps: SweepDependencies) => SweepDependencies;
  readonly groupOf?: (job: Job) => string;
  /** Stops work beside the chances that the trouble gives. */
  readonly crashes?: (step: { readonly work: string; readonly number: number }) => boolean;
}

export interface IntakeWorldOptions {
  readonly random: SeededRandom;
  readonly trouble: Trouble;
  readonly sabotage: Sabotage;
  readonly start: string;
  /** A mail of an agent that left FreeScout. */
  readonly deliverToCustomer: (mail: OutgoingMail) => void;
  /** Gets a line for whatever happens. */
  readonly trace: ((line: string) => void) | null;
  /** Gets every line that the product logs. */
  readonly log?: Log;
  /** FreeScout answers this instead; null = as it would. */
  readonly freescoutAnswers?: (request: {
    readonly method: string;
    readonly path: string;
  }) => Response | null;
}

export type IntakeWorld = ReturnType<typeof createIntakeWorld>;

export const channels = [
  { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 },
  { kind: 'gmail', alias: 'sales', address: 'sales@example.com', mailboxId: 2 },
] as const;
export type Alias = (typeof channels)[number]['alias'];

/** Of the label whose mail the settings keep out. */
export const privateLabelId = 'Label_1';

const freescoutFaults: readonly [CallFault, ...CallFault[]] = [
  '500-before',
  '500-after',
  'timeout-before',
  'timeout-after',
  'html-before',
  'html-after',
  'no-resource-id',
  'refused',
];
const apiKey = 'key-under-test';
const webhookSecret = 'secret-under-test';
const webhookEvents = [
  'convo.created',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
  'convo.note.created',
  'convo.status',
];

const seconds = 1000;
const limits = { worker: 180 * seconds, poll: 110 * seconds, sweep: 240 * seconds, webhook: 10 * seconds };
const burstMilliseconds = 30 * seconds;
/** A younger message of the second channel may simply not have been claimed yet. */
const comparedAfterMilliseconds = 10 * 60 * seconds;

/**
 * The whole system in one process and on virtual time: the real workflows over a stand-in FreeScout, a fake Gmail, a store in memory
 * and a queue like SQS. Every await between them is a step at which others may come first, or the work may stop for good.
 */
export function createIntakeWorld(options: IntakeWorldOptions) {
  const { random, trouble, sabotage, trace } = options;
  const counts = new Map<string, number>();
  const count = (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1);
  /** What cannot be told from the end alone. */
  const violations: string[] = [];
  /** Conversations that agents deleted, merged or marked as spam: their mails need not stay together. */
  const movedByPeople = new Set<number>();

  const time = createVirtualTime({
    random,
    start: options.start,
    stepMilliseconds: () =>
      random.chance(trouble.slow) ? random.between(1, 20) * seconds : random.between(1, 40),
    crashes: (step) => {
      const isOver = random.chance(trouble.crash) || sabotage.crashes?.(step) === true;
      if (isOver) {
        count('crashes');
        say(`${step.work} crashes at step ${step.number}`);
      }
      return isOver;
    },
  });
  const say = (line: string) => trace?.(`${time.now().toISOString().slice(5, 23)} ${line}`);
  const clock: Clock = { now: time.now, sleep: time.sleep, random: random.next };

  const bursts = { freescout: 0, gmail: 0 };
  const isBurst = (of: keyof typeof bursts): boolean => {
    const now = time.now().getTime();
    if (random.chance(trouble.burst)) {
      bursts[of] = now + burstMilliseconds;
    }
    return now < bursts[of];
  };
  const faultOr = (failure: Failure): void => {
    if (random.chance(trouble.fault)) {
      count(failure.code);
      throw failure;
    }
  };

  const settings: Settings = parseSettings({
    channels,
    freescout: {
      url: 'http://freescout.test',
      botUserId: defaultBot,
      webhookEnabled: random.chance(0.7),
      attempts: 2,
    },
    gmail: { backfillDays: 1, attempts: 1, excludedLabels: ['Private'] },
    // Everybody writes from one domain; `shares.test.ts` has worlds with shares.
    limits: { messagesPerRun: random.pick([3, 10, 100]), messagesPerAddress: 0, messagesPerDomain: 0 },
    ...sabotage.settings,
  });

  const log: Log = {
    write: (code, fields = {}) => {
      count(code);
      say(`  ${code} ${JSON.stringify(fields)}`);
      options.log?.write(code, fields);
    },
    with: (more) => ({
      write: (code, fields) => log.write(code, { ...more, ...fields }),
      with: (further) => log.with({ ...more, ...further }),
    }),
  };
  const measure = () => {};

  // The store: a step before and after every operation; now and then DynamoDB refuses, or its answer is lost.
  const store: Store = createInMemoryStore({
    clock,
    beforeEach: async (operation: StoreOperation) => {
      await time.step();
      faultOr(retryable('store-contention', `Refused: ${operation}`));
    },
    afterEach: async (operation: StoreOperation) => {
      if (random.chance(0.2)) {
        faultOr(retryable('store-contention', `The answer was lost: ${operation}`));
      }
      await time.step();
    },
  });

  // Gmail
  const gmailFault = async (method: GmailMethod) => {
    await time.step();
    if (isBurst('gmail')) {
      throw retryable('gmail-rate-limited', `429 for ${method}`, { retryAfterSeconds: 20 });
    }
    faultOr(retryable('gmail-unreachable', `503 for ${method}`));
  };
  const mailbox = () =>
    fakeGmail({
      clock,
      pageSize: random.pick([3, 100]),
      beforeEach: gmailFault,
      afterEach: () => time.step(),
    });
  const mailboxes = { support: mailbox(), sales: mailbox() };
  for (const { labels } of Object.values(mailboxes)) {
    labels.push({ id: privateLabelId, name: 'Private' });
  }
  const mailboxOf = (alias: string) => mailboxes[alias === 'sales' ? 'sales' : 'support'];

  // The second channel
  const second = madeUpChannel({
    beforeRead: async () => {
      await time.step();
      faultOr(retryable('unexpected', 'The source of the second channel cannot be reached'));
      await time.step();
    },
  });

  // The queue
  const fifo = createFifoQueue(time.now, sabotage.groupOf);
  const queue: JobQueue = {
    send: async (job, deduplicationId) => {
      await time.step();
      faultOr(retryable('queue-unavailable', 'The queue did not take the job'));
      await fifo.send(job, deduplicationId);
      say(`  queued ${deduplicationId}`);
      pump();
      if (random.chance(0.2)) {
        faultOr(retryable('queue-unavailable', 'The answer of the queue was lost'));
      }
      await time.step();
    },
    sendAll: async (jobs) => {
      let failure: unknown = null;
      for (const { job, deduplicationId } of jobs) {
        await queue.send(job, deduplicationId).catch((thrown: unknown) => {
          failure = thrown;
        });
      }
      if (failure !== null) {
        throw failure;
      }
    },
  };

  // FreeScout
  const desk = createHelpDesk({
    clock: { now: time.now, setTimer: time.setTimer },
    webhookSecret,
    delayFactor: random.pick([0.02, 1]),
    switches: { companionModule: random.chance(0.5) },
    mailboxes: channels.map(({ alias, address, mailboxId }) => ({
      id: mailboxId,
      name: alias,
      email: address,
    })),
    deliverToCustomer: options.deliverToCustomer,
    deliverWebhook: (delivery) => deliverWebhook(delivery),
  });
  registerWebhook(desk, 'http://receiver.test/freescout', webhookEvents);
  const api = faultyFetch(createFreeScoutApp(desk, { apiKey, keptRequests: 1 }), ({ method, path }) => {
    const fault = isBurst('freescout')
      ? 429
      : random.chance(trouble.fault)
        ? random.pick(freescoutFaults)
        : null;
    say(`  ${method} ${path}${fault === null ? '' : ` !${fault}`}`);
    if (fault !== null) {
      count(`freescout ${fault}`);
    }
    return fault;
  });
  const freescout = createFreeScoutClient({
    baseUrl: 'http://freescout.test',
    apiKey: async () => apiKey,
    fetch: async (input, { signal, ...init } = {}) => {
      const request = new Request(input, init);
      const { method } = request;
      request.headers.set(latestCustomerHeader, String(desk.ids.customer));
      await time.step();
      const isOfCustomer = String(init.body).includes('"type":"customer"');
      if (isOfCustomer && random.chance(trouble.fault * 2)) {
        desk.faults.clear();
        desk.faults.failNext({ kind: 'halfWritten', method });
      }
      const instead = options.freescoutAnswers?.({ method, path: new URL(request.url).pathname }) ?? null;
      const answer = instead ?? (await time.undisturbed(api(request)));
      await time.step();
      return answer;
    },
    limiter: { wait: async () => {} },
    timeoutMilliseconds: 60 * seconds,
    attempts: settings.freescout.attempts,
    botUserId: defaultBot,
    clock,
    log,
    measure,
  });

  const model = simulatedModel(async () => {
    await time.sleep(random.between(1, 8) * seconds);
    await time.step();
    faultOr(retryable('openai-unreachable', 'No model today'));
    return random.chance(trouble.fault / 4) ? 'over-budget' : 'answers';
  });

  const proof = { client: freescout, state: store.state, url: settings.freescout.url, clock, log, measure };
  const customers = createKnownCustomers(freescout);
  const worker: WorkerDependencies = {
    settings,
    store,
    queue,
    freescout,
    channel: second.beside(
      createGmailChannels({
        settings,
        state: store.state,
        customers,
        users: createUserAddresses({ freescout, clock }),
        clock,
        log,
        client: (alias) => mailboxOf(alias).client,
      }),
    ),
    customers,
    model,
    reportSecrets: async () => undefined,
    draftKeeper: createDraftKeeper({
      freescout,
      drafts: store.drafts,
      mode: async () => ((await freescout.companionVersion()) === null ? 'guarded' : 'managed'),
      proveDrafts: () => proveDraftsStayDrafts({ ...proof, mailboxId: 1 }),
      stopDrafting: (reason) => stopDrafting({ ...proof, reason }),
      botUserId: defaultBot,
      settings: settings.drafts,
      clock,
      log,
      measure,
    }),
    fieldOptions: createFieldOptions({ freescout, clock }),
    overSharePace: unlimited,
    alertChannels: async () => [
      {
        name: 'slack',
        send: async () => {
          await time.step();
          faultOr(retryable('alert-undelivered', 'Slack did not take the alert'));
          await time.step();
        },
      },
    ],
    clock,
    log,
    measure,
    leaseSeconds: 210,
  };
  const sabotagedWorker = sabotage.worker?.(worker) ?? worker;

  let runs = 0;
  const scheduled = {
    settings,
    store,
    queue,
    clock,
    log,
    measure,
    newRunId: () => {
      runs += 1;
      return `run-${runs}`;
    },
    timeLeftMilliseconds: time.timeLeftMilliseconds,
  };
  const pollDependencies: PollDependencies = {
    ...scheduled,
    gmail: async (alias) => mailboxOf(alias).client,
  };
  const sabotagedPoll = sabotage.poll?.(pollDependencies) ?? pollDependencies;

  const sweepDependencies: SweepDependencies = {
    ...scheduled,
    store: {
      ...store,
      state: {
        ...store.state,
        // Reports of secrets are always new: this world is about messages, and has no secrets.
        secretReportOf: async (variable) => ({
          ...{ variable, fillings: {}, fault: null },
          at: clock.now().toISOString(),
        }),
      },
    },
    freescout: async () => freescout,
    provokeWebhook: (mailboxId) => provokeWebhook(freescout, mailboxId),
    freescoutCalls: () => 0,
  };
  const sabotagedSweep = sabotage.sweep?.(sweepDependencies) ?? sweepDependencies;

  /** Nothing that a function is made of may throw on; what stops for good leaves no word. */
  function noteEnd(name: string, end: End<unknown>): void {
    if (end.how === 'threw') {
      violations.push(`${name} threw: ${String(end.error)}`);
      say(String(end.error instanceof Error ? end.error.stack : end.error));
    }
    if (end.how === 'out-of-time') {
      count(`${name} out of time`);
    }
  }

  let working = 0;
  let pumpAt = Number.POSITIVE_INFINITY;
  const maxConcurrency = random.between(2, 4);

  /** Hands out what may be received now, and comes back when the next message may be. */
  function pump(): void {
    const next = fifo.nextAt();
    const at = next === null ? null : Math.max(next, time.now().getTime());
    if (at === null || working >= maxConcurrency || at >= pumpAt) {
      return;
    }
    pumpAt = at;
    time.setTimer(at - time.now().getTime(), () => {
      pumpAt = Number.POSITIVE_INFINITY;
      while (working < maxConcurrency) {
        const message = fifo.receive();
        if (message === null) {
          break;
        }
        working += 1;
        void deliver(message).then(() => {
          working -= 1;
          pump();
        });
      }
      pump();
    });
  }

  async function deliver(message: Received): Promise<void> {
    const owner = `worker-${random.between(1, 1_000_000_000)}`;
    say(`${owner} gets ${message.body} (${message.receiveCount})`);
    const end = await time.start(
      owner,
      async () => {
        const result = await workOnJob(watchingGroups(sabotagedWorker, message.body), message.body, {
          owner,
          receiveCount: message.receiveCount,
          last: message.last,
          timeLeftMilliseconds: time.timeLeftMilliseconds,
        });
        await time.step();
        return result;
      },
      limits.worker,
    );
    noteEnd('worker', end);
    say(`${owner}: ${end.how} ${end.how === 'ended' ? JSON.stringify(end.result) : ''}`);
    if (end.how !== 'ended') {
      return;
    }
    if (end.result.end === 'done') {
      message.done();
    } else {
      message.comeBackIn(end.result.seconds);
    }
  }

  /** Whoever writes to a conversation that exists runs in its message group. */
  function watchingGroups(deps: WorkerDependencies, body: string): WorkerDependencies {
    const job = readJob(body);
    const group = job === null ? '' : messageGroupOf(job);
    const watch = (conversationId: number) => {
      if (group !== `conversation:${conversationId}`) {
        violations.push('a write outside the group of its conversation');
      }
    };
    const { freescout: desk } = deps;
    return {
      ...deps,
      freescout: {
        ...desk,
        addCustomerMessage: (id, message) => {
          watch(id);
          return desk.addCustomerMessage(id, message);
        },
        addNote: (id, note) => {
          watch(id);
          return desk.addNote(id, note);
        },
      },
    };
  }

  /** The receiver of the second channel: its source sends again until the job is queued. */
  async function queueOfSecond(messageId: string): Promise<void> {
    const job = second.jobOf(messageId);
    const id = deduplicationId.incoming(messageKey(job.channel, job.alias, messageId));
    const end = await time.start('receiver', () => queue.send(job, id), limits.webhook);
    if (end.how !== 'ended') {
      time.setTimer(60 * seconds, () => void queueOfSecond(messageId));
    }
  }

  /** Compares what the source of the second channel has with the ledger: the job of a message can die before any worker claimed it. */
  async function compareSecond(): Promise<void> {
    const before = time.now().getTime() - comparedAfterMilliseconds;
    const due = [...second.messages].filter(([, { receivedAt }]) => receivedAt.getTime() < before);
    const rows = await store.ledger.getAll(due.map(([, { key }]) => key));
    for (const [messageId, { key }] of due) {
      if (!rows.has(key)) {
        const run = time.now().toISOString();
        await queue.send(
          { ...second.jobOf(messageId), cause: 'gap-check' },
          deduplicationId.run('gap-check', key, run),
        );
      }
    }
  }

  const webhookDependencies = {
    settings,
    store,
    queue,
    secrets: async () => [webhookSecret],
    clock,
    log,
    measure,
  };

  async function deliverWebhook(delivery: WebhookDelivery): Promise<number> {
    if (random.chance(trouble.lostWebhook)) {
      count('lost webhooks');
      return 200;
    }
    const end = await time.start(
      'webhook',
      () =>
        receiveWebhook(webhookDependencies, {
          requestId: 'webhook',
          headers: Object.fromEntries(
            Object.entries(delivery.headers).map(([name, value]) => [name.toLowerCase(), value]),
          ),
          rawBody: Buffer.from(delivery.body),
        }),
      limits.webhook,
    );
    // A receiver that throws is answered by the API with 500; FreeScout sends the same bytes again.
    return end.how === 'ended' ? end.result.statusCode : 500;
  }

  return {
    time,
    random,
    trouble,
    counts,
    count,
    say,
    violations,
    movedByPeople,
    settings,
    store,
    desk,
    mailboxes,
    second,
    queueOfSecond,
    async compareSecond(): Promise<void> {
      await time.start('comparison', compareSecond, limits.poll);
    },
    /** Jobs that are neither done nor dead. */
    jobsLeft: () => fifo.length,
    deadLetters: fifo.deadLetters,
    /** Sends what is no job. */
    sendRaw: (body: string) => {
      fifo.sendRaw(body);
      pump();
    },
    receiveWebhook: (request: WebhookRequest) =>
      time.start('webhook', () => receiveWebhook(webhookDependencies, request), limits.webhook),
    async poll(): Promise<void> {
      noteEnd('poll', await time.start('poll', () => pollAccounts(sabotagedPoll), limits.poll));
    },
    async sweep(): Promise<void> {
      noteEnd('sweep', await time.start('sweep', () => sweep(sabotagedSweep), limits.sweep));
    },
  };
}

/** Judges and answers always the same; `begin` takes the time and decides whether there is an answer. */
function simulatedModel(begin: () => Promise<'answers' | 'over-budget'>): LanguageModel {
  const usage = { model: 'simulated', inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, usd: 0 };
  return {
    async ask(request) {
      if ((await begin()) === 'over-budget') {
        return { outcome: 'over-budget' };
      }
      return {
        outcome: 'answered',
        value: request.schema.parse(request.purpose === 'triage' ? { ...judgement, threatens: true } : reply),
        usage,
      };
    },
  };
}
