import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { requeued, underClaim, type WorkEnd } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { IncomingMessage } from '#shared/channels/incomingMessage.ts';
import { identityDigest } from '#shared/customers/customerIdentity.ts';
import { permanent } from '#shared/failure/failure.ts';
import { deduplicationId, type IncomingMessageJob } from '#shared/jobs/jobs.ts';
import { messageKey, type ThreadMapKey, threadMapKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { adoptUnanswered } from './adoptWrite.ts';
import { settleEarlierWrite } from './findWrite.ts';
import { type KeysFor, keysToMap } from './keysToMap.ts';
import type { IntakeEnd, MessageInHand, RowInHand, Waits } from './messageInHand.ts';
import { noteTeamMessage, teamReason } from './noteTeamMessage.ts';
import { placeMessage } from './placeMessage.ts';

/**
 * Brings one message of a channel into FreeScout: exactly one conversation, message or note, or a terminal row that says why not; then
 * queues the conversation job. Everything is decided from the ledger and a fresh read, so a repeated or late job does no harm.
 */
export async function bringMessageIn(
  deps: WorkerDependencies,
  job: IncomingMessageJob,
  delivery: Delivery,
): Promise<void> {
  if (job.overShare && job.conversationId === undefined) {
    await deps.overSharePace.wait();
  }
  const key = messageKey(job.channel, job.alias, job.messageId);
  const channel = deps.channel(job.channel, job.alias);
  const end = await underClaim(deps, key, delivery, { channelThreadId: job.threadId }, async (row) => {
    if (channel === null) {
      throw permanent(
        'job-malformed',
        `The settings have no account "${job.alias}" any more; its mail is not brought in.`,
      );
    }
    return bringIn(deps, { job, delivery, channel, row });
  });
  if (end.status === 'filtered') {
    deps.log.write('MAIL_FILTERED', { reason: end.reason ?? null });
    deps.measure('MailsFiltered');
  }
  if (end.status === 'success' && end.conversationId !== undefined) {
    await queueConversationJob(deps, job, end);
    await channel?.acknowledge?.(job.messageId, deps.log);
  }
}

async function bringIn(deps: WorkerDependencies, known: RowInHand): Promise<WorkEnd> {
  const { job, channel, row, delivery } = known;
  const anyway = row.ticketAnyway === true;
  const message = await channel.read(job, { anyway });
  const earlier = await settleEarlierWrite(deps, row, delivery);
  if (message?.kind === 'team-message') {
    const end = await noteTeamMessage(deps, { ...known, message }, earlier);
    return endOf(deps, known, async () => [], end);
  }
  const inHand = message?.kind === 'message' ? messageInHand(known, message) : null;
  if (earlier !== null) {
    // People may have taken it away at its source meanwhile; it is in FreeScout all the same.
    const thread = threadMapKey.thread(job.channel, job.alias, job.threadId);
    const keys: KeysOfMessage = async (how, conversationId) =>
      inHand === null ? [thread] : keysToMap(deps, inHand, how, conversationId);
    return endOf(deps, known, keys, await adoptUnanswered(deps, inHand ?? known, earlier));
  }
  if (inHand === null) {
    return { status: 'filtered', reason: message?.kind === 'filtered' ? message.reason : 'gone' };
  }
  const end = await placeMessage(deps, inHand, anyway);
  return endOf(deps, known, (how, conversationId) => keysToMap(deps, inHand, how, conversationId), end);
}

function messageInHand(known: RowInHand, message: IncomingMessage): MessageInHand {
  const sender = message.writtenThrough ?? message.identity;
  const writersThread = threadMapKey.ofWriter(message.thread, identityDigest(sender));
  return { ...known, message, sender, writersThread };
}

/** The keys under which later messages find the conversation that a message is in. */
type KeysOfMessage = (how: KeysFor, conversationId: number) => Promise<readonly ThreadMapKey[]>;

/**
 * What became a message in FreeScout is found by later messages; what became a note is not.
 *
 * @param keys - under which later messages find the conversation of this one.
 */
async function endOf(
  deps: WorkerDependencies,
  known: RowInHand,
  keys: KeysOfMessage,
  end: IntakeEnd | Waits,
): Promise<WorkEnd> {
  if (end.status === 'waits') {
    const { job } = known;
    await requeue(deps, known, { ...job, overShare: true }, deduplicationId.overShare(job));
    deps.log.write('MAIL_OVER_SHARE');
    return requeued;
  }
  if (end.status === 'goes-on') {
    if (end.isMapped) {
      const entries = mapEntries(
        await keys(end.isApart ? 'apart' : 'begun', end.conversationId),
        end.conversationId,
      );
      await deps.store.threadMap.putAll(entries);
    }
    return requeueInGroup(deps, known, end.conversationId);
  }
  const { isApart = false, ...outcome } = end;
  if (outcome.status !== 'success' || outcome.action === 'note' || outcome.conversationId === undefined) {
    return outcome;
  }
  // An answer to the notification that FreeScout sends of it names the thread in FreeScout.
  const told = outcome.threadId === undefined ? [] : [threadMapKey.freescoutThread(outcome.threadId)];
  const how = isApart ? 'apart' : outcome.action === 'append' ? 'added' : 'begun';
  const { conversationId } = outcome;
  const written = await keys(how, conversationId);
  return { ...outcome, threadMap: mapEntries([...written, ...told], conversationId) };
}

function mapEntries(keys: readonly ThreadMapKey[], conversationId: number) {
  return keys.map((key) => ({ key, conversationId }));
}

/** Whoever writes to an existing conversation runs in its message group: the job is queued there and ends here. */
async function requeueInGroup(
  deps: WorkerDependencies,
  known: RowInHand,
  conversationId: number,
): Promise<typeof requeued> {
  const { job } = known;
  const moved = { ...job, conversationId, cause: 'requeued' } as const;
  await requeue(deps, known, moved, deduplicationId.requeued(job, conversationId));
  deps.log.write('MAIL_REQUEUED', { conversationId });
  return requeued;
}

/** Queues the job in another group. The lease is given back first, or the job would meet its own lease. */
async function requeue(
  deps: WorkerDependencies,
  { delivery, row }: RowInHand,
  job: IncomingMessageJob,
  id: string,
): Promise<void> {
  await deps.store.ledger.release(row.key, delivery.owner);
  await deps.queue.send(job, id);
}

/**
 * Sent on every way out, also for a row that was terminal before: the worker may have died between the transaction and this call.
 * A report in a conversation asks for nothing, but a message of the team may be the answer; a conversation that is spam stays untouched.
 */
async function queueConversationJob(
  deps: WorkerDependencies,
  job: IncomingMessageJob,
  end: Pick<LedgerRow, 'action' | 'reason' | 'conversationId' | 'threadId'>,
): Promise<void> {
  const isReport = end.action === 'note' && end.reason !== teamReason;
  if (end.conversationId === undefined || isReport || end.reason === 'spam') {
    return;
  }
  await deps.queue.send(
    { kind: 'conversation', conversationId: end.conversationId, cause: 'written', requestId: job.requestId },
    deduplicationId.written(end.conversationId, end.threadId ?? job.messageId),
  );
}
