import { createFieldOptions } from '#functions/conversation-worker/answering/fieldOptions.ts';
import { workOnJob } from '#functions/conversation-worker/workOnJob.ts';
import { queueFollowUps } from '#functions/follow-ups/queueFollowUps.ts';
import { DeskError } from '#infra/standins/freescout/agent.ts';
import { createFreeScoutApp } from '#infra/standins/freescout/api.ts';
import { asBrowserWrites } from '#infra/standins/freescout/browserHtml.ts';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { createHelpDesk, defaultAgent, defaultBot } from '#infra/standins/freescout/model.ts';
import type { ThreadRecord, WebhookDelivery } from '#infra/standins/freescout/records.ts';
import { registerWebhook } from '#infra/standins/freescout/webhooks.ts';
import { createDraftKeeper } from '#shared/drafts/draftKeeper.ts';
import { secondsUntilReset } from '#shared/drafts/draftPredicates.ts';
import { markerFor, teamMarkerOf } from '#shared/drafts/markers.ts';
import { retryable } from '#shared/failure/failure.ts';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { LanguageModel } from '#shared/openai/languageModel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import type { BotDrafts } from '#shared/store/botDrafts.ts';
import { messageKey } from '#shared/store/keys.ts';
import type { Clock } from '#shared/time/clock.ts';
import {
  apiKey,
  type CallFault,
  type DraftMode,
  faultyFetch,
  productClock,
} from '#tests/support/drafts/draftDesk.ts';
import { createVirtualClock } from '#tests/support/freescout/virtualClock.ts';
import { createInMemoryStore, type StoreOperation } from '#tests/support/inMemoryStore.ts';
import { createFifoQueue } from '#tests/support/simulation/fifoQueue.ts';
import type { SeededRandom } from '#tests/support/simulation/seededRandom.ts';
import { createDraftRules, type DoneByPeople } from './draftRules.ts';

/** Ways to break the keeper on purpose, so that the rules can be seen to notice. */
export interface Sabotage {
  readonly drafts?: (drafts: BotDrafts) => BotDrafts;
  /** What the worker and the keeper call FreeScout through. `began` tells when a job begins. */
  readonly client?: (client: FreeScoutClient) => FreeScoutClient & { began?(): void };
  readonly keeperClock?: (clock: Clock) => Clock;
}

/** The worker stopped dead: whatever it still tries has no effect. */
class Crash extends Error {
  override readonly name = 'Crash';
}

const faults: readonly [CallFault, ...CallFault[]] = [
  '500-before',
  '500-after',
  'timeout-before',
  'timeout-after',
  'html-before',
  'html-after',
  'no-resource-id',
  'refused',
  401,
  413,
  422,
];

const settings = parseSettings({
  channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 }],
  freescout: { url: 'http://freescout.test', botUserId: defaultBot, applyTags: false, postNotes: false },
  followUps: {
    hoursWithoutReply: 0.1,
    includePending: true,
    reminder: { enabled: true, afterDays: 0.01 },
  },
});

const events = [
  'convo.created',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
  'convo.note.created',
  'convo.status',
];

/** People do one thing at a time, and never three within the few calls that a look at the drafts takes. */
const betweenActsMilliseconds = 1_000;

const root = '<first@customer.test>';
const user = defaultAgent;

export function createDraftWorld(
  random: SeededRandom,
  mode: DraftMode,
  sabotage: Sabotage,
  /** Gets a line for whatever happens. */
  trace: string[] | null,
) {
  const clock = createVirtualClock('2026-11-20T10:00:00Z');
  const now = () => clock.now().getTime();
  const counts = new Map<string, number>();
  const count = (name: string) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    trace?.push(`${clock.now().toISOString().slice(11, 23)} ${name}`);
  };
  const people: DoneByPeople = {
    touched: new Set(),
    sent: new Set(),
    resets: new Map(),
    merged: new Map(),
  };

  /** Everything goes wrong as long as this holds; at the end the world calms down. */
  const weather = {
    faults: random.pick([0, 0.05, 0.15]),
    crashes: random.pick([0, 0.01, 0.04]),
    acts: 0.06,
    /** The worker stops at this wait, counted from now; 0 = it does not. */
    crashIn: 0,
    /** How often the model gives nothing to send. */
    moods: 0.08,
    /** How often the limit of calls holds one back for most of a window. */
    limits: random.pick([0, 0.1]),
    /** How often FreeScout works off a call after we gave it up. */
    losses: random.pick([0, 0.1]),
  };
  const late: { readonly at: number; readonly givenUpAt: number; readonly request: Request }[] = [];
  /** Milliseconds that calls were held back since a conversation was last read. */
  let heldBack = 0;
  let crashed = false;
  let lastAct = 0;
  const openEditors: (() => void)[] = [];
  let customers = 0;
  let teamMessages = 0;

  const queue = createFifoQueue(clock.now);
  const desk = createHelpDesk({
    clock,
    switches: { companionModule: mode === 'managed' },
    deliverWebhook: (delivery) => receiveWebhook(delivery),
  });
  registerWebhook(desk, 'http://worker.test/freescout', events);
  const rules = createDraftRules(desk, mode, people);
  const app = createFreeScoutApp(desk, { apiKey, keptRequests: 1 });

  function queueJob(conversationId: number, cause: ConversationJob['cause'], deduplicationId: string): void {
    void queue.send(
      { kind: 'conversation', conversationId, cause, requestId: 'simulation' },
      deduplicationId,
    );
  }

  /** Lost, late, twice, or as it should be. */
  function receiveWebhook({ body }: WebhookDelivery): number {
    const conversationId = Number(/^\{"id":(\d+)/.exec(body)?.[1] ?? 0);
    const id = () => `webhook:${random.next()}`;
    const arrive = () => queueJob(conversationId, 'webhook', id());
    const fate = random.next();
    if (fate < 0.15) {
      return 200;
    }
    if (fate < 0.35) {
      clock.setTimer(random.between(1, 600) * 1000, arrive);
    } else {
      arrive();
    }
    if (fate > 0.85) {
      clock.setTimer(random.between(0, 120) * 1000, arrive);
    }
    return 200;
  }

  /** Where a worker waits for somebody else: time passes, people act, and it may stop for good. */
  async function pause(operation?: StoreOperation): Promise<void> {
    // The operator's command runs beside the worker.
    if (operation === 'drafts.reset') {
      return;
    }
    if (crashed) {
      throw new Crash();
    }
    clock.advance(random.between(5, 60));
    await landLate();
    if (random.chance(weather.acts)) {
      act();
    }
    if (random.chance(weather.crashes) || (weather.crashIn > 0 && --weather.crashIn === 0)) {
      crashed = true;
      count('crash');
      throw new Crash();
    }
  }

  async function landLate(): Promise<void> {
    const [call] = late;
    if (call === undefined || call.at > now()) {
      return;
    }
    late.shift();
    count('lands late');
    await rules.watch(async () => app.fetch(call.request), now() - call.givenUpAt + heldBack);
  }

  const sharedClock = productClock(clock, random.next);
  const store = createInMemoryStore({ clock: sharedClock, beforeEach: pause, afterEach: pause });
  const log: Log = {
    write: (code, fields = {}) => {
      if (/^(DRAFT|FOLLOW_UP)_/.test(code)) {
        counts.set(code, (counts.get(code) ?? 0) + 1);
      }
      trace?.push(`  ${code} ${JSON.stringify(fields)}`);
    },
    with: () => log,
  };
  const measure = () => {};
  let isLost = false;
  const api = faultyFetch(
    {
      fetch: (request) =>
        request.method === 'GET' ? app.fetch(request) : rules.watch(async () => app.fetch(request), heldBack),
    },
    ({ method, path }) => {
      isLost = method !== 'GET' && random.chance(weather.losses);
      const fault = isLost ? 'timeout-before' : random.chance(weather.faults) ? random.pick(faults) : null;
      trace?.push(`  ${method} ${path}${fault === null ? '' : ` !${fault}`}`);
      if (fault !== null) {
        counts.set('fault', (counts.get('fault') ?? 0) + 1);
      }
      return fault;
    },
  );
  const http = createFreeScoutClient({
    clock: sharedClock,
    log,
    measure,
    baseUrl: 'http://freescout.test',
    apiKey: async () => apiKey,
    fetch: async (input, init) => {
      await pause();
      if (random.chance(weather.limits)) {
        const milliseconds = random.between(1_000, 58_000);
        clock.advance(milliseconds);
        heldBack += milliseconds;
        count('call held back');
      }
      if (init?.method === 'GET' && /\/conversations\/\d+(\?|$)/.test(String(input))) {
        heldBack = 0;
      }
      try {
        return await api(input, init);
      } finally {
        if (isLost) {
          const at = now() + random.between(1, 55_000);
          late.push({ at, givenUpAt: now(), request: new Request(input, init) });
        }
        await pause();
      }
    },
    limiter: { wait: async () => {} },
    timeoutMilliseconds: 500,
    attempts: 1,
    botUserId: defaultBot,
  });
  const client = sabotage.client?.(http) ?? http;
  const model: LanguageModel = {
    async ask(request) {
      // A model takes its time, and much can happen meanwhile.
      for (let second = random.between(2, 12); second > 0; second -= 2) {
        clock.advance(2_000);
        await pause();
      }
      if (random.chance(weather.faults)) {
        throw retryable('openai-unreachable', 'No model today.');
      }
      const usage = { model: 'm', inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, usd: 0 };
      const isMoody = random.chance(weather.moods);
      if (request.purpose === 'draft' && isMoody && random.chance(0.5)) {
        return { outcome: 'refused', usage };
      }
      const answer = request.purpose === 'triage' ? judgement(!isMoody) : reply(isMoody ? 'de' : 'en');
      return { outcome: 'answered', value: request.schema.parse(answer), usage };
    },
  };
  const reply = (language: string) => ({
    language,
    blocks: [{ kind: 'paragraph', text: `Hello Nina, suggestion ${random.between(1, 1e6)} is on its way.` }],
  });
  const judgement = (needsReply: boolean) => ({
    type: 'customer',
    importance: 5,
    reasoning: 'A question.',
    facts: [],
    uncertainties: [],
    language: 'en',
    sentiment: 'neutral',
    needsReply,
    escalationReason: null,
    threatens: false,
  });
  const draftKeeper = createDraftKeeper({
    freescout: client,
    drafts: sabotage.drafts?.(store.drafts) ?? store.drafts,
    mode: async () => mode,
    proveDrafts: async () => 'proven',
    stopDrafting: async () => count('drafting stopped'),
    botUserId: defaultBot,
    settings: settings.drafts,
    clock: sabotage.keeperClock?.(sharedClock) ?? sharedClock,
    log,
    measure,
  });
  const dependencies = {
    settings,
    store,
    queue: {
      send: async (...message: Parameters<typeof queue.send>) => {
        await pause();
        await queue.send(...message);
        await pause();
      },
      sendAll: queue.sendAll,
    },
    freescout: client,
    customers: { isAnswered: async () => false },
    channel: () => null,
    model,
    draftKeeper,
    fieldOptions: createFieldOptions({ freescout: client, clock: sharedClock }),
    alertChannels: async () => [],
    overSharePace: unlimited,
    reportSecrets: async () => undefined,
    clock: sharedClock,
    log,
    measure,
    leaseSeconds: 210,
  };

  async function work(): Promise<boolean> {
    const message = queue.receive();
    if (message === null) {
      return false;
    }
    crashed = false;
    sabotageBegins(client);
    const delivery = {
      owner: `worker-${random.next()}`,
      receiveCount: message.receiveCount,
      last: message.last,
      timeLeftMilliseconds: () => 170_000,
    };
    const end = await workOnJob(dependencies, message.body, delivery).catch(() => null);
    if (crashed || end === null) {
      crashed = false;
      return true;
    }
    if (end.end === 'done') {
      message.done();
    } else {
      message.comeBackIn(end.seconds);
    }
    return true;
  }

  /** The look for conversations that wait too long; it may stop dead like the worker. */
  async function lookForStale(): Promise<void> {
    crashed = false;
    await queueFollowUps({
      settings,
      store,
      queue: dependencies.queue,
      freescout: async () => client,
      clock: sharedClock,
      log,
      measure,
      newRunId: () => `look-${now()}`,
      timeLeftMilliseconds: () => 240_000,
    });
    crashed = false;
    count('look for stale conversations');
  }

  /** The sweep's hourly waking of whatever did not come to an end. */
  async function wakeRows(): Promise<void> {
    crashed = false;
    for (const status of ['failed', 'deferred', 'processing'] as const) {
      for (const row of await store.ledger.listByStatus(status, { limit: 1000 }).catch(() => [])) {
        const job = jobOfRow(row, { cause: 'wake', requestId: 'simulation' });
        if (job !== null) {
          await queue.send(job, `wake:${row.key}:${now()}`);
        }
      }
    }
  }

  const draftsIn = (conversationId: number) =>
    (desk.threadsOf.get(conversationId) ?? []).filter((thread) => thread.state === 'draft');
  const conversations = () => [...desk.conversations.values()];
  const handleOf = (thread: ThreadRecord) => ({ conversationId: thread.conversationId, threadId: thread.id });
  /** A word, a sentence, or everything. */
  const edited = (body: string | null) => {
    const shown = asBrowserWrites(body ?? '');
    const number = random.between(1, 1e6);
    if (random.chance(0.4)) {
      return shown.replace('is on its way', `comes at ${number}`);
    }
    return random.chance(0.5)
      ? `${shown}<div>PS: ${number}</div>`
      : `<div>A person wrote this, ${number}</div>`;
  };

  const nina = { name: 'Nina', email: 'nina@example.org' };
  const bert = { name: 'Bert', email: 'bert@example.org' };

  function customerWrites(references: readonly string[], [from, other] = [nina, bert]): void {
    customers += 1;
    fetchMail(desk, 1, {
      messageId: `m${customers}@customer.test`,
      from,
      to: 'support@example.com',
      cc: random.chance(0.3) ? [other.email] : [],
      subject: 'Help',
      text: `Question ${customers}`,
      html: `<div>Question ${customers}</div>`,
      inReplyTo: null,
      references,
    });
  }

  const send = (thread: ThreadRecord, body?: string) => {
    people.sent.add(thread.id);
    people.touched.add(thread.id);
    desk.agent.sendDraft(handleOf(thread), {
      user,
      status: random.pick(['active', 'pending', 'closed']),
      ...(body === undefined ? {} : { body }),
    });
  };

  const writeInto = (conversationId: number, people?: [typeof nina, typeof bert]) => {
    const first = desk.threadsOf.get(conversationId)?.find((thread) => thread.messageId !== null);
    customerWrites(first?.messageId ? [first.messageId] : [root], people);
    return true;
  };

  const acts: Readonly<Record<string, (conversationId: number) => boolean>> = {
    'customer writes': (conversationId) => writeInto(conversationId),
    'a colleague of the customer writes': (conversationId) => writeInto(conversationId, [bert, nina]),
    'opens a draft': (conversationId) => {
      const draft = random.pickAny(draftsIn(conversationId));
      if (draft) {
        openEditors.push(desk.agent.openDraft(handleOf(draft), user));
      }
      return draft !== undefined;
    },
    'edits a draft': (conversationId) => {
      const draft = random.pickAny(draftsIn(conversationId));
      if (draft) {
        desk.agent.saveDraft(handleOf(draft), { user, body: edited(draft.body) });
        people.touched.add(draft.id);
      }
      return draft !== undefined;
    },
    'sends a draft': (conversationId) => {
      const draft = random.pickAny(draftsIn(conversationId));
      if (draft) {
        send(draft);
      }
      return draft !== undefined;
    },
    'edits and sends a draft': (conversationId) => {
      const draft = random.pickAny(draftsIn(conversationId));
      if (draft) {
        send(draft, edited(draft.body));
      }
      return draft !== undefined;
    },
    'takes a reply back': () => {
      const thread = random.pickAny([...desk.pendingSends.keys()].map((id) => desk.threads.get(id)));
      if (thread?.state !== 'published' || !people.sent.has(thread.id)) {
        return false;
      }
      desk.agent.undoSend(handleOf(thread), user);
      return true;
    },
    'discards a draft': (conversationId) => {
      const draft = random.pickAny(draftsIn(conversationId));
      if (draft) {
        desk.agent.discardDraft(handleOf(draft));
      }
      return draft !== undefined;
    },
    'begins an own reply': (conversationId) => {
      const draft = desk.agent.writeDraft(conversationId, { user, body: edited('') });
      people.touched.add(draft.id);
      return true;
    },
    'replies by hand': (conversationId) => {
      const status = random.pick(['active', 'pending'] as const);
      people.sent.add(
        desk.agent.reply(conversationId, { user, body: edited('') || '<div>By hand</div>', status }).id,
      );
      return true;
    },
    // What intake writes, and the job that it queues afterwards.
    'answers elsewhere': (conversationId) => {
      if (desk.conversations.get(conversationId)?.state === 'deleted') {
        return false;
      }
      teamMessages += 1;
      const marker = teamMarkerOf(messageKey('gmail', 'support', `sent${teamMessages}`));
      const body = `<div>Sent from the mail program</div>${markerFor(marker)}`;
      desk.agent.addNote(conversationId, { user: defaultBot, body });
      queueJob(conversationId, 'written', marker);
      return true;
    },
    'closes or re-opens': (conversationId) => {
      const status = random.pick(['active', 'pending', 'closed', 'spam'] as const);
      desk.agent.setStatus(conversationId, status, user);
      return true;
    },
    'deletes or restores': (conversationId) => {
      if (desk.conversations.get(conversationId)?.state === 'deleted') {
        desk.agent.restore(conversationId, user);
      } else {
        desk.agent.trash(conversationId, user);
      }
      return true;
    },
    'merges two conversations': (conversationId) => {
      const other = random.pickAny(conversations().filter(({ id }) => id !== conversationId));
      if (other === undefined || other.state === 'deleted') {
        return false;
      }
      // Whoever merges has left the editor.
      for (const close of openEditors.splice(0)) {
        close();
      }
      desk.agent.merge(conversationId, other.id, user);
      people.merged.set(other.id, now()).set(conversationId, now());
      return true;
    },
    'uses reset-draft': (conversationId) => {
      const reset = async () => {
        const live = await store.drafts.getLive(conversationId);
        if (live === null || secondsUntilReset(live, new Date(now())) === 0) {
          people.resets.set(conversationId, now());
          await store.drafts.reset(conversationId);
        }
      };
      // The tables can be out of reach for the operator too.
      reset().catch(() => {});
      return true;
    },
  };
  const weights: readonly (readonly [string, number])[] = [
    ['customer writes', 22],
    ['a colleague of the customer writes', 4],
    ['opens a draft', 10],
    ['edits a draft', 9],
    ['sends a draft', 9],
    ['edits and sends a draft', 7],
    ['discards a draft', 7],
    ['begins an own reply', 2],
    ['replies by hand', 5],
    ['answers elsewhere', 4],
    ['closes or re-opens', 3],
    ['deletes or restores', 1],
    ['merges two conversations', 1],
    ['uses reset-draft', 0.5],
  ];
  const totalWeight = weights.reduce((sum, [, weight]) => sum + weight, 0);

  function anyAct(): string | undefined {
    let ticket = random.next() * totalWeight;
    return weights.find(([, weight]) => {
      ticket -= weight;
      return ticket < 0;
    })?.[0];
  }

  /** One person does one thing, if there is something to do it with. */
  function act(): void {
    if (now() - lastAct < betweenActsMilliseconds) {
      return;
    }
    // The undo time is short: without a nudge hardly a reply would ever be taken back.
    const name = desk.pendingSends.size > 0 && random.chance(0.3) ? 'takes a reply back' : anyAct();
    const conversation = random.pickAny(conversations());
    if (name === undefined || conversation === undefined) {
      return;
    }
    try {
      if (acts[name]?.(conversation.id)) {
        lastAct = now();
        count(name);
      }
    } catch (thrown) {
      if (!(thrown instanceof DeskError)) {
        throw thrown;
      }
    }
    rules.noteWhatIsOver();
  }

  return {
    desk,
    clock,
    store,
    queue,
    rules,
    people,
    counts,
    weather,
    acts,
    work,
    act,
    queueJob,
    landLate,
    conversations,
    customerWrites,
    lookForStale,
    wakeRows,
    followUps: settings.followUps,
  };
}

export type DraftWorld = ReturnType<typeof createDraftWorld>;

function sabotageBegins(client: FreeScoutClient & { began?(): void }): void {
  client.began?.();
}
