import { raiseAlert } from '#functions/conversation-worker/alerts/raiseAlert.ts';
import { deferred, done, gone } from '#functions/conversation-worker/outcomes.ts';
import { rereadConversation } from '#functions/conversation-worker/rereadConversation.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { waitUntilFinal } from '#shared/drafts/draftPredicates.ts';
import { draftPromptVersion } from '#shared/drafts/draftPrompt.ts';
import type { DraftSuggestion } from '#shared/drafts/draftStrategy.ts';
import { hasOwnNote } from '#shared/drafts/markers.ts';
import { asFailure } from '#shared/failure/failure.ts';
import {
  type Conversation,
  newestCustomerMessage,
  newestTeamAnswer,
  type Thread,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';
import { type ConversationJob, deduplicationId } from '#shared/jobs/jobs.ts';
import type { HygieneReason } from '#shared/mail/hygiene/classifyMail.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { bucketOf } from '#shared/triage/buckets.ts';
import type { Triage } from '#shared/triage/triage.ts';
import { applyTriage, noteMarkerOf, tagDoubt } from './applyTriage.ts';
import { decideBurst } from './loopLimit.ts';
import { type ClaimedMessage, type MessageInWork, messageInWork } from './messageInWork.ts';
import { hasShare, holdBack } from './senderShare.ts';
import { type Suggestion, suggestReply } from './suggestReply.ts';
import { triageMessage } from './triageMessage.ts';

/** What was read longer ago is read again before a draft is written: a slow FreeScout takes this long over a note. */
const staleAfterMilliseconds = 5000;

/** The conversation as a draft meets it, after the job waited for the model. */
type Present =
  | { readonly conversation: Conversation; readonly end: null }
  /** The triage still holds, but no draft is wanted: an agent answered, or the customer wrote again. */
  | { readonly conversation: Conversation; readonly end: 'answered' | LedgerOutcome }
  /** Nothing may be written any more. */
  | { readonly conversation: null; readonly end: LedgerOutcome };

/**
 * The work on one customer message: triage, tags, note, draft. Every step looks for what an earlier delivery left, so that a retry
 * neither pays nor writes twice.
 */
export async function answerCustomerMessage(
  deps: WorkerDependencies,
  claimed: ClaimedMessage,
): Promise<LedgerOutcome> {
  const inWork = await markDoubt(deps, await messageInWork(deps, claimed));
  const { conversation } = inWork;
  // Who replays a message wants it judged, whatever its sender has had.
  if (claimed.job.cause !== 'replay' && !(await hasShare(deps, conversation, claimed.row.key))) {
    return holdBack(deps, inWork);
  }
  const triaged = await triageMessage(deps, inWork);
  if ('end' in triaged) {
    return triaged.end;
  }
  const { triage } = triaged;
  // A text that cannot be had does not keep back what the triage says.
  const [suggested] = await Promise.allSettled([suggestReply(deps, inWork, triage)]);
  const present = await writeTriage(deps, inWork, triage);
  if (present.end === 'answered') {
    const reply = newestTeamAnswer(present.conversation);
    if (reply !== undefined) {
      waitUntilFinal(reply, deps.clock.now());
    }
    return done(conversation.id, 'answered');
  }
  if (present.end !== null) {
    return present.end;
  }
  if (suggested.status === 'rejected') {
    if (!asFailure(suggested.reason).retryable) {
      const { message, silentNotes } = inWork;
      await deps.draftKeeper.explainNoDraft(present.conversation, message.id, 'failed', { silentNotes });
    }
    throw suggested.reason;
  }
  return writeSuggestion(deps, inWork, present.conversation, triage, suggested.value);
}

/**
 * Remembers in the row of a message that may get no draft that it gets no late one either, and tags what is in doubt at once: a sender
 * counts as a customer by conversations without that tag. Of a sender who writes too often it tells the operators.
 *
 * @returns the message with its row as it is then.
 */
async function markDoubt(deps: WorkerDependencies, inWork: MessageInWork): Promise<MessageInWork> {
  const { conversation, delivery, job, mailRow, row } = inWork;
  if (mailRow === null) {
    return inWork;
  }
  const { noDraft } = mailRow;
  if (noDraft) {
    await deps.store.ledger.progress(row.key, delivery.owner, { noDraft });
  }
  const isLoop = noDraft === ('loop' satisfies HygieneReason);
  const burst = isLoop ? await decideBurst(deps, inWork) : undefined;
  if (burst === 'first') {
    await raiseAlert(deps, conversation, job, 'loop');
  }
  await tagDoubt(deps, conversation, Boolean(noDraft) && !isLoop);
  return burst === undefined ? inWork : { ...inWork, row: { ...row, burst } };
}

/** Writes the triage into the conversation as it is now. @returns the conversation that the draft then meets. */
async function writeTriage(
  deps: WorkerDependencies,
  inWork: MessageInWork,
  triage: Triage,
): Promise<Present> {
  const readAt = deps.clock.now().getTime();
  const seen = await lookAgain(deps, inWork);
  if (seen.conversation === null) {
    return seen;
  }
  await applyTriage(deps, seen.conversation, triage, inWork);
  const isStale = deps.clock.now().getTime() - readAt > staleAfterMilliseconds;
  return isStale ? lookAgain(deps, inWork) : seen;
}

async function lookAgain(
  deps: WorkerDependencies,
  { job, conversation: before }: MessageInWork,
): Promise<Present> {
  const reread = await rereadConversation(deps, before);
  if (reread.state === 'gone') {
    return { conversation: null, end: gone };
  }
  const { conversation } = reread;
  if (reread.state === 'over') {
    return { conversation: null, end: done(conversation.id, reread.why) };
  }
  if (reread.newMessage !== null) {
    return { conversation, end: await startAgainWith(deps, job, reread.newMessage) };
  }
  const newest = newestCustomerMessage(conversation);
  // The order of the threads tells, not the id of the newest reply: a reply that was taken back and sent again keeps its id.
  const isAnswered = newest === undefined || !unansweredCustomerMessages(conversation).includes(newest);
  return { conversation, end: isAnswered ? 'answered' : null };
}

/** Queues the same conversation again, for a customer message that came while we were at work. */
async function startAgainWith(
  deps: WorkerDependencies,
  { conversationId, requestId }: ConversationJob,
  thread: Thread,
): Promise<LedgerOutcome> {
  await deps.queue.send(
    { kind: 'conversation', conversationId, cause: 'written', requestId },
    deduplicationId.written(conversationId, thread.id),
  );
  return done(conversationId, 'superseded');
}

async function writeSuggestion(
  deps: WorkerDependencies,
  inWork: MessageInWork,
  present: Conversation,
  triage: Triage,
  suggestion: Suggestion,
): Promise<LedgerOutcome> {
  const { message, silentNotes } = inWork;
  switch (suggestion.kind) {
    case 'over-budget':
      return deferred(deps, present.id, 'budget');
    case 'none':
      return done(present.id, 'no-draft', suggestion.reason);
    case 'unusable':
      await deps.draftKeeper.explainNoDraft(present, message.id, suggestion.reason, { silentNotes });
      return done(present.id, 'no-draft', suggestion.reason);
    case 'reply':
      return offerReply(deps, present, message, {
        kind: 'reply',
        answeredThreadId: message.id,
        html: suggestion.html,
        mayBeDrafted: mayBeDrafted(deps, inWork),
        silentNotes,
        origin: {
          type: triage.type,
          bucket: bucketOf(triage.importance, deps.settings.thresholds),
          language: triage.language,
          promptVersion: draftPromptVersion,
        },
      });
  }
}

/** The note of an earlier triage is there that the row does not know: the ledger was restored, and a draft may have followed the note. */
function mayBeDrafted({ settings }: WorkerDependencies, { conversation, row }: MessageInWork): boolean {
  return (
    row.triage === undefined && hasOwnNote(conversation, settings.freescout.botUserId, noteMarkerOf(row.key))
  );
}

async function offerReply(
  deps: WorkerDependencies,
  present: Conversation,
  message: Thread,
  suggestion: DraftSuggestion,
): Promise<LedgerOutcome> {
  const offered = await deps.draftKeeper.offer(present, suggestion);
  switch (offered) {
    case 'drafted':
    case 'replaced':
      deps.measure('MinutesToDraft', minutesSince(message.createdAt, deps.clock.now()));
      return done(present.id, 'drafted');
    case 'noted':
      return done(present.id, 'noted');
    case 'stopped':
      return done(present.id, 'no-draft', 'drafts-stopped');
  }
}

function minutesSince(milliseconds: number, now: Date): number {
  return Math.max(0, (now.getTime() - milliseconds) / minuteMilliseconds);
}
