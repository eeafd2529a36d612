import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { messageKeysIn } from '#functions/conversation-worker/intake/findConversation.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Conversation, Thread } from '#shared/freescout/model.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { isToldByFreeScout } from './toldByFreeScout.ts';

/** A customer's message whose row a delivery of a job has claimed. */
export interface ClaimedMessage {
  readonly job: ConversationJob;
  readonly delivery: Delivery;
  /** As the job read it at its beginning. */
  readonly conversation: Conversation;
  readonly message: Thread;
  /** The claimed row; it says how far an earlier delivery came. */
  readonly row: LedgerRow;
}

/** What every step of the work on one customer message needs to know. */
export interface MessageInWork extends ClaimedMessage {
  /** Row of the mail that the message came in with; null for a message that we did not bring in. */
  readonly mailRow: LedgerRow | null;
  /** FreeScout has told the agents of the message, so our notes about it notify nobody. */
  readonly silentNotes: boolean;
}

export async function messageInWork(
  { settings, store }: Pick<WorkerDependencies, 'settings' | 'store'>,
  claimed: ClaimedMessage,
): Promise<MessageInWork> {
  const { conversation, message } = claimed;
  const [mailKey] = messageKeysIn({ ...conversation, threads: [message] });
  const mailRow = mailKey === undefined ? null : await store.ledger.get(mailKey);
  const silentNotes = isToldByFreeScout(settings, conversation, message, mailRow);
  return { ...claimed, mailRow, silentNotes };
}
