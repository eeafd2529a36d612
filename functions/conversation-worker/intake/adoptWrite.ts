import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { hasOwnNote, markerFor } from '#shared/drafts/markers.ts';
import { type Conversation, isCustomerMessage } from '#shared/freescout/model.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { copiedTo } from './copiedTo.ts';
import type { EarlierWrite } from './findWrite.ts';
import { namesOfUnstored } from './leftOutAttachments.ts';
import type { IntakeEnd, MessageInHand, RowInHand } from './messageInHand.ts';

/** What a message came to that is in FreeScout already. */
export function adopted({ conversation, thread }: EarlierWrite): LedgerOutcome {
  const written = { status: 'success', conversationId: conversation.id, threadId: thread.id } as const;
  if (thread.type === 'note') {
    return { ...written, action: 'note' };
  }
  const isFirst = conversation.threads.find(isCustomerMessage)?.id === thread.id;
  return {
    ...written,
    action: isFirst ? 'create' : 'append',
    ...(conversation.status === 'spam' ? { reason: 'spam' } : {}),
  };
}

/**
 * Adopts a write that nobody answered, and does what FreeScout may have left undone when it stopped in the middle of it: it stores a
 * message before its attachments, and re-opens the conversation last. Whoever writes to a conversation runs in its message group.
 *
 * @param inHand - without the message when it is no longer to be had at its source: what is undone of itself cannot be told then.
 */
export async function adoptUnanswered(
  deps: WorkerDependencies,
  inHand: MessageInHand | RowInHand,
  earlier: EarlierWrite,
): Promise<IntakeEnd> {
  if (isCustomerMessage(earlier.thread) && earlier.conversation.state === 'published') {
    const undone = leftUndone(deps, inHand, earlier);
    if (undone !== null) {
      if (inHand.job.conversationId !== earlier.conversation.id) {
        return { status: 'goes-on', conversationId: earlier.conversation.id, isMapped: false };
      }
      await finish(deps, inHand, earlier, undone);
    }
  }
  return adopted(earlier);
}

interface LeftUndone {
  /** Names of the attachments that people may look for in vain. */
  readonly attachments: readonly string[];
  readonly reopen: boolean;
  readonly customer: LostCustomer | null;
}

/** The conversation's customer has no address, and this one, who has it, wrote the message; or nobody has it. */
type LostCustomer = { readonly id: number } | 'nobody';

/** null: nothing. */
function leftUndone(
  { settings }: Pick<WorkerDependencies, 'settings'>,
  inHand: MessageInHand | RowInHand,
  earlier: EarlierWrite,
): LeftUndone | null {
  const { conversation, thread } = earlier;
  const { attachmentLimitMegabytes } = settings.freescout;
  const isRead = 'message' in inHand;
  const attachments = isRead
    ? namesOfUnstored(inHand.message.attachments, thread, attachmentLimitMegabytes)
    : [];
  const customer = isRead ? lostCustomer(writtenAs(inHand), earlier) : null;
  const reopen = conversation.isClosedBeforeNewest;
  return attachments.length > 0 || reopen || customer !== null ? { attachments, reopen, customer } : null;
}

/** As whose message it was written: of a form or a forward that is the person behind it. */
function writtenAs({ message, sender }: Pick<MessageInHand, 'message' | 'sender'>): CustomerIdentity {
  return message.startsOwn ? message.identity : sender;
}

/** null: the conversation's customer can be answered. A customer with a number needs no address. */
function lostCustomer(sender: CustomerIdentity, { conversation, thread }: EarlierWrite): LostCustomer | null {
  if (sender.kind === 'phone' || conversation.customer === null || conversation.customer.email !== '') {
    return null;
  }
  return thread.customer === null || thread.customer.email === '' ? 'nobody' : { id: thread.customer.id };
}

/** Each step may be repeated: a worker can stop between any two of them. */
async function finish(
  deps: WorkerDependencies,
  inHand: MessageInHand | RowInHand,
  { conversation }: EarlierWrite,
  undone: LeftUndone,
): Promise<void> {
  const { attachments, reopen, customer } = undone;
  if ('message' in inHand) {
    await noteUndone(deps, inHand, conversation, undone);
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

/** Tells the agents what only they can do. */
async function noteUndone(
  deps: WorkerDependencies,
  { row, message, sender }: MessageInHand,
  conversation: Conversation,
  { attachments, customer }: LeftUndone,
): Promise<void> {
  const marker = `unfinished:${row.key}`;
  const writer = writtenAs({ message, sender });
  const lines = [
    ...(attachments.length > 0
      ? [
          'FreeScout stopped while it was storing a message of this conversation. These attachments of it may be missing here; they are in the mailbox:',
          ...attachments,
        ]
      : []),
    ...(customer === 'nobody' && writer.kind === 'email'
      ? [`FreeScout stored this customer without an address. Before you answer, add: ${writer.address}`]
      : []),
  ];
  if (lines.length > 0 && !hasOwnNote(conversation, deps.settings.freescout.botUserId, marker)) {
    await deps.freescout.addNote(conversation.id, {
      html: `${markerFor(marker)}${textToHtml(lines.join('\n'))}`,
      cc: copiedTo([...conversation.cc, ...message.recipients], writer, ownAddresses(deps.settings)),
      imported: false,
    });
  }
}
