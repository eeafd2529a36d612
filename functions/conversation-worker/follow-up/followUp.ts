import { raiseAlert } from '#functions/conversation-worker/alerts/raiseAlert.ts';
import { hasShare } from '#functions/conversation-worker/answering/senderShare.ts';
import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { deferred, done, gone } from '#functions/conversation-worker/outcomes.ts';
import { rereadConversation } from '#functions/conversation-worker/rereadConversation.ts';
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
import { type Conversation, isCustomerMessage, newestCustomerMessage } from '#shared/freescout/model.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import type { DraftKind } from '#shared/store/botDrafts.ts';
import { followUpKey, type LedgerKey, parseLedgerKey, threadKey } from '#shared/store/keys.ts';
import {
  type FollowUpResult,
  isTerminal,
  type LedgerAction,
  type LedgerOutcome,
} from '#shared/store/ledger.ts';
import { bucketAmong, bucketOf } from '#shared/triage/buckets.ts';

/** Results that leave words for the agent, of which the tag tells. */
type TaggedResult = Exclude<FollowUpResult, 'no-draft'>;

const actions = {
  drafted: 'drafted',
  noted: 'noted',
  waiting: 'tagged',
} as const satisfies Record<TaggedResult, LedgerAction>;

const draftKinds = { 'follow-up': 'followup', reminder: 'reminder' } as const satisfies Record<
  FollowUpStep,
  DraftKind
>;

/** A step that the job is to do now. */
interface OpenStep {
  readonly key: LedgerKey;
  readonly step: FollowUpStep;
  /** The message that waits for an answer. */
  readonly waitingId: number;
  /** null: an earlier attempt settled the draft, only the tag is missing. */
  readonly due: Due | null;
}

/**
 * The follow-up step of a conversation job. It looks again whether a draft is due, for a customer who waits too long or who does not
 * come back to us, and writes the draft, then the tag. Which of the two steps is due follows from the conversation as it is now, not
 * from the job. The row says how far an earlier delivery came.
 */
export async function followUp(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
): Promise<void> {
  const { conversationId } = job;
  if (deps.settings.followUps.dryRun) {
    await endPassedStep(deps, job, null);
    return;
  }
  const conversation = await keptUnderConversation(deps, conversationId, delivery, () =>
    deps.freescout.getConversation(conversationId),
  );
  if (conversation === null) {
    return;
  }
  const open = await openStepIn(deps, conversation);
  await endPassedStep(deps, job, open);
  if (open === null) {
    return;
  }
  if (open.step === 'follow-up' && (await isUrgent(deps, conversation))) {
    await raiseAlert(deps, conversation, job, 'p0-follow-up');
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
      ? done(conversationId, 'no-draft')
      : addTag(deps, conversation, open, settled);
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
 * Ends the row for which the sweep woke the job when its step is not the one to be done now: the sweep would wake it again and again. A
 * row without a result is taken away, because its step may be due again.
 */
async function endPassedStep(
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
    await deps.store.ledger.settle([{ key: woken, outcome: done(conversationId, 'superseded') }]);
  }
}

/** @returns what there is for the agent, or how the work ends when nothing is to be tagged. */
async function settleDraft(
  deps: WorkerDependencies,
  delivery: Delivery,
  conversation: Conversation,
  { key, due }: OpenStep,
): Promise<FollowUpResult | WorkEnd> {
  if (due === null || (await deps.draftKeeper.isSeenWaiting(conversation.id))) {
    return 'waiting';
  }
  // A later look finds it due again.
  if (!(await deps.draftKeeper.mayDraft()) || !(await hasShare(deps, conversation, key))) {
    return withdrawn;
  }
  const answer = await askForFollowUp(
    deps,
    conversation,
    { step: due.due, language: due.triage.language, waitedHours: due.waitedHours },
    delivery.timeLeftMilliseconds(),
  );
  if (answer.outcome === 'over-budget') {
    return deferred(deps, conversation.id, 'budget');
  }
  const reread = await rereadConversation(deps, conversation);
  if (reread.state === 'gone') {
    return gone;
  }
  const { conversation: fresh } = reread;
  const now = candidateIn(fresh, deps.settings, deps.clock.now());
  // The text is for the customer of before. The step is still due when people gave the conversation to a customer whose message is older
  // than ours.
  const isTheirs = fresh.customer?.id === conversation.customer?.id;
  if (now.due !== due.due || now.waiting.id !== due.waiting.id || !isTheirs) {
    return withdrawn;
  }
  const shaped =
    answer.outcome === 'answered'
      ? shapeReply(answer.value, {
          expectedLanguage: due.triage.language,
          allowedHosts: knownHosts(fresh, deps.settings.drafts.allowedLinkHosts),
        })
      : { outcome: 'unusable' as const, reason: answer.outcome };
  if (shaped.outcome !== 'usable') {
    const kind = draftKinds[due.due];
    await deps.draftKeeper.explainNoDraft(fresh, due.waiting.id, shaped.reason, { kind });
    return 'no-draft';
  }
  return offerDraft(deps, fresh, due, shaped.html);
}

async function offerDraft(
  deps: WorkerDependencies,
  fresh: Conversation,
  { due: step, triage, waiting }: Due,
  html: string,
): Promise<FollowUpResult | typeof withdrawn> {
  const offered = await deps.draftKeeper.offer(fresh, {
    kind: draftKinds[step],
    answeredThreadId: waiting.id,
    html,
    origin: {
      type: triage.type,
      bucket: bucketOf(triage.importance, deps.settings.thresholds),
      language: triage.language,
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

/** Reads the conversation once more: hours can lie between the draft and a tag that failed. */
async function addTag(
  deps: WorkerDependencies,
  conversation: Conversation,
  { step, waitingId }: OpenStep,
  result: TaggedResult,
): Promise<LedgerOutcome> {
  const reread = await rereadConversation(deps, conversation);
  if (reread.state === 'gone') {
    return gone;
  }
  const { conversation: fresh } = reread;
  if (reread.state === 'over' || newestMessage(fresh)?.id !== waitingId) {
    return done(fresh.id, actions[result], 'moved-on');
  }
  const tag = tagOf(step, deps.settings.followUps);
  if (fresh.tags === null) {
    deps.log.write('MODULE_ABSENT', { module: 'Tags' });
  } else if (!fresh.tags.some((present) => present.toLowerCase() === tag)) {
    await deps.freescout.setTags(fresh.id, [...fresh.tags, tag]);
    deps.measure('FollowUpsTagged');
  }
  return done(fresh.id, actions[result]);
}

/** People may have changed the tags, so these decide; without any, the stored triage does. */
async function isUrgent(deps: WorkerDependencies, conversation: Conversation): Promise<boolean> {
  const tagged = bucketAmong(conversation.tags ?? []);
  if (tagged !== null) {
    return tagged === 'p0';
  }
  const message = newestCustomerMessage(conversation);
  const row = message && (await deps.store.ledger.get(threadKey(conversation.id, message.id)));
  return row?.triage !== undefined && bucketOf(row.triage.importance, deps.settings.thresholds) === 'p0';
}
