import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import { messageKey } from '#shared/store/keys.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import type { Store } from '#shared/store/store.ts';
import { type LocalDynamo, startDynamo } from '#tests/support/dynoxide.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(async () => {
  await dynamo.stop();
});

const keys = [messageKey('gmail', 'support', 'm1'), messageKey('gmail', 'support', 'm2')] as const;
const limits = { dailyUsd: 1, monthlyUsd: 3, draftsPerDay: 4 };

const key = fc.constantFrom(...keys);
const owner = fc.constantFrom('a', 'b', 'c');
const outcome = fc.constantFrom<LedgerOutcome>(
  { status: 'success', action: 'create', conversationId: 5, threadId: 6 },
  { status: 'filtered', reason: 'gone' },
  { status: 'deferred', reason: 'budget', conversationId: 5 },
  { status: 'failed', reason: 'openai-rejected', retryable: false },
  { status: 'failed', reason: 'freescout-error', retryable: true },
);
const usd = fc.constantFrom(0, 0.1, 0.25, 0.7);

/** A call of the store at some time after the one before. */
interface Call {
  readonly name: string;
  readonly afterMilliseconds: number;
  readonly on: (store: Store, now: Date) => Promise<unknown>;
}

const call: fc.Arbitrary<Call> = fc
  .record({
    afterMilliseconds: fc.constantFrom(0, 1000, 60_000, 300_000, 6 * 3_600_000),
    step: fc.oneof(
      fc.record({ key, owner, lastDelivery: fc.boolean() }).map(({ key, owner, lastDelivery }) => ({
        name: `claim ${key} ${owner} ${lastDelivery}`,
        on: (store: Store) => store.ledger.claim(key, { owner, leaseSeconds: 210, lastDelivery }),
      })),
      fc.record({ key, owner, outcome }).map(({ key, owner, outcome }) => ({
        name: `finish ${key} ${owner} ${outcome.status}`,
        on: (store: Store) => store.ledger.finish(key, owner, outcome),
      })),
      fc.record({ key, owner }).map(({ key, owner }) => ({
        name: `release ${key} ${owner}`,
        on: (store: Store) => store.ledger.release(key, owner),
      })),
      fc.record({ key, owner }).map(({ key, owner }) => ({
        name: `progress ${key} ${owner}`,
        on: (store: Store, now: Date) =>
          store.ledger.progress(key, owner, { writeStartedAt: now.toISOString(), noDraft: null }),
      })),
      fc.record({ key }).map(({ key }) => ({
        name: `settle ${key}`,
        on: (store: Store) =>
          store.ledger.settle([{ key, outcome: { status: 'filtered', reason: 'label' } }]),
      })),
      fc.record({ key }).map(({ key }) => ({
        name: `give up ${key}`,
        on: (store: Store) => store.ledger.giveUp(key),
      })),
      fc.record({ key, owner: fc.constantFrom('a', 'b', null) }).map(({ key, owner }) => ({
        name: `withdraw ${key} ${owner}`,
        on: (store: Store) => store.ledger.withdraw(key, owner),
      })),
      fc.record({ key }).map(({ key }) => ({
        name: `reopen ${key}`,
        on: (store: Store) => store.ledger.reopen(key, { ticketAnyway: true }),
      })),
      fc.record({ key }).map(({ key }) => ({
        name: `reconsider ${key}`,
        on: (store: Store) => store.ledger.reconsider(key, { was: 'label', reason: 'relabelled' }),
      })),
      fc.record({ key }).map(({ key }) => ({
        name: `forget ${key}`,
        on: (store: Store) => store.ledger.forgetRow(key),
      })),
      fc.record({ kind: fc.constantFrom('triage' as const, 'draft' as const), usd }).map(({ kind, usd }) => ({
        name: `reserve ${kind} ${usd}`,
        on: (store: Store, now: Date) => store.state.reserveSpend(kind, usd, limits, now),
      })),
      fc.record({ usd, hoursAgo: fc.constantFrom(0, 6, 24) }).map(({ usd, hoursAgo }) => ({
        name: `settle 0.25 to ${usd}, ${hoursAgo} h ago`,
        on: (store: Store, now: Date) =>
          store.state.settleSpend(0.25, usd, new Date(now.getTime() - hoursAgo * 3_600_000)),
      })),
    ),
  })
  .map(({ afterMilliseconds, step }) => ({ afterMilliseconds, ...step }));

it('answers the same in memory and in DynamoDB, whatever is asked in whatever order', async () => {
  const client = createDocumentClient(dynamo.config);
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 60 }), async (calls) => {
      const clock = manualClock(new Date('2026-11-29T20:00:00Z'));
      const memory = createInMemoryStore({ clock });
      const durable = createDynamoStore({ client, tables: await dynamo.createTables(), clock });
      for (const { name, afterMilliseconds, on } of calls) {
        clock.advance(afterMilliseconds);
        const now = clock.now();
        const [expected, actual] = [await answerOf(on(memory, now)), await answerOf(on(durable, now))];
        expect(actual, name).toEqual(expected);
      }
      expect(await everything(durable, clock.now())).toEqual(await everything(memory, clock.now()));
    }),
    { numRuns: 25, seed: 1 },
  );
});

async function answerOf(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    return error instanceof Error && 'code' in error ? `throws ${error.code}` : error;
  }
}

async function everything({ ledger, state }: Store, now: Date): Promise<unknown> {
  const lists = ['processing', 'deferred', 'failed', 'filtered'] as const;
  return {
    rows: await ledger.getAll(keys),
    counts: (await state.counts()).messages,
    meter: await state.getMeter(now),
    lists: await Promise.all(
      lists.map(
        async (status) => new Set((await ledger.listByStatus(status, { limit: 10 })).map((row) => row.key)),
      ),
    ),
  };
}
