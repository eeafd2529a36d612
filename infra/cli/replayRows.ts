import { randomUUID } from 'node:crypto';
import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import type { Job } from '#shared/jobs/jobs.ts';
import { parseLedgerKey } from '#shared/store/keys.ts';
import type { Ledger, LedgerRow } from '#shared/store/ledger.ts';
import type { Deployment } from './deployment.ts';
import { type MessageSource, sourceOf } from './messageSource.ts';

/** What became of the wish to have something worked on again. */
export interface Replayed {
  readonly id: string;
  /** `busy`: a worker has the row right now. `gone`: neither the ledger nor its channel has it. */
  readonly result: 'queued' | 'busy' | 'gone' | 'no-account' | 'not-in-freescout' | 'later-release';
}

export const replaySentences: Readonly<Record<Replayed['result'], string>> = {
  queued: 'queued again',
  busy: 'a worker has it right now; try again in a few minutes',
  gone: 'neither the ledger nor its channel has it',
  'no-account': 'the settings have no such account any more; put it back, then try again',
  'not-in-freescout': 'FreeScout has no such conversation',
  'later-release': 'only the later release that wrote it can work on it',
};

type ReplayDeployment = Pick<Deployment, 'queue'> & {
  readonly store: { readonly ledger: Pick<Ledger, 'reopen'> };
  readonly sources: readonly Pick<MessageSource, 'kind' | 'alias' | 'threadOf'>[];
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
  const message = parsed?.kind === 'message' ? parsed : null;
  const source = message === null ? undefined : sourceOf(deployment.sources, message);
  if (message !== null && source === undefined) {
    return { id: key, result: 'no-account' };
  }
  // Rows of messages that were kept out by their labels have no thread; the channel knows it.
  const known = channelThreadId ?? (message === null ? undefined : await source?.threadOf(message.messageId));
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

/** Brings in a message that the ledger does not know. */
export async function replayUnknownMessage(
  deployment: ReplayDeployment,
  messageId: string,
): Promise<Replayed> {
  for (const { kind, alias, threadOf } of deployment.sources) {
    const threadId = await threadOf(messageId);
    if (threadId !== null) {
      await queueAgain(deployment, {
        kind: 'incoming-message',
        channel: kind,
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
