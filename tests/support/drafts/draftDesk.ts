import { createFreeScoutApp } from '#infra/standins/freescout/api.ts';
import type { DeskState } from '#infra/standins/freescout/deskState.ts';
import { createHelpDesk, defaultBot, type HelpDesk } from '#infra/standins/freescout/model.ts';
import type { WebhookDelivery } from '#infra/standins/freescout/records.ts';
import { createDraftKeeper, type DraftKeeper } from '#shared/drafts/draftKeeper.ts';
import type { DraftSuggestion, OfferOutcome } from '#shared/drafts/draftStrategy.ts';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { parseSettings, type Settings } from '#shared/settings/settings.ts';
import type { Store } from '#shared/store/store.ts';
import type { Clock } from '#shared/time/clock.ts';
import { createVirtualClock, type VirtualClock } from '#tests/support/freescout/virtualClock.ts';
import { createInMemoryStore, type InMemoryStoreOptions } from '#tests/support/inMemoryStore.ts';
import {
  type RecordingLog,
  type RecordingMeasure,
  recordingLog,
  recordingMeasure,
} from '#tests/support/recordingLog.ts';

export const apiKey = 'key-under-test';

/**
 * How a call goes wrong. `…-before`: FreeScout did nothing. `…-after`: it did, and the answer is lost.
 * A number is that status, with the error body of FreeScout's modules, nothing done.
 */
export type CallFault =
  | number
  | 'refused'
  | 'timeout-before'
  | 'timeout-after'
  | '500-before'
  | '500-after'
  | 'html-before'
  | 'html-after'
  | 'no-resource-id';

/** Decides about each call before it is made. */
export type FaultOfCall = (call: { readonly method: string; readonly path: string }) => CallFault | null;

interface InProcessApi {
  fetch(request: Request): Response | Promise<Response>;
}

/** FreeScout's API in process, failing as told. Never waits. */
export function faultyFetch(app: InProcessApi, faultOf: FaultOfCall): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const fault = faultOf({ method: request.method, path: new URL(request.url).pathname });
    switch (fault) {
      case null:
        return app.fetch(request);
      case 'refused': {
        const cause = Object.assign(new Error('connect ECONNREFUSED'), {
          code: 'ECONNREFUSED',
          syscall: 'connect',
        });
        throw new TypeError('fetch failed', { cause });
      }
      case 'timeout-before':
        throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      case 'timeout-after':
        await app.fetch(request);
        throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      case '500-before':
        return new Response('<h1>Whoops</h1>', { status: 500 });
      case '500-after':
        await app.fetch(request);
        return new Response('<h1>Whoops</h1>', { status: 500 });
      case 'html-before':
        return new Response('<h1>Checking your browser</h1>', { status: 200 });
      case 'html-after':
        await app.fetch(request);
        return new Response('<h1>Checking your browser</h1>', { status: 200 });
      case 'no-resource-id': {
        const { status, body } = await app.fetch(request);
        return new Response(body, { status });
      }
      default:
        return Response.json({ message: 'Error occurred', _embedded: { errors: [] } }, { status: fault });
    }
  };
}

/** The desk's virtual time as the product's clock: sleeping moves it. */
export function productClock(clock: VirtualClock, random: () => number = () => 0.5): Clock {
  return {
    now: clock.now,
    sleep: async (milliseconds) => clock.advance(milliseconds),
    random,
  };
}

export type DraftMode = 'guarded' | 'managed';

export interface DraftDeskOptions {
  readonly mode: DraftMode;
  readonly faultOf?: FaultOfCall;
  readonly store?: Pick<InMemoryStoreOptions, 'beforeEach' | 'afterEach'>;
  readonly drafts?: Partial<Settings['drafts']>;
  readonly deliverWebhook?: (delivery: WebhookDelivery) => number;
  readonly wrapClient?: (client: FreeScoutClient) => FreeScoutClient;
}

export interface DraftDesk {
  readonly desk: HelpDesk;
  readonly clock: VirtualClock;
  readonly client: FreeScoutClient;
  readonly store: Store;
  readonly keeper: DraftKeeper;
  readonly settings: Settings;
  readonly log: RecordingLog;
  readonly metrics: RecordingMeasure;
  /** Reasons that drafting was stopped with. */
  readonly stops: readonly string[];
  /** The next call whose method and path match goes wrong. */
  failNext(method: string, path: RegExp, fault: CallFault): void;
  /** A conversation of a customer with its first message; answers the id of that message. */
  begin(text?: string): Promise<{ conversationId: number; threadId: number }>;
  customerWrites(conversationId: number, text?: string): Promise<number>;
  read(conversationId: number): Promise<Conversation>;
  /** Reads and offers a reply to that message, as the worker does. */
  offer(conversationId: number, answeredThreadId: number, html?: string): Promise<OfferOutcome>;
  observe(conversationId: number): Promise<void>;
}

/** A keeper at work on the stand-in FreeScout through the real client, on virtual time. */
export function createDraftDesk(options: DraftDeskOptions): DraftDesk {
  const clock = createVirtualClock('2026-11-20T10:00:00Z');
  const desk = createHelpDesk({
    clock,
    switches: { companionModule: options.mode === 'managed' },
    ...(options.deliverWebhook ? { deliverWebhook: options.deliverWebhook } : {}),
  });
  const awaited: { readonly method: string; readonly path: RegExp; readonly fault: CallFault }[] = [];
  const faultOf: FaultOfCall = (call) => {
    const index = awaited.findIndex(({ method, path }) => method === call.method && path.test(call.path));
    return index < 0 ? (options.faultOf?.(call) ?? null) : (awaited.splice(index, 1)[0]?.fault ?? null);
  };
  const log = recordingLog();
  const metrics = recordingMeasure();
  const shared = { clock: productClock(clock), log, measure: metrics.measure };
  const http = createFreeScoutClient({
    ...shared,
    baseUrl: 'http://freescout.test',
    apiKey: async () => apiKey,
    fetch: faultyFetch(createFreeScoutApp(desk, { apiKey, keptRequests: 200 }), faultOf),
    limiter: { wait: async () => {} },
    timeoutMilliseconds: 1_000,
    attempts: 1,
    botUserId: defaultBot,
  });
  const client = options.wrapClient?.(http) ?? http;
  const store = createInMemoryStore({ clock: shared.clock, ...options.store });
  const settings = parseSettings({
    channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 }],
    freescout: { url: 'http://freescout.test', botUserId: defaultBot },
    drafts: options.drafts ?? {},
  });
  const stops: string[] = [];
  const keeper = createDraftKeeper({
    ...shared,
    freescout: client,
    drafts: store.drafts,
    mode: async () => options.mode,
    proveDrafts: async () => (stops.length > 0 ? 'stopped' : 'proven'),
    stopDrafting: async (reason) => void stops.push(reason),
    botUserId: defaultBot,
    settings: settings.drafts,
  });
  const read = async (conversationId: number) => {
    const conversation = await client.getConversation(conversationId);
    if (conversation === null) {
      throw new Error(`Conversation ${conversationId} is not there`);
    }
    return conversation;
  };
  const customer = { email: 'nina@example.org', firstName: 'Nina' };
  return {
    desk,
    clock,
    client,
    store,
    keeper,
    settings,
    log,
    metrics,
    stops,
    failNext: (method, path, fault) => void awaited.push({ method, path, fault }),
    async begin(text = 'Please help') {
      const created = await client.createConversation({
        mailboxId: 1,
        subject: 'Help',
        customer,
        html: `<div>${text}</div>`,
        cc: ['boss@example.org'],
        attachments: [],
        imported: false,
      });
      if (created.threadId === null) {
        throw new Error('The new conversation has no thread');
      }
      return { conversationId: created.conversationId, threadId: created.threadId };
    },
    async customerWrites(conversationId, text = 'Any news?') {
      const { threadId } = await client.addCustomerMessage(conversationId, {
        customer,
        html: `<div>${text}</div>`,
        cc: (await read(conversationId)).cc,
        attachments: [],
        keepSpam: false,
      });
      return threadId;
    },
    read,
    offer: async (conversationId, answeredThreadId, html) =>
      keeper.offer(await read(conversationId), suggestionFor(answeredThreadId, html)),
    observe: async (conversationId) => keeper.observe(await read(conversationId)),
  };
}

export function suggestionFor(
  answeredThreadId: number,
  html = `<div>Hello Nina,</div><div><br></div><div>we look into ${answeredThreadId} today.</div>`,
): DraftSuggestion {
  return {
    kind: 'reply',
    answeredThreadId,
    html,
    origin: { type: 'customer', bucket: 'p2', language: 'en', promptVersion: 'draft-1' },
  };
}

/** Drafts in a conversation as FreeScout has them, oldest first. */
export function draftsIn(desk: DeskState, conversationId: number) {
  return (desk.threadsOf.get(conversationId) ?? []).filter((thread) => thread.state === 'draft');
}

/** Notes of the bot in a conversation, oldest first. */
export function notesIn(desk: DeskState, conversationId: number) {
  return (desk.threadsOf.get(conversationId) ?? []).filter(
    (thread) => thread.type === 'note' && thread.createdByUserId === defaultBot,
  );
}
