import { markerNames, teamMarkerOf } from '#shared/drafts/markers.ts';
import { type Conversation, isCustomerMessage, type Thread } from '#shared/freescout/model.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

/** What a conversation holds of the message of that row. */
export function threadOf(row: LedgerRow, conversation: Conversation): Thread | undefined {
  const names = [row.key, teamMarkerOf(row.key)];
  return conversation.threads.find(
    (candidate) => isOurs(candidate) && markerNames(candidate.body).some((name) => names.includes(name)),
  );
}

/** A marker counts only in what came in through the API: a customer could have written one. */
function isOurs(thread: Thread): boolean {
  return thread.sourceType === 'api' && (isCustomerMessage(thread) || thread.type === 'note');
}
