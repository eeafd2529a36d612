import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import type { ConversationQuery } from '#shared/freescout/conversationReader.ts';

/** Asks FreeScout for the conversations of a person. What it answers for a number may be of a longer number that contains it. */
export function customerQuery(
  identity: CustomerIdentity,
): Pick<ConversationQuery, 'customerEmail' | 'customerPhone'> {
  return identity.kind === 'email' ? { customerEmail: identity.address } : { customerPhone: identity.number };
}
