import { randomBytes } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertKind } from '#shared/alerts/alertKinds.ts';
import { remarkCodes } from '#shared/intake/remark.ts';
import type { DraftKind, DraftOutcome, DraftState } from '#shared/store/botDrafts.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import {
  alertKey,
  followUpKey,
  type LedgerKey,
  messageKey,
  type ParsedLedgerKey,
  threadKey,
  threadMapKey,
} from '#shared/store/keys.ts';
import type {
  Burst,
  DeferReason,
  FollowUpResult,
  LedgerAction,
  LedgerProgress,
  RelatedConversation,
} from '#shared/store/ledger.ts';
import type { SpendKind } from '#shared/store/spendMeter.ts';
import type { Store } from '#shared/store/store.ts';
import type { Bucket, Triage, TriageType } from '#shared/triage/triage.ts';
import { type LocalDynamo, startDynamo } from '#tests/support/dynoxide.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { itemsOfRelease010 } from '#tests/support/release010/captures.ts';
import { unreadableByRelease010 } from '#tests/support/release010/readItems.ts';

/*
 * While an update runs, and after it is taken back, release 0.1.0 reads what the present store wrote. The records below name every
 * value that a field can have, so a new one does not compile until it stands here; then it has to pass.
 */
let dynamo: LocalDynamo;
let store: Store;
let itemsOf: (table: string) => Promise<readonly Record<string, unknown>[]>;

const clock = manualClock();
const now = clock.now();

beforeAll(async () => {
  dynamo = await startDynamo();
  const tables = await dynamo.createTables();
  const client = createDocumentClient(dynamo.config);
  store = createDynamoStore({ client, tables, clock });
  const names: Readonly<Record<string, string>> = {
    ProcessedMessages: tables.processedMessages,
    ThreadMap: tables.threadMap,
    BotDrafts: tables.botDrafts,
    SystemState: tables.systemState,
    WebhookEvents: tables.webhookEvents,
  };
  itemsOf = async (table) => (await client.send(new ScanCommand({ TableName: names[table] }))).Items ?? [];
});
afterAll(() => dynamo.stop());

/** Every name of a record of names, with a number of its own. */
function each<Name extends string>(
  names: Readonly<Record<Name, true>>,
): readonly (readonly [Name, number])[] {
  // Object.keys widens the names to string.
  return (Object.keys(names) as Name[]).map((name, index) => [name, index + 1]);
}

/** Expects that release 0.1.0 reads all of a table, and that as many items as were written are there. */
async function expectReadable(table: string, atLeast: number): Promise<void> {
  const items = await itemsOf(table);
  expect(items.length).toBeGreaterThanOrEqual(atLeast);
  expect(unreadableByRelease010(table, items)).toEqual([]);
}

const owner = 'a-worker';
const claim = (
  key: LedgerKey,
  more: { readonly lastDelivery?: boolean; readonly conversationId?: number } = {},
) =>
  store.ledger.claim(key, {
    owner,
    leaseSeconds: 210,
    lastDelivery: false,
    channelThreadId: 'thread',
    ...more,
  });

const triageOf = (type: TriageType, sentiment: Triage['sentiment']): Triage => ({
  type,
  importance: 7.5,
  reasoning: 'They wait.',
  facts: ['order 42'],
  uncertainties: ['which lamp'],
  language: 'de',
  sentiment,
  needsReply: true,
  escalationReason: sentiment === 'angry' ? 'They mention a lawyer.' : null,
  escalationWords: ['lawyer'],
  threatens: sentiment === 'angry',
  promptVersion: 'triage-2',
});

const types = each<TriageType>({ lead: true, customer: true, other: true });
const draftKinds = each<DraftKind>({ reply: true, followup: true, reminder: true });

describe('release 0.1.0 reads what the present store writes', () => {
  it('rows of every kind in every status', async () => {
    const keys: Readonly<
      Record<Exclude<ParsedLedgerKey['kind'], 'digest' | 'delivery'>, (id: number) => LedgerKey>
    > = {
      message: (id) => messageKey('gmail', 'support', `mail-${id}`),
      thread: (id) => threadKey(100, id),
      'follow-up': (id) => followUpKey(100, id),
      alert: (id) => alertKey(100 + id, 'p0'),
    };
    for (const keyOf of Object.values(keys)) {
      await claim(keyOf(1));
      await claim(keyOf(2), { lastDelivery: true });
      await claim(keyOf(3), { conversationId: 100 });
      await store.ledger.finish(keyOf(3), owner, {
        status: 'deferred',
        reason: 'budget',
        conversationId: 100,
      });
      await claim(keyOf(4));
      await store.ledger.finish(keyOf(4), owner, { status: 'failed', reason: 'time-over', retryable: true });
      await claim(keyOf(5));
      await store.ledger.finish(keyOf(5), owner, {
        status: 'failed',
        reason: 'gmail-rejected',
        retryable: false,
      });
      await store.ledger.settle([{ key: keyOf(6), outcome: { status: 'filtered', reason: 'label:SPAM' } }]);
      await store.ledger.settle([{ key: keyOf(7), outcome: { status: 'filtered', reason: 'bulk' } }]);
      await store.ledger.reopen(keyOf(7), { ticketAnyway: true });
      await store.ledger.settle([{ key: keyOf(8), outcome: { status: 'filtered', reason: 'bulk' } }]);
      await store.ledger.forgetRow(keyOf(8));
      for (const [reason, id] of each<DeferReason>({
        budget: true,
        share: true,
        relabelled: true,
        'thread-pending': true,
      })) {
        const key = keyOf(8 + id);
        await store.ledger.settle([{ key, outcome: { status: 'filtered', reason: 'label:SPAM' } }]);
        await store.ledger.reconsider(key, { was: 'label:SPAM', reason });
      }
    }
    await claim(threadKey(100, '-'));
    await claim(alertKey(99, 'p0'));
    for (const [alert, id] of each<AlertKind>({ p0: true, 'p0-follow-up': true, loop: true })) {
      await claim(alertKey(200 + id, alert));
    }
    await expectReadable('ProcessedMessages', 49);
  });

  it('rows with everything that a worker learns', async () => {
    const sentiments = each<Triage['sentiment']>({ angry: true, unhappy: true, neutral: true, happy: true });
    const learned: { readonly [Name in keyof LedgerProgress]-?: readonly LedgerProgress[Name][] } = {
      writeStartedAt: [now.toISOString(), null],
      noDraft: ['bulk', null],
      related: each<RelatedConversation['why']>({ 'sender-has-no-part': true, revived: true }).map(
        ([why]) => ({
          conversationId: 7,
          why,
        }),
      ),
      remarks: [
        remarkCodes.map((code) => ({ code, address: 'forms@machine.example', conversationId: 7 })),
        [{ code: 'forward' }],
      ],
      burst: each<Burst>({ deciding: true, first: true, later: true }).map(([burst]) => burst),
      followUp: each<FollowUpResult>({ drafted: true, noted: true, waiting: true, 'no-draft': true }).map(
        ([followUp]) => followUp,
      ),
      triage: types.flatMap(([type]) => sentiments.map(([sentiment]) => triageOf(type, sentiment))),
      alertedBy: [['sns', 'smtp', 'slack']],
      conversationId: [8],
    };
    const all = Object.entries(learned).flatMap(([name, values]) =>
      values.map((value) => ({ [name]: value })),
    );
    for (const [index, progress] of all.entries()) {
      const key = threadKey(300, index + 1);
      await claim(key);
      await store.ledger.progress(key, owner, progress);
    }
    await expectReadable('ProcessedMessages', 48 + all.length);
  });

  it('rows that ended, with the entries of the thread map', async () => {
    const actions = each<LedgerAction>({
      create: true,
      append: true,
      note: true,
      drafted: true,
      noted: true,
      'no-draft': true,
      answered: true,
      covered: true,
      superseded: true,
      closed: true,
      spam: true,
      deleted: true,
      tagged: true,
      alerted: true,
    });
    for (const [action, id] of actions) {
      const key = threadKey(400, id);
      await claim(key);
      await store.ledger.finish(key, owner, {
        status: 'success',
        action,
        reason: 'a-reason',
        conversationId: 400,
        threadId: id,
        threadMap: [
          { key: threadMapKey.thread('gmail', 'support', `thread-${id}`), conversationId: 400 },
          { key: threadMapKey.mail(`<mail-${id}@customer.test>`), conversationId: 400 },
          { key: threadMapKey.freescoutThread(id), conversationId: 400 },
        ],
      });
    }
    await expectReadable('ProcessedMessages', actions.length);
    await expectReadable('ThreadMap', 3 * actions.length);
  });

  it('drafts in every state, and how they ended', async () => {
    const states = each<DraftState>({ creating: true, live: true, sent: true, replaced: true, gone: true });
    const buckets = each<Bucket>({ p0: true, p1: true, p2: true, p3: true });
    const outcomes = each<DraftOutcome>({
      unchanged: true,
      'light-edit': true,
      'heavy-edit': true,
      replaced: true,
      discarded: true,
      withdrawn: true,
    });
    const usual = {
      conversationId: 500,
      state: 'live',
      kind: 'reply',
      answeredThreadId: 10,
      draftThreadId: 11,
      fingerprint: 'f'.repeat(64),
      createdAt: now.toISOString(),
      type: 'customer',
      bucket: 'p2',
      language: 'de',
      promptVersion: 'draft-2',
    } as const;
    const drafts = [
      ...states.map(([state]) => ({ ...usual, state, draftThreadId: state === 'creating' ? null : 11 })),
      ...draftKinds.map(([kind]) => ({ ...usual, kind })),
      ...types.map(([type]) => ({ ...usual, type })),
      ...buckets.map(([bucket]) => ({ ...usual, bucket })),
    ];
    for (const [index, draft] of drafts.entries()) {
      await store.drafts.saveLive({ ...draft, conversationId: 501 + index }, null);
    }
    const { state: _state, fingerprint: _fingerprint, createdAt: _createdAt, ...ofCycle } = usual;
    const cycles = [
      {
        ...ofCycle,
        outcome: 'discarded',
        draftThreadId: null,
        similarity: null,
        minutesToSend: null,
      } as const,
      ...outcomes.flatMap(([outcome]) =>
        draftKinds.map(([kind]) => ({ ...ofCycle, kind, outcome, similarity: 0.5, minutesToSend: 12.5 })),
      ),
    ];
    for (const [index, cycle] of cycles.entries()) {
      const conversationId = 601 + index;
      await store.drafts.saveLive({ ...usual, conversationId, state: 'sent' }, null, {
        cycle: { ...cycle, conversationId, endedAt: now.toISOString() },
        text: { draftThreadId: 11, html: '<div>Bonjour,</div>', keepDays: 90 },
      });
    }
    await expectReadable('BotDrafts', drafts.length + 3 * cycles.length);
  });

  it('the state of the system', async () => {
    const { state } = store;
    const thread = threadMapKey.thread('gmail', 'support', 'thread');
    const mail = messageKey('gmail', 'support', 'mail-1');
    const limits = { dailyUsd: 10, monthlyUsd: 100, draftsPerDay: 50 };
    await state.savePollCursor(
      'gmail',
      {
        account: 'support',
        historyId: '7',
        polledAt: now.toISOString(),
        gapCheckedAt: null,
        fault: 'gmail-unreachable',
        missing: 2,
      },
      0,
    );
    await state.savePollCursor(
      'gmail',
      {
        account: 'sales-eu',
        historyId: null,
        polledAt: null,
        gapCheckedAt: now.toISOString(),
        fault: null,
        missing: 0,
        labels: {
          readAt: now.toISOString(),
          named: [
            { name: 'Tickets', id: 'Label_1' },
            { name: 'No such', id: null },
          ],
        },
      },
      0,
    );
    await state.saveSweepCursor({
      listedAt: now.toISOString(),
      ranAt: null,
      failedWokenAt: null,
      digestDay: '2026-11-19',
      digestHour: '2026-11-20T09',
      missing: 1,
    });
    await state.intakeSince(now, null);
    await state.rememberThreadStarter(thread, mail);
    await state.saveDraftProof({ state: 'proven', url: 'https://desk.example.com', at: now.toISOString() });
    // Before the other state of the proof replaces it.
    await expectReadable('SystemState', 6);
    await state.saveDraftProof({
      state: 'stopped',
      url: 'https://desk.example.com',
      at: now.toISOString(),
      reason: 'published',
    });
    for (const [kind] of each<SpendKind>({ triage: true, draft: true })) {
      await state.reserveSpend(kind, 0.1, limits, now);
      await state.settleSpend(0.1, 0.04, now);
    }
    await state.takeCalls('freescout', 3, { maxRequests: 10, windowSeconds: 60 }, now);
    await state.countMailOfSender('support', 'a'.repeat(64), 'mail-1', now);
    await state.acquireSenderLock('a'.repeat(64), mail, 60, now);
    await state.countWebhook('event', true, now);
    await state.saveRegisteredWebhook({
      id: 3,
      freescoutUrl: 'https://desk.example.com',
      target: 'https://csm.example.com/freescout',
    });
    await expectReadable('SystemState', 12);
    // It asks for these names; what stands under another it never finds.
    const names = (await itemsOf('SystemState')).map(({ key }) => String(key).replace(/#.*/, ''));
    expect([...new Set(names)].sort()).toEqual([
      'beginning',
      'calls',
      'counter',
      'draft-proof',
      'gmail-cursor',
      'intake.since',
      'meter',
      'registered-webhook',
      'sender',
      'sweep-cursor',
    ]);
  });

  it('kept webhooks, in one part and in several', async () => {
    const events = [
      { id: 'small', event: 'convo.created', conversationId: 5, rawBody: new TextEncoder().encode('{}') },
      // Random bytes do not become smaller when they are compressed.
      { id: 'large', event: 'convo.created', conversationId: 5, rawBody: randomBytes(800_000) },
      { id: 'unknown', event: null, conversationId: null, rawBody: new Uint8Array() },
    ];
    for (const event of events) {
      await store.webhookEvents.keep({ ...event, receivedAt: now, keepDays: 30 });
    }
    await expectReadable('WebhookEvents', 5);
  });
});

describe('the reader of release 0.1.0', () => {
  it.each(['run', 'rare'] as const)('reads what that release wrote: %s', (name) => {
    for (const [table, items] of Object.entries(itemsOfRelease010[name])) {
      expect(
        unreadableByRelease010(
          table,
          items.map((item) => unmarshall(item)),
        ),
      ).toEqual([]);
    }
  });

  const row = {
    key: 'gmail:support:m1',
    status: 'failed',
    listedStatus: 'failed',
    statusAt: now.toISOString(),
    firstSeenAt: now.toISOString(),
    attempts: 1,
    version: 2,
  };

  it.each([
    ['a status that it does not know', 'ProcessedMessages', { ...row, status: 'paused' }],
    ['an action that it does not know', 'ProcessedMessages', { ...row, action: 'relayed' }],
    [
      'a row of a kind that it does not know, which it lists',
      'ProcessedMessages',
      { ...row, key: 'form:web:1' },
    ],
    ['a field that became a number', 'ProcessedMessages', { ...row, reason: 7 }],
    ['a field that is gone', 'ProcessedMessages', { ...row, version: undefined }],
    ['an entry of a kind that it does not know', 'ThreadMap', { key: 'whatsapp:a:1', conversationId: 5 }],
    ['a draft without its fingerprint', 'BotDrafts', { conversationId: '5', item: 'live', state: 'live' }],
    ['a counter that became a text', 'SystemState', { key: 'counter#3', rowsFailed: 'many' }],
    [
      'a beginning of a mail that it does not know',
      'SystemState',
      { key: 'beginning#gmail:a:1', mail: 'form:web:1' },
    ],
    ['a webhook without its body', 'WebhookEvents', { eventId: '1', receivedAt: now.toISOString() }],
  ])('refuses %s', (_, table, item) => {
    expect(unreadableByRelease010(table, [item])).toHaveLength(1);
  });

  it('never meets a row of a kind that it does not know while nothing lists it', () => {
    const { listedStatus: _listed, ...ended } = row;
    const item = { ...ended, key: 'digest:daily:2026-12-01', status: 'success' };
    expect(unreadableByRelease010('ProcessedMessages', [item])).toEqual([]);
  });

  it('leaves alone what a later release adds to a row', () => {
    expect(unreadableByRelease010('ProcessedMessages', [{ ...row, identity: { kind: 'phone' } }])).toEqual(
      [],
    );
  });
});
