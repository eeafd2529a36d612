import { randomUUID } from 'node:crypto';
import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import type { Job } from '#shared/jobs/jobs.ts';
import { gmailKey, type LedgerKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { Home } from './home.ts';

/** What became of the wish to have something worked on again. */
export interface Replayed {
  readonly id: string;
  /** `busy`: a worker has the row right now. `gone`: neither the ledger nor Gmail has it. */
  readonly result: 'queued' | 'busy' | 'gone' | 'not-in-freescout';
}

/** Queues a job that no earlier one is mistaken for. */
export async function queueAgain(home: Home, job: Job): Promise<void> {
  await home.queue.send(job, `replay:${randomUUID()}`);
}

export function originOfReplay() {
  return { cause: 'replay', requestId: `csm-${randomUUID()}` } as const;
}

/** Lets a row be worked on again, and queues its job. */
export async function replayRow(
  home: Home,
  { key, gmailThreadId }: Pick<LedgerRow, 'key' | 'gmailThreadId'>,
  options: { readonly ticketAnyway?: true } = {},
): Promise<Replayed> {
  const known = gmailThreadId ?? (await gmailThreadOf(home, key));
  const job = jobOfRow(
    { key, ...(known === null ? {} : { gmailThreadId: known }) },
    home.settings.accounts,
    originOfReplay(),
  );
  if (job === null) {
    return { id: key, result: 'gone' };
  }
  if ((await home.store.ledger.reopen(key, options)) === null) {
    return { id: key, result: 'busy' };
  }
  await queueAgain(home, job);
  return { id: key, result: 'queued' };
}

/** Brings in a mail that the ledger does not know. */
export async function replayUnknownMail(home: Home, messageId: string): Promise<Replayed> {
  for (const { alias } of home.settings.accounts) {
    const key = gmailKey(alias, messageId);
    const gmailThreadId = await gmailThreadOf(home, key);
    if (gmailThreadId !== null) {
      const job = jobOfRow({ key, gmailThreadId }, home.settings.accounts, originOfReplay());
      if (job !== null) {
        await queueAgain(home, job);
        return { id: messageId, result: 'queued' };
      }
    }
  }
  return { id: messageId, result: 'gone' };
}

/** Rows of mails that were kept out by their labels have no thread; Gmail knows it. */
async function gmailThreadOf(home: Home, key: LedgerKey): Promise<string | null> {
  const [source, alias = '', messageId = ''] = key.split(':');
  if (source !== 'gmail' || !home.settings.accounts.some((account) => account.alias === alias)) {
    return null;
  }
  return (await home.gmail(alias).getRaw(messageId))?.gmailThreadId ?? null;
}
