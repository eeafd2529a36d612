import { dayMilliseconds } from '#shared/time/durations.ts';
import type { LedgerRow } from './ledger.ts';

/**
 * When a row of the ledger is forgotten.
 *
 * @param keepDays - days after which a row that ended is forgotten; null = never.
 * @returns null for a row that is owed something yet: it waits, is worked on, or failed and is tried again.
 */
export function expiryOf(
  row: Pick<LedgerRow, 'status' | 'statusAt' | 'retryable'>,
  keepDays: number | null,
): Date | null {
  const hasEnded =
    row.status === 'success' ||
    row.status === 'filtered' ||
    (row.status === 'failed' && row.retryable === false);
  return hasEnded ? expiryAfter(new Date(row.statusAt), keepDays) : null;
}

/** When something is forgotten that was last of use at that time; null = never. */
export function expiryAfter(usedAt: Date, keepDays: number | null): Date | null {
  return keepDays === null ? null : new Date(usedAt.getTime() + keepDays * dayMilliseconds);
}

/** Clocks of a channel and of FreeScout may be ahead of ours by this much. */
const clockMarginMilliseconds = dayMilliseconds;

/**
 * The moment from which on the ledger still knows every message; nothing older may be brought in or answered, because it may have been,
 * and its row is gone. A row ends after its message came, so a row that is gone belongs to a message that is older than this.
 *
 * @param shortestKeepDays - the shortest retention that ever held; null = nothing was ever forgotten.
 */
export function knownSince(now: Date, shortestKeepDays: number | null): Date | null {
  return shortestKeepDays === null
    ? null
    : new Date(now.getTime() - shortestKeepDays * dayMilliseconds + clockMarginMilliseconds);
}
