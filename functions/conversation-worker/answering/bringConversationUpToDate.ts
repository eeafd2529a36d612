import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { followUp } from '#functions/conversation-worker/follow-up/followUp.ts';
import { keptUnderConversation, underClaim } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { waitUntilFinal } from '#shared/drafts/draftPredicates.ts';
import { staleFollowUpTags } from '#shared/followUps/staleTags.ts';
import { doubleFetches, isFetchedByFreeScout, reportDoubleFetches } from '#shared/freescout/doubleFetch.ts';
import {
  type Conversation,
  conversationIsOver,
  isAgentMessage,
  isCustomerMessage,
  newestAgentMessage,
  type Thread,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';
import { intakeSince } from '#shared/intake/intakeSince.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import { accountOfMailbox } from '#shared/settings/accounts.ts';
import { type LedgerKey, parseLedgerKey, threadKey, threadMapKey } from '#shared/store/keys.ts';
import { isTerminal, type LedgerAction, type LedgerRow } from '#shared/store/ledger.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import { answerCustomerMessage } from './answerCustomerMessage.ts';

/** Customer threads of one conversation whose rows are looked after; older ones were settled long ago. */
const watchedThreads = 25;

/** Our own intake and FreeScout's fetching find a mail within this time of each other. */
const twinMarginMilliseconds = hourMilliseconds;

/** Published replies of agents that later mails may answer; older ones are in the map already. */
const mappedReplies = 25;

/**
 * Brings our side of one conversation up to date, whatever the cause of the job: reads it afresh, records what became of our
 * draft, takes off a follow-up tag that is no longer true, and does what is still missing for the newest customer message that no
 * agent has answered; then the follow-up step, if the job has one. Doing it twice changes nothing.
 */
export async function bringConversationUpToDate(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
): Promise<void> {
  const conversation = await keptUnderConversation(deps, job.conversationId, delivery, () =>
    readAndObserve(deps, job),
  );
  const watched = conversation === null ? [] : await watchedMessages(deps, conversation);
  await settlePassed(deps, job, conversation, watched);
  if (conversation === null) {
    return;
  }
  await answerNewest(deps, job, delivery, conversation, watched);
  if (job.step !== undefined) {
    await followUp(deps, job, delivery);
  }
}

/** @returns the conversation with the tags it has afterwards; null when it is gone, or none of ours. */
async function readAndObserve(deps: WorkerDependencies, job: ConversationJob): Promise<Conversation | null> {
  const read = await deps.freescout.getConversation(job.conversationId);
  if (read === null) {
    await settleGone(deps, job);
    return null;
  }
  if (accountOfMailbox(deps.settings, read.mailboxId) === undefined) {
    return null;
  }
  await mapAgentReplies(deps, read);
  await deps.draftKeeper.observe(read);
  return withoutStaleTags(deps, read);
}

/** Messages of the customer whose rows are looked after, oldest first. */
async function watchedMessages(
  deps: WorkerDependencies,
  { threads }: Conversation,
): Promise<readonly Thread[]> {
  const since = await intakeSince(deps);
  return threads
    .filter((thread) => isCustomerMessage(thread) && thread.createdAt >= since.getTime())
    .slice(-watchedThreads);
}

async function answerNewest(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
  conversation: Conversation,
  watched: readonly Thread[],
): Promise<void> {
  const newest = watched.at(-1);
  if (newest === undefined) {
    return;
  }
  const rows = await deps.store.ledger.getAll(watched.map((thread) => threadKey(conversation.id, thread.id)));
  const over = conversationIsOver(conversation);
  const answered = !unansweredCustomerMessages(conversation).includes(newest);
  const target = over === null && !answered ? newest : null;
  await settleOthers(deps, conversation, watched, rows, target, over);
  if (target === null) {
    return;
  }
  if (isFetchedByFreeScout(target) && !rows.has(threadKey(conversation.id, target.id))) {
    await lookForTwin(deps, conversation, target);
  }
  await underClaim(
    deps,
    threadKey(conversation.id, target.id),
    delivery,
    { conversationId: conversation.id },
    (row) => answerCustomerMessage(deps, job, delivery, conversation, target, row),
  );
}

/**
 * Whether the mail that FreeScout fetched was brought in by us too. Asked once per such message, and there are none where FreeScout's
 * fetching is off.
 */
async function lookForTwin(
  deps: WorkerDependencies,
  conversation: Conversation,
  message: Thread,
): Promise<void> {
  const customerEmail = message.customer?.email ?? conversation.customer?.email;
  const others = await deps.freescout
    .listConversations({
      mailboxIds: [conversation.mailboxId],
      ...(customerEmail ? { customerEmail } : {}),
      updatedSince: new Date(message.createdAt - twinMarginMilliseconds),
      embed: ['threads'],
      sort: { field: 'updatedAt', order: 'desc' },
      page: 1,
    })
    .catch(() => {
      // Only a remark to the operators depends on it; the client has logged the call.
      return { conversations: [] };
    });
  const found = doubleFetches([
    conversation,
    ...others.conversations.filter(({ id }) => id !== conversation.id),
  ]);
  reportDoubleFetches(
    deps,
    found.filter(({ threadId }) => threadId === message.id),
  );
}

async function withoutStaleTags(deps: WorkerDependencies, conversation: Conversation): Promise<Conversation> {
  const over = conversationIsOver(conversation);
  if (conversation.tags === null || over === 'deleted' || over === 'spam') {
    return conversation;
  }
  const stale = await staleFollowUpTags(deps.store.ledger, conversation, deps.settings.followUps);
  if (stale.length === 0) {
    return conversation;
  }
  const tags = conversation.tags.filter((tag) => !stale.includes(tag));
  await deps.freescout.setTags(conversation.id, tags);
  deps.log.write('FOLLOW_UP_TAG_REMOVED');
  return { ...conversation, tags };
}

async function settleGone(
  { store }: WorkerDependencies,
  { conversationId, rowKey }: ConversationJob,
): Promise<void> {
  const woken = parseLedgerKey(rowKey ?? '')?.key ?? null;
  await store.ledger.settle(
    [threadKey(conversationId, '-'), ...(woken === null ? [] : [woken])].map((key) => ({
      key,
      outcome: { status: 'filtered', reason: 'gone' },
    })),
  );
}

/**
 * Ends a row that was woken and that nothing else would end, or it would be woken for ever: what failed before a message could be
 * looked at has worked now; or its message is no longer here, because people moved the conversation or merged it into another.
 */
async function settlePassed(
  { store }: WorkerDependencies,
  { conversationId, rowKey }: ConversationJob,
  conversation: Conversation | null,
  watched: readonly Thread[],
): Promise<void> {
  const woken = parseLedgerKey(rowKey ?? '')?.key ?? null;
  const isLookedAfter =
    conversation !== null &&
    (woken?.startsWith('followup:') || watched.some(({ id }) => woken === threadKey(conversationId, id)));
  if (woken !== null && !isLookedAfter) {
    await store.ledger.settle([
      { key: woken, outcome: { status: 'success', action: 'covered', conversationId } },
    ]);
  }
}

/** The customer's next mail may answer any of these replies and carry nothing but its id. */
async function mapAgentReplies(deps: WorkerDependencies, conversation: Conversation): Promise<void> {
  const keys = conversation.threads
    .filter(isAgentMessage)
    .slice(-mappedReplies)
    .map((thread) => threadMapKey.freescoutThread(thread.id));
  if (keys.length === 0) {
    return;
  }
  const known = await deps.store.threadMap.getAll(keys);
  const missing = keys.filter((key) => known.get(key) !== conversation.id);
  if (missing.length > 0) {
    await deps.store.threadMap.putAll(missing.map((key) => ({ key, conversationId: conversation.id })));
  }
}

/** Every customer message but the one that gets the work ends here: over, answered, or covered by a newer one. */
async function settleOthers(
  deps: WorkerDependencies,
  conversation: Conversation,
  watched: readonly Thread[],
  rows: ReadonlyMap<LedgerKey, LedgerRow>,
  target: Thread | null,
  over: LedgerAction | null,
): Promise<void> {
  const unanswered = new Set(unansweredCustomerMessages(conversation));
  const open = watched.filter((thread) => {
    const row = rows.get(threadKey(conversation.id, thread.id));
    return thread !== target && (row === undefined || !isTerminal(row));
  });
  if (open.length === 0) {
    return;
  }
  const reply = newestAgentMessage(conversation);
  if (reply !== undefined && over === null && open.some((thread) => !unanswered.has(thread))) {
    waitUntilFinal(reply, deps.clock.now());
  }
  await deps.store.ledger.settle(
    open.map((thread) => ({
      key: threadKey(conversation.id, thread.id),
      outcome: {
        status: 'success',
        action: over ?? (unanswered.has(thread) ? 'covered' : 'answered'),
        conversationId: conversation.id,
        threadId: thread.id,
      },
    })),
  );
}
