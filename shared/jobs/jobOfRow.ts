import { parseLedgerKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { Job, JobCause } from './jobs.ts';

/**
 * The job that works on a row of the ledger. A message of a channel that the settings no longer have gets one too: it ends in the
 * worker, with its reason.
 *
 * @returns null for a row of a kind that only a later release writes. Callers leave such a row as it is and tell of it.
 */
export function jobOfRow(
  row: Pick<LedgerRow, 'key' | 'channelThreadId'>,
  origin: { readonly cause: JobCause; readonly requestId: string },
): Job | null {
  const parsed = parseLedgerKey(row.key);
  switch (parsed?.kind) {
    case 'message': {
      const { channel, alias, messageId } = parsed;
      // A row that names no thread is of a message that its labels kept out: a mailbox names a thread after its first message.
      const threadId = row.channelThreadId ?? messageId;
      return { kind: 'incoming-message', channel, alias, messageId, threadId, ...origin };
    }
    case 'thread':
      return { kind: 'conversation', conversationId: parsed.conversationId, rowKey: row.key, ...origin };
    case 'follow-up':
      // Whether it is a follow-up or a reminder, the conversation itself will tell.
      return {
        kind: 'conversation',
        conversationId: parsed.conversationId,
        step: 'follow-up',
        rowKey: row.key,
        ...origin,
      };
    case 'alert':
      return { kind: 'alert', conversationId: parsed.conversationId, alert: parsed.alert, ...origin };
    case 'digest':
      return parsed.digest === null
        ? null
        : { kind: 'digest', digest: parsed.digest, day: parsed.day, ...origin };
    case 'delivery':
    case undefined:
      return null;
  }
}
