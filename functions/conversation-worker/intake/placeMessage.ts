import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { MessageVerdict } from '#shared/channels/incomingMessage.ts';
import type { IncomingMessageJob, JobCause } from '#shared/jobs/jobs.ts';
import { adopted } from './adoptWrite.ts';
import { appendMessage } from './appendMessage.ts';
import { createConversation } from './createConversation.ts';
import { conversationOfReport, findConversation } from './findConversation.ts';
import { findForgottenWrite } from './findWrite.ts';
import { lookForCopies } from './messageCopies.ts';
import type { IntakeEnd, MessageInHand, Waits } from './messageInHand.ts';
import { noteReport } from './noteReport.ts';
import { isOverShare } from './overShare.ts';
import { unrecordedConversation } from './threadStarter.ts';

/**
 * Jobs of messages that may have been brought in before, in a time that the ledger no longer remembers. A channel names a message when
 * it comes in, and one that moves into its conversation's group was looked for before it moved.
 */
const mayBeForgotten: ReadonlySet<JobCause> = new Set(['back-fill', 'gap-check', 'wake', 'replay']);

/**
 * Gives a customer's message its place: what was written before is adopted, a report becomes a note, and everything else is added to the
 * conversation it belongs to or starts one.
 *
 * @param anyway - the operator restored the message.
 */
export async function placeMessage(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  anyway: boolean,
): Promise<IntakeEnd | Waits> {
  const { job, row, delivery, message } = inHand;
  const { verdict } = message;
  if (verdict.kind === 'filtered' && !anyway) {
    return { status: 'filtered', reason: verdict.reason };
  }
  await deps.store.ledger.progress(row.key, delivery.owner, {
    noDraft: noDraftOf(verdict),
    remarks: message.remarks,
  });
  if (mayWait(job, verdict) && (await isOverShare(deps, inHand))) {
    return { status: 'waits' };
  }
  const forgotten = mayBeForgotten.has(job.cause)
    ? await findForgottenWrite(deps, row, [message.identity, inHand.sender], message.receivedAt)
    : null;
  if (forgotten !== null) {
    return adopted(forgotten);
  }
  if (verdict.kind === 'report') {
    const placed = await placeReport(deps, inHand, verdict);
    if (placed !== null || !anyway) {
      return placed ?? { status: 'filtered', reason: verdict.reason };
    }
  }
  // Looked for in both groups: while the job went on to the conversation's, nobody held the row, and a copy may have taken its place.
  const copies = await lookForCopies(deps, inHand);
  if (copies.kind === 'double' && !anyway) {
    return { status: 'filtered', reason: 'double' };
  }
  if (copies.kind === 'own' && copies.remarks.length > 0) {
    await deps.store.ledger.progress(row.key, delivery.owner, { remarks: copies.remarks });
  }
  if (job.conversationId !== undefined) {
    return appendMessage(deps, inHand, job.conversationId);
  }
  return findOrStart(deps, inHand);
}

/** A message waits once at most, and what the operator asks for does not. */
function mayWait({ overShare, conversationId, cause }: IncomingMessageJob, verdict: MessageVerdict): boolean {
  return !overShare && conversationId === undefined && cause !== 'replay' && verdict.kind === 'customer';
}

/** A message that would be filtered and comes here was restored: the operator says that a person wrote it. */
function noDraftOf(verdict: MessageVerdict): string | null {
  switch (verdict.kind) {
    case 'customer':
      return verdict.noDraft;
    case 'report':
      return verdict.reason;
    case 'filtered':
      return null;
  }
}

/** null: it speaks of no conversation that is known. */
async function placeReport(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  { reason, about }: Extract<MessageVerdict, { kind: 'report' }>,
): Promise<IntakeEnd | null> {
  if (inHand.job.conversationId !== undefined) {
    return noteReport(deps, inHand, inHand.job.conversationId, reason);
  }
  const conversationId = await conversationOfReport(deps, about);
  return conversationId === null ? null : { status: 'goes-on', conversationId, isMapped: false };
}

/** Finds the conversation that the message belongs to, whose group its job then goes on in, or starts one. */
async function findOrStart(deps: WorkerDependencies, inHand: MessageInHand): Promise<IntakeEnd> {
  const { row, delivery, message, sender } = inHand;
  const match = await findConversation(deps, inHand);
  if (match.kind === 'found') {
    return { status: 'goes-on', conversationId: match.conversationId, isMapped: match.by === 'answer' };
  }
  if (match.kind === 'not-theirs') {
    deps.log.write('SENDER_NOT_IN_CONVERSATION', { otherConversationId: match.conversationId });
    await deps.store.ledger.progress(row.key, delivery.owner, {
      related: { conversationId: match.conversationId, why: 'sender-has-no-part' },
    });
  }
  const begun = match.kind === 'own' ? null : await unrecordedConversation(deps, message.thread, message.key);
  if (begun !== null) {
    return { status: 'goes-on', conversationId: begun, isMapped: false };
  }
  if (match.kind !== 'own') {
    await deps.store.state.rememberThreadStarter(message.thread, message.key);
  }
  return createConversation(deps, inHand, match.kind === 'not-theirs' ? sender : message.identity);
}
