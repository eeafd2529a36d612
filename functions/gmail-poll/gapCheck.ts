import type { PollCursor } from '#shared/store/pollCursors.ts';
import { dayMilliseconds, hourMilliseconds, minuteMilliseconds } from '#shared/time/durations.ts';
import { type AccountPoll, isTimeOver, noFigures, saveCursor } from './accountPoll.ts';
import { listMails } from './listMails.ts';
import type { PollDependencies } from './pollDependencies.ts';
import { keepTicketed, queueMails, withoutRow } from './queueMails.ts';

/** A younger mail may simply not have been polled or claimed yet; it is left to the next poll. */
const missingAfterMilliseconds = 10 * minuteMilliseconds;

export function isGapCheckDue(deps: PollDependencies, poll: AccountPoll, cursor: PollCursor): boolean {
  return (
    deps.settings.gmail.gapCheckDays > 0 &&
    (cursor.gapCheckedAt === null ||
      poll.startedAt.getTime() - Date.parse(cursor.gapCheckedAt) >= hourMilliseconds)
  );
}

/**
 * Compares what Gmail holds of the last days with the ledger, by the same label rule as history: history can lose an entry or
 * deliver it behind the cursor. What is missing is queued and counted.
 *
 * When there is more than one run may queue, the check stays due and the next poll goes on.
 */
export async function gapCheck(
  deps: PollDependencies,
  poll: AccountPoll,
  cursor: PollCursor,
): Promise<PollCursor | null> {
  const { gapCheckDays } = deps.settings.gmail;
  const since = Math.max(
    poll.intakeSince.getTime(),
    poll.startedAt.getTime() - gapCheckDays * dayMilliseconds,
  );
  const figures = noFigures();
  const check = { ...poll, figures };
  const mails = await listMails(deps, check, new Date(since));
  const others = mails.filter(({ messageId }) => !poll.queuedIds.has(messageId));
  const unknown = await withoutRow(deps, check, others);
  const looked = unknown.slice(0, deps.settings.limits.messagesPerRun);
  let isComplete = looked.length === unknown.length;
  for (let start = 0; start < looked.length; start += lookedAtOnce) {
    if (isTimeOver(deps)) {
      isComplete = false;
      break;
    }
    const ticketed = await keepTicketed(deps, check, looked.slice(start, start + lookedAtOnce), {
      needsDate: true,
    });
    const lost = ticketed.filter(
      ({ internalDate }) =>
        internalDate !== null && poll.startedAt.getTime() - internalDate.getTime() > missingAfterMilliseconds,
    );
    await queueMails(deps, check, lost, 'gap-check');
  }
  const missing = figures.queued;
  poll.figures.queued += missing;
  poll.figures.skipped += figures.skipped;
  poll.figures.pages += figures.pages;
  poll.figures.missing = missing;
  deps.measure('MailsMissing', missing);
  deps.log.write('GAP_CHECK_DONE', {
    found: mails.length,
    known: figures.known,
    skipped: figures.skipped,
    missing,
    pages: figures.pages,
  });
  return saveCursor(deps, cursor, {
    missing,
    ...(isComplete ? { gapCheckedAt: poll.startedAt.toISOString() } : {}),
  });
}

/** Mails whose labels are looked up before the clock is looked at again. */
const lookedAtOnce = 50;
