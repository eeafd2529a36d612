import { alertKinds } from '#shared/alerts/alertKinds.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { Job, JobCause } from './jobs.ts';

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
): Job | null {
  const [source, owner = '', id = ''] = row.key.split(':');
  if (source === 'freescout') {
    return { kind: 'conversation', conversationId: Number(owner), rowKey: row.key, ...origin };
  }
  if (source === 'followup') {
    // Whether it is a follow-up or a reminder, the conversation itself will tell.
    const conversationId = Number(owner);
    return { kind: 'conversation', conversationId, step: 'follow-up', rowKey: row.key, ...origin };
  }
  if (source === 'alert') {
    const alert = alertKinds.find((each) => each === id);
    return alert === undefined ? null : { kind: 'alert', conversationId: Number(owner), alert, ...origin };
  }
  return accounts.some(({ alias }) => alias === owner) && row.gmailThreadId !== undefined
    ? { kind: 'gmail-message', account: owner, messageId: id, gmailThreadId: row.gmailThreadId, ...origin }
    : null;
}
