import { secondsUntilReset } from '#shared/drafts/draftPredicates.ts';
import { type AddCommand, confirm, print } from '../command.ts';
import { positiveInteger } from '../options.ts';
import { CommandFailed } from '../terminal.ts';

export const addResetDraft: AddCommand = (program, run) => {
  program
    .command('reset-draft')
    .argument('<conversation>', 'number of the conversation', positiveInteger)
    .description('forget the live draft of a conversation, so that a new one may be written')
    .action(
      run(async (cli, conversationId: number) => {
        const deployment = await cli.deployment();
        const live = await deployment.store.drafts.getLive(conversationId);
        const seconds = live === null ? 0 : secondsUntilReset(live, new Date());
        if (seconds > 0) {
          throw new CommandFailed(
            `A draft of conversation ${conversationId} may be on its way at this moment. Nothing was reset; try again in ${seconds} s.`,
          );
        }
        if (live !== null) {
          await confirm(
            cli,
            `The draft of conversation ${conversationId} (${live.state}, ${deployment.conversationLink(conversationId)}) would no longer be known. If it is still in FreeScout, discard it there, or there will be two.`,
          );
        }
        if (live === null && (await deployment.freescout.getConversation(conversationId)) === null) {
          throw new CommandFailed(`FreeScout has no conversation ${conversationId}. Nothing was done.`);
        }
        const wasReset = await deployment.store.drafts.reset(conversationId);
        print(cli, { conversationId, reset: wasReset }, () =>
          wasReset
            ? `Reset. A new draft comes with the customer's next message, or now with: npm run csm -- replay ${conversationId}\n`
            : `Conversation ${conversationId} has no draft of ours.\n`,
        );
      }),
    );
};
