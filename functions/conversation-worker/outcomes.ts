import type { DeferReason, LedgerAction, LedgerOutcome } from '#shared/store/ledger.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

/** The conversation is no longer in FreeScout. */
export const gone = { status: 'filtered', reason: 'gone' } as const satisfies LedgerOutcome;

/**
 * The work on a row of this conversation is done for good.
 *
 * @param reason - a code that says more than the action, never text of a mail.
 */
export function done(
  conversationId: number,
  action: LedgerAction,
  reason?: string,
): Extract<LedgerOutcome, { readonly status: 'success' }> {
  return { status: 'success', action, conversationId, ...(reason === undefined ? {} : { reason }) };
}

/** The model may not be asked now: the budget has no room, or the share of the sender. The sweep wakes the row when it may. */
export function deferred(
  { log, measure }: Pick<WorkerDependencies, 'log' | 'measure'>,
  conversationId: number,
  reason: Extract<DeferReason, 'budget' | 'share'>,
): LedgerOutcome {
  log.write('CONVERSATION_DEFERRED', { reason });
  measure('ConversationsDeferred');
  return { status: 'deferred', reason, conversationId };
}
