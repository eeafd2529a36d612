import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import {
  type LedgerKey,
  messageKey,
  parseLedgerKey,
  senderDigest,
  threadKey,
  threadMapKey,
} from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import type { Store } from '#shared/store/store.ts';
import { type LocalDynamo, startDynamo } from '#tests/support/dynoxide.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import {
  itemsOfRelease010,
  mailOfRelease010,
  mailsOfRelease010,
} from '#tests/support/release010/captures.ts';
import { leavesOf } from '#tests/support/release010/leaves.ts';

/*
 * The present store on items that release 0.1.0 wrote, put into the tables as they were. Most are compared by their values alone: what
 * a field is called in the code may change, what is stored may not.
 */
let dynamo: LocalDynamo;
/** What a system of that release held; the tests that change something have their own. */
let run: Store;
/** Items of shapes that did not occur in it. */
let rare: Store;

beforeAll(async () => {
  dynamo = await startDynamo();
  run = await storeWith(itemsOfRelease010.run);
  rare = await storeWith(itemsOfRelease010.rare);
});
afterAll(() => dynamo.stop());

/** The day on which they were written; every lease has ended. */
const evening = new Date('2026-11-30T18:00:00.000Z');

async function storeWith(items: typeof itemsOfRelease010.run): Promise<Store> {
  const tables = await dynamo.createTables();
  const client = new DynamoDBClient(dynamo.config);
  const names = {
    ProcessedMessages: tables.processedMessages,
    ThreadMap: tables.threadMap,
    BotDrafts: tables.botDrafts,
    SystemState: tables.systemState,
    WebhookEvents: tables.webhookEvents,
  };
  for (const [table, tableName] of Object.entries(names)) {
    for (const item of items[table] ?? []) {
      await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
    }
  }
  client.destroy();
  return createDynamoStore({
    client: createDocumentClient(dynamo.config),
    tables,
    clock: manualClock(evening),
  });
}

/** Items of a table in plain values. */
function plain(items: readonly Record<string, AttributeValue>[] | undefined): Record<string, unknown>[] {
  return (items ?? []).map((item) => unmarshall(item));
}

function ledgerKey(text: unknown): LedgerKey {
  const key = parseLedgerKey(String(text))?.key ?? null;
  if (key === null) {
    throw new Error(`${text} is no key of the ledger any more`);
  }
  return key;
}

/** Expects every value of the item in what was read of it. */
function expectAllOf(item: Readonly<Record<string, unknown>>, read: unknown): void {
  expect(leavesOf(read)).toEqual(expect.arrayContaining([...leavesOf(item)]));
}

describe.each(['run', 'rare'] as const)('%s: rows of the ledger', (name) => {
  const items = plain(itemsOfRelease010[name].ProcessedMessages);
  const store = () => ({ run, rare })[name];

  it.each(items.map((item) => [item.key, item]))('%s is read with all that it says', async (key, item) => {
    const { version: _version, listedStatus: _listed, ...said } = item;
    expectAllOf(said, await store().ledger.get(ledgerKey(key)));
  });

  it.each(['processing', 'deferred', 'failed', 'filtered'] as const)('are listed as %s', async (status) => {
    const listed = await store().ledger.listByStatus(status, { limit: 100 });
    const there = items.filter((item) => item.status === status).map(({ key }) => key);
    expect(listed.map(({ key }) => key).sort()).toEqual(there.sort());
  });

  it('are found by their conversation', async () => {
    const ofConversation = (id: unknown) => id === 5 || id === 50;
    const found = await store().ledger.listOfConversations(new Set([5, 50]));
    const there = items.filter((item) => ofConversation(item.conversationId)).map(({ key }) => key);
    expect(found.map(({ key }) => key).sort()).toEqual(there.sort());
  });
});

describe('work that release 0.1.0 began', () => {
  const claim = { owner: 'worker-of-today', leaseSeconds: 210, lastDelivery: false };
  let store: Store;
  beforeAll(async () => {
    store = await storeWith(itemsOfRelease010.run);
  });

  const end = async (row: LedgerRow) => {
    await store.ledger.finish(row.key, claim.owner, { status: 'success', action: 'create' });
    return store.ledger.get(row.key);
  };

  it('is taken over once its lease has ended, with the mark of the write that was begun', async () => {
    const claimed = await store.ledger.claim(
      messageKey('gmail', 'support', mailOfRelease010('door').id),
      claim,
    );
    expect(claimed).toMatchObject({
      outcome: 'claimed',
      row: { attempts: 2, writeStartedAt: expect.stringMatching(/^2026-11-30T16:/) },
    });
    if (claimed.outcome === 'claimed') {
      expect(await end(claimed.row)).toMatchObject({ status: 'success', action: 'create' });
    }
  });

  it('goes on after it waited for the budget', async () => {
    const claimed = await store.ledger.claim(threadKey(7, 21), claim);
    expect(claimed).toMatchObject({ outcome: 'claimed', row: { conversationId: 7 } });
  });

  it('is begun again on the word of the operator', async () => {
    const failed = threadKey(6, 20);
    expect(await store.ledger.reopen(failed)).toMatchObject({ status: 'processing', conversationId: 6 });
    expect(await store.ledger.claim(failed, claim)).toMatchObject({ outcome: 'claimed' });
  });

  it('is not done a second time where it had ended', async () => {
    for (const name of ['lamp', 'table-2', 'vacation', 'spam']) {
      const key = messageKey('gmail', 'support', mailOfRelease010(name).id);
      expect(await store.ledger.claim(key, claim)).toMatchObject({ outcome: 'terminal' });
    }
  });

  it('stays counted', async () => {
    const statuses = plain(itemsOfRelease010.run.ProcessedMessages).map(({ status }) => status);
    const count = (status: string) => statuses.filter((each) => each === status).length;
    // Those of the tests above: one in hand came to its end, one that waited and one that had failed are in hand.
    expect((await store.state.counts()).messages).toEqual({
      processing: count('processing') - 1 + 2,
      deferred: count('deferred') - 1,
      failed: count('failed') - 1,
      filtered: count('filtered'),
      success: count('success') + 1,
    });
  });
});

describe('the thread map', () => {
  it.each([
    ['run', () => run],
    ['rare', () => rare],
  ] as const)('%s leads to the conversations', async (name, store) => {
    const items = plain(itemsOfRelease010[name].ThreadMap);
    const ids = new Set(items.map(({ conversationId }) => Number(conversationId)));
    const found = await store().threadMap.listOfConversations(ids);
    expect(found).toHaveLength(items.length);
    for (const item of items) {
      expect(found).toContainEqual(item);
    }
  });

  it('is asked today by the keys of then', async () => {
    const { threadId } = mailOfRelease010('table-2');
    const keys = [
      threadMapKey.thread('gmail', 'support', threadId),
      threadMapKey.mail('<table-2@customer.test>'),
      threadMapKey.freescoutThread(9),
    ];
    expect(Object.fromEntries(await run.threadMap.getAll(keys))).toEqual({
      [`gmail:support:${threadId}`]: 4,
      'mail:d133a6a139c9032015431e3ac4cdb86cda2cb4ed23071f975337c6cd1844e132': 4,
      'freescout:9': 3,
    });
  });

  it('knows the mail that began a Gmail thread', async () => {
    const { id, threadId } = mailOfRelease010('door');
    const thread = threadMapKey.thread('gmail', 'support', threadId);
    expect(await run.state.threadStarterOf(thread)).toBe(`gmail:support:${id}`);
  });
});

describe.each([
  ['run', () => run],
  ['rare', () => rare],
] as const)('%s: drafts', (name, store) => {
  const items = plain(itemsOfRelease010[name].BotDrafts);
  const ofKind = (kind: string) =>
    items
      .filter(({ item }) => String(item).startsWith(kind))
      .map(({ item, conversationId, ...said }) => ({
        item: String(item),
        conversationId: Number(conversationId),
        said,
      }));

  it.each(ofKind('live'))('that count are read: $conversationId', async ({ conversationId, said }) => {
    const { feed: _feed, ...all } = said;
    expectAllOf(all, await store().drafts.getLive(conversationId));
  });

  it.each(ofKind('cycle#'))(
    'that came to an end are read: $conversationId',
    async ({ conversationId, said }) => {
      expectAllOf(said, await store().drafts.listCycles(conversationId));
    },
  );

  it.each(ofKind('text#'))(
    'have their text: $conversationId $item',
    async ({ item, conversationId, said }) => {
      const draftThreadId = Number(item.slice('text#'.length));
      expect(await store().drafts.getText(draftThreadId, conversationId)).toBe(said.html);
    },
  );

  it('are listed', async () => {
    expect(await store().drafts.listNewest(100)).toHaveLength(ofKind('live').length);
  });
});

describe('the state of the system', () => {
  const itemNamed = (name: 'run' | 'rare', key: string) => {
    const { key: _key, ...said } =
      plain(itemsOfRelease010[name].SystemState).find((item) => item.key === key) ?? {};
    expect(said).not.toEqual({});
    return said;
  };

  it('has the cursors', async () => {
    expectAllOf(itemNamed('run', 'gmail-cursor#support'), await run.state.getPollCursor('gmail', 'support'));
    expectAllOf(
      itemNamed('rare', 'gmail-cursor#sales-eu'),
      await rare.state.getPollCursor('gmail', 'sales-eu'),
    );
    expectAllOf(itemNamed('run', 'sweep-cursor'), await run.state.getSweepCursor());
    expectAllOf(itemNamed('rare', 'sweep-cursor'), await rare.state.getSweepCursor());
  });

  it('knows from when on mail is brought in', async () => {
    const { since } = itemNamed('run', 'intake.since');
    expect((await run.state.intakeSince(evening, null)).toISOString()).toBe(since);
  });

  it('knows whether drafts are safe, and the webhook that it registered', async () => {
    expectAllOf(itemNamed('run', 'draft-proof'), await run.state.getDraftProof());
    expectAllOf(itemNamed('rare', 'draft-proof'), await rare.state.getDraftProof());
    expectAllOf(itemNamed('rare', 'registered-webhook'), await rare.state.getRegisteredWebhook());
  });

  it('has its counters', async () => {
    const rows = plain(itemsOfRelease010.run.ProcessedMessages);
    const counts = await run.state.counts();
    expect(counts).toMatchObject({
      messages: { success: rows.filter(({ status }) => status === 'success').length },
      threadMappings: itemsOfRelease010.run.ThreadMap?.length,
      drafts: { live: 4 },
      draftOutcomes: { unchanged: 1 },
      lastClaimAt: expect.stringMatching(/^2026-11-30T16:/),
      webhooks: { failed: 0, lastAt: expect.stringMatching(/^2026-11-30T16:/) },
    });
    expect(counts.webhooks.received).toBeGreaterThan(20);
  });

  it('has what was spent', async () => {
    const { dayNano, draftsToday } = itemNamed('run', 'meter');
    const meter = await run.state.getMeter(evening);
    expect(meter).toMatchObject({ day: '2026-11-30', month: '2026-11', draftsToday });
    expect(meter.dayUsd).toBeCloseTo(Number(dayNano) / 1e9, 9);
  });

  it('counts the mails of a sender on, and the calls of a minute', async () => {
    const store = await storeWith(itemsOfRelease010.run);
    const ida = mailsOfRelease010.filter(({ raw }) => raw.startsWith('From: Ida Lund'));
    const at = new Date(Date.parse(ida[1]?.receivedAt ?? '') + 60_000);
    const digest = senderDigest('ida@customer.test');
    expect(await store.state.countMailOfSender('support', digest, 'another', at)).toBe(ida.length + 1);
    const calls = { maxRequests: 7, windowSeconds: 60 };
    const taken = await rare.state.takeCalls('freescout', 7, calls, new Date('2026-11-30T17:00:30.000Z'));
    expect(taken).toBe(2);
  });
});

describe('kept webhooks', () => {
  it.each(plain(itemsOfRelease010.run.WebhookEvents).map((item) => [item.event, item]))(
    '%s is read',
    async (event, item) => {
      const kept = await run.webhookEvents.get(String(item.eventId));
      expect(kept).toMatchObject({ event, conversationId: item.conversationId, receivedAt: item.receivedAt });
      expect(JSON.parse(String(kept && Buffer.from(kept.rawBody)))).toMatchObject({ id: expect.any(Number) });
    },
  );
});
