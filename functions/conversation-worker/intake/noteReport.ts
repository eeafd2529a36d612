import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { firstCharacters } from '#shared/text/firstCharacters.ts';
import type { MessageInHand } from './messageInHand.ts';
import { writeNote } from './writeNote.ts';

/** Characters of a report that a note quotes at most. */
const quotedCharacters = 1500;

/**
 * A bounce or a similar report about a message of a conversation becomes one internal note there: the agent learns that the answer
 * did not arrive, and no draft answers a machine.
 */
export async function noteReport(
  deps: WorkerDependencies,
  inHand: MessageInHand,
  conversationId: number,
  reason: string,
): Promise<LedgerOutcome> {
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation === null || conversation.state === 'deleted') {
    return { status: 'filtered', reason };
  }
  return writeNote(deps, inHand, conversation, {
    marker: inHand.row.key,
    html: textToHtml(noteText(inHand.message.text, reason)),
    reason,
    isSilent: false,
  });
}

function noteText(text: string, reason: string): string {
  const excerpt = text.trim();
  const quoted =
    excerpt.length > quotedCharacters ? `${firstCharacters(excerpt, quotedCharacters)} …` : excerpt;
  return `A report about a mail of this conversation came back (${reason}). It was not added as a customer's message.\n\n${quoted}`;
}
