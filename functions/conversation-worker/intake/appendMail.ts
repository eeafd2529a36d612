import type { WorkEnd } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { type Conversation, newestAgentMessage } from '#shared/freescout/model.ts';
import { ownAddresses } from '#shared/settings/accounts.ts';
import { threadMapKey } from '#shared/store/keys.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import { adopted } from './adoptWrite.ts';
import { createConversationOfMail } from './createConversationOfMail.ts';
import { mergedInto } from './findConversation.ts';
import { type MailInHand, requeueInGroup } from './mailInHand.ts';
import { copiedTo, senderOf } from './mailToFreeScout.ts';
import { withSenderLock } from './senderLock.ts';
import { mapEntries, shapedMail, smallerIfTooLarge } from './shapeMail.ts';
import { threadOf, writeOnce } from './writeOnce.ts';

/**
 * Adds a mail to the conversation it belongs to, which was matched before the job came into this conversation's group. The
 * conversation is read first: it may be gone, merged, spam, or so old that the mail starts a new one; or the mail may be in it, in a
 * ledger that was restored and does not remember.
 */
export async function appendMail(
  deps: WorkerDependencies,
  inHand: MailInHand,
  conversationId: number,
): Promise<WorkEnd> {
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation === null) {
    return startAnew(deps, inHand, conversationId);
  }
  if (conversation.state === 'deleted') {
    const mergedId = await mergedInto(deps, inHand.account, senderOf(inHand.mail).address, conversation.id);
    if (mergedId === null) {
      return startAnew(deps, inHand, conversation.id);
    }
    await deps.store.threadMap.putAll(mapEntries(inHand, mergedId));
    return requeueInGroup(deps, inHand, mergedId);
  }
  const written = threadOf(inHand.row, conversation);
  if (written !== undefined) {
    return adopted(inHand, { conversation, thread: written });
  }
  if (isRevived(deps, conversation, inHand)) {
    await deps.store.ledger.progress(inHand.row.key, inHand.delivery.owner, {
      related: { conversationId: conversation.id, why: 'revived' },
    });
    return startAnew(deps, inHand, conversation.id);
  }
  return append(deps, inHand, conversation);
}

/**
 * A new conversation for a mail that cannot stay in the one it was handed to; but when an earlier mail of the same Gmail thread
 * was in that place before, the conversation that one started.
 */
async function startAnew(
  deps: WorkerDependencies,
  inHand: MailInHand,
  leftConversationId: number,
): Promise<WorkEnd> {
  const gmailThread = threadMapKey.thread('gmail', inHand.account.alias, inHand.message.gmailThreadId);
  const startedId = (await deps.store.threadMap.getAll([gmailThread])).get(gmailThread);
  return startedId === undefined || startedId === leftConversationId
    ? createConversationOfMail(deps, inHand)
    : requeueInGroup(deps, inHand, startedId);
}

async function append(
  deps: WorkerDependencies,
  inHand: MailInHand,
  conversation: Conversation,
): Promise<LedgerOutcome> {
  const shaped = shapedMail(deps, inHand, senderOf(inHand.mail));
  const keepSpam = conversation.status === 'spam';
  const createdAt = backdatable(shaped.createdAt, conversation);
  const write = () =>
    writeOnce(deps, inHand.row, inHand.delivery, () =>
      smallerIfTooLarge(shaped, ({ html, attachments }) =>
        deps.freescout.addCustomerMessage(conversation.id, {
          customer: shaped.customer,
          html,
          attachments,
          cc: unitedCc(conversation, shaped.cc, shaped.customer.email, ownAddresses(deps.settings)),
          keepSpam,
          ...(createdAt === undefined ? {} : { createdAt }),
        }),
      ),
    );
  const isKnown = conversation.customer?.email.toLowerCase() === shaped.customer.email;
  const { threadId } = await (isKnown
    ? write()
    : withSenderLock(deps, inHand.row, shaped.customer.email, write));
  deps.log.write('MAIL_APPENDED', { conversationId: conversation.id, threadId });
  deps.measure('MailsAppended');
  return {
    status: 'success',
    action: 'append',
    conversationId: conversation.id,
    threadId,
    threadMap: mapEntries(inHand, conversation.id),
    ...(keepSpam ? { reason: 'spam' } : {}),
  };
}

/**
 * Dated before a reply that was written without it, a mail would count as answered, here and in FreeScout; it waits for an answer from
 * now on.
 */
function backdatable(date: Date | undefined, conversation: Conversation): Date | undefined {
  const reply = newestAgentMessage(conversation);
  return date !== undefined && reply !== undefined && reply.createdAt >= date.getTime() ? undefined : date;
}

/** The conversation's cc and the mail's recipients; neither ourselves nor the customer. */
function unitedCc(
  conversation: Conversation,
  recipients: readonly string[],
  customerEmail: string,
  own: ReadonlySet<string>,
): readonly string[] {
  const all = [...conversation.cc.map((address) => address.toLowerCase()), ...recipients];
  return copiedTo(all, customerEmail, own);
}

/**
 * A thread that was silent for long and comes back under another subject is a new matter: answered in the old conversation it
 * would go out under the old subject.
 */
function isRevived(
  deps: WorkerDependencies,
  conversation: Conversation,
  { mail, message }: MailInHand,
): boolean {
  const newest = conversation.threads.at(-1)?.createdAt ?? conversation.createdAt;
  const silentDays = (message.internalDate.getTime() - newest) / dayMilliseconds;
  return (
    silentDays > deps.settings.gmail.reviveAfterDays &&
    bareSubject(mail.subject) !== bareSubject(conversation.subject)
  );
}

/** Subject without the prefixes that mail programs put before answers and forwards, without case and spacing. */
function bareSubject(subject: string): string {
  return subject
    .toLowerCase()
    .replace(
      /^(\s*(re|aw|wg|fw|fwd|sv|vs|antw|tr|rif|rv|res|enc|odp|ynt|回复|转发|答复|返信)(\[\d+\])?\s*[:：])+/u,
      '',
    )
    .replace(/\s+/gu, ' ')
    .trim();
}
