import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore, type StoreTables } from '#shared/store/dynamo/dynamoStore.ts';
import { messageKey, threadMapKey } from '#shared/store/keys.ts';
import type { Store } from '#shared/store/store.ts';
import { type DynamoRequest, type Fault, injectFaults } from '#tests/support/dynamoFaults.ts';
import { type LocalDynamo, startDynamo } from '#tests/support/dynoxide.ts';
import { type ManualClock, manualClock } from '#tests/support/manualClock.ts';

const contention = { code: 'store-contention', retryable: true };
const conflict: Fault = { error: 'TransactionCanceledException', reasons: ['None', 'TransactionConflict'] };
const mail = messageKey('gmail', 'support', 'm1');
const noon = new Date('2026-11-20T12:00:00Z');
const limits = { dailyUsd: 1, monthlyUsd: 10, draftsPerDay: 5 };

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(async () => {
  await dynamo.stop();
});

interface Scene extends Store {
  readonly clock: ManualClock;
  readonly client: DynamoDBDocumentClient;
  readonly tables: StoreTables;
  /** Requests since faults were last set. */
  readonly requests: DynamoRequest[];
  /** From now on, until it is set again. */
  setFaults(faultOf: (request: DynamoRequest, number: number) => Fault): void;
  claim(owner: string): ReturnType<Store['ledger']['claim']>;
}

/** @param maxAttempts - tries of the SDK itself; 1 shows what the store adds to them. */
async function setUp(maxAttempts = 1): Promise<Scene> {
  const clock = manualClock();
  const client = createDocumentClient({ ...dynamo.config, maxAttempts });
  const tables = await dynamo.createTables();
  const store = createDynamoStore({ client, tables, clock });
  const requests: DynamoRequest[] = [];
  let current: (request: DynamoRequest, number: number) => Fault = () => 'none';
  injectFaults(client, (request) => {
    requests.push(request);
    return current(request, requests.length);
  });
  return {
    ...store,
    clock,
    client,
    tables,
    requests,
    setFaults(faultOf) {
      requests.length = 0;
      current = faultOf;
    },
    claim: (owner) => store.ledger.claim(mail, { owner, leaseSeconds: 210, lastDelivery: false }),
  };
}

describe('a transaction conflict', () => {
  it('is retried six times with the same token and growing waits, then left to a later attempt', async () => {
    const { setFaults, requests, claim, clock, ledger } = await setUp();
    setFaults(() => conflict);
    await expect(claim('a')).rejects.toMatchObject(contention);
    expect(requests.map((request) => request.operation)).toEqual(Array(7).fill('TransactWriteItems'));
    expect(new Set(requests.map((request) => request.body.ClientRequestToken)).size).toBe(1);
    expect(requests[0]?.body.ClientRequestToken).toMatch(/^[0-9a-f-]{36}$/);
    expect(clock.sleeps).toHaveLength(6);
    expect([...clock.sleeps].sort((one, other) => one - other)).toEqual(clock.sleeps);
    setFaults(() => 'none');
    expect(await ledger.get(mail)).toBeNull();
  });

  it('that ends in time is not noticed', async () => {
    const { setFaults, claim, clock, state } = await setUp();
    setFaults((_, number) => (number <= 6 ? conflict : 'none'));
    expect(await claim('a')).toMatchObject({ outcome: 'claimed' });
    expect(clock.sleeps).toHaveLength(6);
    expect((await state.counts()).messages).toMatchObject({ processing: 1 });
  });

  it('uses a new token for a new decision', async () => {
    const { setFaults, requests, claim, clock } = await setUp();
    await claim('a');
    clock.advance(3_600_000);
    setFaults(() => 'none');
    await claim('b');
    // The first says what is there, the second takes it over.
    expect(new Set(requests.map((request) => request.body.ClientRequestToken)).size).toBe(2);
  });

  it('beside a failed condition does not hide it', async () => {
    const { setFaults, requests, clock, state } = await setUp();
    const fault: Fault = {
      error: 'TransactionCanceledException',
      reasons: ['ConditionalCheckFailed', 'TransactionConflict'],
    };
    setFaults(() => fault);
    expect(await state.savePollCursor('gmail', { ...unread, historyId: '1' }, 0)).toBe(false);
    expect(requests).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
  });

  it('met by a single write is retried as well', async () => {
    const { setFaults, requests, state } = await setUp();
    await state.reserveSpend('triage', 0.1, limits, noon);
    setFaults((_, number) => (number === 1 ? { error: 'TransactionConflictException' } : 'none'));
    expect(await state.reserveSpend('triage', 0.1, limits, noon)).toBe(true);
    expect(requests.map((request) => request.operation)).toEqual(['UpdateItem', 'UpdateItem']);
  });
});

describe('throttling', () => {
  const throttled: readonly Fault[] = [
    { error: 'ProvisionedThroughputExceededException' },
    { error: 'ThrottlingException' },
    { error: 'RequestLimitExceeded' },
    { error: 'TransactionCanceledException', reasons: ['ThrottlingError', 'None'] },
    { error: 'TransactionCanceledException', reasons: ['None', 'ProvisionedThroughputExceeded'] },
    { error: 'TransactionInProgressException' },
  ];

  it.each(throttled)('%j is retried six times, then left to a later attempt', async (fault) => {
    const { setFaults, requests, claim, clock } = await setUp();
    setFaults(() => fault);
    await expect(claim('a')).rejects.toMatchObject(contention);
    expect(requests).toHaveLength(7);
    expect(clock.sleeps).toHaveLength(6);
  });

  it.each<[string, (store: Store) => Promise<unknown>]>([
    ['GetItem', (store) => store.ledger.get(mail)],
    ['BatchGetItem', (store) => store.threadMap.getAll([threadMapKey.freescoutThread(1)])],
    ['Query', (store) => store.ledger.listByStatus('failed', { limit: 5 })],
    ['PutItem', (store) => store.state.saveSweepCursor(emptySweep)],
    ['UpdateItem', (store) => store.state.reserveSpend('draft', 0.1, limits, noon)],
    ['DeleteItem', (store) => store.state.clearDraftProof()],
  ])('of %s is retried six times, then left to a later attempt', async (operation, call) => {
    const scene = await setUp();
    scene.setFaults(() => ({ error: 'ThrottlingException' }));
    await expect(call(scene)).rejects.toMatchObject(contention);
    expect(scene.requests.map((request) => request.operation)).toEqual(Array(7).fill(operation));
  });

  it('of a part of the keys asks for the rest again', async () => {
    const { setFaults, threadMap, tables, clock } = await setUp();
    const keys = [1, 2].map((id) => threadMapKey.freescoutThread(id));
    await threadMap.putAll(keys.map((key) => ({ key, conversationId: 7 })));
    const itemKeys = keys.map((key) => ({ key: { S: key } }));
    const unprocessed: Fault = {
      answer: {
        Responses: {},
        UnprocessedKeys: { [tables.threadMap]: { Keys: itemKeys, ConsistentRead: true } },
      },
    };
    setFaults((_, number) => (number === 1 ? unprocessed : 'none'));
    expect((await threadMap.getAll(keys)).size).toBe(2);
    expect(clock.sleeps).toHaveLength(1);
    setFaults(() => unprocessed);
    await expect(threadMap.getAll(keys)).rejects.toMatchObject(contention);
  });

  it('leaves every other refusal to the caller', async () => {
    const { setFaults, requests, claim } = await setUp();
    setFaults(() => ({ error: 'ResourceNotFoundException' }));
    await expect(claim('a')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(requests).toHaveLength(1);
  });
});

describe('an answer that was lost', () => {
  it('of an outcome does not write it twice', async () => {
    const { setFaults, requests, claim, ledger, state, threadMap } = await setUp(3);
    await claim('a');
    const key = threadMapKey.thread('gmail', 'support', 't1');
    setFaults((request) =>
      request.operation === 'TransactWriteItems' && tries(requests) === 1 ? 'answer-lost' : 'none',
    );
    await ledger.finish(mail, 'a', {
      status: 'success',
      action: 'create',
      threadMap: [{ key, conversationId: 5 }],
    });
    expect(tries(requests)).toBe(2);
    expect(await ledger.get(mail)).toMatchObject({ status: 'success' });
    expect(await threadMap.getAll([key])).toEqual(new Map([[key, 5]]));
    expect((await state.counts()).messages).toMatchObject({ processing: 0, success: 1 });
  });

  it('of a claim still is a claim', async () => {
    const { setFaults, requests, claim, state } = await setUp(3);
    setFaults(() => (requests.length === 1 ? 'answer-lost' : 'none'));
    expect(await claim('a')).toMatchObject({ outcome: 'claimed', row: { attempts: 1 } });
    expect((await state.counts()).messages).toMatchObject({ processing: 1 });
  });

  it('of a settlement gives the money back once, of a webhook counts it once', async () => {
    const { setFaults, requests, state } = await setUp(3);
    await state.reserveSpend('triage', 0.5, limits, noon);
    await state.reserveSpend('triage', 0.5, limits, noon);
    setFaults(() => (tries(requests) === 1 ? 'answer-lost' : 'none'));
    await state.settleSpend(0.5, 0.1, noon);
    setFaults(() => (requests.length === 1 ? 'answer-lost' : 'none'));
    await state.countWebhook('e1', false, noon);
    expect(await state.getMeter(noon)).toMatchObject({ dayUsd: 0.6 });
    expect((await state.counts()).webhooks).toMatchObject({ received: 1 });
  });

  function tries(requests: readonly DynamoRequest[]): number {
    return requests.filter((request) => request.operation === 'TransactWriteItems').length;
  }
});

describe('items in the tables', () => {
  it('list every row but the successful ones', async () => {
    const { claim, ledger, client, tables } = await setUp();
    const read = async () =>
      (await client.send(new GetCommand({ TableName: tables.processedMessages, Key: { key: mail } }))).Item;
    await claim('a');
    expect(await read()).toMatchObject({ listedStatus: 'processing', statusAt: '2026-11-20T12:00:00.000Z' });
    await ledger.finish(mail, 'a', { status: 'success', action: 'create' });
    expect(await read()).not.toHaveProperty('listedStatus');
  });

  it('keep attributes that this release does not know', async () => {
    const { claim, ledger, client, tables } = await setUp();
    const key = { key: mail };
    await claim('a');
    await client.send(
      new UpdateCommand({
        TableName: tables.processedMessages,
        Key: key,
        UpdateExpression: 'SET later = :later',
        ExpressionAttributeValues: { ':later': { by: 'a later release' } },
      }),
    );
    await ledger.progress(mail, 'a', { noDraft: null });
    await ledger.finish(mail, 'a', { status: 'filtered', reason: 'gone' });
    const { Item } = await client.send(new GetCommand({ TableName: tables.processedMessages, Key: key }));
    expect(Item).toMatchObject({ later: { by: 'a later release' }, status: 'filtered' });
  });

  it('with keys and actions that this release does not know hide no others of a list', async () => {
    const { claim, ledger, threadMap, client, tables } = await setUp();
    await claim('a');
    await ledger.progress(mail, 'a', { conversationId: 7 });
    const at = '2026-11-20T12:00:00.000Z';
    const later = { statusAt: at, firstSeenAt: at, attempts: 1, conversationId: 7, version: 1 };
    for (const row of [
      { ...later, key: 'invoice:7', status: 'processing', listedStatus: 'processing' },
      { ...later, key: 'delivery:7:9:1', status: 'success', action: 'delivered' },
    ]) {
      await client.send(new PutCommand({ TableName: tables.processedMessages, Item: row }));
    }
    const entry = { key: 'invoice:7', conversationId: 7 };
    await client.send(new PutCommand({ TableName: tables.threadMap, Item: entry }));
    await threadMap.putAll([{ key: threadMapKey.freescoutThread(9), conversationId: 7 }]);

    const keysOf = (items: readonly { readonly key: string }[]) => items.map(({ key }) => key).sort();
    expect(keysOf(await ledger.listByStatus('processing', { limit: 10 }))).toEqual([mail, 'invoice:7']);
    expect(keysOf(await ledger.listOfConversations(new Set([7])))).toEqual([
      'delivery:7:9:1',
      mail,
      'invoice:7',
    ]);
    expect(keysOf(await threadMap.listOfConversations(new Set([7])))).toEqual(['freescout:9', 'invoice:7']);
  });

  it('that are damaged are named without what they hold', async () => {
    const { ledger, client, tables } = await setUp();
    const item = { key: mail, status: 'lost', reason: 'somebody@example.com', attempts: 1 };
    await client.send(new PutCommand({ TableName: tables.processedMessages, Item: item }));
    const failure = await ledger.get(mail).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unexpected', retryable: true });
    expect(String(failure)).toContain('status');
    expect(String(failure)).not.toContain('somebody');
  });

  it('spread the counters over sixteen', async () => {
    const { ledger, client, tables } = await setUp();
    await ledger.settle(
      Array.from({ length: 400 }, (_, index) => ({
        key: messageKey('gmail', 'support', `m${index}`),
        outcome: { status: 'filtered', reason: 'label' } as const,
      })),
    );
    const { Items } = await client.send(new ScanCommand({ TableName: tables.systemState }));
    expect(new Set(Items?.map((item) => item.key))).toEqual(
      new Set(Array.from({ length: 16 }, (_, index) => `counter#${index}`)),
    );
  });

  it('that expire carry the time in epoch seconds', async () => {
    const { state, webhookEvents, drafts, client, tables } = await setUp();
    await state.countMailOfSender('support', 'digest', 'm1', noon);
    await state.takeCalls('desk', 1, { maxRequests: 9, windowSeconds: 60 }, noon);
    await state.acquireSenderLock('digest', mail, 90, noon);
    await state.rememberThreadStarter(threadMapKey.thread('gmail', 'support', 't1'), mail);
    const event = { id: 'e1', event: null, conversationId: 5, rawBody: Buffer.from('{}') };
    await webhookEvents.keep({ ...event, receivedAt: noon, keepDays: 30 });
    await drafts.saveLive(draft, null, { text: { draftThreadId: 9, html: '<b>x</b>', keepDays: 90 } });
    const expiries = async (TableName: string) =>
      (await client.send(new ScanCommand({ TableName }))).Items?.filter((item) => !/^counter/.test(item.key))
        .map((item) => item.expiresAt)
        .sort();
    const inDays = (days: number) => noon.getTime() / 1000 + days * 24 * 3600;
    const inWindows = noon.getTime() / 1000 + 60 + 3600;
    expect(await expiries(tables.systemState)).toEqual([inWindows, inWindows + 30, inDays(2), inDays(30)]);
    expect(await expiries(tables.webhookEvents)).toEqual([inDays(30)]);
    expect(await expiries(tables.botDrafts)).toEqual(expect.arrayContaining([undefined, inDays(90)]));
  });

  it('that hold mails of a sender stop growing at two hundred', async () => {
    const { state, client, tables } = await setUp();
    for (let from = 0; from < 250; from += 50) {
      const ids = Array.from({ length: 50 }, (_, index) => `m${from + index}`);
      await Promise.all(ids.map((id) => state.countMailOfSender('support', 'digest', id, noon)));
    }
    const { Items } = await client.send(new ScanCommand({ TableName: tables.systemState }));
    expect(Items?.map((item) => item.mails?.size)).toEqual([200]);
  });
});

describe('the budget meter', () => {
  it('that cannot be read lets nothing be spent', async () => {
    const { state, client, tables } = await setUp();
    await client.send(new PutCommand({ TableName: tables.systemState, Item: { key: 'meter', day: '2026' } }));
    await expect(state.reserveSpend('triage', 0.1, limits, noon)).rejects.toMatchObject({
      code: 'unexpected',
    });
    await expect(state.getMeter(noon)).rejects.toMatchObject({ code: 'unexpected' });
  });

  it('takes one request per reservation', async () => {
    const { state, setFaults, requests } = await setUp();
    await state.reserveSpend('triage', 0.1, limits, noon);
    setFaults(() => 'none');
    await state.reserveSpend('triage', 0.1, limits, noon);
    expect(requests.map((request) => request.operation)).toEqual(['UpdateItem']);
  });
});

const emptySweep = {
  listedAt: null,
  ranAt: null,
  failedWokenAt: null,
  digestDay: null,
  digestHour: null,
  missing: 0,
};

const draft = {
  conversationId: 5,
  state: 'live',
  kind: 'reply',
  answeredThreadId: 50,
  draftThreadId: 9,
  fingerprint: 'f1',
  createdAt: '2026-11-20T12:00:00.000Z',
  type: 'customer',
  bucket: 'p1',
  language: 'de',
  promptVersion: 'draft-1',
} as const;

const unread = {
  account: 'support',
  polledAt: null,
  gapCheckedAt: null,
  fault: null,
  missing: 0,
};

describe('the thread of a message', () => {
  it('has the name in the table by which the releases before read and write it', async () => {
    const { client, tables, ledger } = await setUp();
    await ledger.claim(mail, { owner: 'a', leaseSeconds: 210, lastDelivery: false, channelThreadId: 't1' });
    const read = new GetCommand({ TableName: tables.processedMessages, Key: { key: mail } });
    const { Item: written } = await client.send(read);
    expect(written).toMatchObject({ gmailThreadId: 't1' });
    expect(written).not.toHaveProperty('channelThreadId');

    await client.send(
      new PutCommand({ TableName: tables.processedMessages, Item: { ...written, gmailThreadId: 't2' } }),
    );
    expect(await ledger.get(mail)).toMatchObject({ channelThreadId: 't2' });
    await ledger.release(mail, 'a');
    expect((await client.send(read)).Item).toMatchObject({ gmailThreadId: 't2' });
  });
});
