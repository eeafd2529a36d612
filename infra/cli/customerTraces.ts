import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Conversation, isCustomerMessage } from '#shared/freescout/model.ts';
import { asFailure } from '#shared/jobs/failure.ts';
import { gmailKey } from '#shared/store/keys.ts';
import type { LedgerRow, ThreadMapEntry } from '#shared/store/ledger.ts';
import type { KeptEvent } from '#shared/store/webhookEvents.ts';
import type { Home } from './home.ts';

/** Everything in our tables that has to do with one customer. */
export interface CustomerTraces {
  readonly address: string;
  readonly senderDigest: string;
  readonly conversationIds: readonly number[];
  readonly rows: readonly LedgerRow[];
  readonly threadMap: readonly ThreadMapEntry[];
  readonly events: readonly KeptEvent[];
  /** What could not be asked; traces that only it would lead to are not among these. */
  readonly notAsked: readonly string[];
}

/** Far more pages than a customer has. */
const mostPages = 100;

/**
 * Finds a customer's traces from three sides, because each of them may have forgotten the customer already: FreeScout by
 * address, Gmail by sender, and the kept webhooks, which hold whole conversations.
 */
export async function findTraces(home: Home, address: string): Promise<CustomerTraces> {
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
  const conversationIds = new Set([
    ...inFreeScout,
    ...events.flatMap((event) => (isOfCustomer(event, wanted) ? [Number(event.conversationId)] : [])),
    // A mail of theirs may lie in somebody else's conversation; one that their mail began is theirs.
    ...mailRows.flatMap((row) =>
      row.action === 'create' && row.conversationId !== undefined ? [row.conversationId] : [],
    ),
  ]);
  const rows = new Map(
    [...mailRows, ...(await ledger.listOfConversations(conversationIds))].map((row) => [row.key, row]),
  );
  const ofConversations: KeptEvent[] = [];
  await webhookEvents.visitAll((event) => {
    if (event.conversationId !== null && conversationIds.has(event.conversationId)) {
      ofConversations.push(event);
    }
  });
  return {
    address: wanted,
    senderDigest: createHash('sha256').update(wanted).digest('hex'),
    conversationIds: [...conversationIds].sort((one, other) => one - other),
    rows: [...rows.values()],
    threadMap: await threadMap.listOfConversations(conversationIds),
    events: [...new Map([...events, ...ofConversations].map((event) => [event.id, event])).values()],
    notAsked,
  };
}

async function conversationsOf(home: Home, address: string): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let page = 1, totalPages = 1; page <= Math.min(totalPages, mostPages); page += 1) {
    const answer = await home.freescout.listConversations({
      customerEmail: address,
      embed: ['threads'],
      page,
    });
    totalPages = answer.totalPages;
    ids.push(...answer.conversations.filter((each) => belongsTo(each, address)).map(({ id }) => id));
  }
  return ids;
}

function belongsTo({ customer, threads }: Conversation, address: string): boolean {
  return [customer, ...threads.filter(isCustomerMessage).map((thread) => thread.customer)].some(
    (person) => person?.email.toLowerCase() === address,
  );
}

async function mailKeysOf(home: Home, address: string) {
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
    if (Buffer.from(event.rawBody).toString('utf8').toLowerCase().includes(address)) {
      found.push(event);
    }
  });
  return found;
}

const person = z.object({ email: z.string().nullish() }).nullish();
const bodySchema = z.object({
  customer: person,
  _embedded: z.object({ threads: z.array(z.object({ type: z.string(), customer: person })) }).nullish(),
});

/** The conversation's customer, or who wrote in it; an address on cc alone does not make a conversation theirs. */
function isOfCustomer({ conversationId, rawBody }: KeptEvent, address: string): boolean {
  let body: z.output<typeof bodySchema>;
  try {
    body = bodySchema.parse(JSON.parse(Buffer.from(rawBody).toString('utf8')));
  } catch {
    return false;
  }
  const people = [
    body.customer,
    ...(body._embedded?.threads ?? [])
      .filter(({ type }) => type === 'customer')
      .map(({ customer }) => customer),
  ];
  return conversationId !== null && people.some((each) => each?.email?.toLowerCase() === address);
}
