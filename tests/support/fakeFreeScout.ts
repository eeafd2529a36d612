import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient, type FreeScoutClientOptions } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { type ManualClock, manualClock } from './manualClock.ts';
import { type RecordingLog, type RecordingMeasure, recordingLog, recordingMeasure } from './recordingLog.ts';

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly key: string | null;
  readonly body: unknown;
}

/** Answers one request: a response, or an error to throw as `fetch` does. */
export type Answerer = (request: SentRequest) => Response | Error;

export interface ClientUnderTest {
  readonly client: FreeScoutClient;
  readonly sent: readonly SentRequest[];
  readonly clock: ManualClock;
  readonly log: RecordingLog;
  readonly metrics: RecordingMeasure;
}

/** A FreeScout client whose requests are answered by `answer`; no network, no time passes. */
export function freescoutAnswering(
  answer: Answerer,
  options: Partial<FreeScoutClientOptions> = {},
): ClientUnderTest {
  const sent: SentRequest[] = [];
  const clock = manualClock();
  const log = recordingLog();
  const metrics = recordingMeasure();
  const client = createFreeScoutClient({
    baseUrl: 'https://desk.example.com/',
    apiKey: async () => 'key',
    botUserId: 2,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const url = new URL(request.url);
      const text = await request.text();
      const recorded = {
        method: request.method,
        path: url.pathname,
        query: url.searchParams,
        key: request.headers.get('X-FreeScout-API-Key'),
        body: text === '' ? null : JSON.parse(text),
      };
      sent.push(recorded);
      const answered = answer(recorded);
      if (answered instanceof Error) {
        throw answered;
      }
      return answered;
    },
    clock,
    limiter: unlimited,
    timeoutMilliseconds: 1000,
    attempts: 3,
    log,
    measure: metrics.measure,
    ...options,
  });
  return { client, sent, clock, log, metrics };
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers });
}

export function htmlAnswer(status: number, headers: Record<string, string> = {}): Response {
  return new Response('<!DOCTYPE html><title>A page</title>', {
    status,
    headers: { 'Content-Type': 'text/html', ...headers },
  });
}

export const nothing = (): Response => new Response(null, { status: 204 });

/** As `fetch` reports a failure of the system below it. */
export function fetchError(code: string, more: { readonly syscall?: string } = {}): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code, ...more }) });
}

/** A conversation as FreeScout answers it, with one message of its customer. */
export function conversationJson(overrides: Record<string, unknown> = {}) {
  return {
    id: 7,
    number: 7,
    status: 'active',
    state: 'published',
    subject: 'Invoice',
    mailboxId: 1,
    assignee: null,
    customer: { id: 5, type: 'customer', firstName: 'Lee', lastName: null, email: 'lee@example.org' },
    cc: [],
    createdAt: '2026-11-20T10:00:00Z',
    updatedAt: '2026-11-20T10:00:00Z',
    _embedded: {
      threads: [
        {
          id: 20,
          type: 'customer',
          state: 'published',
          status: 'active',
          body: '<div>Hello</div>',
          source: { type: 'api', via: 'customer' },
          cc: [],
          createdAt: '2026-11-20T10:00:00Z',
        },
      ],
      tags: [],
    },
    ...overrides,
  };
}

/** An error body of the API & Webhooks module. */
export function errorJson(message: string, path?: string) {
  return {
    message,
    _embedded: { errors: path === undefined ? [] : [{ path, message: `${path} is wrong`, source: 'JSON' }] },
  };
}
