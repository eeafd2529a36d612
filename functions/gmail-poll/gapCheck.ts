import type { FailureCode } from '#shared/failure/failure.ts';
import { silentAfterMinutes } from '#shared/observability/silence.ts';
import type { PollCursor } from '#shared/store/pollCursors.ts';
import { dayMilliseconds, hourMilliseconds, minuteMilliseconds } from '#shared/time/durations.ts';
import { type AccountPoll, isTimeOver, noFigures, saveCursor } from './accountPoll.ts';
import { freedAmong } from './freedAmong.ts';
import { listMails } from './listMails.ts';
import type { PollDependencies } from './pollDependencies.ts';
import { keepForWorker, queueMails, sortedByRow } from './queueMails.ts';
import { queueFreed } from './relabelledMails.ts';

/** A younger mail may simply not have been polled or claimed yet; it is left to the next poll. */
const missingAfterMilliseconds = 10 * minuteMilliseconds;

export function isGapCheckDue(deps: PollDependencies, poll: AccountPoll, cursor: PollCursor): boolean {
  return (
    deps.settings.gmail.gapCheckDays > 0 &&
    (cursor.gapCheckedAt === null ||
      poll.startedAt.getTime() - Date.parse(cursor.gapCheckedAt) >= hourMilliseconds)
  );
}

/** Faults after which it is not known what of the last poll was stored and queued. */
const faultsOfWriting: ReadonlySet<string> = new Set<FailureCode>([
  'store-contention',
  'queue-unavailable',
  'unexpected',
]);

/**
 * The cursor for a poll that has to check for gaps although the last check is less than an hour ago, or the cursor as it is.
 *
 * It has to when the last poll could not write; when no poll could even keep its fault, which shows in the age of the last good one; and
 * when the clock ran backwards, because by the times in the cursor the next check would not be due for long.
 */
export function withGapsInDoubt(deps: PollDependencies, poll: AccountPoll, cursor: PollCursor): PollCursor {
  const { fault, polledAt, gapCheckedAt } = cursor;
  const now = poll.startedAt.getTime();
  const silentMilliseconds = silentAfterMinutes(deps.settings.gmail) * minuteMilliseconds;
  const isInDoubt =
    (fault !== null && faultsOfWriting.has(fault)) ||
    (polledAt !== null && now - Date.parse(polledAt) > silentMilliseconds) ||
    // Clocks of different machines differ by less than this.
    [polledAt, gapCheckedAt].some((at) => at !== null && Date.parse(at) - now > minuteMilliseconds);
  return isInDoubt ? { ...cursor, gapCheckedAt: null } : cursor;
}

/**
 * Compares what Gmail holds of the last days with the ledger, by the same label rule as history: history can lose an entry or
 * deliver it behind the cursor. What is missing is queued and counted; what a label kept out and no longer does is queued.
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
  const { messagesPerRun } = deps.settings.limits;
  const mails = await listMails(deps, check, new Date(since));
  const others = mails.filter(({ messageId }) => !poll.queuedIds.has(messageId));
  const { unknown, known } = await sortedByRow(deps, check, others);
  const freed = await freedAmong(deps, check, known, new Date(since));
  await queueFreed(deps, poll, freed.slice(0, messagesPerRun));
  const looked = unknown.slice(0, messagesPerRun);
  let isComplete = looked.length === unknown.length && freed.length <= messagesPerRun;
  for (let start = 0; start < looked.length; start += lookedAtOnce) {
    if (isTimeOver(deps)) {
      isComplete = false;
      break;
    }
    const forWorker = await keepForWorker(deps, check, looked.slice(start, start + lookedAtOnce), {
      needsDate: true,
    });
    const lost = forWorker.filter(
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
