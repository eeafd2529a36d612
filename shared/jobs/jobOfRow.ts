import type { LedgerRow } from '#shared/store/ledger.ts';
import type { ConversationJob, GmailMessageJob, JobCause } from './jobs.ts';

/**
 * The job that works on a row of the ledger.
 *
 * @param accounts - of the settings.
 * @returns null for mail of an account that the settings no longer have, and for mail whose Gmail thread is not known.
 */
export function jobOfRow(
  row: Pick<LedgerRow, 'key' | 'gmailThreadId'>,
  accounts: readonly { readonly alias: string }[],
  origin: { readonly cause: JobCause; readonly requestId: string },
): GmailMessageJob | ConversationJob | null {
  const [source, owner = '', id = ''] = row.key.split(':');
  if (source === 'freescout') {
    return { kind: 'conversation', conversationId: Number(owner), rowKey: row.key, ...origin };
  }
  return accounts.some(({ alias }) => alias === owner) && row.gmailThreadId !== undefined
    ? { kind: 'gmail-message', account: owner, messageId: id, gmailThreadId: row.gmailThreadId, ...origin }
    : null;
}
