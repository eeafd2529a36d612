import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import type { Channel } from '#shared/channels/channel.ts';
import type { IncomingMessage, TeamMessage } from '#shared/channels/incomingMessage.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import type { IncomingMessageJob } from '#shared/jobs/jobs.ts';
import type { ThreadMapKey } from '#shared/store/keys.ts';
import type { LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';

/** A claimed row and what its job works on, before the message is read. */
export interface RowInHand {
  readonly job: IncomingMessageJob;
  readonly delivery: Delivery;
  readonly channel: Channel;
  readonly row: LedgerRow;
}

/** A customer's message on its way into FreeScout, with all that the steps need. */
export interface MessageInHand extends RowInHand {
  readonly message: IncomingMessage;
  /** Who sent it: as whom it may join a conversation that exists. */
  readonly sender: CustomerIdentity;
  /** Key under which the next message of the same sender in the same thread of the channel finds the conversation of this one. */
  readonly writersThread: ThreadMapKey;
}

/** A message of the team on its way into FreeScout. */
export interface TeamMessageInHand extends RowInHand {
  readonly message: TeamMessage;
}

/**
 * What a step comes to: an outcome of the row, or a conversation in whose message group the job has to go on, because only there an
 * existing conversation is written to.
 */
export type IntakeEnd = (LedgerOutcome & MaybeApart) | (GoesOn & MaybeApart);

/** The job goes on in the group of those over their share, behind the messages of others. */
export interface Waits {
  readonly status: 'waits';
}

interface MaybeApart {
  /** The thread of the message leads to a conversation in which its writer has no part; it stays that one's. */
  readonly isApart?: boolean;
}

interface GoesOn {
  readonly status: 'goes-on';
  readonly conversationId: number;
  /**
   * The conversation is entered for the message at once, before the message is written: the next one of its thread may not wait for it
   * and may carry nothing that leads there.
   */
  readonly isMapped: boolean;
}
