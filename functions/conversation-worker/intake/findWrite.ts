import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { type CustomerIdentity, identityDigest } from '#shared/customers/customerIdentity.ts';
import { ComeBackLater } from '#shared/failure/failure.ts';
import type { ConversationQuery } from '#shared/freescout/conversationReader.ts';
import { settlingSeconds } from '#shared/freescout/freescoutFailures.ts';
import type { Conversation, Thread } from '#shared/freescout/model.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { customerQuery } from './customerQuery.ts';
import { threadOf } from './writtenThread.ts';

/** Clocks of the two systems may differ; a search for an earlier write starts this long before it can have been. */
const clockMarginMilliseconds = 5 * minuteMilliseconds;

/** What an earlier attempt is found to have written. */
export interface EarlierWrite {
  readonly conversation: Conversation;
  readonly thread: Thread;
}

/**
 * Finds out what became of a write that an earlier attempt started and never saw answered, by our marker; null = nothing was
 * written, now or ever. Searches every conversation of our mailboxes that changed since, whatever its customer, status or state:
 * people close, merge, move and delete, and the customer filter matches main addresses only.
 *
 * @throws {ComeBackLater} until the write has had time to settle.
 */
export async function settleEarlierWrite(
  deps: Pick<WorkerDependencies, 'store' | 'clock' | 'log' | 'freescout' | 'settings'>,
  row: LedgerRow,
  delivery: Delivery,
): Promise<EarlierWrite | null> {
  if (row.writeStartedAt === undefined) {
    return null;
  }
  const found = await findEarlierWrite(deps, row);
  if (found === null) {
    await deps.store.ledger.progress(row.key, delivery.owner, { writeStartedAt: null });
    return null;
  }
  logAdopted(deps, row, found);
  return found;
}

/** Pages of 50 conversations that are read for one message at most. */
const mostPages = 3;

/**
 * Finds what was written for a message in a time that the ledger no longer remembers, because it was lost or is an older one that was
 * restored; null = not found. Every message of a back-fill is looked for, so only conversations of its sender are: mostly one call.
 *
 * That leaves out a sender who is not the main address of the conversation's customer (any more), and one with hundreds of
 * conversations since. Their messages are still found, in the conversation they belong to, by the messages before and after them
 * (`appendMessage`); what started a conversation of its own is not, and comes in twice.
 *
 * @param senders - people as whose message it may have come in.
 * @param cameIn - when the channel received the message; it cannot have been written before.
 */
export async function findForgottenWrite(
  deps: Pick<WorkerDependencies, 'log' | 'freescout' | 'settings'>,
  row: LedgerRow,
  senders: readonly CustomerIdentity[],
  cameIn: Date,
): Promise<EarlierWrite | null> {
  const once = new Map(senders.map((sender) => [identityDigest(sender), sender]));
  for (const sender of once.values()) {
    const among = { ...customerQuery(sender), updatedSince: withMargin(cameIn) };
    const found = await findMarked(deps, row, among, mostPages);
    if (found !== null) {
      logAdopted(deps, row, found);
      return found;
    }
  }
  return null;
}

/**
 * What the write that a row speaks of came to, without a change to the row; null when it speaks of none, or nothing was written.
 *
 * @throws {ComeBackLater} until the write has had time to settle.
 */
export async function findEarlierWrite(
  deps: Pick<WorkerDependencies, 'clock' | 'freescout' | 'settings'>,
  row: LedgerRow,
): Promise<EarlierWrite | null> {
  if (row.writeStartedAt === undefined) {
    return null;
  }
  const startedAt = new Date(row.writeStartedAt);
  const settledIn = settlingSeconds - (deps.clock.now().getTime() - startedAt.getTime()) / 1000;
  if (settledIn > 0) {
    throw new ComeBackLater('unanswered-write', Math.ceil(settledIn));
  }
  return findMarked(deps, row, { updatedSince: withMargin(startedAt) });
}

function withMargin(earliest: Date): Date {
  return new Date(earliest.getTime() - clockMarginMilliseconds);
}

function logAdopted(
  deps: Pick<WorkerDependencies, 'log'>,
  row: LedgerRow,
  { conversation, thread }: EarlierWrite,
): void {
  deps.log.write('WRITE_ADOPTED', {
    rowKey: row.key,
    conversationId: conversation.id,
    threadId: thread.id,
  });
}

async function findMarked(
  deps: Pick<WorkerDependencies, 'freescout' | 'settings'>,
  row: LedgerRow,
  among: Pick<ConversationQuery, 'customerEmail' | 'customerPhone' | 'updatedSince'>,
  pages = Number.POSITIVE_INFINITY,
): Promise<EarlierWrite | null> {
  for (let page = 1; ; page += 1) {
    const { conversations, totalPages } = await deps.freescout.listConversations({
      mailboxIds: mailboxIdsOf(deps.settings),
      ...among,
      embed: ['threads'],
      sort: { field: 'createdAt', order: 'asc' },
      page,
    });
    for (const conversation of conversations) {
      const thread = threadOf(row, conversation);
      if (thread !== undefined) {
        return { conversation, thread };
      }
    }
    if (page >= Math.min(totalPages, pages)) {
      return null;
    }
  }
}
