import { errorNameOf } from '#shared/failure/errorName.ts';
import { asFailure, type Failure } from '#shared/failure/failure.ts';
import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import { intakeSince } from '#shared/intake/intakeSince.ts';
import type { SweepCursor } from '#shared/store/sweepCursors.ts';
import { hourMilliseconds, minuteMilliseconds } from '#shared/time/durations.ts';
import { type Listed, listConversations } from './listConversations.ts';
import { queueDigests } from './queueDigests.ts';
import { queueSelfCheck } from './queueSelfCheck.ts';
import type { SweepDependencies, SweepRun } from './sweepDependencies.ts';
import { tryWebhook } from './tryWebhook.ts';
import { wakeDeferred, wakeFailed } from './wakeWaiting.ts';

/**
 * A list begins this long before the last one: FreeScout keeps whole seconds, its clock is not ours, and a conversation that was
 * pushed over the edge of a page while we read is seen by the next list.
 */
const overlapMilliseconds = 15 * minuteMilliseconds;

interface Figures extends Listed {
  /** Waiting rows for which a job was queued. */
  readonly woken: number;
}

const nothing: Figures = { found: 0, queued: 0, known: 0, missing: 0, pages: 0, woken: 0 };

/**
 * Finds what fell through: wakes work that waits, then looks for conversations in which something is missing. That list is the only
 * source when FreeScout calls no webhook, and an hourly safety net when it does. Never throws: what goes wrong is logged, and the
 * next sweep starts from where this one did.
 */
export async function sweep(baseDeps: SweepDependencies): Promise<void> {
  const run: SweepRun = { id: baseDeps.newRunId(), startedAt: baseDeps.clock.now() };
  const deps = { ...baseDeps, log: baseDeps.log.with({ requestId: run.id }) };
  const callsBefore = deps.freescoutCalls();
  let figures = nothing;
  let failure: Failure | null = null;
  try {
    // Whatever is missing: it is how operators hear of a secret that is not filled in.
    await queueSelfCheck(deps, run);
    const freescout = await deps.freescout();
    if (freescout === null) {
      deps.log.write('NOT_CONFIGURED', { module: 'freescout' });
      return;
    }
    const woken = await wakeWaiting(deps, run);
    figures = { ...figures, woken: woken.jobs };
    const cursor = await tryWebhook(deps, run, woken.cursor);
    if (isListDue(deps, run, cursor)) {
      figures = { ...figures, ...(await listFreeScout(deps, run, freescout, cursor)) };
    }
  } catch (thrown) {
    failure = asFailure(thrown);
  }
  const summary = {
    ...figures,
    failed: failure === null ? 0 : 1,
    calls: deps.freescoutCalls() - callsBefore,
    durationMs: deps.clock.now().getTime() - run.startedAt.getTime(),
  };
  deps.measure('SweepQueued', figures.queued);
  deps.measure('SweepWoken', figures.woken);
  if (failure === null) {
    deps.log.write('SWEEP_DONE', summary);
    return;
  }
  deps.measure('SweepFailed');
  deps.log.write('SWEEP_FAILED', {
    ...summary,
    code: failure.code,
    retryable: failure.retryable,
    errorName: errorNameOf(failure.cause ?? failure),
  });
}

async function wakeWaiting(
  deps: SweepDependencies,
  run: SweepRun,
): Promise<{ readonly jobs: number; readonly cursor: SweepCursor }> {
  const cursor = await deps.store.state.getSweepCursor();
  const deferred = await wakeDeferred(deps, run);
  const isHourOver = hasPassed(hourMilliseconds, cursor.failedWokenAt, run);
  const failed = isHourOver ? await wakeFailed(deps, run) : 0;
  const ranAt = run.startedAt.toISOString();
  const digests = await queueDigests(deps, run, cursor);
  const moved = { ...cursor, ...digests, ranAt, ...(isHourOver ? { failedWokenAt: ranAt } : {}) };
  await deps.store.state.saveSweepCursor(moved);
  return { jobs: deferred + failed, cursor: moved };
}

/** Without webhooks every sweep lists; with them once an hour, or never. */
function isListDue(
  { settings: { freescout } }: SweepDependencies,
  run: SweepRun,
  { listedAt }: SweepCursor,
): boolean {
  return !freescout.webhookEnabled || (freescout.safetyNet && hasPassed(hourMilliseconds, listedAt, run));
}

async function listFreeScout(
  deps: SweepDependencies,
  run: SweepRun,
  freescout: ConversationReader,
  cursor: SweepCursor,
): Promise<Listed> {
  const since = await intakeSince(deps);
  const lastList = cursor.listedAt === null ? 0 : Date.parse(cursor.listedAt) - overlapMilliseconds;
  const listed = await listConversations(deps, run, freescout, {
    updatedSince: new Date(Math.max(since.getTime(), lastList)),
    intakeSince: since,
  });
  // Without webhooks, and at the very first list, nothing is missed: the list is how messages are found.
  const isNet = deps.settings.freescout.webhookEnabled && cursor.listedAt !== null;
  const missing = isNet ? listed.missing : 0;
  await deps.store.state.saveSweepCursor({ ...cursor, listedAt: run.startedAt.toISOString(), missing });
  deps.measure('SweepMissing', missing);
  return { ...listed, missing };
}

function hasPassed(milliseconds: number, since: string | null, { startedAt }: SweepRun): boolean {
  return since === null || startedAt.getTime() - Date.parse(since) >= milliseconds;
}
