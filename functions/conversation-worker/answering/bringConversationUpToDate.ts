import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { followUp } from '#functions/conversation-worker/follow-up/followUp.ts';
import { done, gone } from '#functions/conversation-worker/outcomes.ts';
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
  newestTeamAnswer,
  type Thread,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';
import { isProofConversation } from '#shared/freescout/proofConversations.ts';
import { intakeSince } from '#shared/intake/intakeSince.ts';
import type { ConversationJob } from '#shared/jobs/jobs.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import { parseLedgerKey, threadKey, threadMapKey } from '#shared/store/keys.ts';
import { isTerminal } from '#shared/store/ledger.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import { answerCustomerMessage } from './answerCustomerMessage.ts';
import { noteRelatedConversation } from './relatedConversations.ts';

/** Newest messages of the customer whose rows a job looks after; the rows of older ones ended long ago. */
const watchedThreads = 25;

/** Our own intake and FreeScout's fetching find a mail within this time of each other. */
const twinMarginMilliseconds = hourMilliseconds;

/** Newest threads that later mails may answer; older ones are in the map already. */
const mappedThreads = 25;

/**
 * Brings our side of one conversation up to date, whatever the cause of the job: reads it, records what became of our draft, takes off
 * a follow-up tag that is no longer true, and does what is still missing for the newest customer message that the team has not
 * answered; then the follow-up step, if the job has one. Doing it twice changes nothing.
 */
export async function bringConversationUpToDate(
  deps: WorkerDependencies,
  job: ConversationJob,
  delivery: Delivery,
): Promise<void> {
  const found = await keptUnderConversation(deps, job.conversationId, delivery, () => lookForWork(deps, job));
  if (found === null) {
    return;
  }
  const { conversation, message } = found;
  if (message !== null) {
    await underClaim(
      deps,
      threadKey(conversation.id, message.id),
      delivery,
      { conversationId: conversation.id },
      (row) => answerCustomerMessage(deps, { job, delivery, conversation, message, row }),
    );
  }
  if (job.relatedRowKey !== undefined) {
    await keptUnderConversation(deps, conversation.id, delivery, () =>
      noteRelatedConversation(deps, job, conversation),
    );
  }
  if (job.step !== undefined) {
    await followUp(deps, job, delivery);
  }
}

/**
 * Does all that comes before the work on one message. Until a worker claims that message's row no row of it may exist, so the caller
 * keeps a failure under the conversation: a message that the sweep has found once is not found again.
 *
 * @returns the customer's message that waits for work, `message: null` when none does; null when the conversation is gone, in a
 * mailbox that is none of ours, or a trial.
 */
async function lookForWork(
  deps: WorkerDependencies,
  job: ConversationJob,
): Promise<{ readonly conversation: Conversation; readonly message: Thread | null } | null> {
  const conversation = await readAndObserve(deps, job);
  const watched = conversation === null ? [] : await watchedMessages(deps, conversation);
  await coverUnwatchedRow(deps, job, conversation, watched);
  return conversation === null
    ? null
    : { conversation, message: await waitingMessage(deps, conversation, watched) };
}

/** @returns the conversation with the tags it has afterwards; null when it is gone, none of ours, or a trial. */
async function readAndObserve(deps: WorkerDependencies, job: ConversationJob): Promise<Conversation | null> {
  const read = await deps.freescout.getConversation(job.conversationId);
  if (read === null) {
    await settleGone(deps, job);
    return null;
  }
  if (!mailboxIdsOf(deps.settings).includes(read.mailboxId) || isProofConversation(read)) {
    return null;
  }
  await mapThreads(deps, read);
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

/** Settles every watched message that needs no work. @returns the newest one when it waits for an answer, else null. */
async function waitingMessage(
  deps: WorkerDependencies,
  conversation: Conversation,
  watched: readonly Thread[],
): Promise<Thread | null> {
  const newest = watched.at(-1);
  if (newest === undefined) {
    return null;
  }
  const rows = await deps.store.ledger.getAll(watched.map((thread) => threadKey(conversation.id, thread.id)));
  const isAnswered = !unansweredCustomerMessages(conversation).includes(newest);
  const target = conversationIsOver(conversation) === null && !isAnswered ? newest : null;
  const isOpen = (thread: Thread) => {
    const row = rows.get(threadKey(conversation.id, thread.id));
    return row === undefined || !isTerminal(row);
  };
  await settleWithoutWork(
    deps,
    conversation,
    watched.filter((thread) => thread !== target && isOpen(thread)),
  );
  if (target !== null && isFetchedByFreeScout(target) && !rows.has(threadKey(conversation.id, target.id))) {
    await reportTwin(deps, conversation, target);
  }
  return target;
}

/**
 * Looks whether we brought in the same mail that FreeScout fetched, and reports it. The job asks once per such message. There are none
 * where FreeScout's fetching is off.
 */
async function reportTwin(
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
      // Only a remark to the operators needs the list. The client has logged the failed call.
      return { conversations: [] };
    });
  const found = doubleFetches([
    conversation,
    ...others.conversations.filter(({ id }) => id !== conversation.id),
  ]);
  await reportDoubleFetches(
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
      outcome: gone,
    })),
  );
}

/**
 * Ends the row for which the sweep woke the job when no step of the job looks after it: the sweep would wake it again and again. Such a
 * row keeps a failure that came before the message was looked at and is over now, or its message is no longer here, because people
 * moved the conversation or merged it into another.
 */
async function coverUnwatchedRow(
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
    await store.ledger.settle([{ key: woken, outcome: done(conversationId, 'covered') }]);
  }
}

/**
 * A customer's mail may answer any of the agents' replies, and an agent's mail the notification of a message or a note, and carry nothing
 * but its id.
 */
async function mapThreads(deps: WorkerDependencies, conversation: Conversation): Promise<void> {
  const keys = conversation.threads
    .filter((thread) => isAgentMessage(thread) || isCustomerMessage(thread) || thread.type === 'note')
    .slice(-mappedThreads)
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

/** Ends the rows of messages that get no work of their own: the conversation is over, the team answered, or a newer message covers them. */
async function settleWithoutWork(
  { store, clock }: WorkerDependencies,
  conversation: Conversation,
  messages: readonly Thread[],
): Promise<void> {
  if (messages.length === 0) {
    return;
  }
  const over = conversationIsOver(conversation);
  const unanswered = new Set(unansweredCustomerMessages(conversation));
  const reply = newestTeamAnswer(conversation);
  if (reply !== undefined && over === null && messages.some((thread) => !unanswered.has(thread))) {
    waitUntilFinal(reply, clock.now());
  }
  await store.ledger.settle(
    messages.map((thread) => {
      const action = over ?? (unanswered.has(thread) ? 'covered' : 'answered');
      return {
        key: threadKey(conversation.id, thread.id),
        outcome: { ...done(conversation.id, action), threadId: thread.id },
      };
    }),
  );
}
