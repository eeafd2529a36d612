import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { type Conversation, newestTeamAnswer } from '#shared/freescout/model.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { adopted } from './adoptWrite.ts';
import { copiedTo } from './copiedTo.ts';
import { createConversation } from './createConversation.ts';
import { mergedInto } from './mergedInto.ts';
import { type MessageForFreeScout, messageForFreeScout } from './messageForFreeScout.ts';
import type { IntakeEnd, MessageInHand } from './messageInHand.ts';
import { isRevived } from './revivedThread.ts';
import { belongs, openPlaceOf, placeOfStranger } from './strangerInThread.ts';
import { writeMessage } from './writeMessage.ts';
import { threadOf } from './writtenThread.ts';

/**
 * Adds a message to the conversation it belongs to, which was matched before the job came into this conversation's group. The
 * conversation is read first: it may be gone, merged, spam, somebody else's, or so old that the message starts a new one; or the message
 * may be in it, in a ledger that was restored and does not remember.
 */
export async function appendMessage(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  conversationId: number,
): Promise<IntakeEnd> {
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation === null) {
    return startAgain(deps, inHand, conversationId);
  }
  if (conversation.state === 'deleted') {
    const mergedId = await mergedInto(deps, inHand, conversation.id);
    return mergedId === null
      ? startAgain(deps, inHand, conversation.id)
      : { status: 'goes-on', conversationId: mergedId, isMapped: true };
  }
  const written = threadOf(inHand.row, conversation);
  if (written !== undefined) {
    return adopted({ conversation, thread: written });
  }
  if (!(await belongs(deps, inHand, conversation))) {
    return (
      (await placeOfStranger(deps, inHand, conversation.id)) ?? {
        ...(await start(deps, inHand)),
        isApart: true,
      }
    );
  }
  if (isRevived(conversation, inHand)) {
    await deps.store.ledger.progress(inHand.row.key, inHand.delivery.owner, {
      related: { conversationId: conversation.id, why: 'revived' },
    });
    return startAgain(deps, inHand, conversation.id);
  }
  return append(deps, inHand, conversation);
}

/**
 * A new conversation for a message that cannot stay in the one it was handed to; but when an earlier message of the same channel thread
 * was in that place before, the conversation that one started.
 */
async function startAgain(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  leftConversationId: number,
): Promise<IntakeEnd> {
  const { writersThread } = inHand;
  const { thread } = inHand.message;
  const known = await deps.store.threadMap.getAll([writersThread, thread]);
  const startedId = [known.get(writersThread), known.get(thread)].find(
    (id) => id !== undefined && id !== leftConversationId,
  );
  const placeId = await openPlaceOf(deps, inHand, startedId, leftConversationId);
  return placeId === null
    ? start(deps, inHand)
    : { status: 'goes-on', conversationId: placeId, isMapped: false };
}

function start(deps: WorkerDependencies, inHand: MessageInHand): Promise<IntakeEnd> {
  return createConversation(deps, inHand, inHand.message.identity);
}

async function append(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  conversation: Conversation,
): Promise<LedgerOutcome> {
  const shaped = messageForFreeScout(deps, inHand, inHand.sender);
  const keepSpam = conversation.status === 'spam';
  const createdAt = backdatable(shaped.createdAt, conversation);
  const mayBeNew = !isCustomerOf(conversation, shaped);
  const { threadId } = await writeMessage(deps, inHand, shaped, { mayBeNew }, ({ html, attachments }) =>
    deps.freescout.addCustomerMessage(conversation.id, {
      customer: shaped.customer,
      html,
      attachments,
      cc: unitedCc(conversation, shaped, ownAddresses(deps.settings)),
      keepSpam,
      ...(createdAt === undefined ? {} : { createdAt }),
    }),
  );
  deps.log.write('MAIL_APPENDED', { conversationId: conversation.id, threadId });
  deps.measure('MailsAppended');
  return {
    status: 'success',
    action: 'append',
    conversationId: conversation.id,
    threadId,
    ...(keepSpam ? { reason: 'spam' } : {}),
  };
}

/** By address alone: FreeScout tells no numbers of the people in a conversation. */
function isCustomerOf({ customer }: Conversation, { identity }: MessageForFreeScout): boolean {
  return identity.kind === 'email' && customer?.email.toLowerCase() === identity.address;
}

/**
 * Dated before a reply that was written without it, a message would count as answered, here and in FreeScout; it waits for an answer
 * from now on.
 */
function backdatable(date: Date | undefined, conversation: Conversation): Date | undefined {
  const reply = newestTeamAnswer(conversation);
  return date !== undefined && reply !== undefined && reply.createdAt >= date.getTime() ? undefined : date;
}

/** The conversation's cc and the message's recipients; neither ourselves nor the customer. */
function unitedCc(
  conversation: Conversation,
  { cc, identity }: MessageForFreeScout,
  own: ReadonlySet<string>,
): readonly string[] {
  const all = [...conversation.cc.map((address) => address.toLowerCase()), ...cc];
  return copiedTo(all, identity, own);
}
