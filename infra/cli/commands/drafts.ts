import { type AddCommand, print } from '../command.ts';
import { positiveInteger } from '../options.ts';
import { columns } from '../terminal.ts';

export const addDrafts: AddCommand = (program, run) => {
  program
    .command('drafts')
    .description('the newest drafts: state, kind, link')
    .option('--limit <n>', 'drafts at most', positiveInteger, 10)
    .action(
      run(async (cli, { limit }: { readonly limit: number }) => {
        const deployment = await cli.deployment();
        const drafts = (await deployment.store.drafts.listNewest(limit)).map((draft) => ({
          ...draft,
          link: deployment.conversationLink(draft.conversationId),
        }));
        print(cli, drafts, () =>
          drafts.length === 0
            ? 'There are no drafts yet.\n'
            : columns(
                ['changed', 'state', 'kind', 'type', 'bucket', 'conversation'],
                drafts.map(({ updatedAt, state, kind, type, bucket, link }) => [
                  updatedAt,
                  state,
                  kind,
                  type,
                  bucket,
                  link,
                ]),
              ),
        );
      }),
    );
};
