import type { Clock } from './clock.ts';

/** Longest that a call waits inside a job on a server's wish; beyond it the job goes back to the queue. */
export const longestWaitSeconds = 10;

/**
 * Wait before the next attempt of a call, in milliseconds: what the server asked for and up to a second more, else half a second
 * doubled with every attempt, of which a random half is left out. So workers do not come back together.
 *
 * @param attempt - number of the attempt that failed, from 1.
 */
export function backOffMilliseconds(attempt: number, retryAfterSeconds: number | null, clock: Clock): number {
  if (retryAfterSeconds !== null) {
    return (retryAfterSeconds + clock.random()) * 1000;
  }
  return 500 * 2 ** (attempt - 1) * (0.5 + clock.random() / 2);
}

/**
 * Seconds that a `Retry-After` header asks for (it holds seconds or a date), or null when it is absent or unreadable.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterSecondsOf(header: string | null | undefined, now: Date): number | null {
  if (header === null || header === undefined || header.trim() === '') {
    return null;
  }
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now.getTime()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
