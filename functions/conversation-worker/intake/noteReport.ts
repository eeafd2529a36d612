import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import type { HygieneReason } from '#shared/mail/hygiene/classifyMail.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { firstCharacters } from '#shared/text/firstCharacters.ts';
import type { MailInHand } from './mailInHand.ts';
import { threadOf, writeOnce } from './writeOnce.ts';

/** Characters of a report that a note quotes at most. */
const quotedCharacters = 1500;

/**
 * A bounce or a similar report about a mail of a conversation becomes one internal note there: the agent learns that the answer
 * did not arrive, and no draft answers a machine.
 */
export async function noteReport(
  deps: WorkerDependencies,
  { row, delivery, mail }: MailInHand,
  conversationId: number,
  reason: HygieneReason,
): Promise<LedgerOutcome> {
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation === null || conversation.state === 'deleted') {
    return { status: 'filtered', reason };
  }
  const written = threadOf(row, conversation);
  if (written !== undefined) {
    return { status: 'success', action: 'note', reason, conversationId, threadId: written.id };
  }
  const { threadId } = await writeOnce(deps, row, delivery, () =>
    deps.freescout.addNote(conversationId, {
      html: `${markerFor(row.key)}${textToHtml(noteText(mail.text, reason))}`,
      cc: conversation.cc,
      imported: false,
    }),
  );
  deps.log.write('MAIL_NOTED', { conversationId, threadId, reason });
  deps.measure('MailsNoted');
  return { status: 'success', action: 'note', reason, conversationId, threadId };
}

function noteText(text: string, reason: HygieneReason): string {
  const excerpt = text.trim();
  const quoted =
    excerpt.length > quotedCharacters ? `${firstCharacters(excerpt, quotedCharacters)} …` : excerpt;
  return `A report about a mail of this conversation came back (${reason}). It was not added as a customer's message.\n\n${quoted}`;
}
