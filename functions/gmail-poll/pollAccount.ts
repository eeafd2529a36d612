import { errorNameOf } from '#shared/failure/errorName.ts';
import { asFailure, type Failure } from '#shared/failure/failure.ts';
import { intakeSince } from '#shared/intake/intakeSince.ts';
import type { GmailChannelSettings } from '#shared/settings/settings.ts';
import type { PollCursor } from '#shared/store/pollCursors.ts';
import { type AccountPoll, isTimeOver, noFigures, saveCursor } from './accountPoll.ts';
import { backFill } from './backFill.ts';
import { gapCheck, isGapCheckDue, withGapsInDoubt } from './gapCheck.ts';
import type { PollDependencies } from './pollDependencies.ts';
import { type Progress, readHistory } from './readHistory.ts';
import { withLabels } from './withLabels.ts';

/**
 * Queues a job for every mail that came into one Gmail account since the last poll, and compares the mailbox with the ledger once
 * an hour. Never throws: what goes wrong is logged and kept in the cursor, and the cursor stays where everything before it is
 * queued.
 */
export async function pollAccount(
  baseDeps: PollDependencies,
  { alias }: GmailChannelSettings,
): Promise<void> {
  const runId = baseDeps.newRunId();
  const deps = {
    ...baseDeps,
    log: baseDeps.log.with({ account: alias, requestId: runId }),
  };
  const startedAt = deps.clock.now();
  const figures = noFigures();
  let units = () => 0;
  let failure: Failure | null = null;
  try {
    const gmail = await deps.gmail(alias);
    if (gmail === null) {
      deps.log.write('NOT_CONFIGURED', { module: 'gmail' });
      return;
    }
    const spentBefore = gmail.unitsSpent();
    units = () => gmail.unitsSpent() - spentBefore;
    await poll(deps, {
      alias,
      gmail,
      runId,
      startedAt,
      intakeSince: await intakeSince(deps),
      labels: [],
      figures,
      queuedIds: new Set(),
    });
  } catch (thrown) {
    failure = asFailure(thrown);
    await recordFault(deps, alias, failure);
  }
  const summary = {
    ...figures,
    failed: failure === null ? 0 : 1,
    units: units(),
    durationMs: deps.clock.now().getTime() - startedAt.getTime(),
  };
  deps.measure('MailsQueued', figures.queued);
  deps.measure('MailsSkipped', figures.skipped);
  if (failure === null) {
    deps.log.write('POLL_DONE', summary);
    return;
  }
  deps.measure('PollFailed');
  deps.log.write('POLL_FAILED', {
    ...summary,
    code: failure.code,
    retryable: failure.retryable,
    errorName: errorNameOf(failure.cause ?? failure),
  });
}

async function poll(deps: PollDependencies, begun: AccountPoll): Promise<void> {
  const cursor = await withLabels(deps, begun, await deps.store.state.getPollCursor('gmail', begun.alias));
  if (cursor === null) {
    deps.log.write('CURSOR_MOVED_BY_OTHER');
    return;
  }
  const account = { ...begun, labels: cursor.labels?.named ?? [] };
  const progress = await catchUp(deps, account, withGapsInDoubt(deps, account, cursor));
  if (progress.cursor === null) {
    deps.log.write('CURSOR_MOVED_BY_OTHER');
    return;
  }
  const isFree = progress.isComplete && !isTimeOver(deps);
  if (isFree && isGapCheckDue(deps, account, progress.cursor)) {
    if ((await gapCheck(deps, account, progress.cursor)) === null) {
      deps.log.write('CURSOR_MOVED_BY_OTHER');
    }
  }
}

async function catchUp(deps: PollDependencies, account: AccountPoll, cursor: PollCursor): Promise<Progress> {
  const { historyId } = cursor;
  if (historyId === null) {
    return backFill(deps, account, cursor);
  }
  const progress = await readHistory(deps, account, { ...cursor, historyId });
  if (progress !== 'expired') {
    return progress;
  }
  deps.log.write('CURSOR_EXPIRED');
  return backFill(deps, account, await deps.store.state.getPollCursor('gmail', account.alias));
}

/** Best effort, for `/ready`: when the store fails as well, the log has it. */
async function recordFault(deps: PollDependencies, alias: string, { code }: Failure): Promise<void> {
  try {
    const cursor = await deps.store.state.getPollCursor('gmail', alias);
    if (cursor.fault !== code) {
      await saveCursor(deps, cursor, { fault: code });
    }
  } catch {
    // The first failure is the one that matters; its log line follows.
  }
}
