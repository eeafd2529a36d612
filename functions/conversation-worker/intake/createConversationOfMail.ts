import type { WorkEnd } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { MailAddress } from '#shared/mail/parsing/addresses.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import { type MailInHand, requeueInGroup } from './mailInHand.ts';
import { starterOf } from './mailToFreeScout.ts';
import { withSenderLock } from './senderLock.ts';
import { mapEntries, shapedMail, smallerIfTooLarge } from './shapeMail.ts';
import { writeOnce } from './writeOnce.ts';

/** A mail that belongs to no conversation starts one of its sender or, for a web form, of the person who filled it in. */
export async function createConversationOfMail(
  deps: WorkerDependencies,
  inHand: MailInHand,
  customer: MailAddress = starterOf(inHand.mail, ownAddresses(deps.settings)),
): Promise<WorkEnd> {
  const { account, row, delivery } = inHand;
  const shaped = shapedMail(deps, inHand, customer);
  const written = await withSenderLock(deps, row, shaped.customer.email, () =>
    writeOnce(deps, row, delivery, () =>
      smallerIfTooLarge(shaped, ({ html, attachments }) =>
        deps.freescout.createConversation({
          mailboxId: account.mailboxId,
          subject: shaped.subject,
          customer: shaped.customer,
          html,
          attachments,
          cc: shaped.cc,
          imported: deps.settings.freescout.imported,
          ...(shaped.createdAt === undefined ? {} : { createdAt: shaped.createdAt }),
        }),
      ),
    ),
  );
  if (!written.customerHasAddress) {
    // Somebody else made the customer at that moment. What is adopted is put right, in the group of the conversation.
    await deps.store.threadMap.putAll(mapEntries(inHand, written.conversationId));
    return requeueInGroup(deps, inHand, written.conversationId);
  }
  deps.log.write('MAIL_CREATED', { conversationId: written.conversationId, threadId: written.threadId });
  deps.measure('MailsCreated');
  return {
    status: 'success',
    action: 'create',
    conversationId: written.conversationId,
    ...(written.threadId === null ? {} : { threadId: written.threadId }),
    threadMap: mapEntries(inHand, written.conversationId),
  };
}
