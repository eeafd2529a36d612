import { visibleTextOf } from '#shared/drafts/fingerprint.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import { parseLedgerKey } from '#shared/store/keys.ts';
import type { RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { Clock } from '#shared/time/clock.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import { type Conversation, isCustomerMessage, type Thread } from './model.ts';

/** A customer's message that FreeScout fetched by itself, and the conversation in which we brought in the same mail. */
export interface DoubleFetch {
  readonly conversationId: number;
  readonly threadId: number;
  readonly otherConversationId: number;
  /** When FreeScout fetched it, in milliseconds since 1970. */
  readonly fetchedAt: number;
}

/** One mail arrives on both ways within minutes. */
const closeMilliseconds = dayMilliseconds;

/** A text that is only the beginning of another has to be this long: FreeScout cuts off what a mail quotes. */
const longEnough = 30;

/** Whether FreeScout's own fetching brought this message in; ours come through the API. */
export function isFetchedByFreeScout(thread: Thread): boolean {
  return isCustomerMessage(thread) && thread.sourceType === 'email';
}

/**
 * Mails that are there twice, because FreeScout fetches an address that we bring in too: the same sender, the same text, at about
 * the same time, once through FreeScout's fetching and once through us.
 */
export function doubleFetches(conversations: readonly Conversation[]): readonly DoubleFetch[] {
  const messages = conversations.flatMap((conversation) =>
    conversation.threads.filter(isCustomerMessage).map((thread) => ({ conversation, thread })),
  );
  const ours = messages.filter(({ thread }) => isOurs(thread)).map(recognised);
  if (ours.length === 0) {
    return [];
  }
  return messages
    .filter(({ thread }) => isFetchedByFreeScout(thread))
    .map(recognised)
    .flatMap((fetched) => {
      const twin = ours.find((each) => isSameMail(fetched, each));
      return twin === undefined
        ? []
        : [
            {
              conversationId: fetched.conversationId,
              threadId: fetched.threadId,
              otherConversationId: twin.conversationId,
              fetchedAt: fetched.at,
            },
          ];
    });
}

/**
 * Tells the operators; the mail itself is worked on like any other. The newest one is remembered for `/ready`, unless it came more than
 * a day ago: an old conversation that is read again proves nothing of today. Never throws for it.
 */
export async function reportDoubleFetches(
  {
    log,
    clock,
    store,
  }: {
    readonly log: Log;
    readonly clock: Pick<Clock, 'now'>;
    readonly store: { readonly state: Pick<RememberedFaults, 'rememberFault'> };
  },
  found: readonly DoubleFetch[],
): Promise<void> {
  for (const { fetchedAt, ...each } of found) {
    log.write('MAIL_FETCHED_TWICE', each);
  }
  const recent = found
    .filter(({ fetchedAt }) => clock.now().getTime() - fetchedAt < dayMilliseconds)
    .toSorted((one, other) => one.fetchedAt - other.fetchedAt);
  const newest = recent.at(-1);
  if (newest !== undefined) {
    const met = {
      code: 'fetched-twice',
      at: new Date(newest.fetchedAt),
      count: recent.length,
      conversationId: newest.conversationId,
    };
    await store.state.rememberFault('DoubleFetching', met).catch(() => {
      // The log has it, and the sweep finds it again.
    });
  }
}

interface Recognised extends Omit<DoubleFetch, 'otherConversationId' | 'fetchedAt'> {
  readonly sender: string;
  readonly text: string;
  readonly at: number;
}

function isOurs(thread: Thread): boolean {
  return (
    thread.sourceType === 'api' &&
    markerNames(thread.body).some((name) => parseLedgerKey(name)?.kind === 'message')
  );
}

function recognised({
  conversation,
  thread,
}: {
  readonly conversation: Conversation;
  readonly thread: Thread;
}): Recognised {
  return {
    conversationId: conversation.id,
    threadId: thread.id,
    sender: (thread.customer?.email ?? thread.createdBy?.email ?? '').toLowerCase(),
    text: visibleTextOf(thread.body).toLowerCase().replace(/\s+/g, ' ').trim(),
    at: thread.createdAt,
  };
}

function isSameMail(one: Recognised, other: Recognised): boolean {
  const [shorter, longer] =
    one.text.length <= other.text.length ? [one.text, other.text] : [other.text, one.text];
  return (
    one.sender !== '' &&
    one.sender === other.sender &&
    Math.abs(one.at - other.at) <= closeMilliseconds &&
    shorter !== '' &&
    (shorter === longer || (shorter.length >= longEnough && longer.startsWith(shorter)))
  );
}
