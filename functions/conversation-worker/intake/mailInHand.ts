import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { requeued } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { RawGmailMessage } from '#shared/channels/gmail/gmailClient.ts';
import { deduplicationId, type IncomingMessageJob } from '#shared/jobs/jobs.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import type { Account } from '#shared/settings/settings.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

/** A mail on its way into FreeScout, with all that the steps need. */
export interface MailInHand {
  readonly job: IncomingMessageJob;
  readonly delivery: Delivery;
  readonly account: Account;
  readonly row: LedgerRow;
  readonly message: RawGmailMessage;
  readonly mail: ParsedMail;
}

/**
 * Whoever writes to an existing conversation runs in its message group: the job is queued there and ends here. The lease is given
 * back first, or the job would meet its own lease.
 */
export async function requeueInGroup(
  deps: WorkerDependencies,
  { job, delivery, row }: Pick<MailInHand, 'job' | 'delivery' | 'row'>,
  conversationId: number,
): Promise<typeof requeued> {
  await deps.store.ledger.release(row.key, delivery.owner);
  await deps.queue.send(
    { ...job, conversationId, cause: 'requeued' },
    deduplicationId.requeued(job, conversationId),
  );
  deps.log.write('MAIL_REQUEUED', { conversationId });
  return requeued;
}
