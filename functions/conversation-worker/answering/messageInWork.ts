import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { messageKeysIn } from '#functions/conversation-worker/intake/mergedInto.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { type Conversation, type Thread, unansweredCustomerMessages } from '#shared/freescout/model.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { isToldByFreeScout } from './toldByFreeScout.ts';

/** Newest mails without an answer whose rows are read. */
const mostWaitingMails = 25;

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
  /** Rows of all mails that wait for an answer, that one included: its note speaks of them too, for they get none. */
  readonly waitingMailRows: readonly LedgerRow[];
  /** FreeScout has told the agents of the message, so our notes about it notify nobody. */
  readonly silentNotes: boolean;
}

export async function messageInWork(
  { settings, store }: Pick<WorkerDependencies, 'settings' | 'store'>,
  claimed: ClaimedMessage,
): Promise<MessageInWork> {
  const { conversation, message } = claimed;
  const waiting = unansweredCustomerMessages(conversation).slice(-mostWaitingMails);
  const waitingKeys = messageKeysIn({ ...conversation, threads: waiting });
  const [mailKey] = messageKeysIn({ ...conversation, threads: [message] });
  const rows = await store.ledger.getAll([...new Set([...waitingKeys, ...(mailKey ? [mailKey] : [])])]);
  const mailRow = (mailKey && rows.get(mailKey)) ?? null;
  const silentNotes = isToldByFreeScout(settings, conversation, message, mailRow);
  return { ...claimed, mailRow, waitingMailRows: [...rows.values()], silentNotes };
}
