import { parseLedgerKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { type AddCommand, print } from '../command.ts';
import { adviceFor } from '../failureAdvice.ts';
import { positiveInteger } from '../options.ts';
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
    .description(
      'what failed, newest first, why and what to do; or what was filtered or waits for the budget',
    )
    .option('--limit <n>', 'rows at most', positiveInteger, 50)
    .option('--filtered', 'show what was filtered instead')
    .option('--deferred', 'show what waits for the budget instead')
    .option('--reason <reason>', 'only rows with this reason')
    .action(
      run(async (cli, options: Options) => {
        const deployment = await cli.deployment();
        const status = options.filtered ? 'filtered' : options.deferred ? 'deferred' : 'failed';
        const rows = await deployment.store.ledger.listByStatus(status, {
          limit: options.limit,
          newestFirst: true,
          ...(options.reason === undefined ? {} : { reason: options.reason }),
        });
        const told = rows.map((row) => ({
          ...row,
          ...(adviceFor(row.reason) === '' ? {} : { advice: adviceFor(row.reason) }),
        }));
        print(cli, told, () => (rows.length === 0 ? `Nothing is ${status}.\n` : textOf(rows)));
      }),
    );
};

function textOf(rows: readonly LedgerRow[]): string {
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

/** How the work on a row goes on. */
export function goesOn({
  key,
  status,
  reason,
  retryable,
}: Pick<LedgerRow, 'key' | 'status' | 'reason' | 'retryable'>): string {
  const kind = parseLedgerKey(key)?.kind;
  if (kind === undefined || kind === 'digest' || kind === 'delivery') {
    return 'with the later release that wrote it';
  }
  if (status === 'deferred') {
    return 'by itself, with room in the budget';
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
