import { parseLedgerKey } from '#shared/store/keys.ts';
import { type AddCommand, print } from '../command.ts';
import { findRow } from '../findRows.ts';
import { replayRow, replaySentences } from '../replayRows.ts';
import { CommandFailed } from '../terminal.ts';

export const addRestoreFiltered: AddCommand = (program, run) => {
  program
    .command('restore-filtered')
    .argument('<id>', 'id of the message in its channel, or its key in the ledger')
    .description('make a ticket of a message that was filtered, whatever its labels and headers say')
    .action(
      run(async (cli, id: string) => {
        const deployment = await cli.deployment();
        const row = await findRow(deployment, id);
        if (row.status !== 'filtered' || parseLedgerKey(row.key)?.kind !== 'message') {
          throw new CommandFailed(
            `${row.key} is no filtered message: it is ${row.status}. Nothing was done.`,
          );
        }
        const { result } = await replayRow(deployment, row, { ticketAnyway: true });
        if (result !== 'queued') {
          throw new CommandFailed(`${row.key} is not restored: ${replaySentences[result]}.`);
        }
        print(cli, { id: row.key, result: 'queued' }, () => `${row.key}: queued; it becomes a ticket.\n`);
      }),
    );
};
