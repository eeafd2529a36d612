import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { markerFor } from '#shared/drafts/markers.ts';
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

/**
 * Writes what came in as an internal note of a conversation, once: a note that is there already is the one.
 *
 * @returns null when the conversation is gone.
 */
export async function writeNote(
  deps: WorkerDependencies,
  { row, delivery }: RowInHand,
  conversationId: number,
  { marker, html, reason, isSilent, createdAt }: Note,
): Promise<LedgerOutcome | null> {
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation === null || conversation.state === 'deleted') {
    return null;
  }
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
