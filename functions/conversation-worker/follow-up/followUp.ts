import { raiseAlert } from '#functions/conversation-worker/alerts/raiseAlert.ts';
import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import {
  keptUnderConversation,
  underClaim,
  type WorkEnd,
  withdrawn,
} from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { askForFollowUp, followUpPromptVersion } from '#shared/drafts/followUpPrompt.ts';
import { knownHosts } from '#shared/drafts/knownHosts.ts';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import { ComeBackLater } from '#shared/failure/failure.ts';
import {
  candidateIn,
  confirmed,
  type Due,
  type FollowUpStep,
  type NotDue,
  newestMessage,
  rowsAbout,
  tagOf,
} from '#shared/followUps/dueStep.ts';
import {
  type Conversation,
  conversationIsOver,
  isCustomerMessage,
  newestCustomerMessage,
} from '#shared/freescout/model.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import { followUpKey, type LedgerKey, parseLedgerKey, threadKey } from '#shared/store/keys.ts';
import {
  type FollowUpResult,
  isTerminal,
  type LedgerAction,
  type LedgerOutcome,
} from '#shared/store/ledger.ts';
import { bucketAmong, bucketOf } from '#shared/triage/buckets.ts';

/** What is there for the agent, as the tag says. */
type TaggedResult = Exclude<FollowUpResult, 'no-draft'>;

const actions = {
  drafted: 'drafted',
  noted: 'noted',
  waiting: 'tagged',
} as const satisfies Record<TaggedResult, LedgerAction>;

/** A step that is to be done now. */
interface OpenStep {
  readonly key: LedgerKey;
  readonly step: FollowUpStep;
  /** The message that waits for an answer. */
  readonly waitingId: number;
  /** null: an earlier attempt settled the draft, only the tag is missing. */
  readonly due: Due | null;
}

/**
 * The follow-up step of a conversation job: looks again whether a draft is due for a customer who waits too long, or who does not
 * come back to us; writes it, then the tag. Which of the two follows from the conversation as it is now, not from the job. The row
 * says how far an earlier attempt came.
 */
export async function followUp(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
): Promise<void> {
  const { conversationId } = job;
  if (deps.settings.followUps.dryRun) {
    await settlePassed(deps, job, null);
    return;
  }
  const conversation = await keptUnderConversation(deps, conversationId, delivery, () =>
    deps.freescout.getConversation(conversationId),
  );
  if (conversation === null) {
    return;
  }
  const open = await openStepIn(deps, conversation);
  await settlePassed(deps, job, open);
  if (open === null) {
    return;
  }
  if (open.step === 'follow-up' && (await isUrgent(deps, conversation))) {
    await raiseAlert(deps, job, 'p0-follow-up');
  }
  const end = await underClaim(deps, open.key, delivery, { conversationId }, async (row) => {
    const settled = row.followUp ?? (await settleDraft(deps, delivery, conversation, open));
    if (typeof settled !== 'string') {
      return settled;
    }
    if (row.followUp === undefined) {
      await deps.store.ledger.progress(open.key, delivery.owner, { followUp: settled });
    }
    // The tag says that words are ready. Where there are none, a note has told the agents why.
    return settled === 'no-draft'
      ? ended(conversation, 'no-draft')
      : addTag(deps, job.conversationId, open, settled);
  });
  const action = end.status === 'success' ? (end.action ?? null) : null;
  deps.log.write('FOLLOW_UP_DONE', { step: open.step, status: end.status, action });
}

async function openStepIn(deps: WorkerDependencies, conversation: Conversation): Promise<OpenStep | null> {
  const newest = newestMessage(conversation);
  if (newest === undefined) {
    return null;
  }
  const key = followUpKey(conversation.id, newest.id);
  const row = await deps.store.ledger.get(key);
  if (row !== null && isTerminal(row)) {
    return null;
  }
  if (row?.followUp !== undefined) {
    const step = isCustomerMessage(newest) ? 'follow-up' : 'reminder';
    return { key, step, waitingId: newest.id, due: null };
  }
  const verdict = await dueStatus(deps, conversation, key);
  if (verdict.due === null) {
    deps.log.write('FOLLOW_UP_NOT_DUE', { reason: verdict.reason });
    return null;
  }
  return { key, step: verdict.due, waitingId: verdict.waiting.id, due: verdict };
}

async function dueStatus(
  deps: WorkerDependencies,
  conversation: Conversation,
  ownKey: LedgerKey,
): Promise<Due | NotDue> {
  const candidate = candidateIn(conversation, deps.settings, deps.clock.now());
  if (candidate.due === null) {
    return candidate;
  }
  const keys = rowsAbout(conversation, candidate).filter((key) => key !== ownKey);
  return confirmed(conversation, candidate, await deps.store.ledger.getAll(keys), deps.settings);
}

/**
 * A row that was woken and is not to be worked on now would be woken again and again: it ends, or, when nothing came of it yet, it is
 * taken away, because its step may be due again.
 */
async function settlePassed(
  deps: WorkerDependencies,
  { conversationId, rowKey }: ConversationJob,
  open: OpenStep | null,
): Promise<void> {
  const woken = parseLedgerKey(rowKey ?? '')?.key ?? null;
  if (!woken?.startsWith('followup:') || woken === open?.key) {
    return;
  }
  const row = await deps.store.ledger.get(woken);
  if (row?.followUp === undefined) {
    await deps.store.ledger.withdraw(woken, null);
  } else {
    await deps.store.ledger.settle([
      { key: woken, outcome: { status: 'success', action: 'superseded', conversationId } },
    ]);
  }
}

/** @returns what came of the draft, or how the work ends when nothing is to be tagged. */
async function settleDraft(
  deps: WorkerDependencies,
  delivery: Delivery,
  conversation: Conversation,
  { step, due }: OpenStep,
): Promise<FollowUpResult | WorkEnd> {
  if (due === null || (await deps.draftKeeper.isSeenWaiting(conversation.id))) {
    return 'waiting';
  }
  if (!(await deps.draftKeeper.mayDraft())) {
    return withdrawn;
  }
  const { triage, waiting, waitedHours } = due;
  const kind = step === 'follow-up' ? 'followup' : 'reminder';
  const { language } = triage;
  const answer = await askForFollowUp(
    deps,
    conversation,
    { step, language, waitedHours },
    delivery.timeLeftMilliseconds(),
  );
  if (answer.outcome === 'over-budget') {
    deps.log.write('CONVERSATION_DEFERRED');
    deps.measure('ConversationsDeferred');
    return { status: 'deferred', reason: 'budget', conversationId: conversation.id };
  }
  const fresh = await deps.freescout.getConversation(conversation.id);
  if (fresh === null) {
    return { status: 'filtered', reason: 'gone' };
  }
  const now = candidateIn(fresh, deps.settings, deps.clock.now());
  if (now.due !== step || now.waiting.id !== waiting.id) {
    return withdrawn;
  }
  if (fresh.customer?.id !== conversation.customer?.id || fresh.mailboxId !== conversation.mailboxId) {
    throw new ComeBackLater('conversation-changed', 10);
  }
  const shaped =
    answer.outcome === 'answered'
      ? shapeReply(answer.value, {
          expectedLanguage: language,
          allowedHosts: knownHosts(fresh, deps.settings.drafts.allowedLinkHosts),
        })
      : { outcome: 'unusable' as const, reason: answer.outcome };
  if (shaped.outcome !== 'usable') {
    await deps.draftKeeper.explainNoDraft(fresh, waiting.id, shaped.reason, { kind });
    return 'no-draft';
  }
  const offered = await deps.draftKeeper.offer(fresh, {
    kind,
    answeredThreadId: waiting.id,
    html: shaped.html,
    origin: {
      type: triage.type,
      bucket: bucketOf(triage.importance, deps.settings.thresholds),
      language,
      promptVersion: followUpPromptVersion[step],
    },
  });
  switch (offered) {
    case 'stopped':
      return withdrawn;
    case 'noted':
      return 'noted';
    case 'drafted':
    case 'replaced':
      deps.measure('FollowUpsDrafted');
      return 'drafted';
  }
}

/** Read once more: between the draft and a tag that failed, hours can lie. */
async function addTag(
  deps: WorkerDependencies,
  conversationId: number,
  { step, waitingId }: OpenStep,
  result: TaggedResult,
): Promise<LedgerOutcome> {
  const fresh = await deps.freescout.getConversation(conversationId);
  if (fresh === null) {
    return { status: 'filtered', reason: 'gone' };
  }
  if (conversationIsOver(fresh) !== null || newestMessage(fresh)?.id !== waitingId) {
    return { ...ended(fresh, actions[result]), reason: 'moved-on' };
  }
  const tag = tagOf(step, deps.settings.followUps);
  if (fresh.tags === null) {
    deps.log.write('MODULE_ABSENT', { module: 'Tags' });
  } else if (!fresh.tags.some((present) => present.toLowerCase() === tag)) {
    await deps.freescout.setTags(fresh.id, [...fresh.tags, tag]);
    deps.measure('FollowUpsTagged');
  }
  return ended(fresh, actions[result]);
}

/** What the tags say, which people may have changed; without any, what was judged. */
async function isUrgent(deps: WorkerDependencies, conversation: Conversation): Promise<boolean> {
  const tagged = bucketAmong(conversation.tags ?? []);
  if (tagged !== null) {
    return tagged === 'p0';
  }
  const message = newestCustomerMessage(conversation);
  const row = message && (await deps.store.ledger.get(threadKey(conversation.id, message.id)));
  return row?.triage !== undefined && bucketOf(row.triage.importance, deps.settings.thresholds) === 'p0';
}

function ended(conversation: Conversation, action: LedgerAction) {
  return { status: 'success', action, conversationId: conversation.id } as const;
}
