import type { GmailMessageRef } from '#shared/channels/gmail/gmailClient.ts';
import { isForWorker, ticketDecision } from '#shared/channels/gmail/ticketedLabels.ts';
import { deduplicationId, type JobCause } from '#shared/jobs/jobs.ts';
import { type MessageKey, messageKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { AccountPoll } from './accountPoll.ts';
import type { PollDependencies } from './pollDependencies.ts';

/** Label lookups that run at the same time. */
export const lookedUpAtOnce = 5;

/** A mail with what Gmail tells about it without the mail itself. */
export interface LabelledMail extends GmailMessageRef {
  readonly labelIds: readonly string[];
  /** null: not asked for. */
  readonly internalDate: Date | null;
}

/** A mail that has a row in the ledger. */
export interface KnownMail {
  readonly mail: GmailMessageRef;
  readonly row: LedgerRow;
}

/** Mails without a row in the ledger, and mails with one; each once, in the order given. */
export async function sortedByRow(
  deps: Pick<PollDependencies, 'store'>,
  poll: AccountPoll,
  mails: readonly GmailMessageRef[],
): Promise<{ readonly unknown: readonly GmailMessageRef[]; readonly known: readonly KnownMail[] }> {
  const once = [...new Map(mails.map((mail) => [mail.messageId, mail])).values()];
  const rows = await deps.store.ledger.getAll(once.map((mail) => keyOf(poll, mail)));
  const unknown = once.filter((mail) => !rows.has(keyOf(poll, mail)));
  const known = once.flatMap((mail) => {
    const row = rows.get(keyOf(poll, mail));
    return row === undefined ? [] : [{ mail, row }];
  });
  poll.figures.known += known.length;
  return { unknown, known };
}

/**
 * Splits mails by the label rule. Those that are kept out get their row at once; so do those that are gone for good.
 *
 * @param needsDate - look up also mails whose labels are known, for their date.
 * @returns the mails that the worker has to read, in the order given.
 */
export async function keepForWorker(
  deps: Pick<PollDependencies, 'store' | 'settings'>,
  poll: AccountPoll,
  mails: readonly GmailMessageRef[],
  { needsDate }: { readonly needsDate: boolean },
): Promise<readonly LabelledMail[]> {
  const forWorker: LabelledMail[] = [];
  const kept: { readonly mail: GmailMessageRef; readonly reason: string }[] = [];
  for (let start = 0; start < mails.length; start += lookedUpAtOnce) {
    const labelled = await Promise.all(
      mails.slice(start, start + lookedUpAtOnce).map(async (mail) => ({
        mail,
        labels:
          mail.labelIds === null || needsDate
            ? await poll.gmail.getLabels(mail.messageId)
            : { labelIds: mail.labelIds, internalDate: null },
      })),
    );
    for (const { mail, labels } of labelled) {
      const decision =
        labels === null ? null : ticketDecision(labels.labelIds, deps.settings.gmail, poll.labels);
      if (labels !== null && decision !== null && isForWorker(mail, decision)) {
        forWorker.push({ ...mail, ...labels });
      } else {
        kept.push({ mail, reason: decision?.ticket === false ? decision.reason : 'gone' });
      }
    }
  }
  await deps.store.ledger.settle(
    kept.map(({ mail, reason }) => ({
      key: keyOf(poll, mail),
      outcome: { status: 'filtered', reason },
      channelThreadId: mail.gmailThreadId,
    })),
  );
  poll.figures.skipped += kept.length;
  return forWorker;
}

/** One job per mail, in the order given. Returns only when the queue has taken them all. */
export async function queueMails(
  deps: Pick<PollDependencies, 'queue'>,
  poll: AccountPoll,
  mails: readonly GmailMessageRef[],
  cause: Extract<JobCause, 'poll' | 'back-fill' | 'gap-check'>,
): Promise<void> {
  await deps.queue.sendAll(
    mails.map((mail) => ({
      job: {
        kind: 'incoming-message',
        channel: 'gmail',
        alias: poll.alias,
        messageId: mail.messageId,
        threadId: mail.gmailThreadId,
        cause,
        requestId: poll.runId,
      },
      deduplicationId:
        cause === 'gap-check'
          ? deduplicationId.run(cause, keyOf(poll, mail), poll.startedAt.toISOString())
          : deduplicationId.incoming(keyOf(poll, mail)),
    })),
  );
  poll.figures.queued += mails.length;
  for (const { messageId } of mails) {
    poll.queuedIds.add(messageId);
  }
}

export function keyOf({ alias }: AccountPoll, { messageId }: GmailMessageRef): MessageKey {
  return messageKey('gmail', alias, messageId);
}
