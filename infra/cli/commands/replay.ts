import type { Deployment } from '#infra/cli/deployment.ts';
import { parseLedgerKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { type AddCommand, type Cli, confirm, print } from '../command.ts';
import { findNamed, newestRowKey } from '../findRows.ts';
import {
  queueAgain,
  type Replayed,
  replayOrigin,
  replayRow,
  replaySentences,
  replayUnknownMessage,
} from '../replayRows.ts';
import { progressBar, WrongUse } from '../terminal.ts';

interface Options {
  readonly failed?: true;
  readonly filtered?: true;
  readonly reason?: string;
}

/** Rows that one command takes. */
const mostRows = 10_000;

export const addReplay: AddCommand = (program, run) => {
  program
    .command('replay')
    .argument('[ids...]', 'ids of messages in their channels, keys of the ledger, numbers of conversations')
    .description('have something worked on again; what was written already is found and not written twice')
    .option('--failed', 'every row that failed')
    .option('--filtered', 'every row that was filtered, checked again by the present rules; needs --reason')
    .option('--reason <reason>', 'only rows with this reason')
    .action(
      run(async (cli, ids: readonly string[], options: Options) => {
        if ((ids.length > 0 ? 1 : 0) + (options.failed ? 1 : 0) + (options.filtered ? 1 : 0) !== 1) {
          throw new WrongUse('Say what to replay: ids, --failed, or --filtered with --reason.');
        }
        if (options.filtered && options.reason === undefined) {
          throw new WrongUse('--filtered needs --reason; "failures --filtered" shows the reasons.');
        }
        const deployment = await cli.deployment();
        const replayed =
          ids.length > 0 ? await replayNamed(deployment, ids) : await replayListed(cli, deployment, options);
        print(cli, replayed, () => textOf(replayed));
        return replayed.every(({ result }) => result === 'queued') ? 0 : 1;
      }),
    );
};

async function replayNamed(deployment: Deployment, ids: readonly string[]): Promise<readonly Replayed[]> {
  const replayed: Replayed[] = [];
  for (const id of ids) {
    const named = await findNamed(deployment, id);
    if (named.kind === 'conversation') {
      replayed.push(await replayConversation(deployment, named.conversationId));
    } else if (named.kind === 'row') {
      replayed.push(await replayRow(deployment, named.row));
    } else {
      replayed.push(
        parseLedgerKey(id) === null ? await replayUnknownMessage(deployment, id) : { id, result: 'gone' },
      );
    }
  }
  return replayed;
}

/** The work on its newest customer message is done again. */
async function replayConversation(deployment: Deployment, conversationId: number): Promise<Replayed> {
  const conversation = await deployment.freescout.getConversation(conversationId);
  if (conversation === null) {
    return { id: String(conversationId), result: 'not-in-freescout' };
  }
  const key = newestRowKey(conversation);
  if (key !== null && (await deployment.store.ledger.get(key)) !== null) {
    return { ...(await replayRow(deployment, { key })), id: String(conversationId) };
  }
  await queueAgain(deployment, { kind: 'conversation', conversationId, ...replayOrigin() });
  return { id: String(conversationId), result: 'queued' };
}

async function replayListed(
  cli: Cli,
  deployment: Deployment,
  options: Options,
): Promise<readonly Replayed[]> {
  const rows: readonly LedgerRow[] = await deployment.store.ledger.listByStatus(
    options.failed ? 'failed' : 'filtered',
    { limit: mostRows, ...(options.reason === undefined ? {} : { reason: options.reason }) },
  );
  if (options.filtered && rows.length > 0) {
    await confirm(cli, `${rows.length} filtered rows would be checked again; some may become tickets.`);
  }
  const show = progressBar(cli.terminal, rows.length, 'rows');
  const replayed: Replayed[] = [];
  for (const row of rows) {
    replayed.push(await replayRow(deployment, row));
    show(replayed.length);
  }
  return replayed;
}

function textOf(replayed: readonly Replayed[]): string {
  return replayed.length === 0
    ? 'There is nothing to replay.\n'
    : replayed.map(({ id, result }) => `${id}: ${replaySentences[result]}\n`).join('');
}
