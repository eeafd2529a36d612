import { type Conversation, conversationSchema, isCustomerMessage } from '#shared/freescout/model.ts';
import { asFailure } from '#shared/jobs/failure.ts';
import { parseMail } from '#shared/mail/parseMail.ts';
import {
  followUpKey,
  gmailKey,
  type LedgerKey,
  senderDigest,
  subjectOf,
  type ThreadMapKey,
  threadKey,
  threadMapKey,
} from '#shared/store/keys.ts';
import type { LedgerRow, ThreadMapEntry } from '#shared/store/ledger.ts';
import type { KeptEvent } from '#shared/store/webhookEvents.ts';
import type { Home } from './home.ts';

/** Everything in our tables that has to do with one customer. */
export interface CustomerTraces {
  readonly address: string;
  readonly senderDigest: string;
  /** Conversations that are theirs: everything known of these is. */
  readonly conversationIds: readonly number[];
  /** Conversations that somebody else began: only what is known of their own messages is theirs. */
  readonly partIn: readonly { readonly conversationId: number; readonly threadIds: readonly number[] }[];
  readonly rows: readonly LedgerRow[];
  readonly threadMap: readonly ThreadMapEntry[];
  readonly events: readonly KeptEvent[];
  /** What could not be asked; traces that only it would lead to are not among these. */
  readonly notAsked: readonly string[];
}

type TracedHome = Pick<Home, 'store' | 'freescout' | 'gmail' | 'settings'>;

/** Far more pages than a customer has. */
const mostPages = 100;

/**
 * Finds a customer's traces from three sides, because each of them may have forgotten the customer already: FreeScout by
 * address, Gmail by sender, and the kept webhooks, which hold whole conversations.
 */
export async function findTraces(home: TracedHome, address: string): Promise<CustomerTraces> {
  const wanted = address.trim().toLowerCase();
  const { ledger, threadMap, webhookEvents } = home.store;
  const notAsked: string[] = [];
  const orNothing = async <Found>(what: string, asking: Promise<readonly Found[]>) => {
    try {
      return await asking;
    } catch (thrown) {
      notAsked.push(`${what}: ${asFailure(thrown).message}`);
      return [];
    }
  };
  const [inFreeScout, mailKeys, events] = await Promise.all([
    orNothing('FreeScout', conversationsOf(home, wanted)),
    orNothing('Gmail', mailKeysOf(home, wanted)),
    eventsWith(webhookEvents, wanted),
  ]);
  const mailRows = [...(await ledger.getAll(mailKeys)).values()];
  const { whole, parts } = sharesOf(wanted, [...inFreeScout, ...events.flatMap(conversationIn)], mailRows);
  const listed = await ledger.listOfConversations(new Set([...whole, ...parts.keys()]));
  const isTheirs = ({ conversationId = 0, threadId = 0 }: LedgerRow) =>
    whole.has(conversationId) || parts.get(conversationId)?.has(threadId) === true;
  const rows = new Map(
    [...mailRows, ...listed.filter(isTheirs), ...(await ledger.getAll(keysOfWork(parts))).values()].map(
      (row) => [row.key, row],
    ),
  );
  const mapOfMails = await orNothing(
    'Gmail',
    mapKeysOfMails(
      home,
      [...rows.values()].filter(({ conversationId = 0 }) => parts.has(conversationId)),
      listed.filter(({ key }) => !rows.has(key)),
    ),
  );
  const ofConversations: KeptEvent[] = [];
  await webhookEvents.visitAll((event) => {
    if (event.conversationId !== null && whole.has(event.conversationId)) {
      ofConversations.push(event);
    }
  });
  return {
    address: wanted,
    senderDigest: senderDigest(wanted),
    conversationIds: [...whole].sort((one, other) => one - other),
    partIn: [...parts].map(([conversationId, threadIds]) => ({ conversationId, threadIds: [...threadIds] })),
    rows: [...rows.values()],
    threadMap: [
      ...(await threadMap.listOfConversations(whole)),
      ...[...(await threadMap.getAll(mapOfMails))].map(([key, conversationId]) => ({ key, conversationId })),
    ],
    events: [...new Map([...events, ...ofConversations].map((event) => [event.id, event])).values()],
    notAsked,
  };
}

interface Shares {
  readonly whole: ReadonlySet<number>;
  /** Threads of theirs, by conversation. */
  readonly parts: ReadonlyMap<number, ReadonlySet<number>>;
}

/**
 * A conversation belongs to whoever began it; FreeScout itself gives it to whoever wrote last. One in which they wrote nothing and
 * whose customer they are, an agent gave them.
 */
function sharesOf(
  address: string,
  conversations: readonly Conversation[],
  mailRows: readonly LedgerRow[],
): Shares {
  const isThem = (person: Conversation['customer'] | undefined) => person?.email.toLowerCase() === address;
  const whole = new Set(
    mailRows.flatMap((row) =>
      row.action === 'create' && row.conversationId !== undefined ? [row.conversationId] : [],
    ),
  );
  const written = mailRows.flatMap(({ conversationId, threadId }) =>
    conversationId === undefined || threadId === undefined ? [] : [{ conversationId, threadId }],
  );
  const given: number[] = [];
  for (const { id, customer, threads } of conversations) {
    const messages = threads.filter(isCustomerMessage);
    const theirs = messages.filter((thread) => isThem(thread.customer));
    if (isThem(messages[0]?.customer)) {
      whole.add(id);
    } else if (theirs.length === 0 && isThem(customer)) {
      given.push(id);
    }
    written.push(...theirs.map((thread) => ({ conversationId: id, threadId: thread.id })));
  }
  // Not every webhook tells who wrote.
  for (const id of given.filter((each) => written.every(({ conversationId }) => conversationId !== each))) {
    whole.add(id);
  }
  const elsewhere = written.filter(({ conversationId }) => !whole.has(conversationId));
  return {
    whole,
    parts: new Map(
      [...Map.groupBy(elsewhere, ({ conversationId }) => conversationId)].map(([id, threads]) => [
        id,
        new Set(threads.map(({ threadId }) => threadId)),
      ]),
    ),
  };
}

/** Rows of the work on single threads. */
function keysOfWork(parts: Shares['parts']): readonly LedgerKey[] {
  return [...parts].flatMap(([conversationId, threadIds]) =>
    [...threadIds].flatMap((id) => [threadKey(conversationId, id), followUpKey(conversationId, id)]),
  );
}

/**
 * Keys by which the map knows mails that were added to the conversation of somebody else: each by itself, and their Gmail threads
 * unless a mail of `others` is in the same.
 */
async function mapKeysOfMails(
  home: TracedHome,
  rows: readonly LedgerRow[],
  others: readonly LedgerRow[],
): Promise<readonly ThreadMapKey[]> {
  const keys = await Promise.all(
    rows.map(async ({ key, gmailThreadId }) => {
      const mail = gmailMessageIn(key);
      if (mail === null) {
        return [];
      }
      const message = await home.gmail(mail.account).getRaw(mail.messageId);
      const { messageId } = message === null ? { messageId: null } : await parseMail(message.raw);
      const isShared = others.some((other) => other.gmailThreadId === gmailThreadId);
      return [
        ...(messageId === null ? [] : [threadMapKey.message(messageId)]),
        ...(gmailThreadId === undefined || isShared
          ? []
          : [threadMapKey.gmailThread(mail.account, gmailThreadId)]),
      ];
    }),
  );
  return keys.flat();
}

async function conversationsOf(home: TracedHome, address: string): Promise<readonly Conversation[]> {
  const found: Conversation[] = [];
  for (let page = 1, totalPages = 1; page <= Math.min(totalPages, mostPages); page += 1) {
    const answer = await home.freescout.listConversations({
      customerEmail: address,
      embed: ['threads'],
      page,
    });
    totalPages = answer.totalPages;
    found.push(...answer.conversations);
  }
  return found;
}

async function mailKeysOf(home: TracedHome, address: string) {
  const keys = await Promise.all(
    home.settings.accounts.map(async ({ alias }) => {
      const messageIds = await home.gmail(alias).messageIdsFrom(address);
      return messageIds.map((messageId) => gmailKey(alias, messageId));
    }),
  );
  return keys.flat();
}

async function eventsWith(
  webhookEvents: Home['store']['webhookEvents'],
  address: string,
): Promise<readonly KeptEvent[]> {
  const found: KeptEvent[] = [];
  await webhookEvents.visitAll((event) => {
    if (namesAddress(Buffer.from(event.rawBody).toString('utf8'), address)) {
      found.push(event);
    }
  });
  return found;
}

/**
 * Whether an address stands in a text of a JSON body, by itself: `bob@x.example` is no part of `jimbob@x.example`.
 *
 * @param address - in lower case.
 */
export function namesAddress(body: string, address: string): boolean {
  const escaped = address.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const alone = new RegExp(
    `(?<![\\p{L}\\p{N}.!#$%&'*+/=?^_\`{|}~-])${escaped}(?![\\p{L}\\p{N}-]|\\.[\\p{L}\\p{N}])`,
    'u',
  );
  let isNamed = false;
  try {
    JSON.parse(body, (_, value: unknown) => {
      isNamed ||= typeof value === 'string' && alone.test(value.toLowerCase());
    });
  } catch {
    isNamed = alone.test(body.toLowerCase());
  }
  return isNamed;
}

/** The conversation that a kept webhook tells of; none when it tells of something else. */
function conversationIn({ rawBody }: KeptEvent): readonly Conversation[] {
  try {
    return [conversationSchema.parse(JSON.parse(Buffer.from(rawBody).toString('utf8')))];
  } catch {
    return [];
  }
}

/** The Gmail message that a row is about; null when it is about something else. */
export function gmailMessageIn(
  key: LedgerKey,
): { readonly account: string; readonly messageId: string } | null {
  const subject = subjectOf(key);
  return subject.kind === 'gmail' ? subject : null;
}
