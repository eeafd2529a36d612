import { sharersOf } from '#shared/customers/senderShare.ts';
import { parseLedgerKey, threadMapKey } from '#shared/store/keys.ts';
import { type AddCommand, confirm, print } from '../command.ts';
import { findTraces, isUnknown, nothingKnownOf } from '../customerTraces.ts';
import { emailAddress } from '../options.ts';
import { fields, progressBar } from '../terminal.ts';

export const addForget: AddCommand = (program, run) => {
  program
    .command('forget')
    .argument('<address>', 'e-mail address of the customer', emailAddress)
    .description(
      'delete every trace of a customer in our tables; the own data of FreeScout and of the channels stay',
    )
    .action(
      run(async (cli, address: string) => {
        const deployment = await cli.deployment();
        const traces = await findTraces(deployment, address);
        const { conversationIds, partIn, rows, threadMap, events, senderDigest, notAsked } = traces;
        await confirm(
          cli,
          `${rows.length} rows, ${threadMap.length} entries of the thread map, ${events.length} kept webhooks and the drafts of ${conversationIds.length} conversations of ${address} would be deleted for good, and the drafts that answer them in ${partIn.length} conversations of others.`,
        );
        const { ledger, threadMap: map, drafts, webhookEvents, state } = deployment.store;
        const total = rows.length + conversationIds.length + partIn.length + events.length;
        const show = progressBar(cli.terminal, total, 'traces');
        let done = 0;
        const deleted = { rows: 0, threadMap: 0, draftItems: 0, webhooks: 0, senderCounts: 0, busy: 0 };
        for (const { key, channelThreadId } of rows) {
          const about = parseLedgerKey(key);
          if (about?.kind === 'message' && channelThreadId !== undefined) {
            const { channel, alias } = about;
            const thread = threadMapKey.thread(channel, alias, channelThreadId);
            await state.forgetThreadStarter(thread, key);
            await state.forgetThreadStarter(threadMapKey.ofWriter(thread, senderDigest), key);
          }
          if (await ledger.forgetRow(key)) {
            deleted.rows += 1;
          } else {
            deleted.busy += 1;
          }
          done += 1;
          show(done);
        }
        await map.removeEntries(threadMap.map(({ key }) => key));
        deleted.threadMap = threadMap.length;
        for (const conversationId of conversationIds) {
          deleted.draftItems += await drafts.removeConversation(conversationId);
          done += 1;
          show(done);
        }
        for (const { conversationId, threadIds } of partIn) {
          deleted.draftItems += await drafts.removeConversation(conversationId, new Set(threadIds));
          done += 1;
          show(done);
        }
        for (const { id } of events) {
          await webhookEvents.removeEvent(id);
          deleted.webhooks += 1;
          done += 1;
          show(done);
        }
        const { address: shared, domain } = sharersOf(address);
        for (const digest of new Set([senderDigest, shared, ...(domain === null ? [] : [domain])])) {
          deleted.senderCounts += await state.removeSender(digest);
        }
        if (isUnknown(traces) && deleted.senderCounts === 0) {
          throw nothingKnownOf(address);
        }
        print(cli, { address, conversationIds, partIn, deleted, notAsked }, () =>
          [
            `Forgotten: ${address}, in conversations ${conversationIds.join(', ') || 'none'}\n`,
            ...partIn.map(
              ({ conversationId, threadIds }) =>
                `  and threads ${threadIds.join(', ')} of ${conversationId}, which somebody else began\n`,
            ),
            fields({
              'rows emptied (key, date and "forgotten" stay, or the mail would come in again)': deleted.rows,
              'entries of the thread map': deleted.threadMap,
              'drafts, their texts and outcomes': deleted.draftItems,
              'kept webhooks': deleted.webhooks,
              'counts of their mails': deleted.senderCounts,
              ...(deleted.busy === 0 ? {} : { 'rows a worker has right now: run it again': deleted.busy }),
            }),
            ...notAsked.map((what) => `Not asked, so run it again later: ${what}\n`),
            'FreeScout and the channels keep what they have; delete it there. Log lines hold no addresses and no text.\n',
          ].join(''),
        );
        return deleted.busy === 0 && notAsked.length === 0 ? 0 : 1;
      }),
    );
};
