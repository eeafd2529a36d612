import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { teamMarkerOf } from '#shared/drafts/markers.ts';
import { textToHtml } from '#shared/mail/visible/safeHtml.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import type { EarlierWrite } from './findWrite.ts';
import type { IntakeEnd, TeamMessageInHand } from './messageInHand.ts';
import { unrecordedConversation } from './threadStarter.ts';
import { writeNote } from './writeNote.ts';

/** Stands in the row of a message of the team that became a note. */
export const teamReason = 'team';

/** Stands in the row of a message of the team that became a note and reached no customer. */
const unsentReason = 'team-unsent';

/**
 * A message of the team becomes one internal note of the conversation that it belongs to. It starts none: without a customer nobody could
 * be answered there.
 *
 * @param earlier - the note, when an earlier attempt is found to have written it.
 */
export async function noteTeamMessage(
  deps: WorkerDependencies,
  inHand: TeamMessageInHand,
  earlier: EarlierWrite | null,
): Promise<IntakeEnd> {
  const { job, row, message } = inHand;
  const { author, reachedCustomer } = message;
  const reason = reachedCustomer ? teamReason : unsentReason;
  if (earlier !== null) {
    return noted(earlier, reason);
  }
  const conversationId = job.conversationId ?? (await conversationOf(deps, inHand));
  if (conversationId === null) {
    return { status: 'filtered', reason: 'no-conversation' };
  }
  if (job.conversationId === undefined) {
    return { status: 'goes-on', conversationId, isMapped: false };
  }
  const written = await writeNote(deps, inHand, conversationId, {
    // Only the marker of a team message makes a note count as an answer.
    marker: reachedCustomer ? teamMarkerOf(row.key) : row.key,
    html: `${textToHtml(reachedCustomer ? `${author} wrote:` : unsentWords(author))}${message.html()}`,
    reason,
    // Who wrote it knows it, and the customer's message that it answers has been told of. What did not reach the customer has to be sent.
    isSilent: reachedCustomer,
    createdAt: message.receivedAt,
  });
  return written ?? { status: 'filtered', reason: 'conversation-gone' };
}

function unsentWords(author: string): string {
  return `${author} answered a notification by mail. The customer did not get this; send it from here:`;
}

function noted({ conversation, thread }: EarlierWrite, reason: string): LedgerOutcome {
  return {
    status: 'success',
    action: 'note',
    reason,
    conversationId: conversation.id,
    threadId: thread.id,
  };
}

async function conversationOf(
  deps: WorkerDependencies,
  { message: { target, thread, key } }: TeamMessageInHand,
): Promise<number | null> {
  const known = target ?? (await deps.store.threadMap.getAll([thread])).get(thread);
  return known ?? unrecordedConversation(deps, thread, key);
}
