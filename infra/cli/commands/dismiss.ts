import type { Deployment } from '#infra/cli/deployment.ts';
import type { LedgerKey } from '#shared/store/keys.ts';
import type { Ledger } from '#shared/store/ledger.ts';
import { type AddCommand, confirm, print } from '../command.ts';
import { findRow } from '../findRows.ts';
import { WrongUse } from '../terminal.ts';

interface Options {
  readonly reason?: string;
}

interface Dismissed {
  readonly id: LedgerKey;
  /** `not-failed`: it did not fail for good, or goes on meanwhile. */
  readonly result: 'dismissed' | 'not-failed';
}

/** Rows that one command takes. */
const mostRows = 10_000;

export const addDismiss: AddCommand = (program, run) => {
  program
    .command('dismiss')
    .argument('[ids...]', 'ids of messages in their channels, or keys of the ledger')
    .description('end what failed for good and needs nothing more: a person has seen to it')
    .option('--reason <reason>', 'every row that failed for good with this reason')
    .action(
      run(async (cli, ids: readonly string[], { reason }: Options) => {
        if (ids.length > 0 === (reason !== undefined)) {
          throw new WrongUse('Say what to dismiss: ids, or --reason; "failures" shows both.');
        }
        const deployment = await cli.deployment();
        const keys =
          reason === undefined
            ? await Promise.all(ids.map(async (id) => (await findRow(deployment, id)).key))
            : await failedFor(deployment, reason);
        if (reason !== undefined && keys.length > 0) {
          await confirm(cli, `${keys.length} rows that failed for good with ${reason} would be ended.`);
        }
        const dismissed: Dismissed[] = [];
        for (const id of keys) {
          dismissed.push({ id, result: await dismissRow(deployment.store.ledger, id) });
        }
        print(cli, dismissed, () => textOf(dismissed));
        return dismissed.every(({ result }) => result === 'dismissed') ? 0 : 1;
      }),
    );
};

async function failedFor({ store }: Deployment, reason: string): Promise<readonly LedgerKey[]> {
  const rows = await store.ledger.listByStatus('failed', { limit: mostRows, reason });
  return rows.filter(({ retryable }) => !retryable).map(({ key }) => key);
}

/** Ends a row that failed for good. It is filtered from then on, and `replay` takes it up again. */
export async function dismissRow(
  ledger: Pick<Ledger, 'get' | 'settle'>,
  key: LedgerKey,
): Promise<Dismissed['result']> {
  const row = await ledger.get(key);
  if (row?.status !== 'failed' || row.retryable) {
    return 'not-failed';
  }
  const ended = await ledger.settle([{ key, outcome: { status: 'filtered', reason: 'dismissed' } }]);
  return ended.length === 0 ? 'not-failed' : 'dismissed';
}

const sentences = {
  dismissed: 'dismissed',
  'not-failed': 'it did not fail for good, or is worked on; nothing was done',
} as const;

function textOf(dismissed: readonly Dismissed[]): string {
  return dismissed.length === 0
    ? 'There is nothing to dismiss.\n'
    : dismissed.map(({ id, result }) => `${id}: ${sentences[result]}\n`).join('');
}
