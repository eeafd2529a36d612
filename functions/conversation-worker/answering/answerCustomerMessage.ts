import { raiseAlert } from '#functions/conversation-worker/alerts/raiseAlert.ts';
import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { messageKeysIn } from '#functions/conversation-worker/intake/findConversation.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { DraftSuggestion } from '#shared/drafts/draftKeeper.ts';
import { waitUntilFinal } from '#shared/drafts/draftPredicates.ts';
import { askForReply, draftPromptVersion } from '#shared/drafts/draftPrompt.ts';
import { knownHosts } from '#shared/drafts/knownHosts.ts';
import { hasOwnNote } from '#shared/drafts/markers.ts';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import { ComeBackLater, permanent, retryable } from '#shared/failure/failure.ts';
import {
  type Conversation,
  conversationIsOver,
  newestAgentMessage,
  newestCustomerMessage,
  type Thread,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';
import { type ConversationJob, deduplicationId } from '#shared/jobs/jobs.ts';
import type { HygieneReason } from '#shared/mail/hygiene/classifyMail.ts';
import { senderDigest } from '#shared/store/keys.ts';
import type { LedgerAction, LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { bucketOf } from '#shared/triage/buckets.ts';
import type { Triage, TriageType } from '#shared/triage/triage.ts';
import { triageConversation, waitingEscalationWords } from '#shared/triage/triageConversation.ts';
import { applyTags, applyTriage, noteMarkerOf } from './applyTriage.ts';
import { isToldByFreeScout } from './toldByFreeScout.ts';

type Judged = { readonly triage: Triage } | { readonly end: LedgerOutcome };

type Suggestion =
  | { readonly kind: 'reply'; readonly html: string }
  | { readonly kind: 'none'; readonly reason: string }
  /** The model was asked and gave nothing that a customer could read: an agent has to be told. */
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'over-budget' };

/** What was read longer ago is read again before a draft is written: a slow FreeScout takes this long over a note. */
const staleAfterMilliseconds = 5000;

/**
 * The work on one customer message: judgement, tags, note, draft. Every step looks for what an earlier attempt left, so that a
 * retry neither pays nor writes twice.
 */
export async function answerCustomerMessage(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
  conversation: Conversation,
  message: Thread,
  row: LedgerRow,
): Promise<LedgerOutcome> {
  const mailRow = await rowOfMail(deps, conversation, message);
  if (mailRow?.noDraft) {
    if (mailRow.noDraft === ('loop' satisfies HygieneReason)) {
      await tellLoop(deps, job, message.customer?.email || `conversation ${conversation.id}`);
    }
    return done(conversation, 'no-draft', mailRow.noDraft);
  }
  const silentNotes = isToldByFreeScout(deps.settings, conversation, message, mailRow);
  // The ledger was taken back to a time before the judgement: a draft may have followed the note.
  const mayBeDrafted =
    row.triage === undefined &&
    hasOwnNote(conversation, deps.settings.freescout.botUserId, noteMarkerOf(row.key));
  const judged = await triageMessage(deps, job, delivery, conversation, message, row, silentNotes);
  if ('end' in judged) {
    return judged.end;
  }
  const { triage } = judged;
  if (isP0(deps, triage.importance)) {
    await tellUrgency(deps, job, triage);
  }
  const [suggested] = await Promise.allSettled([suggestReply(deps, delivery, conversation, triage)]);

  const readAt = deps.clock.now().getTime();
  const seen = await lookAgain(deps, job, conversation);
  if (seen.conversation === null) {
    return seen.end;
  }
  await applyTriage(deps, seen.conversation, triage, row.key, { related: mailRow?.related, silentNotes });
  const isStale = deps.clock.now().getTime() - readAt > staleAfterMilliseconds;
  const present = isStale ? await lookAgain(deps, job, conversation) : seen;
  if (present.end === 'answered') {
    const reply = newestAgentMessage(present.conversation);
    if (reply !== undefined) {
      waitUntilFinal(reply, deps.clock.now());
    }
    return done(present.conversation, 'answered');
  }
  if (present.end !== null) {
    return present.end;
  }
  if (suggested.status === 'rejected') {
    throw suggested.reason;
  }
  const suggestion = suggested.value;
  switch (suggestion.kind) {
    case 'over-budget':
      return deferred(deps, conversation);
    case 'none':
      return done(present.conversation, 'no-draft', suggestion.reason);
    case 'unusable':
      await deps.draftKeeper.explainNoDraft(present.conversation, message.id, suggestion.reason, {
        silentNotes,
      });
      return done(present.conversation, 'no-draft', suggestion.reason);
    case 'reply':
      return offerReply(deps, present.conversation, message, triage, suggestion.html, {
        mayBeDrafted,
        silentNotes,
      });
  }
}

/** Once per sender and hour: each of the mails may have a conversation of its own. */
async function tellLoop(deps: WorkerDependencies, job: ConversationJob, sender: string): Promise<void> {
  const name = `loop-alert:${senderDigest(sender)}`;
  const onceAnHour = { maxRequests: 1, windowSeconds: 3600 };
  if ((await deps.store.state.takeCalls(name, 1, onceAnHour, deps.clock.now())) > 0) {
    await raiseAlert(deps, job, 'loop');
  }
}

/** Row of the mail that this message came in with; null for a message that we did not bring in. */
async function rowOfMail(
  deps: WorkerDependencies,
  conversation: Conversation,
  message: Thread,
): Promise<LedgerRow | null> {
  const [key] = messageKeysIn({ ...conversation, threads: [message] });
  return key === undefined ? null : deps.store.ledger.get(key);
}

/**
 * Tags what is urgent and alerts the operators before anything slow is waited for; a FreeScout that takes no tags does not keep the
 * alert back.
 */
async function tellUrgency(
  deps: WorkerDependencies,
  job: ConversationJob,
  judged: { readonly type: TriageType | null; readonly importance: number },
): Promise<void> {
  const conversation = await deps.freescout.getConversation(job.conversationId);
  if (conversation === null || conversationIsOver(conversation) !== null) {
    return;
  }
  try {
    await applyTags(deps, conversation, judged);
  } finally {
    if (isP0(deps, judged.importance)) {
      await raiseAlert(deps, job, 'p0');
    }
  }
}

function isP0({ settings }: WorkerDependencies, importance: number): boolean {
  return bucketOf(importance, settings.thresholds) === 'p0';
}

async function triageMessage(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
  conversation: Conversation,
  message: Thread,
  row: LedgerRow,
  silentNotes: boolean,
): Promise<Judged> {
  if (row.triage !== undefined) {
    return { triage: row.triage };
  }
  const words = waitingEscalationWords(conversation, deps.settings.escalation);
  if (words.length > 0) {
    await tellUrgency(deps, job, { type: null, importance: deps.settings.escalation.importanceFloor });
  }
  const result = await triageConversation(deps, conversation, delivery.timeLeftMilliseconds());
  switch (result.outcome) {
    case 'judged':
      await deps.store.ledger.progress(row.key, delivery.owner, { triage: result.triage });
      deps.log.write('CONVERSATION_TRIAGED', {
        type: result.triage.type,
        importance: result.triage.importance,
        language: result.triage.language,
      });
      deps.measure('ConversationsTriaged');
      return { triage: result.triage };
    case 'over-budget':
      return { end: deferred(deps, conversation) };
    case 'unusable':
      if (!delivery.last) {
        throw retryable(
          'openai-answer-unusable',
          'The model gave no usable judgement; the conversation is judged again later.',
        );
      }
      // For good: a mail that the model will not judge, whoever wrote it so, must not be paid for again every hour.
      await deps.draftKeeper.explainNoDraft(conversation, message.id, 'not-judged', { silentNotes });
      throw permanent(
        'openai-answer-unusable',
        'The model gave no usable judgement at any attempt. A note tells the agents; the message can be replayed.',
      );
  }
}

async function suggestReply(
  deps: WorkerDependencies,
  delivery: Delivery,
  conversation: Conversation,
  triage: Triage,
): Promise<Suggestion> {
  const { drafts } = deps.settings;
  if (!drafts.enabled) {
    return { kind: 'none', reason: 'drafts-off' };
  }
  if (!triage.needsReply) {
    return { kind: 'none', reason: 'no-reply-needed' };
  }
  if (!drafts.types.includes(triage.type)) {
    return { kind: 'none', reason: `type:${triage.type}` };
  }
  if (!(await deps.draftKeeper.mayDraft())) {
    return { kind: 'none', reason: 'drafts-stopped' };
  }
  const answer = await askForReply(deps, conversation, triage, delivery.timeLeftMilliseconds());
  if (answer.outcome === 'over-budget') {
    return { kind: 'over-budget' };
  }
  if (answer.outcome !== 'answered') {
    return { kind: 'unusable', reason: answer.outcome };
  }
  const shaped = shapeReply(answer.value, {
    expectedLanguage: triage.language,
    allowedHosts: knownHosts(conversation, drafts.allowedLinkHosts),
  });
  return shaped.outcome === 'usable'
    ? { kind: 'reply', html: shaped.html }
    : { kind: 'unusable', reason: shaped.reason };
}

async function offerReply(
  deps: WorkerDependencies,
  fresh: Conversation,
  message: Thread,
  triage: Triage,
  html: string,
  known: Pick<DraftSuggestion, 'mayBeDrafted' | 'silentNotes'>,
): Promise<LedgerOutcome> {
  const offered = await deps.draftKeeper.offer(fresh, {
    kind: 'reply',
    answeredThreadId: message.id,
    html,
    ...known,
    origin: {
      type: triage.type,
      bucket: bucketOf(triage.importance, deps.settings.thresholds),
      language: triage.language,
      promptVersion: draftPromptVersion,
    },
  });
  if (offered === 'drafted' || offered === 'replaced') {
    deps.measure('MinutesToDraft', minutesSince(message.createdAt, deps.clock.now()));
  }
  const ends = {
    drafted: done(fresh, 'drafted'),
    replaced: done(fresh, 'drafted'),
    noted: done(fresh, 'noted'),
    stopped: done(fresh, 'no-draft', 'drafts-stopped'),
  };
  return ends[offered];
}

/** A conversation as it is after the model was waited for. */
type Present =
  | { readonly conversation: Conversation; readonly end: null }
  /** A draft fits no longer, by an agent's reply or a newer message; the judgement does. */
  | { readonly conversation: Conversation; readonly end: 'answered' | LedgerOutcome }
  /** Nothing may be written any more. */
  | { readonly conversation: null; readonly end: LedgerOutcome };

/**
 * Reads the conversation again: people and customers go on while the model is at work, and what is written must fit what is there.
 *
 * @throws {ComeBackLater} when it now belongs to another customer, for whom the text was not written, or to another mailbox, which
 * may be none of ours.
 */
async function lookAgain(
  deps: WorkerDependencies,
  job: ConversationJob,
  before: Conversation,
): Promise<Present> {
  const now = await deps.freescout.getConversation(before.id);
  if (now === null) {
    return { conversation: null, end: { status: 'filtered', reason: 'gone' } };
  }
  const over = conversationIsOver(now);
  if (over !== null) {
    return { conversation: null, end: done(now, over) };
  }
  const newest = newestCustomerMessage(now);
  const isSuperseded = newest !== undefined && newest.id !== newestCustomerMessage(before)?.id;
  if (now.mailboxId !== before.mailboxId || (now.customer?.id !== before.customer?.id && !isSuperseded)) {
    throw new ComeBackLater('conversation-changed', 10);
  }
  if (isSuperseded) {
    return { conversation: now, end: await startAgainWith(deps, job, newest) };
  }
  // By order, not by the id of the newest reply: a reply that was taken back and sent again keeps its id.
  const isAnswered = newest === undefined || !unansweredCustomerMessages(now).includes(newest);
  return { conversation: now, end: isAnswered ? 'answered' : null };
}

/** Queues the same conversation again, for a customer message that came while we were at work. */
async function startAgainWith(
  deps: WorkerDependencies,
  job: ConversationJob,
  thread: Thread,
): Promise<LedgerOutcome> {
  await deps.queue.send(
    { kind: 'conversation', conversationId: job.conversationId, cause: 'written', requestId: job.requestId },
    deduplicationId.written(job.conversationId, thread.id),
  );
  return { status: 'success', action: 'superseded', conversationId: job.conversationId };
}

function deferred(deps: WorkerDependencies, conversation: Conversation): LedgerOutcome {
  deps.log.write('CONVERSATION_DEFERRED');
  deps.measure('ConversationsDeferred');
  return { status: 'deferred', reason: 'budget', conversationId: conversation.id };
}

function done(conversation: Conversation, action: LedgerAction, reason?: string): LedgerOutcome {
  return {
    status: 'success',
    action,
    conversationId: conversation.id,
    ...(reason === undefined ? {} : { reason }),
  };
}

function minutesSince(milliseconds: number, now: Date): number {
  return Math.max(0, (now.getTime() - milliseconds) / minuteMilliseconds);
}
