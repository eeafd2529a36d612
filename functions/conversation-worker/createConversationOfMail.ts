import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { MailAddress } from '#shared/mail/addresses.ts';
import { ownAddresses } from '#shared/settings/accounts.ts';
import { threadMapKey } from '#shared/store/keys.ts';
import type { LedgerOutcome, ThreadMapEntry } from '#shared/store/ledger.ts';
import type { MailInHand } from './bringMailIn.ts';
import { type MailForFreeScout, mailForFreeScout, starterOf } from './mailToFreeScout.ts';
import type { WorkerDependencies } from './workerDependencies.ts';
import { writeOnce } from './writeOnce.ts';

/** A mail that belongs to no conversation starts one of its sender or, for a web form, of the person who filled it in. */
export async function createConversationOfMail(
  deps: WorkerDependencies,
  inHand: MailInHand,
  customer: MailAddress = starterOf(inHand.mail, ownAddresses(deps.settings)),
): Promise<LedgerOutcome> {
  const { account, row, delivery } = inHand;
  const shaped = shapedMail(deps, inHand, customer);
  const written = await writeOnce(deps, row, delivery, () =>
    withoutAttachmentsIfTooLarge(shaped, ({ html, attachments }) =>
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
  );
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

/** 413 proves that nothing was written: the mail goes in once more without its attachments, which the text then names. */
export async function withoutAttachmentsIfTooLarge<Written>(
  shaped: MailForFreeScout,
  write: (content: Pick<MailForFreeScout, 'html' | 'attachments'>) => Promise<Written>,
): Promise<Written> {
  try {
    return await write(shaped);
  } catch (thrown) {
    const tooLarge = thrown instanceof FreeScoutFailure && thrown.status === 413;
    if (!tooLarge || shaped.attachments.length === 0) {
      throw thrown;
    }
    return write({ html: shaped.htmlWithoutAttachments, attachments: [] });
  }
}
