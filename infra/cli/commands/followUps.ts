import { explainFollowUps } from '#shared/followUps/explainFollowUps.ts';
import { systemClock } from '#shared/time/clock.ts';
import { type AddCommand, print } from '../command.ts';
import { columns, WrongUse } from '../terminal.ts';

export const addFollowUps: AddCommand = (program, run) => {
  program
    .command('follow-ups')
    .description('every open conversation: what a run of the follow-ups would do now, and why')
    .option('--dry-run', 'only look; the runs themselves are scheduled')
    .action(
      run(async (cli, options: { readonly dryRun?: true }) => {
        if (!options.dryRun) {
          throw new WrongUse(
            'Follow-ups run by themselves (followUps.everyHours); this command only looks: say --dry-run.',
          );
        }
        const deployment = await cli.deployment();
        const rows = await explainFollowUps({
          settings: deployment.settings,
          ledger: deployment.store.ledger,
          freescout: deployment.freescout,
          clock: systemClock,
        });
        const told = rows.map((row) => ({ ...row, link: deployment.conversationLink(row.conversationId) }));
        print(cli, told, () =>
          rows.length === 0
            ? 'There is no open conversation in our mailboxes.\n'
            : columns(
                ['conversation', 'waited', 'would get', 'because'],
                told.map(({ link, waitedHours, due, reason }) => [
                  link,
                  waitedHours === null ? '–' : `${waitedHours.toFixed(1)} h`,
                  due ?? 'nothing',
                  reason,
                ]),
              ),
        );
      }),
    );
};
