import type { GmailMessageRef, RelabelledMessage } from '#shared/channels/gmail/gmailClient.ts';
import { isForWorker, isLabelReason, ticketDecision } from '#shared/channels/gmail/ticketedLabels.ts';
import { deduplicationId } from '#shared/jobs/jobs.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { AccountPoll } from './accountPoll.ts';
import type { PollDependencies } from './pollDependencies.ts';
import { keyOf, lookedUpAtOnce } from './queueMails.ts';

type Deps = Pick<PollDependencies, 'store' | 'settings' | 'queue'>;

/** A mail that its labels kept out and no longer do. */
export interface FreedMail {
  readonly mail: GmailMessageRef;
  readonly row: LedgerRow;
  /** Names the event by which it was freed: the queue takes one job of it. */
  readonly event: string;
}

/**
 * Brings in mails that were rescued from spam or bin, or labelled later. The history says which labels they have, so Gmail is not asked;
 * and only a mail that would come in by them has its row read.
 *
 * @returns number of mails that were queued.
 */
export async function bringBackRelabelled(
  deps: Deps,
  poll: AccountPoll,
  mails: readonly RelabelledMessage[],
): Promise<number> {
  const isFreed = (mail: GmailMessageRef, labelIds: readonly string[], reason: string | undefined) => {
    const decision = ticketDecision(labelIds, deps.settings.gmail, poll.labels);
    return isForWorker(mail, decision) && (decision.ticket || decision.reason !== reason);
  };
  const candidates = mails.filter(
    (mail) => mail.labelIds === null || isFreed(mail, mail.labelIds, undefined),
  );
  const rows = await deps.store.ledger.getAll(candidates.map((mail) => keyOf(poll, mail)));
  const freed: FreedMail[] = [];
  for (const mail of candidates) {
    const row = rows.get(keyOf(poll, mail));
    if (row === undefined || !isKeptOut(row)) {
      continue;
    }
    // Gmail leaves out a list of labels that is empty or that it did not look up.
    const labelIds = mail.labelIds ?? (await poll.gmail.getLabels(mail.messageId))?.labelIds;
    if (labelIds !== undefined && isFreed(mail, labelIds, row.reason)) {
      freed.push({ mail, row, event: mail.recordId });
    }
  }
  await queueFreed(deps, poll, freed);
  return freed.length;
}

/** Kept out by its labels; or freed by a poll that stopped before its job was queued. */
function isKeptOut({ status, reason = '' }: LedgerRow): boolean {
  return status === 'filtered' ? isLabelReason(reason) : status === 'deferred' && reason === 'relabelled';
}

/**
 * Makes the rows wait, and queues their jobs. When the poll stops in between, the sweep wakes the rows; and when the cursor does not
 * move, the next poll finds them waiting.
 */
export async function queueFreed(
  deps: Pick<PollDependencies, 'store' | 'queue'>,
  poll: AccountPoll,
  freed: readonly FreedMail[],
): Promise<void> {
  for (let start = 0; start < freed.length; start += lookedUpAtOnce) {
    await Promise.all(
      freed
        .slice(start, start + lookedUpAtOnce)
        .filter(({ row }) => row.status === 'filtered')
        .map(({ row }) =>
          deps.store.ledger.reconsider(row.key, { was: row.reason ?? '', reason: 'relabelled' }),
        ),
    );
  }
  await deps.queue.sendAll(
    freed.map(({ mail, row, event }) => ({
      job: {
        kind: 'incoming-message',
        channel: 'gmail',
        alias: poll.alias,
        messageId: mail.messageId,
        threadId: mail.gmailThreadId,
        cause: 'wake',
        requestId: poll.runId,
      },
      deduplicationId: deduplicationId.run('wake', row.key, event),
    })),
  );
  poll.figures.queued += freed.length;
}
