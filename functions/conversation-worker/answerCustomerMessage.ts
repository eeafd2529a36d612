import { askForReply, draftPromptVersion } from '#shared/drafts/draftPrompt.ts';
import { knownHosts } from '#shared/drafts/knownHosts.ts';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import {
  type Conversation,
  newestCustomerMessage,
  type Thread,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';
import { ComeBackLater, permanent, retryable } from '#shared/jobs/failure.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import type { HygieneReason } from '#shared/mail/hygiene.ts';
import type { LedgerAction, LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import { bucketOf } from '#shared/triage/buckets.ts';
import type { Triage } from '#shared/triage/triage.ts';
import { triageConversation } from '#shared/triage/triageConversation.ts';
import { applyJudgement, applyTags } from './applyJudgement.ts';
import { conversationIsOver, startAgainWith } from './bringConversationUpToDate.ts';
import type { Delivery } from './delivery.ts';
import { mailKeysIn } from './findConversation.ts';
import { raiseAlert } from './raiseAlert.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

type Judged = { readonly triage: Triage } | { readonly end: LedgerOutcome };

type Suggestion =
  | { readonly kind: 'reply'; readonly html: string }
  | { readonly kind: 'none'; readonly reason: string }
  /** The model was asked and gave nothing that a customer could read: an agent has to be told. */
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'over-budget' };

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
      await raiseAlert(deps, job, 'loop');
    }
    return done(conversation, 'no-draft', mailRow.noDraft);
  }
  const judged = await judge(deps, job, delivery, conversation, message, row);
  if ('end' in judged) {
    return judged.end;
  }
  const { triage } = judged;
  const [suggestion] = await allOrFirstFailure([
    suggestReply(deps, delivery, conversation, triage),
    applyJudgement(deps, conversation, triage, `note:${row.key}`, mailRow?.related).then(() =>
      alertIfUrgent(deps, job, triage.importance),
    ),
  ]);

  const fresh = await deps.freescout.getConversation(conversation.id);
  if (fresh === null) {
    return { status: 'filtered', reason: 'gone' };
  }
  const moved = await movedOn(deps, job, conversation, fresh);
  if (moved !== null) {
    return moved;
  }
  switch (suggestion.kind) {
    case 'over-budget':
      return deferred(deps, conversation);
    case 'none':
      return done(fresh, 'no-draft', suggestion.reason);
    case 'unusable':
      await deps.draftKeeper.explainNoDraft(fresh, message.id, suggestion.reason);
      return done(fresh, 'no-draft', suggestion.reason);
    case 'reply':
      return offerReply(deps, fresh, message, triage, suggestion.html);
  }
}

/** Row of the mail that this message came in with; null for a message that we did not bring in. */
async function rowOfMail(
  deps: WorkerDependencies,
  conversation: Conversation,
  message: Thread,
): Promise<LedgerRow | null> {
  const [key] = mailKeysIn({ ...conversation, threads: [message] });
  return key === undefined ? null : deps.store.ledger.get(key);
}

async function alertIfUrgent(
  deps: WorkerDependencies,
  job: ConversationJob,
  importance: number,
): Promise<void> {
  if (bucketOf(importance, deps.settings.thresholds) === 'p0') {
    await raiseAlert(deps, job, 'p0');
  }
}

async function judge(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
  conversation: Conversation,
  message: Thread,
  row: LedgerRow,
): Promise<Judged> {
  if (row.triage !== undefined) {
    return { triage: row.triage };
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
      await heedEscalationWords(deps, job, conversation, result.escalationWords);
      return { end: deferred(deps, conversation) };
    case 'unusable':
      if (!delivery.last) {
        throw retryable(
          'openai-answer-unusable',
          'The model gave no usable judgement; the conversation is judged again later.',
        );
      }
      // For good: a mail that the model will not judge, whoever wrote it so, must not be paid for again every hour.
      await heedEscalationWords(deps, job, conversation, result.escalationWords);
      await deps.draftKeeper.explainNoDraft(conversation, message.id, 'not-judged');
      throw permanent(
        'openai-answer-unusable',
        'The model gave no usable judgement at any attempt. A note tells the agents; the message can be replayed.',
      );
  }
}

/** Words that must not wait for a judgement. */
async function heedEscalationWords(
  deps: WorkerDependencies,
  job: ConversationJob,
  conversation: Conversation,
  escalationWords: readonly string[],
): Promise<void> {
  if (escalationWords.length > 0) {
    const { importanceFloor } = deps.settings.escalation;
    await applyTags(deps, conversation, { type: null, importance: importanceFloor });
    await alertIfUrgent(deps, job, importanceFloor);
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
): Promise<LedgerOutcome> {
  const offered = await deps.draftKeeper.offer(fresh, {
    kind: 'reply',
    answeredThreadId: message.id,
    html,
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

/**
 * What happened in the conversation since it was read, or null when the draft still fits.
 *
 * @throws {ComeBackLater} when the conversation now belongs to another customer, for whom the text was not written, or to another
 * mailbox, which may be none of ours.
 */
async function movedOn(
  deps: WorkerDependencies,
  job: ConversationJob,
  before: Conversation,
  now: Conversation,
): Promise<LedgerOutcome | null> {
  const over = conversationIsOver(now);
  if (over !== null) {
    return done(now, over);
  }
  const newest = newestCustomerMessage(now);
  if (newest !== undefined && newest.id !== newestCustomerMessage(before)?.id) {
    return startAgainWith(deps, job, newest);
  }
  // By order, not by the id of the newest reply: a reply that was taken back and sent again keeps its id.
  if (newest === undefined || !unansweredCustomerMessages(now).includes(newest)) {
    return done(now, 'answered');
  }
  if (now.customer?.id !== before.customer?.id || now.mailboxId !== before.mailboxId) {
    throw new ComeBackLater('conversation-changed', 10);
  }
  return null;
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

/** Waits for both before it fails, so that no write is left running when the job goes back to the queue. */
async function allOrFirstFailure<A, B>(steps: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled(steps);
  if (first.status === 'rejected') {
    throw first.reason;
  }
  if (second.status === 'rejected') {
    throw second.reason;
  }
  return [first.value, second.value];
}

function minutesSince(milliseconds: number, now: Date): number {
  return Math.max(0, (now.getTime() - milliseconds) / 60_000);
}
