import { subjectOf } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { Job, JobCause } from './jobs.ts';

/**
 * The job that works on a row of the ledger. Every row has one: mail of an account that the settings no longer have ends in the
 * worker, with its reason.
 */
export function jobOfRow(
  row: Pick<LedgerRow, 'key' | 'gmailThreadId'>,
  origin: { readonly cause: JobCause; readonly requestId: string },
): Job {
  const subject = subjectOf(row.key);
  switch (subject.kind) {
    case 'gmail': {
      const { account, messageId } = subject;
      // Gmail names a thread after its first message. The row of a mail that its labels kept out names no thread.
      const gmailThreadId = row.gmailThreadId ?? messageId;
      return { kind: 'gmail-message', account, messageId, gmailThreadId, ...origin };
    }
    case 'freescout':
      return {
        kind: 'conversation',
        conversationId: subject.conversationId,
        rowKey: row.key,
        ...origin,
      };
    case 'followup':
      // Whether it is a follow-up or a reminder, the conversation itself will tell.
      return {
        kind: 'conversation',
        conversationId: subject.conversationId,
        step: 'follow-up',
        rowKey: row.key,
        ...origin,
      };
    case 'alert':
      return { kind: 'alert', conversationId: subject.conversationId, alert: subject.alert, ...origin };
  }
}
