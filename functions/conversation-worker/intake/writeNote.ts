import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import type { RowInHand } from './messageInHand.ts';
import { writeOnce } from './writeOnce.ts';
import { threadOf } from './writtenThread.ts';

interface Note {
  /** Name of the marker by which it is found again. */
  readonly marker: string;
  readonly html: string;
  /** Stands in the row and in the log. */
  readonly reason: string;
  /** FreeScout notifies nobody of it. */
  readonly isSilent: boolean;
  /** When it came in, if the note is to stand at that place of the conversation. FreeScout dates silent notes only. */
  readonly createdAt?: Date;
}

/** Writes what came in as an internal note of a conversation, once: a note that is there already is the one. */
export async function writeNote(
  deps: WorkerDependencies,
  { row, delivery }: RowInHand,
  conversation: Conversation,
  { marker, html, reason, isSilent, createdAt }: Note,
): Promise<LedgerOutcome> {
  const { id: conversationId } = conversation;
  const written = threadOf(row, conversation);
  if (written !== undefined) {
    return { status: 'success', action: 'note', reason, conversationId, threadId: written.id };
  }
  const { threadId } = await writeOnce(deps, row, delivery, () =>
    deps.freescout.addNote(conversationId, {
      html: `${markerFor(marker)}${html}`,
      cc: conversation.cc,
      imported: isSilent,
      ...(createdAt === undefined ? {} : { createdAt }),
    }),
  );
  deps.log.write('MAIL_NOTED', { conversationId, threadId, reason });
  deps.measure('MailsNoted');
  return { status: 'success', action: 'note', reason, conversationId, threadId };
}
