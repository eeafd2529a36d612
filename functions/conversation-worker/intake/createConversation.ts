import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { messageForFreeScout } from './messageForFreeScout.ts';
import type { IntakeEnd, MessageInHand } from './messageInHand.ts';
import { writeMessage } from './writeMessage.ts';

/** A message that belongs to no conversation starts one of that customer. */
export async function createConversation(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  customer: CustomerIdentity,
): Promise<IntakeEnd> {
  const shaped = messageForFreeScout(deps, inHand, customer);
  const written = await writeMessage(deps, inHand, shaped, { mayBeNew: true }, ({ html, attachments }) =>
    deps.freescout.createConversation({
      mailboxId: inHand.channel.mailboxId,
      subject: shaped.subject,
      customer: shaped.customer,
      html,
      attachments,
      cc: shaped.cc,
      imported: deps.settings.freescout.imported,
      ...(shaped.createdAt === undefined ? {} : { createdAt: shaped.createdAt }),
    }),
  );
  if (!written.customerHasAddress) {
    // Somebody else made the customer at that moment. What is adopted is put right, in the group of the conversation.
    return { status: 'goes-on', conversationId: written.conversationId, isMapped: true };
  }
  deps.log.write('MAIL_CREATED', { conversationId: written.conversationId, threadId: written.threadId });
  deps.measure('MailsCreated');
  return {
    status: 'success',
    action: 'create',
    conversationId: written.conversationId,
    ...(written.threadId === null ? {} : { threadId: written.threadId }),
  };
}
