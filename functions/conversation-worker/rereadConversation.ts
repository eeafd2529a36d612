import { ComeBackLater } from '#shared/failure/failure.ts';
import {
  type Conversation,
  conversationIsOver,
  newestCustomerMessage,
  type Thread,
} from '#shared/freescout/model.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

/** A conversation as FreeScout has it now, held against how the job read it before. */
export type Reread =
  | { readonly state: 'gone' }
  | {
      readonly state: 'over';
      readonly conversation: Conversation;
      readonly why: 'closed' | 'spam' | 'deleted';
    }
  | {
      readonly state: 'open';
      readonly conversation: Conversation;
      /** The customer's newest message, if it is another than before: new, or merged in by people. null: it is still the same. */
      readonly newMessage: Thread | null;
    };

/** Seconds until the job comes back to a conversation that people moved while it was at work. */
const comeBackSeconds = 10;

/**
 * Reads a conversation again just before something is written into it: customers and agents go on while the model is at work, and what
 * is written has to fit what is there.
 *
 * @param before - the conversation as the job read it, for whose customer and mailbox it works.
 * @throws {ComeBackLater} `conversation-changed` when it now belongs to another customer, for whom nothing was written, or to another
 * mailbox, which may be none of ours. With another newest message in a conversation of another customer it does not: `newMessage` tells
 * the caller, whose text fits no longer.
 */
export async function rereadConversation(
  { freescout }: Pick<WorkerDependencies, 'freescout'>,
  before: Conversation,
): Promise<Reread> {
  const conversation = await freescout.getConversation(before.id);
  if (conversation === null) {
    return { state: 'gone' };
  }
  const why = conversationIsOver(conversation);
  if (why !== null) {
    return { state: 'over', conversation, why };
  }
  const newest = newestCustomerMessage(conversation);
  const newMessage = newest === undefined || newest.id === newestCustomerMessage(before)?.id ? null : newest;
  const hasMoved = conversation.mailboxId !== before.mailboxId;
  const hasOtherCustomer = conversation.customer?.id !== before.customer?.id;
  if (hasMoved || (hasOtherCustomer && newMessage === null)) {
    throw new ComeBackLater('conversation-changed', comeBackSeconds);
  }
  return { state: 'open', conversation, newMessage };
}
