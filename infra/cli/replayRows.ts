import { randomUUID } from 'node:crypto';
import type { GmailClient } from '#shared/channels/gmail/gmailClient.ts';
import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import type { Job } from '#shared/jobs/jobs.ts';
import { gmailChannelOf, gmailChannelsOf } from '#shared/settings/channels.ts';
import { parseLedgerKey } from '#shared/store/keys.ts';
import type { Ledger, LedgerRow } from '#shared/store/ledger.ts';
import type { Deployment } from './deployment.ts';

/** What became of the wish to have something worked on again. */
export interface Replayed {
  readonly id: string;
  /** `busy`: a worker has the row right now. `gone`: neither the ledger nor Gmail has it. */
  readonly result: 'queued' | 'busy' | 'gone' | 'no-account' | 'not-in-freescout' | 'later-release';
}

export const replaySentences: Readonly<Record<Replayed['result'], string>> = {
  queued: 'queued again',
  busy: 'a worker has it right now; try again in a few minutes',
  gone: 'neither the ledger nor Gmail has it',
  'no-account': 'the settings have no such account any more; put it back, then try again',
  'not-in-freescout': 'FreeScout has no such conversation',
  'later-release': 'only the later release that wrote it can work on it',
};

type ReplayDeployment = Pick<Deployment, 'settings' | 'queue'> & {
  readonly store: { readonly ledger: Pick<Ledger, 'reopen'> };
  readonly gmail: (alias: string) => Pick<GmailClient, 'getRaw'>;
};

/** Queues a job that no earlier one is mistaken for. */
export async function queueAgain(deployment: Pick<Deployment, 'queue'>, job: Job): Promise<void> {
  await deployment.queue.send(job, `replay:${randomUUID()}`);
}

/** The cause and request id of a job that an operator queues by hand. */
export function replayOrigin() {
  return { cause: 'replay', requestId: `csm-${randomUUID()}` } as const;
}

/** Lets a row be worked on again, and queues its job. */
export async function replayRow(
  deployment: ReplayDeployment,
  { key, channelThreadId }: Pick<LedgerRow, 'key' | 'channelThreadId'>,
  options: { readonly ticketAnyway?: true } = {},
): Promise<Replayed> {
  const parsed = parseLedgerKey(key);
  const mail = parsed?.kind === 'message' && parsed.channel === 'gmail' ? parsed : null;
  if (mail !== null && !hasAccount(deployment, mail.alias)) {
    return { id: key, result: 'no-account' };
  }
  const known =
    channelThreadId ??
    (mail === null ? undefined : await gmailThreadOf(deployment, mail.alias, mail.messageId));
  if (known === null) {
    return { id: key, result: 'gone' };
  }
  const job = jobOfRow({ key, ...(known === undefined ? {} : { channelThreadId: known }) }, replayOrigin());
  if (job === null) {
    return { id: key, result: 'later-release' };
  }
  if ((await deployment.store.ledger.reopen(key, options)) === null) {
    return { id: key, result: 'busy' };
  }
  await queueAgain(deployment, job);
  return { id: key, result: 'queued' };
}

/** Brings in a mail that the ledger does not know. */
export async function replayUnknownMail(deployment: ReplayDeployment, messageId: string): Promise<Replayed> {
  for (const { alias } of gmailChannelsOf(deployment.settings)) {
    const threadId = await gmailThreadOf(deployment, alias, messageId);
    if (threadId !== null) {
      await queueAgain(deployment, {
        kind: 'incoming-message',
        channel: 'gmail',
        alias,
        messageId,
        threadId,
        ...replayOrigin(),
      });
      return { id: messageId, result: 'queued' };
    }
  }
  return { id: messageId, result: 'gone' };
}

function hasAccount({ settings }: ReplayDeployment, alias: string): boolean {
  return gmailChannelOf(settings, alias) !== undefined;
}

/** Rows of mails that were kept out by their labels have no thread; Gmail knows it. null: Gmail has the mail no more. */
async function gmailThreadOf(
  deployment: ReplayDeployment,
  alias: string,
  messageId: string,
): Promise<string | null> {
  return (await deployment.gmail(alias).getRaw(messageId))?.gmailThreadId ?? null;
}
