import { otherReply, sentDraft } from '#shared/drafts/draftPredicates.ts';
import { retryable } from '#shared/failure/failure.ts';
import { staleFollowUpTags } from '#shared/followUps/staleTags.ts';
import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import { doubleFetches, reportDoubleFetches } from '#shared/freescout/doubleFetch.ts';
import {
  type Conversation,
  newestCustomerMessage,
  newestTeamAnswer,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';
import { isProofConversation } from '#shared/freescout/proofConversations.ts';
import { deduplicationId } from '#shared/jobs/jobs.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import { threadKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import type { SweepDependencies, SweepRun } from './sweepDependencies.ts';
import { isAbandoned } from './wakeWaiting.ts';

/** By then a webhook has arrived and its job was claimed; later, it was missed. */
const missingAfterMilliseconds = 15 * minuteMilliseconds;

/** Time kept back for the page in hand and the cursor. */
const reservedMilliseconds = 30_000;

export interface Listed {
  readonly found: number;
  readonly queued: number;
  /** Conversations whose work was not missing. */
  readonly known: number;
  /** Unanswered customer messages older than 15 minutes that nobody had seen. */
  readonly missing: number;
  readonly pages: number;
}

/**
 * Lists the conversations of our mailboxes that changed since, and queues those in which something is missing: a customer's message
 * that nobody works on, an answer of the team that ended our draft's cycle, or a follow-up tag that somebody's message made untrue.
 *
 * Status and state are looked at here instead of being asked for: a conversation that is closed between two pages would otherwise
 * leave the list, move all others up by one and hide one of them. Sorted by what never changes, for the same reason.
 */
export async function listConversations(
  deps: SweepDependencies,
  run: SweepRun,
  freescout: ConversationReader,
  { updatedSince, intakeSince }: { readonly updatedSince: Date; readonly intakeSince: Date },
): Promise<Listed> {
  const listed = { found: 0, queued: 0, known: 0, missing: 0, pages: 0 };
  for (let page = 1, totalPages = 1; page <= totalPages; page += 1) {
    if (deps.timeLeftMilliseconds() < reservedMilliseconds) {
      throw retryable(
        'time-over',
        'The sweep ran out of time before it had listed all conversations. What it found is queued; the next sweep lists again.',
      );
    }
    const answer = await freescout.listConversations({
      mailboxIds: mailboxIdsOf(deps.settings),
      updatedSince,
      embed: ['threads', 'tags'],
      sort: { field: 'createdAt', order: 'asc' },
      page,
    });
    totalPages = answer.totalPages;
    await reportDoubleFetches(deps, doubleFetches(answer.conversations));
    const published = answer.conversations.filter(
      (conversation) => conversation.state === 'published' && !isProofConversation(conversation),
    );
    const wanting = await wantingWork(deps, run, published, { updatedSince, intakeSince });
    await deps.queue.sendAll(
      wanting.map(({ conversation, rowKey }) => ({
        job: {
          kind: 'conversation',
          conversationId: conversation.id,
          cause: 'sweep',
          requestId: run.id,
        },
        deduplicationId: deduplicationId.run('sweep', rowKey, run.startedAt.toISOString()),
      })),
    );
    listed.pages += 1;
    listed.found += published.length;
    listed.queued += wanting.length;
    listed.known += published.length - wanting.length;
    listed.missing += wanting.filter(({ isMissing }) => isMissing).length;
  }
  return listed;
}

interface Wanting {
  readonly conversation: Conversation;
  readonly rowKey: string;
  readonly isMissing: boolean;
}

async function wantingWork(
  deps: SweepDependencies,
  run: SweepRun,
  conversations: readonly Conversation[],
  since: { readonly updatedSince: Date; readonly intakeSince: Date },
): Promise<readonly Wanting[]> {
  const openMessages = new Map(
    conversations.flatMap((conversation) => {
      const message = openMessage(conversation, since.intakeSince);
      return message === null ? [] : [[conversation, message] as const];
    }),
  );
  const rows = await deps.store.ledger.getAll(
    [...openMessages].map(([conversation, { id }]) => threadKey(conversation.id, id)),
  );
  const wanting: Wanting[] = [];
  for (const conversation of conversations) {
    const message = openMessages.get(conversation);
    const rowKey = message && threadKey(conversation.id, message.id);
    if (message !== undefined && rowKey !== undefined && isUnseen(rows.get(rowKey), run)) {
      const age = run.startedAt.getTime() - message.createdAt;
      wanting.push({ conversation, rowKey, isMissing: age > missingAfterMilliseconds });
    } else if (
      (message === undefined && (await hasEndedCycle(deps, conversation, since.updatedSince))) ||
      (await hasStaleTag(deps, conversation))
    ) {
      wanting.push({ conversation, rowKey: threadKey(conversation.id, '-'), isMissing: false });
    }
  }
  return wanting;
}

/** The customer's newest message, if it waits for us. */
function openMessage(conversation: Conversation, intakeSince: Date) {
  const newest = newestCustomerMessage(conversation);
  const isOpen = conversation.status === 'active' || conversation.status === 'pending';
  return isOpen &&
    newest !== undefined &&
    newest.createdAt >= intakeSince.getTime() &&
    unansweredCustomerMessages(conversation).includes(newest)
    ? newest
    : null;
}

/** Any other row means known: it is done, worked on, or woken by other means. */
function isUnseen(row: LedgerRow | undefined, run: SweepRun): boolean {
  return row === undefined || isAbandoned(row, run);
}

/**
 * Whether our draft still counts as live although an answer of the team ended its cycle. The store is asked only when the last list
 * could not see the answer: it is newer, or a team message, which may be dated to when it was sent.
 */
async function hasEndedCycle(
  { store }: SweepDependencies,
  conversation: Conversation,
  updatedSince: Date,
): Promise<boolean> {
  const answer = newestTeamAnswer(conversation);
  const mayBeNew = answer?.isTeamMessage || (answer?.createdAt ?? 0) >= updatedSince.getTime();
  if (answer === undefined || !mayBeNew) {
    return false;
  }
  const live = await store.drafts.getLive(conversation.id);
  return (
    live !== null &&
    (live.state === 'live' || live.state === 'creating') &&
    (sentDraft(conversation, live) ?? otherReply(conversation, live)) !== undefined
  );
}

async function hasStaleTag(
  { store, settings }: SweepDependencies,
  conversation: Conversation,
): Promise<boolean> {
  const stale = await staleFollowUpTags(store.ledger, conversation, settings.followUps);
  return conversation.status !== 'spam' && stale.length > 0;
}
