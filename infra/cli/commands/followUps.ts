import { explainFollowUps } from '#shared/followUps/explainFollowUps.ts';
import { systemClock } from '#shared/jobs/clock.ts';
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
        const home = await cli.home();
        const rows = await explainFollowUps({
          settings: home.settings,
          ledger: home.store.ledger,
          freescout: home.freescout,
          clock: systemClock,
        });
        const told = rows.map((row) => ({ ...row, link: home.conversationLink(row.conversationId) }));
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
