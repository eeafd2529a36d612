import type { GmailClient } from '#shared/channels/gmail/gmailClient.ts';
import { retryable } from '#shared/failure/failure.ts';
import type { NamedLabel, PollCursor } from '#shared/store/pollCursors.ts';
import type { PollDependencies } from './pollDependencies.ts';

/** Figures of one poll of one account. */
export interface PollFigures {
  /** Mails that Gmail named. */
  found: number;
  queued: number;
  /** Mails that have a row in the ledger already. */
  known: number;
  /** Mails whose labels keep them out. */
  skipped: number;
  /** Mails that only the gap check found. */
  missing: number;
  /** Pages of history and lists. */
  pages: number;
}

export function noFigures(): PollFigures {
  return { found: 0, queued: 0, known: 0, skipped: 0, missing: 0, pages: 0 };
}

/** One poll of one account, under way. */
export interface AccountPoll {
  readonly alias: string;
  readonly gmail: GmailClient;
  readonly runId: string;
  readonly startedAt: Date;
  /** Nothing older is ever queued. */
  readonly intakeSince: Date;
  /** Which labels the settings mean. */
  readonly labels: readonly NamedLabel[];
  readonly figures: PollFigures;
  /** Message ids that this run has queued; no worker may have claimed them yet. */
  readonly queuedIds: Set<string>;
}

/**
 * Time that is kept back: enough to queue what is in hand and to store the cursor. What does not fit before it is left to the next
 * poll.
 */
const reservedMilliseconds = 20_000;

export function isTimeOver(deps: Pick<PollDependencies, 'timeLeftMilliseconds'>): boolean {
  return deps.timeLeftMilliseconds() < reservedMilliseconds;
}

/** Raised where a poll cannot stop half way, for example within a list of which only the end counts. */
export function timeOver(): Error {
  return retryable(
    'time-over',
    'The poll ran out of time. The cursor stays where everything before it is queued; the next poll goes on from there.',
  );
}

/**
 * Stores the cursor, if nobody else did since it was read.
 *
 * @returns the cursor as stored, or null when another poll was faster: its cursor stands and nothing is lost.
 */
export async function saveCursor(
  deps: Pick<PollDependencies, 'store'>,
  cursor: PollCursor,
  change: Partial<Omit<PollCursor, 'account' | 'version'>>,
): Promise<PollCursor | null> {
  const { version, ...next } = { ...cursor, ...change };
  const isSaved = await deps.store.state.savePollCursor('gmail', next, version);
  return isSaved ? { ...next, version: version + 1 } : null;
}
