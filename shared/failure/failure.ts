/**
 * Stable names of what can go wrong in a unit of work. They stand in the ledger, in log lines and in RUNBOOK.md.
 */
export type FailureCode =
  | 'freescout-unreachable'
  | 'freescout-error'
  | 'freescout-unauthorized'
  | 'freescout-rejected'
  | 'freescout-unanswered'
  | 'freescout-too-large'
  | 'freescout-not-configured'
  | 'gmail-unreachable'
  | 'gmail-rate-limited'
  | 'gmail-invalid-grant'
  | 'gmail-rejected'
  | 'gmail-too-large'
  | 'gmail-not-configured'
  | 'openai-unreachable'
  | 'openai-rate-limited'
  | 'openai-rejected'
  | 'openai-answer-unusable'
  | 'openai-not-configured'
  | 'store-contention'
  | 'queue-unavailable'
  | 'secret-unreadable'
  | 'alert-undelivered'
  | 'worker-stopped'
  | 'job-malformed'
  | 'time-over'
  | 'unexpected';

/**
 * A unit of work failed in a known way. `retryable` decides what happens to the job: a retryable one goes back to the queue,
 * a permanent one is recorded with its reason and acknowledged.
 *
 * The message is written for the operator (what happened, what was kept, what to do) and never holds mail text, addresses or
 * secrets.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly retryable: boolean;
  /** Seconds to wait at least before the next attempt; null = the queue's usual delay. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: FailureCode,
    message: string,
    options: {
      readonly retryable: boolean;
      readonly retryAfterSeconds?: number | null;
      readonly cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** A failure that the next attempt may not meet again. */
export function retryable(
  code: FailureCode,
  message: string,
  options: { readonly retryAfterSeconds?: number | null; readonly cause?: unknown } = {},
): Failure {
  return new Failure(code, message, { ...options, retryable: true });
}

/** A failure that every further attempt would meet again. */
export function permanent(
  code: FailureCode,
  message: string,
  options: { readonly cause?: unknown } = {},
): Failure {
  return new Failure(code, message, { ...options, retryable: false });
}

/** Turns anything thrown into a {@link Failure}; what is not known is retryable, so that nothing is given up by mistake. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) {
    return thrown;
  }
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return retryable('unexpected', `Unexpected ${name}; the job is kept and tried again.`, { cause: thrown });
}

export type ComeBackLaterReason = 'leased' | 'undo-window' | 'unanswered-write' | 'conversation-changed';

/**
 * Not a failure: the job has to come back later (a lease of another worker, a sent reply that can still be undone, an
 * unanswered write that has to settle). It goes back to the queue for `seconds`, without being counted as failed.
 */
export class ComeBackLater extends Error {
  readonly seconds: number;
  readonly reason: ComeBackLaterReason;

  constructor(reason: ComeBackLaterReason, seconds: number) {
    super(`Comes back in ${seconds} s: ${reason}`);
    this.name = 'ComeBackLater';
    this.reason = reason;
    this.seconds = seconds;
  }
}
