import type { PollCursor } from '#shared/store/pollCursors.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import { type AccountPoll, isTimeOver, saveCursor } from './accountPoll.ts';
import { listMails } from './listMails.ts';
import type { PollDependencies } from './pollDependencies.ts';
import { keepForWorker, queueMails, sortedByRow } from './queueMails.ts';
import type { Progress } from './readHistory.ts';

/** A back-fill starts this long before the last poll that went through: mail may show up in Gmail's list a little late. */
const marginMilliseconds = hourMilliseconds;

/**
 * Reads by date what history cannot tell: at the first start, and after Gmail forgot the cursor. Goes through the ledger, so mails
 * that were seen before are left alone.
 *
 * The new cursor is taken before the list, so that nothing falls between them. When there is more than one run may queue, the
 * oldest are queued and the cursor stays: the next run lists again and goes on.
 */
export async function backFill(
  deps: PollDependencies,
  poll: AccountPoll,
  cursor: PollCursor,
): Promise<Progress> {
  const historyId = await poll.gmail.currentHistoryId();
  const { unknown } = await sortedByRow(deps, poll, await listed(deps, poll, sinceOf(poll, cursor)));
  const taken = unknown.slice(0, deps.settings.limits.messagesPerRun);
  for (let start = 0; start < taken.length; start += takenAtOnce) {
    if (isTimeOver(deps)) {
      return goesOn(deps, cursor);
    }
    const mails = taken.slice(start, start + takenAtOnce);
    await queueMails(deps, poll, await keepForWorker(deps, poll, mails, { needsDate: false }), 'back-fill');
  }
  if (taken.length < unknown.length) {
    return goesOn(deps, cursor);
  }
  const saved = await saveCursor(deps, cursor, {
    historyId,
    polledAt: poll.startedAt.toISOString(),
    // It compared Gmail with the ledger as a gap check does, and what it queued is not claimed yet.
    gapCheckedAt: poll.startedAt.toISOString(),
    fault: null,
  });
  return { cursor: saved, isComplete: true };
}

/** Mails whose labels are looked up and which are queued before the clock is looked at again. */
const takenAtOnce = 50;

function sinceOf(poll: AccountPoll, { polledAt }: PollCursor): Date {
  const lastGoodPoll = polledAt === null ? 0 : Date.parse(polledAt) - marginMilliseconds;
  return new Date(Math.max(poll.intakeSince.getTime(), lastGoodPoll));
}

async function listed(deps: PollDependencies, poll: AccountPoll, since: Date) {
  const mails = await listMails(deps, poll, since);
  poll.figures.found += mails.length;
  return mails;
}

/** Nothing moves but the fault of an earlier poll, which is over. */
async function goesOn(deps: PollDependencies, cursor: PollCursor): Promise<Progress> {
  return {
    cursor: cursor.fault === null ? cursor : await saveCursor(deps, cursor, { fault: null }),
    isComplete: false,
  };
}
