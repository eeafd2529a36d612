import type { LedgerAction, LedgerOutcome } from '#shared/store/ledger.ts';
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

/** The budget allows no call of the model now. The sweep wakes the row when it does again. */
export function deferred(
  { log, measure }: Pick<WorkerDependencies, 'log' | 'measure'>,
  conversationId: number,
): LedgerOutcome {
  log.write('CONVERSATION_DEFERRED');
  measure('ConversationsDeferred');
  return { status: 'deferred', reason: 'budget', conversationId };
}
