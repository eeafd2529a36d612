import { asFailure } from '#shared/failure/failure.ts';
import { AnswerTooLarge, boundedFetch, isRedirect } from '#shared/http/boundedFetch.ts';
import { parseJson } from '#shared/http/parseJson.ts';
import type { RateLimiter } from '#shared/http/rateLimiter.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import { backOffMilliseconds, longestWaitSeconds, retryAfterSecondsOf } from '#shared/time/backOff.ts';
import type { Clock } from '#shared/time/clock.ts';
import { FreeScoutFailure } from './freescoutClient.ts';
import {
  failureOfAnswer,
  failureOfRedirect,
  failureOfSilence,
  failureOfUnusableAnswer,
  isErrorOfModule,
  isTooMuchAtOnce,
} from './freescoutFailures.ts';

/**
 * The largest answer is a list of 50 conversations with all they hold: at this size 800 kB each. Reading and parsing it takes some
 * 300 MB in the worst case, and the sweep has 512 MB in all.
 */
const mostBytesOfFreeScout = 40_000_000;

export interface FreeScoutConnection {
  /** Address of FreeScout without `/api`; empty = not configured. */
  readonly baseUrl: string;
  readonly apiKey: (options?: { readonly refresh: boolean }) => Promise<string>;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  /** Of one attempt, answer included. */
  readonly timeoutMilliseconds: number;
  /** Attempts per reading call. Writing calls have one. */
  readonly attempts: number;
  readonly log: Log;
  readonly measure: Measure;
}

export interface FreeScoutCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path under `/api` with placeholders, for example `/conversations/{conversation}/threads`. */
  readonly route: string;
  readonly ids?: { readonly conversation?: number; readonly thread?: number; readonly mailbox?: number };
  readonly query?: URLSearchParams;
  readonly body?: object;
  /** Statuses besides 2xx that mean something to the caller; they count only with an error body of FreeScout's modules. */
  readonly expected?: readonly number[];
  /** The route may not exist: 404 and 405, whoever answers them, mean something to the caller. */
  readonly mayBeUnknown?: true;
}

export interface FreeScoutAnswer {
  readonly status: number;
  /** Id of what was written; null when the answer names none. */
  readonly resourceId: number | null;
  /** The body, undefined when it is not JSON. */
  readonly json: unknown;
}

/** Sends one call to FreeScout; throws {@link FreeScoutFailure}. */
export type SendToFreeScout = (call: FreeScoutCall) => Promise<FreeScoutAnswer>;

/**
 * The way to FreeScout's API: key, rate, time limit, repeated reads, meaning of every kind of failure.
 *
 * A 401 reads the key again and, when it has changed, sends the call once more, writes too: a 401 proves that nothing was
 * written.
 */
export function createFreeScoutRequests(connection: FreeScoutConnection): SendToFreeScout {
  const { clock } = connection;
  const fetchFromFreeScout = boundedFetch(mostBytesOfFreeScout, connection.fetch);

  async function apiKey(refresh: boolean): Promise<string> {
    try {
      return await (refresh ? connection.apiKey({ refresh }) : connection.apiKey());
    } catch (error) {
      const failure = asFailure(error);
      throw new FreeScoutFailure(failure.code, failure.message, {
        retryable: failure.retryable,
        retryAfterSeconds: failure.retryAfterSeconds,
        status: null,
        nothingWritten: true,
        cause: error,
      });
    }
  }

  async function attempt(call: FreeScoutCall, key: string, attemptNumber: number): Promise<FreeScoutAnswer> {
    await connection.limiter.wait();
    connection.measure('FreeScoutCalls');
    const started = clock.now().getTime();
    const record = (status: number | null) =>
      connection.log.write('FREESCOUT_CALL', {
        method: call.method,
        route: call.route,
        status,
        attempt: attemptNumber,
        durationMs: clock.now().getTime() - started,
        ...(call.ids?.conversation === undefined ? {} : { conversationId: call.ids.conversation }),
      });
    let response: Response | null = null;
    let text: string;
    try {
      response = await fetchFromFreeScout(addressOf(connection.baseUrl, call), {
        method: call.method,
        signal: AbortSignal.timeout(connection.timeoutMilliseconds),
        headers: {
          Accept: 'application/json',
          'X-FreeScout-API-Key': key,
          ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: bodyOf(call.body) }),
      });
      text = await response.text();
    } catch (error) {
      if (response !== null && error instanceof AnswerTooLarge) {
        record(response.status);
        const size = `with more than ${mostBytesOfFreeScout / 1_000_000} MB`;
        throw failureOfUnusableAnswer(call, response.status, size, error);
      }
      record(null);
      throw failureOfSilence(call, error);
    }
    record(response.status);
    return readAnswer(call, response, text, clock.now());
  }

  async function attemptWithFreshKey(call: FreeScoutCall, attemptNumber: number): Promise<FreeScoutAnswer> {
    const key = await apiKey(false);
    try {
      return await attempt(call, key, attemptNumber);
    } catch (error) {
      if (!(error instanceof FreeScoutFailure && error.status === 401)) {
        throw error;
      }
      const freshKey = await apiKey(true);
      connection.log.write('SECRET_REFRESHED', { module: 'freescout' });
      if (freshKey === key) {
        throw error;
      }
      return await attempt(call, freshKey, attemptNumber);
    }
  }

  return async function send(call) {
    if (connection.baseUrl === '') {
      throw new FreeScoutFailure(
        'freescout-not-configured',
        'freescout.url is empty. Nothing was written; the work is kept. Set it to the address of FreeScout and deploy.',
        { retryable: true, status: null, nothingWritten: true },
      );
    }
    for (let attemptNumber = 1; ; attemptNumber += 1) {
      try {
        return await attemptWithFreshKey(call, attemptNumber);
      } catch (error) {
        connection.measure('FreeScoutFailures');
        if (!mayBeRepeated(call, error) || attemptNumber >= connection.attempts) {
          throw error;
        }
        await clock.sleep(backOffMilliseconds(attemptNumber, error.retryAfterSeconds, clock));
      }
    }
  };
}

/** Only reads, only what passes by itself: no answer, an unusable one, 429 and 5xx. */
function mayBeRepeated(call: FreeScoutCall, error: unknown): error is FreeScoutFailure {
  return (
    call.method === 'GET' &&
    error instanceof FreeScoutFailure &&
    !isTooMuchAtOnce(error) &&
    (error.code === 'freescout-unreachable' || error.code === 'freescout-error') &&
    (error.status === null || error.status === 429 || error.status >= 500 || error.status < 300) &&
    (error.retryAfterSeconds ?? 0) <= longestWaitSeconds
  );
}

function addressOf(baseUrl: string, call: FreeScoutCall): string {
  const path = call.route.replace(
    /\{(conversation|thread|mailbox)\}/g,
    (_, name: 'conversation' | 'thread' | 'mailbox') => String(call.ids?.[name]),
  );
  const query = call.query === undefined ? '' : `?${call.query}`;
  return `${baseUrl.replace(/\/+$/, '')}/api${path}${query}`;
}

function readAnswer(call: FreeScoutCall, response: Response, text: string, now: Date): FreeScoutAnswer {
  const { status } = response;
  const json = parseJson(text);
  if (response.ok) {
    if (json === undefined && text.trim() !== '') {
      throw failureOfUnusableAnswer(call, status, 'not in JSON, as if something else stood at that address');
    }
    return { status, resourceId: positiveInteger(response.headers.get('Resource-ID')), json };
  }
  if (isRedirect(status)) {
    throw failureOfRedirect(call, response);
  }
  const isExpected = call.expected?.includes(status) && isErrorOfModule(json);
  const isUnknownRoute = call.mayBeUnknown && (status === 404 || status === 405);
  if (isExpected || isUnknownRoute) {
    return { status, resourceId: null, json };
  }
  throw failureOfAnswer(call, status, json, retryAfterSecondsOf(response.headers.get('Retry-After'), now));
}

/**
 * PHP does not read JSON with half a character in it: FreeScout then finds all parameters missing (seen on core 1.8.235). Wherever a
 * long text is cut, an emoji can be cut in two.
 */
function bodyOf(body: object): string {
  return JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
}

function positiveInteger(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
