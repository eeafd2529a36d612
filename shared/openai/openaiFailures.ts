import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { Failure, permanent, retryable } from '#shared/failure/failure.ts';
import { isRedirect, redirectNotFollowed } from '#shared/http/boundedFetch.ts';
import { neverConnected } from '#shared/http/neverConnected.ts';
import { retryAfterSecondsOf } from '#shared/time/backOff.ts';
import type { ModelTrouble } from './modelTrouble.ts';

/** A failed call and what it means for the money that was reserved for it. */
export interface ModelFault {
  readonly failure: Failure;
  /** Null: no answer. */
  readonly status: number | null;
  /** True when the answer, or the connection that never was, proves that no model ran. */
  readonly nothingGenerated: boolean;
  /** Whether the same call may go through a moment later. */
  readonly passesByItself: boolean;
  /** What to tell operators; null: it is nothing of OpenAI's. */
  readonly trouble: ModelTrouble | null;
}

/**
 * Meaning of an error of OpenAI's client. The errors themselves are not kept as causes: they hold the request, which is mail.
 */
export function modelFaultOf(error: unknown, now: Date): ModelFault {
  if (error instanceof Failure) {
    // The key could not be read again after OpenAI had refused the old one.
    return { failure: error, status: null, nothingGenerated: true, passesByItself: false, trouble: null };
  }
  if (error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError) {
    return unreachable('did not answer in time', null, false);
  }
  if (error instanceof APIConnectionError) {
    return unreachable('could not be reached', null, neverConnected(error.cause));
  }
  if (!(error instanceof APIError)) {
    return unreachable(
      `could not be used (${error instanceof Error ? error.name : 'unknown error'})`,
      null,
      false,
    );
  }
  const status: number | null = error.status ?? null;
  const reason = /^\w{1,60}$/.test(error.code ?? '') ? ` (${error.code})` : '';
  if (status === 429) {
    const retryAfterSeconds = retryAfterSecondsOf(error.headers?.get('Retry-After'), now);
    return {
      failure: retryable(
        'openai-rate-limited',
        `OpenAI refused a call because of its limits${reason}. Nothing was spent, the work is kept and tried again. With insufficient_quota: pay or raise the limit of the OpenAI account.`,
        { retryAfterSeconds },
      ),
      status,
      nothingGenerated: true,
      passesByItself: error.code !== 'insufficient_quota',
      trouble: error.code === 'insufficient_quota' ? 'quota' : 'rate-limited',
    };
  }
  if (status === 401 || status === 403 || status === 404) {
    return {
      failure: retryable(
        'openai-rejected',
        `OpenAI refused a call with ${status}${reason}. Nothing was spent, the work is kept and tried again. Check the API key in the secret, its rights, and openai.triageModel and openai.draftModel.`,
      ),
      status,
      nothingGenerated: true,
      passesByItself: false,
      trouble: status === 404 ? 'model-unknown' : 'key-refused',
    };
  }
  if (status !== null && isRedirect(status)) {
    return {
      failure: retryable(
        'openai-rejected',
        `OpenAI answered a call with ${status}, ${redirectNotFollowed(error.headers ?? new Headers())}. Nothing was spent, the work is kept and tried again. Set openai.baseUrl to the address it leads to, or to null for OpenAI's own.`,
      ),
      status,
      nothingGenerated: true,
      passesByItself: false,
      trouble: 'wrong-address',
    };
  }
  if (status === 400 || status === 422) {
    return {
      failure: permanent(
        'openai-rejected',
        `OpenAI refused a request with ${status}${reason}; the same request would be refused again. Nothing was spent; the row keeps this reason and can be replayed. Check the settings under openai.`,
      ),
      status,
      nothingGenerated: true,
      passesByItself: false,
      trouble: 'request-refused',
    };
  }
  return unreachable(`answered with ${status}${reason}`, status, false);
}

function unreachable(what: string, status: number | null, nothingGenerated: boolean): ModelFault {
  const money = nothingGenerated ? 'Nothing was spent' : 'What was reserved for the call counts as spent';
  return {
    failure: retryable('openai-unreachable', `OpenAI ${what}. ${money}; the work is kept and tried again.`),
    status,
    nothingGenerated,
    passesByItself: true,
    trouble: 'unreachable',
  };
}
