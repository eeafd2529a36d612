import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import { type LedgerKey, parseLedgerKey } from '#shared/store/keys.ts';
import type { Ledger, LedgerRow } from '#shared/store/ledger.ts';
import { type AddCommand, print } from '../command.ts';
import { adviceFor } from '../failureAdvice.ts';
import { positiveInteger } from '../options.ts';
import { type MailHeading, readMails } from '../readMails.ts';
import { columns } from '../terminal.ts';

interface Options {
  readonly limit: number;
  readonly filtered?: true;
  readonly deferred?: true;
  readonly reason?: string;
}

export const addFailures: AddCommand = (program, run) => {
  program
    .command('failures')
    .description('what failed, newest first, why and what to do; or what was filtered, or waits')
    .option('--limit <n>', 'rows at most', positiveInteger, 50)
    .option(
      '--filtered',
      'show what was filtered instead, with sender and subject as the mailbox has them now',
    )
    .option(
      '--deferred',
      'show instead what waits: for the budget, for the share of its sender, or for the conversation of its thread',
    )
    .option('--reason <reason>', 'only rows with this reason')
    .action(
      run(async (cli, options: Options) => {
        const deployment = await cli.deployment();
        const status = options.filtered ? 'filtered' : options.deferred ? 'deferred' : 'failed';
        const listed = await deployment.store.ledger.listByStatus(status, {
          limit: options.limit,
          newestFirst: true,
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        });
        const rows = options.filtered || options.deferred ? listed : await stillFailed(deployment, listed);
        const mails = options.filtered ? await readMails(deployment.sources, rows) : new Map();
        const told = rows.map((row) => ({
          ...row,
          ...mails.get(row.key),
          ...(adviceFor(row.reason) === '' ? {} : { advice: adviceFor(row.reason) }),
        }));
        print(cli, told, () => textOf(status, rows, mails));
      }),
    );
};

/**
 * Without the rows that keep a failure of a conversation on which work has gone well since: the next sweep ends them. A row that failed
 * for good waits for a person in any case.
 */
export async function stillFailed(
  { store }: { readonly store: { readonly ledger: Pick<Ledger, 'listOfConversations'> } },
  rows: readonly LedgerRow[],
): Promise<readonly LedgerRow[]> {
  const isOfConversation = ({ key }: LedgerRow) => parseLedgerKey(key)?.kind === 'thread';
  const retried = rows.filter((row) => row.retryable && isOfConversation(row));
  if (retried.length === 0) {
    return rows;
  }
  const conversationIds = new Set(retried.flatMap(({ conversationId }) => conversationId ?? []));
  const done = (await store.ledger.listOfConversations(conversationIds)).filter(
    (row) => row.status === 'success' && isOfConversation(row),
  );
  const wentWellSince = (failed: LedgerRow) =>
    done.some((row) => row.conversationId === failed.conversationId && row.statusAt > failed.statusAt);
  return rows.filter((row) => !(retried.includes(row) && wentWellSince(row)));
}

function textOf(
  status: 'failed' | 'filtered' | 'deferred',
  rows: readonly LedgerRow[],
  mails: ReadonlyMap<LedgerKey, MailHeading>,
): string {
  if (rows.length === 0) {
    return `Nothing is ${status}.\n`;
  }
  if (status === 'filtered') {
    return columns(
      ['since', 'row', 'reason', 'sender', 'subject', 'goes on'],
      rows.map((row) => {
        const { sender = '', subject = '' } = mails.get(row.key) ?? {};
        return [row.statusAt, row.key, row.reason ?? '', sender, subject, goesOn(row)];
      }),
    );
  }
  const table = columns(
    ['since', 'row', 'reason', 'attempts', 'goes on'],
    rows.map((row) => [
      row.failedSince ?? row.statusAt,
      row.key,
      row.reason ?? '',
      String(row.attempts),
      goesOn(row),
    ]),
  );
  const reasons = [...new Set(rows.map(({ reason }) => reason ?? ''))];
  const advice = reasons
    .filter((reason) => adviceFor(reason) !== '')
    .map((reason) => `${reason}: ${adviceFor(reason)}\n`);
  return advice.length === 0 ? table : `${table}\n${advice.join('')}`;
}

function deferredGoesOn(reason: string | undefined): string {
  switch (reason) {
    case 'relabelled':
      return 'by itself, within minutes';
    case 'share':
      return 'by itself, from the next day (UTC) on';
    case 'thread-pending':
      return 'by itself, looked at hourly until its thread has a conversation';
    default:
      return 'by itself, with room in the budget';
  }
}

/** How the work on a row goes on. */
export function goesOn({
  key,
  status,
  reason,
  retryable,
}: Pick<LedgerRow, 'key' | 'status' | 'reason' | 'retryable'>): string {
  const kind = parseLedgerKey(key)?.kind;
  if (jobOfRow({ key }, { cause: 'replay', requestId: 'none' }) === null) {
    return 'with the later release that wrote it';
  }
  if (status === 'deferred') {
    return deferredGoesOn(reason);
  }
  if (status === 'failed') {
    return retryable ? 'by itself, hourly' : 'with replay, or dismiss';
  }
  if (reason === 'gone' || reason === 'forgotten') {
    return 'no more';
  }
  // What was dismissed failed before; its message is judged as any other.
  return kind === 'message' && reason !== 'dismissed' ? 'with restore-filtered' : 'with replay';
}
