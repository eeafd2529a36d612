import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import type { MailAddress } from '#shared/mail/parsing/addresses.ts';
import { ownAddresses } from '#shared/settings/accounts.ts';
import { threadMapKey } from '#shared/store/keys.ts';
import type { ThreadMapEntry } from '#shared/store/ledger.ts';
import type { MailInHand } from './mailInHand.ts';
import { type MailForFreeScout, mailForFreeScout } from './mailToFreeScout.ts';

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
  const keys = [threadMapKey.thread('gmail', account.alias, message.gmailThreadId)];
  if (mail.messageId !== null) {
    keys.push(threadMapKey.mail(mail.messageId));
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
