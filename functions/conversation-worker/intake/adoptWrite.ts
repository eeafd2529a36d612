import type { WorkEnd } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { hasOwnNote, markerFor } from '#shared/drafts/markers.ts';
import { isCustomerMessage } from '#shared/freescout/model.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { type MailInHand, requeueInGroup } from './mailInHand.ts';
import { attachmentsNamedAsLeft, copiedTo, senderOf } from './mailToFreeScout.ts';
import { mapEntries, shapedMail } from './shapeMail.ts';
import type { EarlierWrite } from './writeOnce.ts';

/** What a mail came to that is in FreeScout already. */
export function adopted(inHand: MailInHand, { conversation, thread }: EarlierWrite): LedgerOutcome {
  const written = { status: 'success', conversationId: conversation.id, threadId: thread.id } as const;
  if (thread.type === 'note') {
    return { ...written, action: 'note' };
  }
  const isFirst = conversation.threads.find(isCustomerMessage)?.id === thread.id;
  return {
    ...written,
    action: isFirst ? 'create' : 'append',
    threadMap: mapEntries(inHand, conversation.id),
    ...(conversation.status === 'spam' ? { reason: 'spam' } : {}),
  };
}

/**
 * Adopts a write that nobody answered, and does what FreeScout may have left undone when it stopped in the middle of it: it stores a
 * message before its attachments, and re-opens the conversation last. Whoever writes to a conversation runs in its message group.
 */
export async function adoptUnanswered(
  deps: WorkerDependencies,
  inHand: MailInHand,
  earlier: EarlierWrite,
): Promise<WorkEnd> {
  const undone = leftUndone(deps, inHand, earlier);
  if (undone !== null) {
    if (inHand.job.conversationId !== earlier.conversation.id) {
      return requeueInGroup(deps, inHand, earlier.conversation.id);
    }
    await finish(deps, inHand, earlier, undone);
  }
  return adopted(inHand, earlier);
}

interface LeftUndone {
  /** Names of the attachments that people may look for in vain. */
  readonly attachments: readonly string[];
  readonly reopen: boolean;
  /** The conversation's customer has no address, and this one, who has it, wrote the message; or nobody has it. */
  readonly customer: { readonly id: number } | 'nobody' | null;
}

/** null: nothing. */
function leftUndone(
  deps: WorkerDependencies,
  inHand: MailInHand,
  { conversation, thread }: EarlierWrite,
): LeftUndone | null {
  if (!isCustomerMessage(thread) || conversation.state !== 'published') {
    return null;
  }
  const { mail } = inHand;
  const expected = mail.attachments.filter(({ content }) => content.byteLength > 0).length;
  const isShort = thread.attachmentNames.length + attachmentsNamedAsLeft(thread.body) < expected;
  const attachments = isShort
    ? shapedMail(deps, inHand, senderOf(mail)).attachments.map(({ fileName }) => fileName)
    : [];
  const customer =
    conversation.customer === null || conversation.customer.email !== ''
      ? null
      : thread.customer === null || thread.customer.email === ''
        ? 'nobody'
        : { id: thread.customer.id };
  const reopen = conversation.isClosedBeforeNewest;
  return attachments.length > 0 || reopen || customer !== null ? { attachments, reopen, customer } : null;
}

/** Each step may be repeated: a worker can stop between any two of them. */
async function finish(
  deps: WorkerDependencies,
  inHand: MailInHand,
  { conversation }: EarlierWrite,
  { attachments, reopen, customer }: LeftUndone,
): Promise<void> {
  const shaped = shapedMail(deps, inHand, senderOf(inHand.mail));
  const marker = `unfinished:${inHand.row.key}`;
  const lines = [
    ...(attachments.length > 0
      ? [
          'FreeScout stopped while it was storing a message of this conversation. These attachments of it may be missing here; they are in the mailbox:',
          ...attachments,
        ]
      : []),
    ...(customer === 'nobody'
      ? [
          `FreeScout stored this customer without an address. Before you answer, add: ${shaped.customer.email}`,
        ]
      : []),
  ];
  if (lines.length > 0 && !hasOwnNote(conversation, deps.settings.freescout.botUserId, marker)) {
    await deps.freescout.addNote(conversation.id, {
      html: `${markerFor(marker)}${textToHtml(lines.join('\n'))}`,
      cc: copiedTo([...conversation.cc, ...shaped.cc], shaped.customer.email, ownAddresses(deps.settings)),
      imported: false,
    });
  }
  if (customer !== null && customer !== 'nobody') {
    await deps.freescout.setCustomer(conversation.id, customer.id);
  }
  if (reopen) {
    await deps.freescout.reopen(conversation.id);
  }
  deps.log.write('WRITE_FINISHED', {
    conversationId: conversation.id,
    reasons: [
      ...(attachments.length > 0 ? ['attachments'] : []),
      ...(customer === null ? [] : ['customer']),
      ...(reopen ? ['closed'] : []),
    ].join(' '),
  });
}
