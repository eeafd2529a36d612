import { errorNameOf } from '#shared/failure/errorName.ts';
import { asFailure, type Failure, retryable } from '#shared/failure/failure.ts';
import { type FollowUpRow, lookAtConversations } from '#shared/followUps/explainFollowUps.ts';
import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import { deduplicationId } from '#shared/jobs/jobs.ts';
import type { FollowUpsDependencies } from './followUpsDependencies.ts';

/** Time kept back for the page in hand. */
const reservedMilliseconds = 30_000;

interface Run {
  readonly id: string;
  readonly startedAt: Date;
}

interface Figures {
  seen: number;
  qualified: number;
  queued: number;
  /** Conversations that need nothing, by reason. */
  readonly skipped: Map<string, number>;
}

/**
 * Queues the conversations whose customer waits too long for an answer, or does not come back to us; the worker looks again and
 * does the rest. In a dry run it only logs what it found. It never throws: it logs a failure, and the next run starts again.
 */
export async function queueFollowUps(baseDeps: FollowUpsDependencies): Promise<void> {
  const run: Run = { id: baseDeps.newRunId(), startedAt: baseDeps.clock.now() };
  const deps = { ...baseDeps, log: baseDeps.log.with({ requestId: run.id }) };
  if (!deps.settings.followUps.enabled) {
    return;
  }
  const figures: Figures = { seen: 0, qualified: 0, queued: 0, skipped: new Map() };
  let failure: Failure | null = null;
  try {
    const freescout = await deps.freescout();
    if (freescout === null) {
      deps.log.write('NOT_CONFIGURED', { module: 'freescout' });
      return;
    }
    await lookAndQueue(deps, run, freescout, figures);
  } catch (thrown) {
    failure = asFailure(thrown);
  }
  report(deps, run, figures, failure);
}

async function lookAndQueue(
  deps: FollowUpsDependencies,
  run: Run,
  freescout: ConversationReader,
  figures: Figures,
): Promise<void> {
  const { settings, store, clock } = deps;
  for await (const rows of lookAtConversations({ settings, ledger: store.ledger, freescout, clock })) {
    const due = rows.flatMap((row) => (row.due !== null && row.reason === 'due' ? [row] : []));
    figures.seen += rows.length;
    figures.qualified += rows.filter((row) => row.due !== null).length;
    for (const { reason } of rows.filter((row) => row.reason !== 'due')) {
      figures.skipped.set(reason, (figures.skipped.get(reason) ?? 0) + 1);
    }
    if (settings.followUps.dryRun) {
      explain(deps, rows);
    } else {
      await deps.queue.sendAll(due.map((row) => jobOf(row, run)));
      figures.queued += due.length;
    }
    if (deps.timeLeftMilliseconds() < reservedMilliseconds) {
      throw retryable(
        'time-over',
        'There was no time to look at all conversations. What was found is queued; the next run starts again with those that wait longest.',
      );
    }
  }
}

function jobOf(row: Extract<FollowUpRow, { readonly due: string }>, run: Run) {
  return {
    job: {
      kind: 'conversation',
      conversationId: row.conversationId,
      step: row.due,
      cause: 'follow-ups',
      requestId: run.id,
    },
    deduplicationId: deduplicationId.run('follow-ups', row.rowKey, run.startedAt.toISOString()),
  } as const;
}

function explain({ log }: FollowUpsDependencies, rows: readonly FollowUpRow[]): void {
  for (const { conversationId, due, reason, waitedHours } of rows) {
    const hours = waitedHours === null ? null : Math.floor(waitedHours);
    log.write('FOLLOW_UP_EXPLAINED', { conversationId, step: due, reason, hours });
  }
}

function report(
  { log, measure, clock }: FollowUpsDependencies,
  run: Run,
  { seen, qualified, queued, skipped }: Figures,
  failure: Failure | null,
): void {
  const skippedCount = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  const summary = {
    found: seen,
    qualified,
    queued,
    skipped: skippedCount,
    reasons: [...skipped]
      .map(([reason, count]) => `${reason}:${count}`)
      .sort()
      .join(' '),
    failed: failure === null ? 0 : 1,
    durationMs: clock.now().getTime() - run.startedAt.getTime(),
  };
  measure('FollowUpsSeen', seen);
  measure('FollowUpsQualified', qualified);
  measure('FollowUpsQueued', queued);
  measure('FollowUpsSkipped', skippedCount);
  if (failure === null) {
    log.write('FOLLOW_UPS_DONE', summary);
    return;
  }
  measure('FollowUpsFailed');
  log.write('FOLLOW_UPS_FAILED', {
    ...summary,
    code: failure.code,
    retryable: failure.retryable,
    errorName: errorNameOf(failure.cause ?? failure),
  });
}
