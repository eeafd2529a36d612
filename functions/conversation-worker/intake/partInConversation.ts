import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { type Conversation, isCustomerMessage } from '#shared/freescout/model.ts';

/**
 * Whether an address is the customer, on cc, or the author of a message there. Nobody has a part by a number: FreeScout tells no numbers
 * of the people in a conversation.
 */
export function hasPart(conversation: Conversation, sender: CustomerIdentity): boolean {
  if (sender.kind === 'phone') {
    return false;
  }
  const theirs = [
    conversation.customer?.email,
    ...conversation.cc,
    ...conversation.threads.flatMap((thread) => [
      ...(isCustomerMessage(thread) ? [thread.customer?.email, thread.createdBy?.email] : []),
      ...thread.cc,
    ]),
  ];
  return theirs.some((email) => email?.toLowerCase() === sender.address);
}
