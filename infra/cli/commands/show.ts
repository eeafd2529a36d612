import type { Deployment } from '#infra/cli/deployment.ts';
import { asFailure } from '#shared/failure/failure.ts';
import { type AddCommand, print } from '../command.ts';
import { adviceFor } from '../failureAdvice.ts';
import { findNamed } from '../findRows.ts';
import { CommandFailed, columns, fields } from '../terminal.ts';

export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .argument('<id>', 'id of a message in its channel, a key of the ledger, or the number of a conversation')
    .description('everything known about a mail or a conversation: the whole way')
    .action(
      run(async (cli, id: string) => {
        const deployment = await cli.deployment();
        const named = await findNamed(deployment, id);
        if (named.kind === 'unknown') {
          throw new CommandFailed(
            `Nothing is known of ${id}. A message that its channel has and the ledger has not is brought in with "replay ${id}".`,
          );
        }
        const row = named.kind === 'row' ? named.row : null;
        const conversationId = named.kind === 'conversation' ? named.conversationId : row?.conversationId;
        const known = {
          row,
          conversation:
            conversationId === undefined ? null : await aboutConversation(deployment, conversationId),
        };
        if (row === null && known.conversation !== null && isUnknown(known.conversation)) {
          throw new CommandFailed(`Neither FreeScout nor the ledger knows conversation ${conversationId}.`);
        }
        print(cli, known, () => textOf(known));
      }),
    );
};

type Known = {
  readonly row: Extract<Awaited<ReturnType<typeof findNamed>>, { kind: 'row' }>['row'] | null;
  readonly conversation: Awaited<ReturnType<typeof aboutConversation>> | null;
};

async function aboutConversation(deployment: Deployment, conversationId: number) {
  const { ledger, threadMap, drafts, webhookEvents } = deployment.store;
  const only = new Set([conversationId]);
  const events: { id: string; event: string | null; receivedAt: string; size: number }[] = [];
  const [inFreeScout, rows, leadsHere, live, cycles] = await Promise.all([
    whatFreeScoutSays(deployment, conversationId),
    ledger.listOfConversations(only),
    threadMap.listOfConversations(only),
    drafts.getLive(conversationId),
    drafts.listCycles(conversationId),
    webhookEvents.visitAll((event) => {
      if (event.conversationId === conversationId) {
        events.push({
          id: event.id,
          event: event.event,
          receivedAt: event.receivedAt,
          size: event.rawBody.length,
        });
      }
    }),
  ]);
  return {
    conversationId,
    link: deployment.conversationLink(conversationId),
    inFreeScout,
    rows: rows.toSorted((one, other) => one.firstSeenAt.localeCompare(other.firstSeenAt)),
    threadMap: leadsHere.map(({ key }) => key),
    draft: live,
    endedDrafts: cycles,
    webhooks: events.toSorted((one, other) => one.receivedAt.localeCompare(other.receivedAt)),
  };
}

function isUnknown({
  inFreeScout,
  rows,
  threadMap,
  draft,
  endedDrafts,
  webhooks,
}: NonNullable<Known['conversation']>): boolean {
  const kept = [rows, threadMap, endedDrafts, webhooks];
  return inFreeScout.state === 'gone' && draft === null && kept.every((each) => each.length === 0);
}

/** Without its texts: those a person reads in FreeScout. */
async function whatFreeScoutSays(deployment: Deployment, conversationId: number) {
  try {
    const conversation = await deployment.freescout.getConversation(conversationId);
    return conversation === null
      ? { state: 'gone' }
      : {
          state: conversation.state,
          status: conversation.status,
          mailboxId: conversation.mailboxId,
          tags: conversation.tags,
          threads: conversation.threads.map(({ id, type, sourceType, createdAt }) => ({
            id,
            type,
            source: sourceType,
            createdAt: new Date(createdAt).toISOString(),
          })),
        };
  } catch (thrown) {
    return { state: `not known: ${asFailure(thrown).message}` };
  }
}

function textOf({ row, conversation }: Known): string {
  const parts: string[] = [];
  if (row !== null) {
    parts.push(`Row ${row.key}\n`, indent(fields({ ...row, key: undefined })));
    if (adviceFor(row.reason) !== '') {
      parts.push(`  ${adviceFor(row.reason)}\n`);
    }
  }
  if (conversation !== null) {
    const { inFreeScout, rows, threadMap, draft, endedDrafts, webhooks } = conversation;
    parts.push(
      `\nConversation ${conversation.conversationId}  ${conversation.link}\n`,
      indent(fields({ ...inFreeScout, threads: undefined })),
    );
    if ('threads' in inFreeScout) {
      parts.push(
        indent(
          columns(
            ['thread', 'type', 'source', 'created'],
            inFreeScout.threads.map(({ id, type, source, createdAt }) => [
              String(id),
              type,
              source,
              createdAt,
            ]),
          ),
        ),
      );
    }
    parts.push('\nIts rows\n', indent(rowTable(rows)));
    parts.push(
      `\nDraft\n`,
      indent(draft === null ? 'none\n' : fields({ ...draft, conversationId: undefined })),
    );
    for (const { answeredThreadId, outcome, similarity, endedAt } of endedDrafts) {
      parts.push(
        indent(
          `ended ${endedAt}: ${outcome}, answered thread ${answeredThreadId}, similarity ${similarity ?? '–'}\n`,
        ),
      );
    }
    parts.push(
      '\nWebhooks kept\n',
      indent(
        webhooks.length === 0
          ? 'none\n'
          : columns(
              ['received', 'event', 'id'],
              webhooks.map(({ receivedAt, event, id }) => [receivedAt, event ?? '–', id]),
            ),
      ),
      `\nLeads here: ${threadMap.length} entries of the thread map\n`,
    );
  }
  return parts.join('').replace(/^\n/, '');
}

function rowTable(rows: NonNullable<Known['conversation']>['rows']): string {
  return rows.length === 0
    ? 'none\n'
    : columns(
        ['row', 'status', 'action', 'reason', 'changed', 'attempts'],
        rows.map(({ key, status, action, reason, statusAt, attempts }) => [
          key,
          status,
          action ?? '',
          reason ?? '',
          statusAt,
          String(attempts),
        ]),
      );
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
