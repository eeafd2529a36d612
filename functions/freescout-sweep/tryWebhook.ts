import { asFailure } from '#shared/failure/failure.ts';
import type { SweepCursor } from '#shared/store/sweepCursors.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import type { SweepDependencies, SweepRun } from './sweepDependencies.ts';

/**
 * When no signed webhook came for an hour, has FreeScout send one; at most once an hour. A quiet hour and a webhook that got lost look
 * the same otherwise. `/ready` tells what came of it: `functions/status/lostWebhooks.ts`.
 *
 * A FreeScout that refuses the call shows nothing about its webhooks, so what was known before stays.
 *
 * @returns the cursor, moved when a webhook was asked for; it is saved then.
 */
export async function tryWebhook(
  deps: SweepDependencies,
  run: SweepRun,
  cursor: SweepCursor,
): Promise<SweepCursor> {
  const { settings, store, log } = deps;
  const isOver = (since: string | null | undefined) =>
    !since || run.startedAt.getTime() - Date.parse(since) >= hourMilliseconds;
  const mailboxId = settings.channels[0]?.mailboxId;
  if (!settings.freescout.webhookEnabled || mailboxId === undefined || !isOver(cursor.webhookTrial?.at)) {
    return cursor;
  }
  const { lastAt } = (await store.state.counts()).webhooks;
  if (!isOver(lastAt)) {
    return cursor;
  }
  const at = run.startedAt.toISOString();
  const before = cursor.webhookTrial?.unansweredSince ?? null;
  let unansweredSince: string | null = before !== null && (lastAt ?? '') < before ? before : at;
  try {
    await deps.provokeWebhook(mailboxId);
    log.write('WEBHOOK_TRIED');
  } catch (thrown) {
    unansweredSince = before;
    log.write('WEBHOOK_NOT_TRIED', { code: asFailure(thrown).code });
  }
  const moved = { ...cursor, webhookTrial: { at, unansweredSince } };
  await store.state.saveSweepCursor(moved);
  return moved;
}
