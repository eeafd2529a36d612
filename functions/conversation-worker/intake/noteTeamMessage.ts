import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { Channel } from '#shared/channels/channel.ts';
import type { TeamMessage } from '#shared/channels/incomingMessage.ts';
import { identityDigest } from '#shared/customers/customerIdentity.ts';
import { teamMarkerOf } from '#shared/drafts/markers.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { freescoutThreadIn, messageKey, type ThreadMapKey, threadMapKey } from '#shared/store/keys.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { findAmongNewest } from './findAmongNewest.ts';
import type { EarlierWrite } from './findWrite.ts';
import { mergedInto } from './mergedInto.ts';
import type { IntakeEnd, TeamMessageInHand } from './messageInHand.ts';
import { hasPart } from './partInConversation.ts';
import { unrecordedConversation } from './threadStarter.ts';
import { writeNote } from './writeNote.ts';

/** Stands in the row of a message of the team that became a note. */
export const teamReason = 'team';

/** Stands in the row of a message of the team that became a note and reached no customer. */
const unsentReason = 'team-unsent';

/**
 * A message of the team becomes one internal note of the conversation that it belongs to. It starts none: without a customer nobody could
 * be answered there.
 *
 * @param earlier - the note, when an earlier attempt is found to have written it.
 */
export async function noteTeamMessage(
  deps: WorkerDependencies,
  inHand: TeamMessageInHand,
  earlier: EarlierWrite | null,
): Promise<IntakeEnd> {
  const { job, row, message } = inHand;
  const { author, reachedCustomer } = message;
  const reason = reachedCustomer ? teamReason : unsentReason;
  if (earlier !== null) {
    return noted(earlier, reason);
  }
  if (job.conversationId === undefined) {
    return goOnOrWait(deps, inHand, () => conversationOf(deps, inHand));
  }
  const conversation = await deps.freescout.getConversation(job.conversationId);
  if (conversation === null || conversation.state === 'deleted') {
    return endWithoutPlace(deps, inHand, conversation);
  }
  const placed = await placeOrWait(deps, inHand, () => conversationReached(deps, conversation, message));
  if (placed !== conversation.id) {
    return goesOnIn(placed);
  }
  return writeNote(deps, inHand, conversation, {
    // Only the marker of a team message makes a note count as an answer.
    marker: reachedCustomer ? teamMarkerOf(row.key) : row.key,
    html: `${textToHtml(reachedCustomer ? `${author} wrote:` : unsentWords(author))}${message.html()}`,
    reason,
    // Who wrote it knows it, and the customer's message that it answers has been told of. What did not reach the customer has to be sent.
    isSilent: reachedCustomer,
    createdAt: message.receivedAt,
  });
}

/** Whoever has no part in the deleted conversation of the thread may be on their way to one of their own. */
async function endWithoutPlace(
  deps: WorkerDependencies,
  inHand: TeamMessageInHand,
  deleted: Conversation | null,
): Promise<IntakeEnd> {
  const { recipients } = inHand.message;
  const find = () => elsewhere(deps, inHand, deleted);
  if (recipients !== undefined && (deleted === null || !wentTo(deleted, recipients))) {
    return goOnOrWait(deps, inHand, find);
  }
  const conversationId = await find();
  return conversationId === null
    ? { status: 'filtered', reason: 'conversation-gone' }
    : goesOnIn(conversationId);
}

function wentTo(conversation: Conversation, recipients: readonly string[]): boolean {
  return recipients.some((address) =>
    hasPart(conversation, { kind: 'email', address, name: null, verified: false }),
  );
}

/**
 * The conversation of somebody whom the message went to: this one, or the one that they began in the thread meanwhile. null when it went to
 * nobody of them: a thread may be passed on to a supplier, who is no customer. FreeScout shows the main address of a customer, so who
 * wrote from another one is known by the key of a writer.
 */
async function conversationReached(
  deps: Pick<WorkerDependencies, 'store' | 'freescout'>,
  conversation: Conversation,
  message: TeamMessage,
): Promise<number | null> {
  const { recipients } = message;
  if (recipients === undefined || wentTo(conversation, recipients)) {
    return conversation.id;
  }
  const { threadMap } = deps.store;
  const known = [...(await threadMap.getAll(keysOfRecipients(message))).values()];
  if (known.includes(conversation.id)) {
    return conversation.id;
  }
  const begun = await firstThatIsThere(deps, known);
  if (begun !== null) {
    return begun;
  }
  // What began in its own right, as the mail of a form does, is in the map by what it is alone, and not by its thread.
  const answered = [...(await threadMap.getAll(message.answers)).values()];
  return firstThatIsThere(deps, answered, (other) => wentTo(other, recipients));
}

/** A message that is led to a deleted conversation would be led back from there, and go round for ever. */
async function firstThatIsThere(
  { freescout }: Pick<WorkerDependencies, 'freescout'>,
  conversationIds: readonly number[],
  isMeant: (conversation: Conversation) => boolean = () => true,
): Promise<number | null> {
  for (const id of new Set(conversationIds)) {
    const conversation = await freescout.getConversation(id);
    if (conversation !== null && conversation.state !== 'deleted' && isMeant(conversation)) {
      return id;
    }
  }
  return null;
}

/** Under which the conversations of those whom a message went to are found in its thread. */
function keysOfRecipients({ thread, recipients = [] }: TeamMessage): readonly ThreadMapKey[] {
  const addresses = [...new Set(recipients)].slice(0, mostRecipients);
  return addresses.map((address) =>
    threadMapKey.ofWriter(thread, identityDigest({ kind: 'email', address })),
  );
}

/** People whom a message went to that are looked for in its thread. */
const mostRecipients = 20;

/**
 * The job goes on where the deleted conversation was merged into, else in the one that somebody whom the message went to has in the thread.
 * null when there is neither.
 */
async function elsewhere(
  deps: WorkerDependencies,
  { job, channel, message }: TeamMessageInHand,
  deleted: Conversation | null,
): Promise<number | null> {
  const address = deleted?.customer?.email.toLowerCase() ?? '';
  const sender = { kind: 'email', address, name: null, verified: false } as const;
  const merged =
    deleted === null || address === '' ? null : await mergedInto(deps, { channel, sender }, deleted.id);
  const known = await deps.store.threadMap.getAll(keysOfRecipients(message));
  const others = [...known.values()].filter((id) => id !== job.conversationId);
  return merged ?? firstThatIsThere(deps, others);
}

async function goOnOrWait(
  deps: WorkerDependencies,
  inHand: TeamMessageInHand,
  find: () => Promise<number | null>,
): Promise<IntakeEnd> {
  return goesOnIn(await placeOrWait(deps, inHand, find));
}

/** The job goes on in a conversation; or it has its end already. */
function goesOnIn(placed: number | LedgerOutcome): IntakeEnd {
  return typeof placed === 'number' ? { status: 'goes-on', conversationId: placed, isMapped: false } : placed;
}

/**
 * The conversation that is found for a message of the team, or how the work on it ends while there is none.
 *
 * The customer's message that this one answers may come in later: it failed so far, or only the hourly gap check finds it. Until then the
 * answer waits, as a deferred row: a job that came back to the queue would hold up the customer's message, which is of the same thread.
 */
async function placeOrWait(
  deps: WorkerDependencies,
  inHand: TeamMessageInHand,
  find: () => Promise<number | null>,
): Promise<number | LedgerOutcome> {
  const found = await find();
  if (found !== null) {
    return found;
  }
  const { reachedCustomer, receivedAt, keptOutAs = 'no-conversation' } = inHand.message;
  const age = deps.clock.now().getTime() - receivedAt.getTime();
  // What reached no customer answers FreeScout, which has the conversation.
  if (reachedCustomer && (age < foundWithinMilliseconds || (await isThreadPending(deps, inHand)))) {
    return { status: 'deferred', reason: 'thread-pending' };
  }
  // A message whose row ended between the first look and that one is in the map by now.
  return (await find()) ?? { status: 'filtered', reason: keptOutAs };
}

/** By then the gap check has found every message that came in before. */
const foundWithinMilliseconds = 90 * minuteMilliseconds;

/** Whether another message of the thread is on its way. One of the team that waits itself brings no conversation. */
async function isThreadPending(
  { store }: Pick<WorkerDependencies, 'store'>,
  { job: { channel, alias, threadId }, row }: TeamMessageInHand,
): Promise<boolean> {
  const listed = { limit: threadRowsRead, channelThreadId: threadId };
  const open = await Promise.all([
    store.ledger.listByStatus('processing', listed),
    store.ledger.listByStatus('deferred', listed),
    store.ledger.listByStatus('failed', { ...listed, retryable: true }),
  ]);
  return open
    .flat()
    .some(
      ({ key, reason }) =>
        key !== row.key && key.startsWith(messageKey(channel, alias, '')) && reason !== 'thread-pending',
    );
}

/** Open rows of one thread that are looked at; there are hardly ever more than two. */
const threadRowsRead = 20;

function unsentWords(author: string): string {
  return `${author} answered a notification by mail. The customer did not get this; send it from here:`;
}

function noted({ conversation, thread }: EarlierWrite, reason: string): LedgerOutcome {
  return {
    status: 'success',
    action: 'note',
    reason,
    conversationId: conversation.id,
    threadId: thread.id,
  };
}

/** The conversation in its thread of somebody whom it went to, else that of what it answers, else that of the thread itself. */
async function conversationOf(
  deps: WorkerDependencies,
  { channel, message }: TeamMessageInHand,
): Promise<number | null> {
  const { target, thread, answers, key } = message;
  if (target !== null) {
    return target;
  }
  const keys = [...new Set([...keysOfRecipients(message), ...answers, thread])];
  const known = await deps.store.threadMap.getAll(keys);
  const found = keys.map((each) => known.get(each)).find((id) => id !== undefined);
  if (found !== undefined) {
    return found;
  }
  const notifiedOf = freescoutThreadIn(thread);
  return notifiedOf === null
    ? unrecordedConversation(deps, thread, key)
    : conversationWithThread(deps, channel, notifiedOf);
}

/** Of a notification: its thread may be one that FreeScout made itself, as when it assigns a conversation. */
async function conversationWithThread(
  deps: WorkerDependencies,
  channel: Channel,
  threadId: number,
): Promise<number | null> {
  const conversation = await findAmongNewest(deps, channel, null, ({ threads }) =>
    threads.some(({ id }) => id === threadId),
  );
  return conversation?.id ?? null;
}
