import { raiseAlert } from '#functions/conversation-worker/alerts/raiseAlert.ts';
import { deferred } from '#functions/conversation-worker/outcomes.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { asFailure, type FailureCode, permanent, retryable } from '#shared/failure/failure.ts';
import { type Conversation, conversationIsOver } from '#shared/freescout/model.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { alertsOperators, bucketOf } from '#shared/triage/buckets.ts';
import { waitingEscalationWords } from '#shared/triage/escalationWords.ts';
import type { Triage, TriageType } from '#shared/triage/triage.ts';
import { type TriageResult, triageConversation } from '#shared/triage/triageConversation.ts';
import { applyTags } from './applyTriage.ts';
import type { MessageInWork } from './messageInWork.ts';

/** `end`: there is no triage, and this is how the work ends. */
type Triaged = { readonly triage: Triage } | { readonly end: LedgerOutcome };

/** What the tags are made of: a triage, or escalation words alone, which tell no type. */
interface Urgency {
  readonly type: TriageType | null;
  readonly importance: number;
}

/**
 * The triage of a message: what an earlier delivery stored in its row, or what the model answers now. Operators hear of a p0 from here,
 * before the job waits for the text of a draft.
 *
 * @throws {Failure} `openai-answer-unusable`: retryable, and permanent at the last delivery.
 */
export async function triageMessage(deps: WorkerDependencies, inWork: MessageInWork): Promise<Triaged> {
  const { triage: stored } = inWork.row;
  const triaged = stored === undefined ? await askOrTell(deps, inWork) : { triage: stored };
  if ('triage' in triaged && isP0(deps, triaged.triage.importance)) {
    const { triage } = triaged;
    await tellUrgency(deps, inWork.job, triage, alertsOperators(triage, deps.settings.thresholds));
  }
  return triaged;
}

/**
 * Asks for the triage. A note tells the agents that they need not wait for it: when it fails for good, and when it fails after an attempt
 * that failed too.
 */
async function askOrTell(deps: WorkerDependencies, inWork: MessageInWork): Promise<Triaged> {
  try {
    return await askForTriage(deps, inWork);
  } catch (thrown) {
    const { code, retryable: isTriedAgain } = asFailure(thrown);
    if (failuresOfJudgement.has(code)) {
      if (!isTriedAgain) {
        // A note that fails has the message tried again, so that the agents are told.
        await tellAgents(deps, inWork, 'never');
      } else if (inWork.row.failedSince !== undefined) {
        // The failure of the judgement matters more than that of its note; the next attempt looks for the note.
        await Promise.allSettled([tellAgents(deps, inWork, 'not-yet')]);
      }
    }
    throw thrown;
  }
}

const failuresOfJudgement: ReadonlySet<FailureCode> = new Set([
  'openai-unreachable',
  'openai-rate-limited',
  'openai-rejected',
  'openai-answer-unusable',
  'openai-not-configured',
]);

async function tellAgents(
  deps: WorkerDependencies,
  { job, message, row, silentNotes }: MessageInWork,
  judged: 'never' | 'not-yet',
): Promise<void> {
  const conversation = await deps.freescout.getConversation(job.conversationId);
  if (conversation === null || conversationIsOver(conversation) !== null || row.burst === 'later') {
    return;
  }
  if (judged === 'never') {
    await deps.draftKeeper.explainNoDraft(conversation, message.id, 'not-judged', { silentNotes });
  } else {
    await deps.draftKeeper.explainNotJudgedYet(conversation, message.id, { silentNotes });
  }
}

async function askForTriage(deps: WorkerDependencies, inWork: MessageInWork): Promise<Triaged> {
  const { delivery, conversation, row } = inWork;
  const result = await judgedWithWords(deps, inWork);
  switch (result.outcome) {
    case 'triaged':
      await deps.store.ledger.progress(row.key, delivery.owner, { triage: result.triage });
      deps.log.write('CONVERSATION_TRIAGED', {
        type: result.triage.type,
        importance: result.triage.importance,
        language: result.triage.language,
      });
      deps.measure('ConversationsTriaged');
      return { triage: result.triage };
    case 'over-budget':
      return { end: deferred(deps, conversation.id, 'budget') };
    case 'unusable':
      if (!delivery.last) {
        throw retryable(
          'openai-answer-unusable',
          'The model gave no usable judgement; the conversation is judged again later.',
        );
      }
      // A permanent failure: a message for which the model refuses triage would otherwise be paid for again every hour.
      throw permanent(
        'openai-answer-unusable',
        'The model gave no usable judgement at any attempt. A note tells the agents; the message can be replayed.',
      );
  }
}

/**
 * The model's answer. Escalation words are found without it: they set the tags before it is asked, and alert the operators as soon as it
 * gives no judgement. Only a judgement that nothing threatens keeps the alert back.
 */
async function judgedWithWords(deps: WorkerDependencies, inWork: MessageInWork): Promise<TriageResult> {
  const { job, delivery, conversation } = inWork;
  const byWords = urgencyByWords(deps, conversation);
  if (byWords !== null) {
    // A FreeScout that takes no tags now keeps neither the model nor the alert back: the tags are set again with the alert.
    await Promise.allSettled([tellUrgency(deps, job, byWords, false)]);
  }
  let result: TriageResult;
  try {
    result = await triageConversation(deps, conversation, delivery.timeLeftMilliseconds());
  } catch (thrown) {
    if (byWords !== null) {
      await tellUrgency(deps, job, byWords, true);
    }
    throw thrown;
  }
  if (byWords !== null && result.outcome !== 'triaged') {
    await tellUrgency(deps, job, byWords, true);
  }
  return result;
}

/** Tags a message that the model is not asked about, and alerts the operators, where escalation words say that it is urgent. */
export async function tellOfWords(
  deps: WorkerDependencies,
  { job, conversation }: Pick<MessageInWork, 'job' | 'conversation'>,
): Promise<void> {
  const byWords = urgencyByWords(deps, conversation);
  if (byWords !== null) {
    await tellUrgency(deps, job, byWords, true);
  }
}

/** What escalation words alone say; null where there are none. */
function urgencyByWords({ settings }: WorkerDependencies, conversation: Conversation): Urgency | null {
  const { escalation } = settings;
  return waitingEscalationWords(conversation, escalation).length === 0
    ? null
    : { type: null, importance: escalation.importanceFloor };
}

/**
 * Tags what is urgent before anything slow is waited for, and alerts the operators when `isAlerting`. The alert of a p0 goes out also
 * when FreeScout takes no tags.
 */
async function tellUrgency(
  deps: WorkerDependencies,
  job: ConversationJob,
  triage: Urgency,
  isAlerting: boolean,
): Promise<void> {
  const conversation = await deps.freescout.getConversation(job.conversationId);
  if (conversation === null || conversationIsOver(conversation) !== null) {
    return;
  }
  try {
    await applyTags(deps, conversation, triage);
  } finally {
    if (isAlerting && isP0(deps, triage.importance)) {
      await raiseAlert(deps, conversation, job, 'p0');
    }
  }
}

function isP0({ settings }: WorkerDependencies, importance: number): boolean {
  return bucketOf(importance, settings.thresholds) === 'p0';
}
