import { closeSync, fchmodSync, openSync, writeFileSync } from 'node:fs';
import type { Deployment } from '#infra/cli/deployment.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';
import type { AddCommand } from '../command.ts';
import { findTraces, isUnknown, nothingKnownOf } from '../customerTraces.ts';
import { emailAddress } from '../options.ts';

export const addExport: AddCommand = (program, run) => {
  program
    .command('export')
    .argument('<address>', 'e-mail address of the customer', emailAddress)
    .description('everything in our tables about a customer, as JSON')
    .option('--out <file>', 'write it there, for this user alone, instead of to the standard output')
    .action(
      run(async (cli, address: string, { out }: { readonly out?: string }) => {
        const deployment = await cli.deployment();
        const found = await findTraces(deployment, address);
        if (isUnknown(found)) {
          throw nothingKnownOf(address);
        }
        const { senderDigest, events, ...traces } = found;
        const conversations = await Promise.all([
          ...traces.conversationIds.map((id) => draftsIn(deployment, id, () => true)),
          ...traces.partIn.map(({ conversationId, threadIds }) =>
            draftsIn(deployment, conversationId, ({ answeredThreadId }) =>
              threadIds.includes(answeredThreadId),
            ),
          ),
        ]);
        const json = `${JSON.stringify(
          {
            ...traces,
            conversations,
            webhooks: events.map(({ rawBody, ...event }) => ({
              ...event,
              body: Buffer.from(rawBody).toString('utf8'),
            })),
          },
          null,
          2,
        )}\n`;
        if (out === undefined) {
          cli.terminal.out(json);
        } else {
          writePrivately(out, json);
          cli.terminal.err(`Written to ${out}.\n`);
        }
        return traces.notAsked.length === 0 ? 0 : 1;
      }),
    );
};

/** What is known of the drafts of a conversation, as far as it is theirs. */
async function draftsIn(
  { store: { drafts } }: Deployment,
  conversationId: number,
  isTheirs: (draft: Pick<LiveDraft, 'answeredThreadId'>) => boolean,
) {
  const [live, texts, ended] = await Promise.all([
    drafts.getLive(conversationId),
    drafts.listTexts(conversationId),
    drafts.listCycles(conversationId),
  ]);
  const others = [...(live === null ? [] : [live]), ...ended].filter((draft) => !isTheirs(draft));
  return {
    conversationId,
    draft: live === null || isTheirs(live) ? live : null,
    draftTexts: texts.filter((text) => others.every((draft) => draft.draftThreadId !== text.draftThreadId)),
    endedDrafts: ended.filter(isTheirs),
  };
}

/** An existing file keeps its mode when it is opened. */
function writePrivately(file: string, content: string): void {
  const opened = openSync(file, 'w', 0o600);
  try {
    fchmodSync(opened, 0o600);
    writeFileSync(opened, content);
  } finally {
    closeSync(opened);
  }
}
