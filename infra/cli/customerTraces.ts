import { asFailure, permanent } from '#shared/failure/failure.ts';
import { type Conversation, conversationSchemaFor, isCustomerMessage } from '#shared/freescout/model.ts';
import { parseJson } from '#shared/http/parseJson.ts';
import { withWriterBehindGroup } from '#shared/mail/hygiene/groupSender.ts';
import { writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import {
  followUpKey,
  type LedgerKey,
  messageKey,
  parseLedgerKey,
  senderDigest,
  type ThreadMapKey,
  threadKey,
  threadMapKey,
} from '#shared/store/keys.ts';
import type { LedgerRow, ThreadMapEntry } from '#shared/store/ledger.ts';
import type { KeptEvent } from '#shared/store/webhookEvents.ts';
import type { Deployment } from './deployment.ts';
import { type MessageSource, sourceOf } from './messageSource.ts';
import { CommandFailed } from './terminal.ts';

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

/** Whether everything was asked and nothing was found: the address may be misspelt. */
export function isUnknown({
  conversationIds,
  partIn,
  rows,
  threadMap,
  events,
  notAsked,
}: CustomerTraces): boolean {
  return [conversationIds, partIn, rows, threadMap, events, notAsked].every((each) => each.length === 0);
}

export function nothingKnownOf(address: string): CommandFailed {
  return new CommandFailed(
    `Nothing is known of ${address}: neither FreeScout nor a channel nor our tables have it. Nothing was done; check how it is spelt.`,
  );
}

type TracedDeployment = Pick<Deployment, 'store' | 'freescout' | 'sources' | 'settings'>;

/** Far more pages than a customer has. */
const mostPages = 100;

/**
 * Finds a customer's traces from three sides, because each of them may have forgotten the customer already: FreeScout by
 * address, the channels by sender, and the kept webhooks, which hold whole conversations.
 */
export async function findTraces(deployment: TracedDeployment, address: string): Promise<CustomerTraces> {
  const wanted = address.trim().toLowerCase();
  const { ledger, threadMap, webhookEvents } = deployment.store;
  const notAsked: string[] = [];
  const orNothing = async <Found>(what: string, asking: Promise<readonly Found[]>) => {
    try {
      return await asking;
    } catch (thrown) {
      notAsked.push(`${what}: ${asFailure(thrown).message}`);
      return [];
    }
  };
  const [inFreeScout, mailRowsOfChannels, events] = await Promise.all([
    orNothing('FreeScout', conversationsOf(deployment, wanted)),
    Promise.all(
      deployment.sources.map((source) =>
        orNothing(`the channel ${source.alias}`, mailRowsOf(deployment, source, wanted)),
      ),
    ),
    eventsWith(webhookEvents, wanted),
  ]);
  const mailRows = mailRowsOfChannels.flat();
  const schema = conversationSchemaFor(deployment.settings.freescout.botUserId);
  const inEvents = events.flatMap((event) => conversationIn(event, schema));
  const { whole, parts } = sharesOf(wanted, [...inFreeScout, ...inEvents], mailRows);
  const listed = await ledger.listOfConversations(new Set([...whole, ...parts.keys()]));
  const isTheirs = ({ conversationId = 0, threadId = 0 }: LedgerRow) =>
    whole.has(conversationId) || parts.get(conversationId)?.has(threadId) === true;
  const rows = new Map(
    [...mailRows, ...listed.filter(isTheirs), ...(await ledger.getAll(keysOfWork(parts))).values()].map(
      (row) => [row.key, row],
    ),
  );
  const mapOfMails = await orNothing(
    'the channels',
    mapKeysOfMails(
      deployment,
      [...rows.values()].filter(({ conversationId = 0 }) => parts.has(conversationId)),
      listed.filter(({ key }) => !rows.has(key)),
      senderDigest(wanted),
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
 * Which conversations belong to the customer: those that they began. FreeScout itself gives a conversation to the customer who
 * wrote last. Where they are the customer and wrote nothing, an agent gave the conversation to them.
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
 * Keys by which the map knows mails that were added to the conversation of somebody else: each by itself, by its writer in its thread,
 * and by the thread unless a mail of `others` is in the same.
 *
 * @param writer - digest of who wrote them.
 */
async function mapKeysOfMails(
  deployment: TracedDeployment,
  rows: readonly LedgerRow[],
  others: readonly LedgerRow[],
  writer: string,
): Promise<readonly ThreadMapKey[]> {
  const keys = await Promise.all(
    rows.map(async ({ key, channelThreadId }) => {
      const about = parseLedgerKey(key);
      if (about?.kind !== 'message') {
        return [];
      }
      const { channel, alias } = about;
      const source = sourceOf(deployment.sources, about);
      if (source === undefined) {
        throw permanent('unexpected', `The settings have no channel ${alias} any more.`);
      }
      const messageId = (await source.mailOf(about.messageId))?.messageId ?? null;
      const own = messageId === null ? [] : [threadMapKey.mail(messageId)];
      if (channelThreadId === undefined) {
        return own;
      }
      const thread = threadMapKey.thread(channel, alias, channelThreadId);
      const isShared = others.some((other) => other.channelThreadId === channelThreadId);
      return [...own, threadMapKey.ofWriter(thread, writer), ...(isShared ? [] : [thread])];
    }),
  );
  return keys.flat();
}

async function conversationsOf(
  deployment: TracedDeployment,
  address: string,
): Promise<readonly Conversation[]> {
  const found: Conversation[] = [];
  for (let page = 1, totalPages = 1; page <= Math.min(totalPages, mostPages); page += 1) {
    const answer = await deployment.freescout.listConversations({
      customerEmail: address,
      embed: ['threads'],
      page,
    });
    totalPages = answer.totalPages;
    found.push(...answer.conversations);
  }
  return found;
}

/**
 * Rows of the mails that somebody wrote or that a form passed on for them. A search can find `jimbob@x.example` too when it is asked
 * for `bob@x.example`, so every mail is looked at.
 */
async function mailRowsOf(
  { store, settings }: TracedDeployment,
  { kind, alias, messageIdsFrom, mailOf }: MessageSource,
  address: string,
): Promise<readonly LedgerRow[]> {
  const ids = new Map((await messageIdsFrom(address)).map((id) => [messageKey(kind, alias, id), id]));
  const known = await store.ledger.getAll([...ids.keys()]);
  const own = ownAddresses(settings);
  const rows: LedgerRow[] = [];
  for (const [key, id] of ids) {
    const row = known.get(key);
    const mail = row === undefined ? null : await mailOf(id);
    if (row !== undefined && mail !== null && isWrittenBy(address, withWriterBehindGroup(mail, own), own)) {
      rows.push(row);
    }
  }
  return rows;
}

function isWrittenBy(address: string, mail: ParsedMail, own: ReadonlySet<string>): boolean {
  return [mail.from, writerOf(mail, own).person].some((person) => person?.address === address);
}

async function eventsWith(
  webhookEvents: Deployment['store']['webhookEvents'],
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
  let isNamed = false;
  try {
    JSON.parse(body, (_, value: unknown) => {
      isNamed ||= typeof value === 'string' && standsAlone(address, value.toLowerCase());
    });
  } catch {
    isNamed = standsAlone(address, body.toLowerCase());
  }
  return isNamed;
}

/** What makes an address longer where it ends a text, and where it begins one. */
const partAhead = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]$/u;
const partBehind = /^(?:[\p{L}\p{N}-]|\.[\p{L}\p{N}])/u;
/** Enough for the longest of these parts, a character of two code units included. */
const partLength = 3;

function standsAlone(address: string, text: string): boolean {
  for (let at = text.indexOf(address); at >= 0; at = text.indexOf(address, at + 1)) {
    const end = at + address.length;
    const isPart =
      partAhead.test(text.slice(Math.max(0, at - partLength), at)) ||
      partBehind.test(text.slice(end, end + partLength));
    if (!isPart) {
      return true;
    }
  }
  return false;
}

/** The conversation in the body of a kept webhook; empty when the body holds something else. */
function conversationIn(
  { rawBody }: KeptEvent,
  schema: ReturnType<typeof conversationSchemaFor>,
): readonly Conversation[] {
  const { data } = schema.safeParse(parseJson(Buffer.from(rawBody).toString('utf8')));
  return data === undefined ? [] : [data];
}
