import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { hasOwnNote, markerFor } from '#shared/drafts/markers.ts';
import { type Conversation, conversationIsOver } from '#shared/freescout/model.ts';
import type { RemarkCode } from '#shared/intake/remark.ts';
import { type ConversationJob, deduplicationId } from '#shared/jobs/jobs.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { parseLedgerKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

type TellingReason = Extract<RemarkCode, 'stranger-in-thread' | 'same-mail-elsewhere'> | 'sender-has-no-part';

/** What the other conversation's note says; what is missing here is told in the message's own conversation alone. */
const wordings: Readonly<Record<TellingReason, (conversationId: number) => string>> = {
  'stranger-in-thread': (id) =>
    `A mail came in the thread of this conversation whose sender has no part in it. It is conversation ${id}.`,
  'sender-has-no-part': (id) =>
    `A mail refers to this conversation whose sender has no part in it. It is conversation ${id}.`,
  'same-mail-elsewhere': (id) =>
    `A mail of this conversation came to another of our mailboxes too. It is conversation ${id} there.`,
};

/** Queues the notes that tell other conversations of messages that speak of them. Each is written in its conversation's own group. */
export async function tellRelatedConversations(
  deps: Pick<WorkerDependencies, 'queue'>,
  { cause, requestId }: ConversationJob,
  rows: readonly LedgerRow[],
): Promise<void> {
  const related = rows.flatMap((row) =>
    relatedIn(row).map(({ conversationId }) => ({ conversationId, rowKey: row.key })),
  );
  for (const { conversationId, rowKey } of related) {
    await deps.queue.send(
      { kind: 'conversation', conversationId, relatedRowKey: rowKey, cause, requestId },
      deduplicationId.related(conversationId, rowKey),
    );
  }
}

/** Tells the agents of a conversation, once, of a message in another one that speaks of it. */
export async function noteRelatedConversation(
  { store, freescout, settings, log }: WorkerDependencies,
  { relatedRowKey = '' }: ConversationJob,
  conversation: Conversation,
): Promise<void> {
  const key = parseLedgerKey(relatedRowKey)?.key;
  const row = key === undefined ? null : await store.ledger.get(key);
  const otherId = row?.conversationId;
  const reason =
    row === null ? undefined : relatedIn(row).find((each) => each.conversationId === conversation.id)?.reason;
  const marker = `related:${relatedRowKey}`;
  const isOver = ['spam', 'deleted'].includes(conversationIsOver(conversation) ?? '');
  if (
    reason === undefined ||
    otherId === undefined ||
    otherId === conversation.id ||
    isOver ||
    hasOwnNote(conversation, settings.freescout.botUserId, marker)
  ) {
    return;
  }
  await freescout.addNote(conversation.id, {
    html: `${markerFor(marker)}${textToHtml(wordings[reason](otherId))}`,
    cc: conversation.cc,
    // The other conversation's own note is the one that asks for work.
    imported: true,
  });
  log.write('CONVERSATION_NOTED');
}

function relatedIn({
  related,
  remarks = [],
}: LedgerRow): readonly { readonly conversationId: number; readonly reason: TellingReason }[] {
  const named = [
    ...(related === undefined ? [] : [{ code: related.why, conversationId: related.conversationId }]),
    ...remarks,
  ];
  return named.flatMap(({ code, conversationId }) =>
    conversationId !== undefined && isTelling(code) ? [{ conversationId, reason: code }] : [],
  );
}

function isTelling(code: string): code is TellingReason {
  return Object.hasOwn(wordings, code);
}
