import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { MailAddress } from '#shared/mail/addresses.ts';
import { ownAddresses } from '#shared/settings/accounts.ts';
import { threadMapKey } from '#shared/store/keys.ts';
import type { ThreadMapEntry } from '#shared/store/ledger.ts';
import { handOver, type MailInHand } from './bringMailIn.ts';
import { type MailForFreeScout, mailForFreeScout, starterOf } from './mailToFreeScout.ts';
import { inTurnOfSender } from './turnOfSender.ts';
import type { WorkEnd } from './underClaim.ts';
import type { WorkerDependencies } from './workerDependencies.ts';
import { writeOnce } from './writeOnce.ts';

/** A mail that belongs to no conversation starts one of its sender or, for a web form, of the person who filled it in. */
export async function createConversationOfMail(
  deps: WorkerDependencies,
  inHand: MailInHand,
  customer: MailAddress = starterOf(inHand.mail, ownAddresses(deps.settings)),
): Promise<WorkEnd> {
  const { account, row, delivery } = inHand;
  const shaped = shapedMail(deps, inHand, customer);
  const written = await inTurnOfSender(deps, row, shaped.customer.email, () =>
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
    return handOver(deps, inHand, written.conversationId);
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

/** The mail in hand as FreeScout gets it, as a message of that customer. */
export function shapedMail(
  deps: WorkerDependencies,
  { row, message, mail }: MailInHand,
  customer: MailAddress,
): MailForFreeScout {
  return mailForFreeScout(mail, message, {
    key: row.key,
    customer,
    ownAddresses: ownAddresses(deps.settings),
    attachmentLimitBytes: deps.settings.freescout.attachmentLimitMegabytes * 1_000_000,
    now: deps.clock.now(),
  });
}

/** Where later mails of the Gmail thread, and answers to this mail, will find the conversation. */
export function mapEntries(
  { account, message, mail }: MailInHand,
  conversationId: number,
): readonly ThreadMapEntry[] {
  const keys = [threadMapKey.gmailThread(account.alias, message.gmailThreadId)];
  if (mail.messageId !== null) {
    keys.push(threadMapKey.message(mail.messageId));
  }
  return keys.map((key) => ({ key, conversationId }));
}

/**
 * 413 proves that nothing was written: the mail goes in once more without its attachments, which the text then names, and if that is
 * still too large, with the beginning of its text alone.
 *
 * @throws the last 413, which is retryable: what refuses 200 kB is a limit that somebody has to raise, and the mail waits for that.
 */
export async function smallerIfTooLarge<Written>(
  shaped: MailForFreeScout,
  write: (content: Pick<MailForFreeScout, 'html' | 'attachments'>) => Promise<Written>,
): Promise<Written> {
  const smaller = [
    ...(shaped.attachments.length === 0 ? [] : [shaped.htmlWithoutAttachments]),
    shaped.htmlOfBeginning,
  ];
  let written = write(shaped);
  for (const html of smaller) {
    written = written.catch((thrown: unknown) => {
      if (thrown instanceof FreeScoutFailure && thrown.status === 413) {
        return write({ html, attachments: [] });
      }
      throw thrown;
    });
  }
  return written;
}
