import * as z from 'zod';
import { AnswerTooLarge, redirectNotFollowed } from '#shared/http/boundedFetch.ts';
import { neverConnected, systemErrorOf } from '#shared/http/neverConnected.ts';
import { FreeScoutFailure } from './freescoutClient.ts';

/** What the failure of a call is told from. */
export interface FailedCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with placeholders instead of ids. */
  readonly route: string;
}

/**
 * By then an unanswered write has ended in FreeScout one way or the other: PHP's own limit is 30 to 60 seconds. Whoever looks earlier
 * whether it wrote may look too early.
 */
export const settlingSeconds = 60;

const errorBodySchema = z.object({
  _embedded: z.object({ errors: z.array(z.object({ path: z.string() })) }),
});

/**
 * Whether an error comes from the API & Webhooks module (or ours). Everything else that can stand at the address answers errors
 * too: FreeScout without the module says 404 in JSON (`{"message": ""}`) or in HTML, and that tells nothing about a conversation.
 */
export function isErrorOfModule(json: unknown): boolean {
  return errorBodySchema.safeParse(json).success;
}

/**
 * Names of the parameters that FreeScout complains about. Its messages are left out: they quote what was sent, addresses
 * included.
 */
function faultyParameters(json: unknown): readonly string[] {
  const body = errorBodySchema.safeParse(json);
  return body.success
    ? body.data._embedded.errors
        .map((error) => error.path)
        .filter((path) => /^[A-Za-z][A-Za-z_.]{0,40}$/.test(path))
    : [];
}

/**
 * Meaning of an answer that is neither a success nor one the caller expects.
 *
 * @param json - the parsed body, undefined when it was not JSON.
 */
export function failureOfAnswer(
  call: FailedCall,
  status: number,
  json: unknown,
  retryAfterSeconds: number | null,
): FreeScoutFailure {
  const what = `FreeScout answered ${call.method} ${call.route} with ${status}`;
  const nothingWritten = { status, nothingWritten: true, retryAfterSeconds } as const;
  if (status === 401 || status === 403) {
    return new FreeScoutFailure(
      'freescout-unauthorized',
      `${what}: it does not accept our API key, or something in front of it refuses us. Nothing was written; the work is kept. Put the key of FreeScout's "API & Webhooks" page into the secret.`,
      { ...nothingWritten, retryable: true },
    );
  }
  if (status === 405 || (status === 404 && !isErrorOfModule(json))) {
    return new FreeScoutFailure(
      'freescout-error',
      `${what}: the call is not known there. Nothing was written; the work is kept. Check freescout.url and that the API & Webhooks module is active and up to date.`,
      { ...nothingWritten, retryable: true },
    );
  }
  if (status === 400 || status === 404 || status === 422) {
    const parameters = faultyParameters(json);
    if (call.method === 'POST' && parameters.length > 0 && parameters.every((name) => name === 'emails')) {
      return new FreeScoutFailure(
        'freescout-error',
        `${what}: it does not take the customer's address, as while another request makes the same customer. Nothing was written; the work is kept and tried again.`,
        { ...nothingWritten, retryable: true },
      );
    }
    const because = parameters.length > 0 ? ` because of ${parameters.join(', ')}` : '';
    return new FreeScoutFailure(
      'freescout-rejected',
      `${what}: it refuses this request${because}. Nothing was written; the same request would be refused again.`,
      { ...nothingWritten, retryable: false },
    );
  }
  if (status === 413) {
    return new FreeScoutFailure(
      'freescout-too-large',
      `${what}: the request is too large for it, or for something in front of it. Nothing was written; the work is kept and tried again. Raise the limits of PHP and the web server (post_max_size, client_max_body_size).`,
      { ...nothingWritten, retryable: true },
    );
  }
  if (status === 429) {
    return new FreeScoutFailure(
      'freescout-error',
      `${what}: something in front of it limits the rate of calls. Nothing was written; the work is kept. Lower freescout.rateLimit.`,
      { ...nothingWritten, retryable: true },
    );
  }
  if (call.method === 'GET') {
    return new FreeScoutFailure(
      'freescout-error',
      `${what}. It was only read; the work is kept and tried again.`,
      {
        ...nothingWritten,
        retryable: true,
      },
    );
  }
  return new FreeScoutFailure(
    'freescout-unanswered',
    `${what}. Whether it wrote is not known; the next attempt looks before it writes again.`,
    {
      status,
      nothingWritten: false,
      retryAfterSeconds: Math.max(settlingSeconds, retryAfterSeconds ?? 0),
      retryable: true,
    },
  );
}

/** Meaning of a redirect. It proves that nothing was written there. */
export function failureOfRedirect(call: FailedCall, { status, headers }: Response): FreeScoutFailure {
  return new FreeScoutFailure(
    'freescout-error',
    `FreeScout answered ${call.method} ${call.route} with ${status}: ${redirectNotFollowed(headers)}. Nothing was written; the work is kept. Set freescout.url to the address it leads to.`,
    { status, nothingWritten: true, retryable: true },
  );
}

/** An answer came and says nothing usable, for example a write without the id of what was written. */
export function failureOfUnusableAnswer(
  call: FailedCall,
  status: number,
  missing: string,
  cause?: unknown,
): FreeScoutFailure {
  const isRead = call.method === 'GET';
  return new FreeScoutFailure(
    isRead ? 'freescout-error' : 'freescout-unanswered',
    `FreeScout answered ${call.method} ${call.route} with ${status} but ${missing}. ${isRead ? 'It was only read; the work is kept and tried again.' : 'Whether it wrote is not known; the next attempt looks before it writes again.'}`,
    {
      status,
      nothingWritten: isRead,
      retryAfterSeconds: isRead ? null : settlingSeconds,
      retryable: true,
      cause,
    },
  );
}

/** Whether what was read is more than may be read at once; the same call would be answered the same. */
export function isTooMuchAtOnce(error: unknown): boolean {
  return error instanceof FreeScoutFailure && error.cause instanceof AnswerTooLarge;
}

/** Meaning of a call that got no answer, or lost it half way. */
export function failureOfSilence(call: FailedCall, error: unknown): FreeScoutFailure {
  const { code } = systemErrorOf(error);
  const why = code || (error instanceof Error ? error.name : 'unknown error');
  const unreached = neverConnected(error);
  if (unreached || call.method === 'GET') {
    return new FreeScoutFailure(
      'freescout-unreachable',
      `FreeScout could not be reached for ${call.method} ${call.route} (${why}). Nothing was written; the work is kept and tried again. Check freescout.url and that FreeScout is up.`,
      { status: null, nothingWritten: true, retryable: true, cause: error },
    );
  }
  return new FreeScoutFailure(
    'freescout-unanswered',
    `FreeScout did not answer ${call.method} ${call.route} (${why}). Whether it wrote is not known; the next attempt looks before it writes again.`,
    {
      status: null,
      nothingWritten: false,
      retryAfterSeconds: settlingSeconds,
      retryable: true,
      cause: error,
    },
  );
}
