import type { PollCursor } from '#shared/store/pollCursors.ts';
import { type AccountPoll, isTimeOver, saveCursor } from './accountPoll.ts';
import type { PollDependencies } from './pollDependencies.ts';
import { keepForWorker, queueMails, sortedByRow } from './queueMails.ts';
import { bringBackRelabelled } from './relabelledMails.ts';

/** How far a poll came. */
export interface Progress {
  /** The cursor as it now is stored; null: another poll moved it meanwhile. */
  readonly cursor: PollCursor | null;
  /** Everything that Gmail told is queued; false: the next poll goes on. */
  readonly isComplete: boolean;
}

/**
 * Follows Gmail's history from the cursor and queues every new mail, and what people relabelled so that it comes in after all. After
 * each page, and only when its mails are queued, the cursor moves to the page's last record; an empty history moves it to the newest
 * id, so that a quiet mailbox does not outlive its cursor.
 *
 * `limits.messagesPerRun` bounds a run: it ends after the page in which that many were found.
 *
 * @returns `expired` when Gmail no longer knows the cursor.
 */
export async function readHistory(
  deps: PollDependencies,
  poll: AccountPoll,
  start: PollCursor & { readonly historyId: string },
): Promise<Progress | 'expired'> {
  let cursor: PollCursor = start;
  let pageToken: string | null = null;
  let found = 0;
  for (;;) {
    const page: Awaited<ReturnType<AccountPoll['gmail']['history']>> = await poll.gmail.history(
      start.historyId,
      pageToken,
    );
    if (page.outcome === 'expired') {
      return 'expired';
    }
    poll.figures.pages += 1;
    poll.figures.found += page.added.length;
    found += page.added.length;
    const { unknown } = await sortedByRow(deps, poll, page.added);
    await queueMails(deps, poll, await keepForWorker(deps, poll, unknown, { needsDate: false }), 'poll');
    // After the new ones: one of them may have been relabelled since.
    found += await bringBackRelabelled(deps, poll, page.relabelled);

    const isComplete = page.nextPageToken === null;
    const historyId = page.lastRecordId ?? (isComplete && found === 0 ? page.historyId : cursor.historyId);
    const saved = await saveCursor(deps, cursor, {
      historyId,
      // Of a run that stops half way not everything since its start is queued, so a later back-fill has to begin earlier.
      polledAt: isComplete ? poll.startedAt.toISOString() : cursor.polledAt,
      fault: null,
    });
    if (saved === null || isComplete || found >= deps.settings.limits.messagesPerRun || isTimeOver(deps)) {
      return { cursor: saved, isComplete };
    }
    cursor = saved;
    pageToken = page.nextPageToken;
  }
}
