import { describe, expect, it } from 'vitest';
import { channelKinds } from '#shared/channels/channelKinds.ts';
import type { DraftCycle, LiveDraft } from '#shared/store/botDrafts.ts';
import {
  alertKey,
  followUpKey,
  type LedgerKey,
  messageKey,
  threadKey,
  threadMapKey,
} from '#shared/store/keys.ts';
import type { Claim, LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import type { KeptReadiness } from '#shared/store/readiness.ts';
import type { SecretReport } from '#shared/store/secretReports.ts';
import type { Share } from '#shared/store/senderCounts.ts';
import type { Triage } from '#shared/triage/triage.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { storagesUnderTest } from '#tests/support/storages.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const leaseSeconds = 210;

const contention = { code: 'store-contention', retryable: true };

const triage: Triage = {
  type: 'customer',
  importance: 7,
  reasoning: 'Their order has not arrived.',
  facts: ['order 42'],
  uncertainties: [],
  language: 'de',
  sentiment: 'unhappy',
  needsReply: true,
  escalationReason: null,
  escalationWords: [],
  promptVersion: 'triage-1',
};

const draft: Omit<LiveDraft, 'version' | 'updatedAt'> = {
  conversationId: 5,
  state: 'creating',
  kind: 'reply',
  answeredThreadId: 50,
  draftThreadId: null,
  fingerprint: 'f1',
  createdAt: '2026-11-20T12:00:00.000Z',
  type: 'customer',
  bucket: 'p1',
  language: 'de',
  promptVersion: 'draft-1',
};
const cycle: DraftCycle = {
  conversationId: 5,
  answeredThreadId: 50,
  draftThreadId: 51,
  kind: 'reply',
  outcome: 'light-edit',
  similarity: 0.93,
  minutesToSend: 12.5,
  endedAt: '2026-11-20T12:12:30.000Z',
  type: 'customer',
  bucket: 'p1',
  language: 'de',
  promptVersion: 'draft-1',
};

const storages = storagesUnderTest();

describe.each(storages)('the store $name', ({ open }) => {
  async function setUp(start?: Date, keepDays?: number) {
    const clock = manualClock(start);
    const store = await open(clock, keepDays);
    const claim = (key: LedgerKey, owner: string, lastDelivery = false): Promise<Claim> =>
      store.ledger.claim(key, { owner, leaseSeconds, lastDelivery });
    return { clock, store, claim, ...store };
  }

  const mail = messageKey('gmail', 'support', 'm1');

  describe('retention', () => {
    const keepDays = 150;
    const retained = () => setUp(undefined, keepDays);
    const later = messageKey('gmail', 'support', 'm2');
    const mapped = { key: threadMapKey.freescoutThread(9), conversationId: 5 };
    const ends: readonly [string, LedgerOutcome][] = [
      ['success', { status: 'success', action: 'create', conversationId: 5, threadMap: [mapped] }],
      ['filtered', { status: 'filtered', reason: 'label' }],
      ['failed for good', { status: 'failed', reason: 'freescout-rejected', retryable: false }],
    ];

    it.each(ends)('does not read a row that ended long ago: %s', async (_name, outcome) => {
      const { ledger, claim, clock } = await retained();
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', outcome);
      const { status } = outcome;
      const listed = async () =>
        status === 'success' ? [] : await ledger.listByStatus(status, { limit: 9 });
      clock.advance(keepDays * day - minute);
      expect(await ledger.get(mail)).toMatchObject({ status });
      expect((await ledger.getAll([mail])).size).toBe(1);
      expect(await listed()).toHaveLength(status === 'success' ? 0 : 1);
      clock.advance(minute);
      expect(await ledger.get(mail)).toBeNull();
      expect(await ledger.getAll([mail])).toEqual(new Map());
      expect(await listed()).toEqual([]);
    });

    const open: readonly [string, LedgerOutcome | null][] = [
      ['in work', null],
      ['waiting', { status: 'deferred', reason: 'budget' }],
      ['to be tried again', { status: 'failed', reason: 'freescout-error', retryable: true }],
    ];
    it.each(open)('never forgets a row that is %s', async (_name, outcome) => {
      const { ledger, claim, clock } = await retained();
      await claim(mail, 'a');
      await (outcome === null ? null : ledger.finish(mail, 'a', outcome));
      clock.advance(10 * keepDays * day);
      expect(await ledger.get(mail)).toMatchObject({ status: outcome?.status ?? 'processing' });
      expect(
        await ledger.listByStatus(
          outcome?.status === 'deferred' ? 'deferred' : outcome === null ? 'processing' : 'failed',
          { limit: 9 },
        ),
      ).toHaveLength(1);
    });

    it('begins again with every end, and stops when a row is opened again', async () => {
      const { ledger, claim, clock } = await retained();
      await ledger.settle([{ key: mail, outcome: { status: 'filtered', reason: 'label' } }]);
      await ledger.settle([{ key: later, outcome: { status: 'filtered', reason: 'label' } }]);
      clock.advance((keepDays - 1) * day);
      await ledger.reopen(mail);
      await ledger.reopen(later);
      clock.advance(keepDays * day);
      expect(await ledger.get(mail)).toMatchObject({ status: 'processing' });
      await claim(later, 'a');
      await ledger.finish(later, 'a', { status: 'success', action: 'create', conversationId: 5 });
      clock.advance((keepDays - 1) * day);
      expect(await ledger.get(later)).toMatchObject({ status: 'success' });
    });

    it('does nothing a second time while a forgotten row is still there', async () => {
      const { ledger, claim, clock, state } = await retained();
      await ledger.settle([{ key: mail, outcome: { status: 'filtered', reason: 'label' } }]);
      clock.advance(keepDays * day);
      expect(await ledger.get(mail)).toBeNull();
      expect(await claim(mail, 'a')).toMatchObject({ outcome: 'terminal', row: { reason: 'label' } });
      expect(await ledger.settle([{ key: mail, outcome: { status: 'success', action: 'covered' } }])).toEqual(
        [],
      );
      expect((await state.counts()).messages).toMatchObject({ filtered: 1, success: 0 });
    });

    it('leaves what is forgotten and still there to the operator, who exports and removes it', async () => {
      const { ledger, threadMap, claim, clock } = await retained();
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', {
        status: 'success',
        action: 'create',
        conversationId: 5,
        threadMap: [mapped],
      });
      clock.advance(keepDays * day);
      expect(await ledger.listOfConversations(new Set([5]))).toHaveLength(1);
      expect(await threadMap.listOfConversations(new Set([5]))).toEqual([mapped]);
      expect(await ledger.forgetRow(mail)).toBe(true);
      await threadMap.removeEntries([mapped.key]);
      expect(await threadMap.listOfConversations(new Set([5]))).toEqual([]);
    });

    it('forgets an entry of the thread map that nothing wrote again', async () => {
      const { ledger, threadMap, claim, clock } = await retained();
      const other = { key: threadMapKey.freescoutThread(10), conversationId: 6 };
      const used = { key: threadMapKey.freescoutThread(11), conversationId: 7 };
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', {
        status: 'success',
        action: 'create',
        conversationId: 5,
        threadMap: [mapped],
      });
      await threadMap.putAll([other, used]);
      clock.advance(keepDays * day - minute);
      const keys = [mapped.key, other.key, used.key];
      expect((await threadMap.getAll(keys)).size).toBe(3);
      await threadMap.putAll([used]);
      clock.advance(minute);
      expect(await threadMap.getAll(keys)).toEqual(new Map([[used.key, 7]]));
      await threadMap.putAll([{ ...other, conversationId: 8 }]);
      expect(await threadMap.getAll(keys)).toEqual(
        new Map([
          [used.key, 7],
          [other.key, 8],
        ]),
      );
    });

    it('is for ever where the settings say nothing', async () => {
      const { ledger, threadMap, claim, clock } = await setUp();
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', {
        status: 'success',
        action: 'create',
        conversationId: 5,
        threadMap: [mapped],
      });
      clock.advance(10_000 * day);
      expect(await ledger.get(mail)).toMatchObject({ status: 'success' });
      expect((await threadMap.getAll([mapped.key])).size).toBe(1);
    });
  });

  describe('ledger: claiming', () => {
    it('knows nothing of a row that was never claimed', async () => {
      const { ledger } = await setUp();
      expect(await ledger.get(mail)).toBeNull();
      expect(await ledger.getAll([mail])).toEqual(new Map());
    });

    it('makes a new row with a lease', async () => {
      const { ledger, state } = await setUp();
      const claimed = await ledger.claim(mail, {
        owner: 'a',
        leaseSeconds,
        lastDelivery: false,
        channelThreadId: 't1',
        conversationId: 5,
      });
      const row: LedgerRow = {
        key: mail,
        status: 'processing',
        statusAt: '2026-11-20T12:00:00.000Z',
        firstSeenAt: '2026-11-20T12:00:00.000Z',
        attempts: 1,
        leaseOwner: 'a',
        leaseUntil: '2026-11-20T12:03:30.000Z',
        channelThreadId: 't1',
        conversationId: 5,
      };
      expect(claimed).toEqual({ outcome: 'claimed', row });
      expect(await ledger.get(mail)).toEqual(row);
      expect((await state.counts()).messages).toMatchObject({ processing: 1, success: 0 });
    });

    it.each<LedgerKey>([
      'form:support:m1',
      'whatsapp:support:SM1',
      'portal:support:m1',
      'digest:filtered:2026-11-20',
      'delivery:7:9:1',
    ])('reads and lists rows that later releases write: %s', async (key) => {
      const { claim, ledger } = await setUp();
      await claim(key, 'a');
      const row = await ledger.get(key);
      expect(row).toMatchObject({ key, status: 'processing' });
      expect(await ledger.listByStatus('processing', { limit: 10 })).toEqual([row]);
    });

    it('refuses a leased row, to its own owner too', async () => {
      const { claim, clock } = await setUp();
      await claim(mail, 'a');
      clock.advance(leaseSeconds * 1000 - 1);
      const leased = { outcome: 'leased', until: new Date('2026-11-20T12:03:30Z') };
      expect(await claim(mail, 'b')).toEqual(leased);
      expect(await claim(mail, 'a')).toEqual(leased);
    });

    it('takes a row over when its lease has ended, with what was learned so far', async () => {
      const { claim, clock, ledger, state } = await setUp();
      await claim(mail, 'a');
      await ledger.progress(mail, 'a', { triage, writeStartedAt: '2026-11-20T12:00:01.000Z' });
      clock.advance(leaseSeconds * 1000);
      const claimed = await claim(mail, 'b');
      expect(claimed).toMatchObject({
        outcome: 'claimed',
        row: { leaseOwner: 'b', attempts: 2, triage, writeStartedAt: '2026-11-20T12:00:01.000Z' },
      });
      expect((await state.counts()).messages).toMatchObject({ processing: 1 });
    });

    it('lets one of fifty workers win', async () => {
      const { claim, ledger, state } = await setUp();
      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, index) => claim(mail, `worker-${index}`)),
      );
      const winners = claims.filter((one) => one.outcome === 'claimed');
      expect(winners).toHaveLength(1);
      expect(claims.filter((one) => one.outcome === 'leased')).toHaveLength(49);
      expect(await ledger.get(mail)).toEqual(winners[0]?.outcome === 'claimed' ? winners[0].row : null);
      expect((await state.counts()).messages).toMatchObject({ processing: 1 });
    });

    it('lets one of fifty workers take over a row that was left, and nobody else write to it', async () => {
      const { claim, clock, ledger, state } = await setUp();
      await claim(mail, 'gone');
      clock.advance(hour);
      const [late, ...claims] = await Promise.all([
        ledger.progress(mail, 'gone', { noDraft: 'late' }).then(
          () => 'in time',
          () => 'too late',
        ),
        ...Array.from({ length: 50 }, (_, index) => claim(mail, `worker-${index}`)),
      ]);
      const winners = claims.filter((one) => one.outcome === 'claimed');
      expect(winners).toHaveLength(1);
      const row = await ledger.get(mail);
      expect(row).toMatchObject({ attempts: 2, leaseOwner: winners[0]?.row.leaseOwner });
      expect(row?.noDraft).toBe(late === 'in time' ? 'late' : undefined);
      expect((await state.counts()).messages).toMatchObject({ processing: 1 });
    });

    it.each<[string, LedgerOutcome]>([
      ['success', { status: 'success', action: 'create', conversationId: 5, threadId: 9 }],
      ['filtered', { status: 'filtered', reason: 'own-address' }],
    ])('never touches a %s row again', async (_, outcome) => {
      const { claim, clock, ledger } = await setUp();
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', outcome);
      const row = await ledger.get(mail);
      clock.advance(day);
      expect(await claim(mail, 'b', true)).toEqual({ outcome: 'terminal', row });
      await expect(ledger.finish(mail, 'a', { status: 'filtered', reason: 'x' })).rejects.toMatchObject(
        contention,
      );
      await expect(ledger.progress(mail, 'a', { noDraft: 'x' })).rejects.toMatchObject(contention);
      await expect(ledger.release(mail, 'a')).rejects.toMatchObject(contention);
      expect(await ledger.settle([{ key: mail, outcome: { status: 'filtered', reason: 'x' } }])).toEqual([]);
      expect(await ledger.giveUp(mail)).toBe(false);
      expect(await ledger.get(mail)).toEqual(row);
    });

    it('writes ahead what a last delivery fails of, and keeps the lease', async () => {
      const { claim, ledger, state } = await setUp();
      expect(await claim(mail, 'a', true)).toMatchObject({
        outcome: 'claimed',
        row: {
          status: 'failed',
          reason: 'worker-stopped',
          retryable: true,
          failedSince: '2026-11-20T12:00:00.000Z',
          leaseOwner: 'a',
        },
      });
      expect((await state.counts()).messages).toMatchObject({ processing: 0, failed: 1 });
      expect(await claim(mail, 'b')).toMatchObject({ outcome: 'leased' });
      expect(await ledger.giveUp(mail)).toBe(false);
      await ledger.finish(mail, 'a', { status: 'success', action: 'create' });
      expect(await ledger.get(mail)).toEqual({
        key: mail,
        status: 'success',
        action: 'create',
        attempts: 1,
        firstSeenAt: '2026-11-20T12:00:00.000Z',
        statusAt: '2026-11-20T12:00:00.000Z',
      });
      expect((await state.counts()).messages).toMatchObject({ failed: 0, success: 1 });
    });
  });

  describe('ledger: working on a claimed row', () => {
    it('adds what is learned and answers the row', async () => {
      const { claim, ledger } = await setUp();
      await claim(mail, 'a');
      const related = { conversationId: 8, why: 'revived' } as const;
      await ledger.progress(mail, 'a', { writeStartedAt: '2026-11-20T12:00:00.000Z', related });
      const row = await ledger.progress(mail, 'a', { noDraft: null, triage, conversationId: 7 });
      expect(row).toMatchObject({
        writeStartedAt: '2026-11-20T12:00:00.000Z',
        related,
        noDraft: null,
        triage,
        conversationId: 7,
      });
      expect(await ledger.get(mail)).toEqual(row);
    });

    it('keeps how far a follow-up and an alert came, through failures', async () => {
      const { ledger } = await setUp();
      const options = { owner: 'a', leaseSeconds: 60, lastDelivery: false };
      for (const [key, progress] of [
        [followUpKey(5, 50), { followUp: 'drafted' }],
        [alertKey(5, 'p0-follow-up'), { alertedBy: ['sns', 'slack'] }],
      ] as const) {
        await ledger.claim(key, options);
        await ledger.progress(key, 'a', progress);
        await ledger.finish(key, 'a', { status: 'failed', reason: 'alert-undelivered', retryable: true });
        expect(await ledger.claim(key, { ...options, owner: 'b' })).toMatchObject({ row: progress });
        await ledger.finish(key, 'b', { status: 'success', action: 'tagged', conversationId: 5 });
        expect(await ledger.get(key)).toMatchObject({ ...progress, action: 'tagged' });
      }
    });

    it('takes the start of a write away', async () => {
      const { claim, ledger } = await setUp();
      await claim(mail, 'a');
      await ledger.progress(mail, 'a', { writeStartedAt: '2026-11-20T12:00:00.000Z' });
      await ledger.progress(mail, 'a', { writeStartedAt: null });
      expect(await ledger.get(mail)).not.toHaveProperty('writeStartedAt');
    });

    it('lets nobody but the owner write', async () => {
      const { claim, clock, ledger } = await setUp();
      const success = { status: 'success', action: 'create' } as const;
      await expect(ledger.progress(mail, 'a', { noDraft: 'x' })).rejects.toMatchObject(contention);
      await expect(ledger.finish(mail, 'a', success)).rejects.toMatchObject(contention);
      await claim(mail, 'a');
      clock.advance(leaseSeconds * 1000);
      await claim(mail, 'b');
      const row = await ledger.get(mail);
      await expect(ledger.progress(mail, 'a', { noDraft: 'x' })).rejects.toMatchObject(contention);
      await expect(ledger.finish(mail, 'a', success)).rejects.toMatchObject(contention);
      await expect(ledger.release(mail, 'a')).rejects.toMatchObject(contention);
      expect(await ledger.get(mail)).toEqual(row);
    });

    it('takes an outcome after the lease has ended when nobody took the row over', async () => {
      const { claim, clock, ledger } = await setUp();
      await claim(mail, 'a');
      clock.advance(hour);
      await ledger.finish(mail, 'a', { status: 'success', action: 'create' });
      expect(await ledger.get(mail)).toMatchObject({
        status: 'success',
        statusAt: '2026-11-20T13:00:00.000Z',
      });
    });

    it('writes outcome, thread map and counters together', async () => {
      const { claim, ledger, threadMap, state } = await setUp();
      const keys = [
        threadMapKey.thread('gmail', 'support', 't1'),
        threadMapKey.mail('<a@example.com>'),
      ] as const;
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', {
        status: 'success',
        action: 'append',
        reason: 'spam',
        conversationId: 5,
        threadId: 9,
        threadMap: [
          { key: keys[0], conversationId: 4 },
          { key: keys[1], conversationId: 5 },
          { key: keys[0], conversationId: 5 },
        ],
      });
      expect(await ledger.get(mail)).toMatchObject({
        status: 'success',
        action: 'append',
        reason: 'spam',
        conversationId: 5,
        threadId: 9,
      });
      expect(await threadMap.getAll(keys)).toEqual(
        new Map([
          [keys[0], 5],
          [keys[1], 5],
        ]),
      );
      expect((await state.counts()).messages).toEqual({
        processing: 0,
        deferred: 0,
        failed: 0,
        filtered: 0,
        success: 1,
      });
    });

    it('remembers which mail is about to start the conversation of a Gmail thread', async () => {
      const { state, threadMap } = await setUp();
      const key = threadMapKey.thread('gmail', 'support', 't1');
      expect(await state.threadStarterOf(key)).toBeNull();
      await state.rememberThreadStarter(key, mail);
      await state.rememberThreadStarter(key, messageKey('gmail', 'support', 'm2'));
      expect(await state.threadStarterOf(key)).toBe(messageKey('gmail', 'support', 'm2'));
      expect(await state.threadStarterOf(threadMapKey.thread('gmail', 'support', 't2'))).toBeNull();
      expect(await threadMap.getAll([key])).toEqual(new Map());
    });

    it('remembers the first message of an id in each mailbox', async () => {
      const { state } = await setUp();
      const first = { key: messageKey('gmail', 'support', 'm1'), contentDigest: 'a' };
      const second = { key: messageKey('gmail', 'sales', 'm2'), contentDigest: 'b' };
      expect(await state.enterMessage('id', 1, first)).toEqual(new Map([[1, first]]));
      expect(await state.enterMessage('id', 1, second)).toEqual(new Map([[1, first]]));
      expect(await state.enterMessage('other', 1, second)).toEqual(new Map([[1, second]]));
      expect(await state.enterMessage('id', 2, second)).toEqual(
        new Map([
          [1, first],
          [2, second],
        ]),
      );
      expect(
        (await state.enterMessage('id', 1, second, messageKey('gmail', 'support', 'gone'))).get(1),
      ).toEqual(first);
      expect((await state.enterMessage('id', 1, second, first.key)).get(1)).toEqual(second);
    });

    it('writes no thread map when the lease was lost', async () => {
      const { claim, ledger, threadMap } = await setUp();
      const key = threadMapKey.thread('gmail', 'support', 't1');
      await claim(mail, 'a');
      const outcome = {
        status: 'success',
        action: 'create',
        threadMap: [{ key, conversationId: 5 }],
      } as const;
      await expect(ledger.finish(mail, 'b', outcome)).rejects.toMatchObject(contention);
      expect(await threadMap.getAll([key])).toEqual(new Map());
    });

    it('keeps since when a row fails for as long as failures follow each other', async () => {
      const { claim, clock, ledger } = await setUp();
      const failed = { status: 'failed', reason: 'freescout-error', retryable: true } as const;
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', failed);
      clock.advance(hour);
      await claim(mail, 'b');
      expect(await ledger.get(mail)).toMatchObject({ status: 'processing' });
      expect(await ledger.get(mail)).not.toHaveProperty('reason');
      clock.advance(minute);
      await ledger.finish(mail, 'b', failed);
      expect(await ledger.get(mail)).toEqual({
        key: mail,
        status: 'failed',
        reason: 'freescout-error',
        retryable: true,
        failedSince: '2026-11-20T12:00:00.000Z',
        firstSeenAt: '2026-11-20T12:00:00.000Z',
        statusAt: '2026-11-20T13:01:00.000Z',
        attempts: 2,
      });
      await claim(mail, 'c');
      await ledger.finish(mail, 'c', { status: 'deferred', reason: 'budget', conversationId: 5 });
      expect(await ledger.get(mail)).toMatchObject({
        status: 'deferred',
        reason: 'budget',
        conversationId: 5,
      });
      expect(await ledger.get(mail)).not.toHaveProperty('failedSince');
      expect(await ledger.get(mail)).not.toHaveProperty('retryable');
      clock.advance(hour);
      await claim(mail, 'd');
      await ledger.finish(mail, 'd', failed);
      expect(await ledger.get(mail)).toMatchObject({ failedSince: '2026-11-20T14:01:00.000Z' });
    });

    it('keeps since when a row fails also over a last delivery', async () => {
      const { claim, clock, ledger } = await setUp();
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', { status: 'failed', reason: 'freescout-error', retryable: true });
      clock.advance(hour);
      await claim(mail, 'b', true);
      expect(await ledger.get(mail)).toMatchObject({
        reason: 'worker-stopped',
        failedSince: '2026-11-20T12:00:00.000Z',
      });
    });

    it('gives a lease back without an outcome', async () => {
      const { claim, ledger, state } = await setUp();
      await claim(mail, 'a');
      await ledger.release(mail, 'a');
      const row = await ledger.get(mail);
      expect(row).toMatchObject({ status: 'processing', attempts: 1 });
      expect(row).not.toHaveProperty('leaseOwner');
      expect(row).not.toHaveProperty('leaseUntil');
      expect(await claim(mail, 'b')).toMatchObject({ outcome: 'claimed', row: { attempts: 2 } });
      expect((await state.counts()).messages).toMatchObject({ processing: 1 });
    });

    it('keeps the reason of a last delivery when its lease is given back', async () => {
      const { claim, ledger, state } = await setUp();
      await claim(mail, 'a', true);
      await ledger.release(mail, 'a');
      expect(await ledger.get(mail)).toMatchObject({
        status: 'failed',
        reason: 'worker-stopped',
        retryable: true,
      });
      expect((await state.counts()).messages).toMatchObject({ failed: 1 });
    });

    it('counts two hundred outcomes at the same time exactly', async () => {
      const { claim, ledger, state } = await setUp();
      const keys = Array.from({ length: 200 }, (_, index) => messageKey('gmail', 'support', `m${index}`));
      await Promise.all(keys.map((key) => claim(key, 'a')));
      expect((await state.counts()).messages).toMatchObject({ processing: 200 });
      await Promise.all(
        keys.map((key, index) =>
          ledger.finish(
            key,
            'a',
            index % 4 === 0
              ? { status: 'filtered', reason: 'gone' }
              : { status: 'success', action: 'create' },
          ),
        ),
      );
      expect((await state.counts()).messages).toEqual({
        processing: 0,
        deferred: 0,
        failed: 0,
        filtered: 50,
        success: 150,
      });
      expect((await ledger.getAll(keys)).size).toBe(200);
    });

    it('keeps a row far under the size that an item may have', async () => {
      const { claim, ledger } = await setUp();
      await claim(mail, 'a');
      await expect(
        ledger.progress(mail, 'a', { triage: { ...triage, facts: Array(1000).fill('x'.repeat(100)) } }),
      ).rejects.toMatchObject({ code: 'unexpected', retryable: false });
    });
  });

  describe('ledger: settling', () => {
    const covered = { status: 'success', action: 'covered', conversationId: 5 } as const;
    const filtered = { status: 'filtered', reason: 'label' } as const;

    it('writes rows that are new, and rows that nobody works on', async () => {
      const { claim, clock, ledger, state } = await setUp();
      const keys = Array.from({ length: 20 }, (_, index) => threadKey(5, index + 1));
      const [failed, deferred, stuck, released] = keys;
      if (!(failed && deferred && stuck && released)) {
        throw new Error('Too few keys.');
      }
      await claim(failed, 'a');
      await ledger.finish(failed, 'a', { status: 'failed', reason: 'openai-rejected', retryable: false });
      await claim(deferred, 'a');
      await ledger.finish(deferred, 'a', { status: 'deferred', reason: 'budget' });
      await claim(stuck, 'a');
      await claim(released, 'a');
      await ledger.release(released, 'a');
      clock.advance(hour);
      const written = await ledger.settle(keys.map((key) => ({ key, outcome: covered })));
      expect(new Set(written)).toEqual(new Set(keys));
      const rows = await ledger.getAll(keys);
      expect(rows.get(failed)).toEqual({
        key: failed,
        status: 'success',
        action: 'covered',
        conversationId: 5,
        firstSeenAt: '2026-11-20T12:00:00.000Z',
        statusAt: '2026-11-20T13:00:00.000Z',
        attempts: 1,
      });
      expect(rows.get(threadKey(5, 20))).toMatchObject({
        attempts: 0,
        firstSeenAt: '2026-11-20T13:00:00.000Z',
      });
      expect((await state.counts()).messages).toEqual({
        processing: 0,
        deferred: 0,
        failed: 0,
        filtered: 0,
        success: 20,
      });
    });

    it('leaves terminal and leased rows, and tells what it wrote', async () => {
      const { claim, ledger } = await setUp();
      const [terminal, leased, fresh] = [
        threadKey(5, 1),
        threadKey(5, 2),
        messageKey('gmail', 'support', 'm1'),
      ] as const;
      await claim(terminal, 'a');
      await ledger.finish(terminal, 'a', { status: 'success', action: 'drafted' });
      await claim(leased, 'a');
      const before = await ledger.getAll([terminal, leased]);
      const entries = [
        { key: terminal, outcome: covered },
        { key: leased, outcome: covered },
        { key: fresh, outcome: filtered, channelThreadId: 't1' },
      ];
      expect(await ledger.settle(entries)).toEqual([fresh]);
      expect(await ledger.settle(entries)).toEqual([]);
      expect(await ledger.getAll([terminal, leased])).toEqual(before);
      expect(await ledger.get(fresh)).toMatchObject({
        status: 'filtered',
        reason: 'label',
        channelThreadId: 't1',
      });
    });
  });

  describe('ledger: lists', () => {
    it('answers many keys at once, each once', async () => {
      const { claim, ledger } = await setUp();
      const keys = Array.from({ length: 120 }, (_, index) => threadKey(index + 1, '-'));
      await Promise.all(keys.slice(0, 110).map((key) => claim(key, 'a')));
      const rows = await ledger.getAll([...keys, ...keys]);
      expect(new Set(rows.keys())).toEqual(new Set(keys.slice(0, 110)));
    });

    it('lists rows of a status, oldest change first', async () => {
      const { claim, clock, ledger } = await setUp();
      for (let id = 1; id <= 6; id++) {
        await claim(threadKey(id, 1), 'a');
        const outcome: LedgerOutcome =
          id === 6 ? { status: 'success', action: 'noted' } : { status: 'deferred', reason: 'budget' };
        await ledger.finish(threadKey(id, 1), 'a', outcome);
        clock.advance(minute);
      }
      await claim(threadKey(1, 1), 'b');
      await ledger.finish(threadKey(1, 1), 'b', { status: 'deferred', reason: 'budget' });
      const keysOf = async (options: Parameters<typeof ledger.listByStatus>[1]) =>
        (await ledger.listByStatus('deferred', options)).map((row) => row.key);
      const [two, three, four, five, one] = [2, 3, 4, 5, 1].map((id) => threadKey(id, 1));
      expect(await keysOf({ limit: 100 })).toEqual([two, three, four, five, one]);
      expect(await keysOf({ limit: 2 })).toEqual([two, three]);
      expect(await keysOf({ limit: 0 })).toEqual([]);
      expect(await keysOf({ limit: 9, changedBefore: new Date('2026-11-20T12:03:00Z') })).toEqual([
        two,
        three,
      ]);
      expect(await ledger.listByStatus('processing', { limit: 9 })).toEqual([]);
      expect(await ledger.listByStatus('filtered', { limit: 9 })).toEqual([]);
    });

    it('lists the retryable failures however many others there are', async () => {
      const { claim, ledger } = await setUp();
      for (let id = 1; id <= 5; id++) {
        await claim(threadKey(id, 1), 'a');
        await ledger.finish(threadKey(id, 1), 'a', {
          status: 'failed',
          reason: 'freescout-error',
          retryable: id >= 4,
        });
      }
      const retryable = await ledger.listByStatus('failed', { limit: 2, retryable: true });
      expect(retryable.map((row) => row.key).sort()).toEqual([threadKey(4, 1), threadKey(5, 1)]);
      expect(await ledger.listByStatus('failed', { limit: 9 })).toHaveLength(5);
    });

    it('lists the rows of one thread', async () => {
      const { claim, ledger } = await setUp();
      await claim(threadKey(1, 1), 'a');
      const options = { owner: 'a', leaseSeconds: 210, lastDelivery: false };
      await ledger.claim(mail, { ...options, channelThreadId: 't1' });
      await ledger.claim(messageKey('gmail', 'support', 'other'), { ...options, channelThreadId: 't2' });
      const found = await ledger.listByStatus('processing', { limit: 9, channelThreadId: 't1' });
      expect(found.map(({ key }) => key)).toEqual([mail]);
    });

    it('works again on what is filtered for the reason that is over, and on nothing else', async () => {
      const { claim, clock, ledger, state } = await setUp();
      const over = { was: 'label:SPAM', reason: 'relabelled' } as const;
      expect(await ledger.reconsider(mail, over)).toBe(false);
      expect(await ledger.get(mail)).toBeNull();
      await claim(mail, 'a');
      expect(await ledger.reconsider(mail, over)).toBe(false);
      await ledger.finish(mail, 'a', { status: 'filtered', reason: 'label:SPAM' });
      expect(await ledger.reconsider(mail, { ...over, was: 'label:TRASH' })).toBe(false);
      const before = await ledger.get(mail);
      clock.advance(hour);
      const asked = await Promise.all([ledger.reconsider(mail, over), ledger.reconsider(mail, over)]);
      expect(asked.filter(Boolean)).toHaveLength(1);
      const statusAt = clock.now().toISOString();
      const waiting = { ...before, status: 'deferred', reason: 'relabelled', attempts: 0, statusAt };
      expect(await ledger.get(mail)).toEqual(waiting);
      expect(await ledger.listByStatus('deferred', { limit: 9, reason: 'relabelled' })).toEqual([waiting]);
      expect((await state.counts()).messages).toMatchObject({ filtered: 0, deferred: 1 });
      expect(await claim(mail, 'b')).toMatchObject({ outcome: 'claimed' });
      await ledger.finish(mail, 'b', { status: 'success', action: 'create' });
      expect(await ledger.reconsider(mail, over)).toBe(false);
    });

    it('takes an open row away for its owner, or for anybody when nobody works on it', async () => {
      const { claim, clock, ledger, state } = await setUp();
      expect(await ledger.withdraw(mail, null)).toBe(false);
      await claim(mail, 'a');
      expect(await ledger.withdraw(mail, 'b')).toBe(false);
      expect(await ledger.withdraw(mail, null)).toBe(false);
      expect(await ledger.withdraw(mail, 'a')).toBe(true);
      expect(await ledger.get(mail)).toBeNull();
      expect((await state.counts()).messages).toMatchObject({ processing: 0 });
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', { status: 'deferred', reason: 'budget' });
      expect(await ledger.withdraw(mail, null)).toBe(true);
      await claim(mail, 'b');
      clock.advance(hour);
      expect(await ledger.withdraw(mail, null)).toBe(true);
      expect((await state.counts()).messages).toMatchObject({ processing: 0, deferred: 0 });
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', { status: 'success', action: 'create' });
      expect(await ledger.withdraw(mail, 'a')).toBe(false);
      expect((await state.counts()).messages).toMatchObject({ success: 1 });
    });

    it('gives up a retryable failure once', async () => {
      const { claim, clock, ledger, state } = await setUp();
      expect(await ledger.giveUp(mail)).toBe(false);
      await claim(mail, 'a');
      expect(await ledger.giveUp(mail)).toBe(false);
      await ledger.finish(mail, 'a', { status: 'failed', reason: 'gmail-unreachable', retryable: true });
      const row = await ledger.get(mail);
      clock.advance(73 * hour);
      expect(await ledger.giveUp(mail)).toBe(true);
      expect(await ledger.giveUp(mail)).toBe(false);
      expect(await ledger.get(mail)).toEqual({ ...row, retryable: false });
      expect((await state.counts()).messages).toMatchObject({ failed: 1 });
      expect(await claim(mail, 'b')).toMatchObject({ outcome: 'claimed' });
    });
  });

  describe('thread map', () => {
    it('takes the threads of every channel, and a ticket', async () => {
      const { threadMap } = await setUp();
      const keys = [
        ...channelKinds.map((channel) => threadMapKey.thread(channel, 'support', 't1')),
        'ticket:5f2b' as const,
      ];
      await threadMap.putAll(keys.map((key, index) => ({ key, conversationId: index + 1 })));
      expect(await threadMap.getAll(keys)).toEqual(new Map(keys.map((key, index) => [key, index + 1])));
    });

    it('answers what is known, and replaces', async () => {
      const { threadMap } = await setUp();
      const keys = Array.from({ length: 130 }, (_, index) => threadMapKey.freescoutThread(index));
      const [first, second] = keys;
      if (!(first && second)) {
        throw new Error('Too few keys.');
      }
      await threadMap.putAll([]);
      expect(await threadMap.getAll([])).toEqual(new Map());
      await threadMap.putAll(keys.map((key) => ({ key, conversationId: 1 })));
      await threadMap.putAll([
        { key: first, conversationId: 2 },
        { key: first, conversationId: 3 },
      ]);
      const found = await threadMap.getAll([...keys, threadMapKey.mail('<unknown@example.com>'), first]);
      expect(found.size).toBe(130);
      expect(found.get(first)).toBe(3);
      expect(found.get(second)).toBe(1);
    });
  });

  describe('drafts', () => {
    it('keeps the live draft, version by version', async () => {
      const { drafts, clock } = await setUp();
      expect(await drafts.getLive(5)).toBeNull();
      const first = await drafts.saveLive(draft, null);
      expect(first).toEqual({ ...draft, version: 1, updatedAt: '2026-11-20T12:00:00.000Z' });
      clock.advance(minute);
      const second = await drafts.saveLive({ ...draft, state: 'live', draftThreadId: 51 }, first.version);
      expect(second).toEqual({
        ...draft,
        state: 'live',
        draftThreadId: 51,
        version: 2,
        updatedAt: '2026-11-20T12:01:00.000Z',
      });
      expect(await drafts.getLive(5)).toEqual(second);
    });

    it('lets one of several writers win', async () => {
      const { drafts } = await setUp();
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () => drafts.saveLive(draft, null)),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') {
          expect(result.reason).toMatchObject(contention);
        }
      }
      await expect(drafts.saveLive(draft, 7)).rejects.toMatchObject(contention);
      await expect(drafts.saveLive({ ...draft, conversationId: 6 }, 1)).rejects.toMatchObject(contention);
    });

    it('writes and counts the outcome of a cycle once, with the change of the draft', async () => {
      const { drafts, state } = await setUp();
      await drafts.saveLive(draft, null);
      await expect(drafts.saveLive({ ...draft, state: 'sent' }, 9, { cycle })).rejects.toMatchObject(
        contention,
      );
      expect(await drafts.listCycles(5)).toEqual([]);
      expect((await state.counts()).draftOutcomes).toMatchObject({ 'light-edit': 0 });

      await drafts.saveLive({ ...draft, state: 'sent' }, 1, { cycle });
      await drafts.saveLive({ ...draft, state: 'sent' }, 2, {
        cycle: { ...cycle, outcome: 'replaced' },
        text: { draftThreadId: 51, html: '<div>Hello</div>', keepDays: 1 },
      });
      expect(await drafts.getLive(5)).toMatchObject({ state: 'sent', version: 3 });
      expect(await drafts.getText(51, 5)).toBe('<div>Hello</div>');
      const next: DraftCycle = { ...cycle, answeredThreadId: 9, outcome: 'unchanged', similarity: null };
      await drafts.saveLive(draft, 3, { cycle: next });
      expect(await drafts.listCycles(5)).toEqual([next, cycle]);
      expect(await drafts.listCycles(6)).toEqual([]);
      expect((await state.counts()).draftOutcomes).toEqual({
        unchanged: 1,
        'light-edit': 1,
        'heavy-edit': 0,
        replaced: 0,
        discarded: 0,
        withdrawn: 0,
      });
    });

    it('keeps a cycle of its own for a follow-up to the same message', async () => {
      const { drafts, state } = await setUp();
      const followUp: DraftCycle = { ...cycle, kind: 'followup', outcome: 'unchanged' };
      const reminder: DraftCycle = { ...cycle, kind: 'reminder', outcome: 'discarded' };
      await drafts.saveLive(draft, null, { cycle });
      await drafts.saveLive({ ...draft, kind: 'followup' }, 1, { cycle: followUp });
      await drafts.saveLive({ ...draft, kind: 'reminder' }, 2, { cycle: reminder });
      await drafts.saveLive({ ...draft, kind: 'followup' }, 3, { cycle: followUp });
      const kept = await drafts.listCycles(5);
      expect(kept).toHaveLength(3);
      expect(kept).toEqual(expect.arrayContaining([cycle, followUp, reminder]));
      expect((await state.counts()).draftOutcomes).toMatchObject({
        'light-edit': 1,
        unchanged: 1,
        discarded: 1,
      });
    });

    it('writes neither cycle nor text when another writer came first', async () => {
      const { drafts, state } = await setUp();
      await drafts.saveLive(draft, null, { cycle });
      const text = { draftThreadId: 51, html: '<div>Hello</div>', keepDays: 1 };
      await expect(drafts.saveLive(draft, null, { cycle, text })).rejects.toMatchObject(contention);
      expect(await drafts.getText(51, 5)).toBeNull();
      expect((await state.counts()).draftOutcomes).toMatchObject({ 'light-edit': 1 });
    });

    it('keeps texts for their days only', async () => {
      const { drafts, clock } = await setUp();
      await drafts.saveLive(draft, null, {
        text: { draftThreadId: 51, html: '<div>Hello</div>', keepDays: 2 },
      });
      await drafts.saveLive(draft, 1, { text: { draftThreadId: 52, html: '<div>Never</div>', keepDays: 0 } });
      expect(await drafts.getText(52, 5)).toBeNull();
      clock.advance(2 * day - 1000);
      expect(await drafts.getText(51, 5)).toBe('<div>Hello</div>');
      expect(await drafts.getText(51, 6)).toBeNull();
      clock.advance(1000);
      expect(await drafts.getText(51, 5)).toBeNull();
    });

    it('lists the newest change first', async () => {
      const { drafts, clock } = await setUp();
      for (const conversationId of [1, 2, 3]) {
        await drafts.saveLive({ ...draft, conversationId }, null, { cycle: { ...cycle, conversationId } });
        clock.advance(1000);
      }
      await drafts.saveLive({ ...draft, conversationId: 1, state: 'live' }, 1);
      expect((await drafts.listNewest(10)).map((live) => live.conversationId)).toEqual([1, 3, 2]);
      expect((await drafts.listNewest(2)).map((live) => live.conversationId)).toEqual([1, 3]);
    });

    it('resets a conversation and keeps its cycles', async () => {
      const { drafts } = await setUp();
      expect(await drafts.reset(5)).toBe(false);
      await drafts.saveLive(draft, null, { cycle });
      expect(await drafts.reset(5)).toBe(true);
      expect(await drafts.getLive(5)).toBeNull();
      expect(await drafts.listNewest(10)).toEqual([]);
      expect(await drafts.listCycles(5)).toEqual([cycle]);
      expect(await drafts.saveLive(draft, null)).toMatchObject({ version: 1 });
    });
  });

  describe('cursors and switches', () => {
    const unread = {
      account: 'support',
      historyId: null,
      polledAt: null,
      gapCheckedAt: null,
      fault: null,
      missing: 0,
      version: 0,
    };

    it('moves the cursor of a channel only from where it was read', async () => {
      const { state } = await setUp();
      expect(await state.getPollCursor('gmail', 'support')).toEqual(unread);
      const cursor = { ...unread, historyId: '7', polledAt: '2026-11-20T12:00:00.000Z', missing: 2 };
      const saved = await Promise.all(
        Array.from({ length: 10 }, () => state.savePollCursor('gmail', cursor, 0)),
      );
      expect(saved.filter(Boolean)).toHaveLength(1);
      expect(await state.getPollCursor('gmail', 'support')).toEqual({ ...cursor, version: 1 });
      expect(await state.savePollCursor('gmail', { ...cursor, historyId: '8' }, 0)).toBe(false);
      expect(
        await state.savePollCursor('gmail', { ...cursor, historyId: '8', fault: 'gmail-unreachable' }, 1),
      ).toBe(true);
      expect(await state.savePollCursor('gmail', { ...cursor, historyId: '9' }, 1)).toBe(false);
      expect(await state.getPollCursor('gmail', 'support')).toMatchObject({
        historyId: '8',
        fault: 'gmail-unreachable',
        version: 2,
      });
      expect(await state.getPollCursor('gmail', 'sales')).toEqual({ ...unread, account: 'sales' });
      expect(await state.savePollCursor('gmail', { ...cursor, account: 'sales' }, 3)).toBe(false);
      expect(await state.getPollCursor('form', 'support')).toEqual(unread);
    });

    it('keeps the labels that the settings name beside the cursor', async () => {
      const { state } = await setUp();
      const { version, ...unread } = await state.getPollCursor('gmail', 'support');
      const named = [
        { name: 'Tickets', id: 'Label_1' },
        { name: 'No such', id: null },
      ];
      const cursor = { ...unread, labels: { readAt: '2026-11-20T12:00:00.000Z', named } };
      expect(await state.savePollCursor('gmail', cursor, version)).toBe(true);
      expect(await state.getPollCursor('gmail', 'support')).toEqual({ ...cursor, version: 1 });
    });

    it('counts a fault while it stays the same, and begins again with another one', async () => {
      const { state } = await setUp();
      expect(await state.rememberedFaults()).toEqual([]);
      await state.forgetFault('OpenAIFailing');
      expect(await state.rememberedFaults()).toEqual([]);
      const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 12, minute));
      const met = { code: 'quota', count: 1, conversationId: null };
      await state.rememberFault('OpenAIFailing', { ...met, at: at(0) });
      await state.rememberFault('OpenAIFailing', { ...met, at: at(1), count: 3 });
      const quota = {
        condition: 'OpenAIFailing',
        ...met,
        count: 4,
        since: at(0).toISOString(),
        at: at(1).toISOString(),
      };
      expect(await state.rememberedFaults()).toEqual([quota]);
      const twice = { code: 'fetched-twice', count: 1, conversationId: 7 };
      await state.rememberFault('DoubleFetching', { ...twice, at: at(2) });
      await state.rememberFault('OpenAIFailing', { ...met, code: 'key-refused', at: at(3) });
      const since = (minute: number) => ({ since: at(minute).toISOString(), at: at(minute).toISOString() });
      expect(await state.rememberedFaults()).toEqual([
        { condition: 'OpenAIFailing', ...met, code: 'key-refused', ...since(3) },
        { condition: 'DoubleFetching', ...twice, ...since(2) },
      ]);
      await state.forgetFault('OpenAIFailing');
      expect(await state.rememberedFaults()).toEqual([
        { condition: 'DoubleFetching', ...twice, ...since(2) },
      ]);
      await state.rememberFault('OpenAIFailing', { ...met, code: 'key-refused', at: at(4) });
      expect(await state.rememberedFaults()).toMatchObject([{ count: 1, ...since(4) }, {}]);
    });

    it('keeps the cursor of the sweep', async () => {
      const { state } = await setUp();
      expect(await state.getSweepCursor()).toEqual({
        listedAt: null,
        ranAt: null,
        failedWokenAt: null,
        digestDay: null,
        digestHour: null,
        missing: 0,
      });
      const cursor = {
        listedAt: '2026-11-20T12:00:00.000Z',
        ranAt: null,
        failedWokenAt: null,
        digestDay: null,
        digestHour: null,
        missing: 3,
      };
      await state.saveSweepCursor(cursor);
      expect(await state.getSweepCursor()).toEqual(cursor);
      const webhookTrial = { at: '2026-11-20T13:00:00.000Z', unansweredSince: null };
      for (const unansweredSince of [null, '2026-11-20T12:00:00.000Z']) {
        const tried = { ...cursor, webhookTrial: { ...webhookTrial, unansweredSince } };
        await state.saveSweepCursor(tried);
        expect(await state.getSweepCursor()).toEqual(tried);
      }
    });

    it('remembers the first start for ever', async () => {
      const { state } = await setUp();
      const days = [1, 2, 3, 4, 5].map((date) => new Date(Date.UTC(2026, 10, date)));
      const answers = await Promise.all(days.map((proposed) => state.intakeSince(proposed, null)));
      const stored = await state.intakeSince(new Date(), null);
      expect(days).toContainEqual(stored);
      expect(answers).toEqual(days.map(() => stored));
    });

    it('answers from when on the ledger knows every message, by the shortest retention that ever held', async () => {
      const { state, clock } = await setUp();
      const began = new Date(clock.now().getTime() - day);
      const daysAgo = (days: number) => new Date(clock.now().getTime() - days * day);
      // One day less than the retention, for clocks that are ahead of ours.
      expect(await state.intakeSince(began, 150)).toEqual(began);
      clock.advance(400 * day);
      expect(await state.intakeSince(new Date(), 150)).toEqual(daysAgo(149));
      // Rows that were written with 150 days go by them, whatever the settings say later.
      expect(await state.intakeSince(new Date(), null)).toEqual(daysAgo(149));
      expect(await state.intakeSince(new Date(), 300)).toEqual(daysAgo(149));
      expect(await state.intakeSince(new Date(), 130)).toEqual(daysAgo(129));
      expect(await state.intakeSince(new Date(), 150)).toEqual(daysAgo(129));
    });

    it('learns of a retention once by many who ask at the same time', async () => {
      const { state, clock } = await setUp();
      await state.intakeSince(clock.now(), null);
      clock.advance(400 * day);
      await Promise.all([150, 130, 140, 160].map((days) => state.intakeSince(new Date(), days)));
      expect(await state.intakeSince(new Date(), null)).toEqual(new Date(clock.now().getTime() - 129 * day));
    });

    it('keeps the proof of drafts; only the operator ends a stop', async () => {
      const { state } = await setUp();
      const url = 'https://desk.example.com';
      const proven = { state: 'proven', url, at: '2026-11-20T12:00:00.000Z' } as const;
      const stopped = { state: 'stopped', url, at: '2026-11-20T12:01:00.000Z', reason: 'published' } as const;
      expect(await state.getDraftProof()).toBeNull();
      await state.saveDraftProof(proven);
      expect(await state.getDraftProof()).toEqual(proven);
      await state.saveDraftProof(stopped);
      await state.saveDraftProof(proven);
      expect(await state.getDraftProof()).toEqual(stopped);
      await state.clearDraftProof();
      expect(await state.getDraftProof()).toBeNull();
      await state.saveDraftProof(stopped);
      const elsewhere = { ...proven, url: 'https://other.example.com' };
      await state.saveDraftProof(elsewhere);
      expect(await state.getDraftProof()).toEqual(elsewhere);
    });

    it('answers the probe, again and again', async () => {
      const { state, clock } = await setUp();
      await state.probe();
      clock.advance(1000);
      await state.probe();
    });
  });

  describe('counters', () => {
    it('are zero before anything happened', async () => {
      const { state } = await setUp();
      expect((await state.counts()).messages).toEqual({
        processing: 0,
        deferred: 0,
        failed: 0,
        filtered: 0,
        success: 0,
      });
      expect((await state.counts()).webhooks).toEqual({ received: 0, failed: 0, lastAt: null });
    });

    it('count webhooks exactly and know the last one', async () => {
      const { state } = await setUp();
      const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, second));
      await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          state.countWebhook(`event-${index}`, index % 10 === 0, at(index % 30)),
        ),
      );
      expect((await state.counts()).webhooks).toMatchObject({ received: 60, failed: 6 });
      await state.countWebhook('last', false, at(59));
      expect((await state.counts()).webhooks).toEqual({
        received: 61,
        failed: 6,
        lastAt: '2026-11-20T12:00:59.000Z',
      });
      expect((await state.counts()).messages).toMatchObject({ processing: 0 });
    });
  });

  describe('budget meter', () => {
    const noon = new Date('2026-11-20T12:00:00Z');
    const unlimited = { dailyUsd: 0, monthlyUsd: 0, draftsPerDay: 0 };

    it('is empty before anything was spent', async () => {
      const { state } = await setUp();
      expect(await state.getMeter(noon)).toEqual({
        day: '2026-11-20',
        month: '2026-11',
        dayUsd: 0,
        monthUsd: 0,
        draftsToday: 0,
      });
      await state.settleSpend(1, 0.5, noon);
      expect(await state.getMeter(noon)).toMatchObject({ dayUsd: 0, monthUsd: 0 });
    });

    it.each([
      ['daily', { ...unlimited, dailyUsd: 1 }],
      ['monthly', { ...unlimited, monthlyUsd: 1 }],
      ['drafts', { ...unlimited, draftsPerDay: 10 }],
    ])('never lets fifty reservations at the same time pass the %s limit', async (_, limits) => {
      const { state } = await setUp();
      const taken = await Promise.all(
        Array.from({ length: 50 }, () => state.reserveSpend('draft', 0.1, limits, noon)),
      );
      expect(taken.filter(Boolean)).toHaveLength(10);
      expect(await state.getMeter(noon)).toEqual({
        day: '2026-11-20',
        month: '2026-11',
        dayUsd: 1,
        monthUsd: 1,
        draftsToday: 10,
      });
    });

    it('counts only drafts as drafts, and stops them alone at their limit', async () => {
      const { state } = await setUp();
      const limits = { ...unlimited, draftsPerDay: 1 };
      expect(await state.reserveSpend('triage', 0.1, limits, noon)).toBe(true);
      expect(await state.reserveSpend('draft', 0.1, limits, noon)).toBe(true);
      expect(await state.reserveSpend('draft', 0.1, limits, noon)).toBe(false);
      expect(await state.reserveSpend('triage', 0.1, limits, noon)).toBe(true);
      expect(await state.getMeter(noon)).toMatchObject({ draftsToday: 1, dayUsd: 0.3 });
    });

    it('knows no limit at 0', async () => {
      const { state } = await setUp();
      expect(await state.reserveSpend('draft', 900, unlimited, noon)).toBe(true);
      expect(await state.reserveSpend('draft', 900, unlimited, noon)).toBe(true);
    });

    it('refuses what passes a limit by itself', async () => {
      const { state } = await setUp();
      expect(await state.reserveSpend('triage', 2, { ...unlimited, dailyUsd: 1 }, noon)).toBe(false);
      expect(await state.reserveSpend('triage', 2, { ...unlimited, monthlyUsd: 1 }, noon)).toBe(false);
      expect(await state.getMeter(noon)).toMatchObject({ dayUsd: 0 });
    });

    it('takes no amount that is none', async () => {
      const { state } = await setUp();
      for (const usd of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
        await expect(state.reserveSpend('triage', usd, unlimited, noon)).rejects.toThrow(RangeError);
      }
    });

    it('corrects a reservation to what was spent, also upwards', async () => {
      const { state } = await setUp();
      await state.reserveSpend('triage', 0.5, unlimited, noon);
      await state.reserveSpend('triage', 0.5, unlimited, noon);
      await state.settleSpend(0.5, 0.0123, noon);
      expect(await state.getMeter(noon)).toMatchObject({ dayUsd: 0.5123, monthUsd: 0.5123 });
      await state.settleSpend(0.5, 0.6, noon);
      expect(await state.getMeter(noon)).toMatchObject({ dayUsd: 0.6123, monthUsd: 0.6123 });
    });

    it('begins a new day and keeps the month', async () => {
      const { state } = await setUp();
      const before = new Date('2026-11-20T23:59:59.999Z');
      const after = new Date('2026-11-21T00:00:00.000Z');
      const limits = { dailyUsd: 1, monthlyUsd: 1.5, draftsPerDay: 1 };
      expect(await state.reserveSpend('draft', 1, limits, before)).toBe(true);
      expect(await state.reserveSpend('draft', 0.2, limits, before)).toBe(false);
      expect(await state.getMeter(after)).toEqual({
        day: '2026-11-21',
        month: '2026-11',
        dayUsd: 0,
        monthUsd: 1,
        draftsToday: 0,
      });
      expect(await state.reserveSpend('draft', 0.6, limits, after)).toBe(false);
      expect(await state.reserveSpend('draft', 0.2, limits, after)).toBe(true);
      expect(await state.getMeter(after)).toMatchObject({ dayUsd: 0.2, monthUsd: 1.2, draftsToday: 1 });
      await state.settleSpend(1, 0.4, before);
      expect(await state.getMeter(after)).toMatchObject({ dayUsd: 0.2, monthUsd: 0.6, draftsToday: 1 });
    });

    it('begins a new month, and lets a late settlement of the old one alone', async () => {
      const { state } = await setUp();
      const before = new Date('2026-11-30T23:59:59Z');
      const after = new Date('2026-12-01T00:00:01Z');
      const limits = { ...unlimited, monthlyUsd: 1 };
      expect(await state.reserveSpend('draft', 1, limits, before)).toBe(true);
      expect(await state.getMeter(after)).toMatchObject({ day: '2026-12-01', monthUsd: 0 });
      expect(await state.reserveSpend('draft', 0.7, limits, after)).toBe(true);
      await state.settleSpend(1, 0, before);
      expect(await state.getMeter(after)).toEqual({
        day: '2026-12-01',
        month: '2026-12',
        dayUsd: 0.7,
        monthUsd: 0.7,
        draftsToday: 1,
      });
    });

    it.each([
      ['a day', '2026-11-20T23:59:59Z', '2026-11-21T00:00:01Z', 3],
      ['a month', '2026-11-30T23:59:59Z', '2026-12-01T00:00:01Z', 2],
    ])('loses no reservation while %s begins', async (_, eve, morning, monthUsd) => {
      const { state } = await setUp();
      const [before, after] = [new Date(eve), new Date(morning)];
      await state.reserveSpend('draft', 1, unlimited, before);
      const limits = { ...unlimited, dailyUsd: 2 };
      const taken = await Promise.all(
        Array.from({ length: 40 }, () => state.reserveSpend('draft', 0.1, limits, after)),
      );
      expect(taken.filter(Boolean)).toHaveLength(20);
      expect(await state.getMeter(after)).toMatchObject({ dayUsd: 2, monthUsd, draftsToday: 20 });
    });

    it('counts what a slow clock reserves to the day that has begun', async () => {
      const { state } = await setUp();
      const slow = new Date('2026-11-30T23:59:58Z');
      const right = new Date('2026-12-01T00:00:01Z');
      const limits = { ...unlimited, dailyUsd: 1 };
      await state.reserveSpend('draft', 0.6, limits, right);
      expect(await state.reserveSpend('draft', 0.6, limits, slow)).toBe(false);
      expect(await state.reserveSpend('draft', 0.3, limits, slow)).toBe(true);
      await state.settleSpend(0.3, 0, slow);
      expect(await state.getMeter(right)).toEqual({
        day: '2026-12-01',
        month: '2026-12',
        dayUsd: 0.9,
        monthUsd: 0.9,
        draftsToday: 2,
      });
    });
  });

  describe('counts', () => {
    it('count each entry of the thread map once, however it comes and goes', async () => {
      const { claim, ledger, threadMap, state } = await setUp();
      const mapped = async () => (await state.counts()).threadMappings;
      const entry = (id: number, conversationId = 5) => ({
        key: threadMapKey.freescoutThread(id),
        conversationId,
      });
      await threadMap.putAll([entry(1), entry(2), entry(2)]);
      expect(await mapped()).toBe(2);
      await threadMap.putAll([entry(2, 6), entry(3)]);
      expect(await mapped()).toBe(3);
      await claim(mail, 'a');
      await ledger.finish(mail, 'a', {
        status: 'success',
        action: 'append',
        conversationId: 6,
        threadMap: [entry(3, 6), entry(4, 6)],
      });
      expect(await mapped()).toBe(4);
      expect(await threadMap.getAll([entry(3).key])).toEqual(new Map([[entry(3).key, 6]]));
      await threadMap.removeEntries([entry(1).key, entry(9).key]);
      expect(await mapped()).toBe(3);
    });

    it('are exact when many write the same entries at the same time', async () => {
      const { threadMap, state } = await setUp();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          threadMap.putAll([
            { key: threadMapKey.freescoutThread(1), conversationId: 5 },
            { key: threadMapKey.freescoutThread(10 + index), conversationId: 5 },
          ]),
        ),
      );
      expect((await state.counts()).threadMappings).toBe(21);
    });

    it('tell the conversations by the state of their newest draft', async () => {
      const { drafts, state } = await setUp();
      const counted = async () => (await state.counts()).drafts;
      const none = { creating: 0, live: 0, sent: 0, replaced: 0, gone: 0 };
      await drafts.saveLive({ ...draft, conversationId: 1 }, null);
      await drafts.saveLive({ ...draft, conversationId: 2 }, null);
      expect(await counted()).toEqual({ ...none, creating: 2 });
      await drafts.saveLive({ ...draft, conversationId: 1, state: 'live', draftThreadId: 9 }, 1);
      await drafts.saveLive({ ...draft, conversationId: 1, state: 'live', draftThreadId: 10 }, 2);
      expect(await counted()).toEqual({ ...none, creating: 1, live: 1 });
      await drafts.saveLive({ ...draft, conversationId: 1, state: 'sent' }, 3, {
        cycle: { ...cycle, conversationId: 1 },
      });
      await expect(drafts.saveLive({ ...draft, conversationId: 1, state: 'gone' }, 3)).rejects.toMatchObject(
        contention,
      );
      expect(await counted()).toEqual({ ...none, creating: 1, sent: 1 });
      await drafts.reset(2);
      await drafts.reset(2);
      expect(await counted()).toEqual({ ...none, sent: 1 });
      await drafts.removeConversation(1);
      expect(await counted()).toEqual(none);
      expect((await state.counts()).draftOutcomes).toMatchObject({ [cycle.outcome]: 1 });
    });

    it('tell when a row was last taken', async () => {
      const { claim, clock, state } = await setUp();
      expect((await state.counts()).lastClaimAt).toBeNull();
      await claim(mail, 'a');
      clock.advance(leaseSeconds * 1000);
      await claim(mail, 'b');
      expect((await state.counts()).lastClaimAt).toBe('2026-11-20T12:03:30.000Z');
    });
  });

  it('is proven writable without a trace', async () => {
    const { ledger, threadMap, drafts, state, webhookEvents } = await setUp();
    for (const part of [ledger, threadMap, drafts, state, webhookEvents]) {
      await part.probe();
    }
    expect(await threadMap.listOfConversations(new Set([5]))).toEqual([]);
    expect(await ledger.listOfConversations(new Set([5]))).toEqual([]);
  });

  describe('calls to others', () => {
    const limit = { maxRequests: 25, windowSeconds: 60 };

    it('are given out by the block until the window has none left', async () => {
      const { clock, state } = await setUp();
      const take = (count: number, name = 'desk') => state.takeCalls(name, count, limit, clock.now());
      expect([await take(10), await take(10), await take(10), await take(10)]).toEqual([10, 10, 5, 0]);
      expect(await take(30, 'other')).toBe(25);
      clock.advance(minute);
      expect(await take(10)).toBe(10);
    });

    it('are never given out twice', async () => {
      const { clock, state } = await setUp();
      const taken = await Promise.all(
        Array.from({ length: 20 }, () => state.takeCalls('desk', 3, limit, clock.now())),
      );
      expect(taken.reduce((sum, calls) => sum + calls, 0)).toBe(25);
    });
  });

  describe('mails of a sender', () => {
    const at = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 12, minutes));

    it('counts the different mails of the hour before', async () => {
      const { state } = await setUp();
      const count = (id: string, minutes: number, sender = 's1', account = 'support') =>
        state.countMailOfSender(account, sender, id, at(minutes));
      expect(await count('m1', 30)).toBe(1);
      expect(await count('m1', 30)).toBe(1);
      expect(await count('m1', 31)).toBe(1);
      expect(await count('m2', 45)).toBe(2);
      expect(await count('m3', 75)).toBe(3);
      expect(await count('m4', 90)).toBe(4);
      expect(await count('m5', 105)).toBe(3);
      expect(await count('m1', 105)).toBe(4);
      expect(await count('m6', 300)).toBe(1);
      expect(await count('m7', 105, 's2')).toBe(1);
      expect(await count('m8', 105, 's1', 'sales')).toBe(1);
    });

    it('stays bounded', async () => {
      const { state } = await setUp();
      const ids = Array.from({ length: 210 }, (_, index) => `m${index}`);
      const counts = await Promise.all(ids.map((id) => state.countMailOfSender('support', 's1', id, at(5))));
      expect(Math.max(...counts)).toBeGreaterThanOrEqual(200);
      expect(await state.countMailOfSender('support', 's1', 'other', at(6))).toBeGreaterThanOrEqual(200);
    });
  });

  it('lists what changed within a time', async () => {
    const { ledger, clock } = await setUp();
    for (const id of ['m1', 'm2', 'm3', 'm4']) {
      await ledger.settle([
        { key: messageKey('gmail', 'support', id), outcome: { status: 'filtered', reason: 'bulk' } },
      ]);
      clock.advance(1000);
    }
    const changedBefore = new Date(clock.now().getTime() - 1000);
    const changedSince = new Date(changedBefore.getTime() - 2000);
    const listed = await ledger.listByStatus('filtered', { limit: 9, changedSince, changedBefore });
    expect(listed.map(({ key }) => key)).toEqual(
      ['m2', 'm3'].map((id) => messageKey('gmail', 'support', id)),
    );
  });

  describe('the share of a sender', () => {
    const at = (day: number, hour = 12) => new Date(Date.UTC(2026, 10, day, hour, 59));
    const ofDay = { of: 'model', by: 's1', per: 'day' } as const;

    it('has so many places of a period, and who has one keeps it', async () => {
      const { state } = await setUp();
      const take = (message: number, when = at(20), share: Share = ofDay, most = 2) =>
        state.takePlace(share, threadKey(message, 1), most, when);
      expect([await take(1), await take(1), await take(2)]).toEqual([true, true, true]);
      expect([await take(3), await take(3, at(20, 23)), await take(2)]).toEqual([false, false, true]);
      expect(await take(3, at(21))).toBe(true);
      expect(await take(3, at(20), { ...ofDay, by: 's2' })).toBe(true);
      expect(await take(3, at(20), { ...ofDay, of: 'alert:p0' })).toBe(true);
      expect(await take(3, at(20), ofDay, 3)).toBe(true);
    });

    it('of an hour comes anew with the hour', async () => {
      const { state } = await setUp();
      const take = (message: number, hour: number) =>
        state.takePlace({ ...ofDay, per: 'hour' }, threadKey(message, 1), 1, at(20, hour));
      expect([await take(1, 12), await take(2, 12), await take(2, 13)]).toEqual([true, false, true]);
    });

    it('gives no place twice to many who want it at once', async () => {
      const { state } = await setUp();
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, index) => state.takePlace(ofDay, threadKey(index, 1), 3, at(20))),
      );
      expect(taken.filter(Boolean)).toHaveLength(3);
    });
  });

  describe('the lock of a sender', () => {
    const [one, other] = [messageKey('gmail', 'support', 'm1'), messageKey('gmail', 'sales', 'm2')];
    const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, seconds));

    it('is one mail’s until it ends it, which may take it again', async () => {
      const { state } = await setUp();
      expect(await state.acquireSenderLock('s1', one, 30, at(0))).toBeNull();
      expect(await state.acquireSenderLock('s1', other, 30, at(10))).toEqual(at(30));
      expect(await state.acquireSenderLock('s1', one, 30, at(20))).toBeNull();
      expect(await state.acquireSenderLock('s2', other, 30, at(20))).toBeNull();
      await state.releaseSenderLock('s1', other, at(21));
      expect(await state.acquireSenderLock('s1', other, 30, at(22))).toEqual(at(50));
      await state.releaseSenderLock('s1', one, at(23));
      expect(await state.acquireSenderLock('s1', other, 30, at(23))).toBeNull();
    });

    it('goes on by itself when its time is over', async () => {
      const { state } = await setUp();
      await state.acquireSenderLock('s1', one, 30, at(0));
      expect(await state.acquireSenderLock('s1', other, 30, at(30))).toBeNull();
      await state.releaseSenderLock('s1', one, at(31));
      expect(await state.acquireSenderLock('s1', one, 30, at(32))).toEqual(at(60));
    });

    it('is taken by one of many who want it at once, and may be ended when nobody took it', async () => {
      const { state } = await setUp();
      await state.releaseSenderLock('s1', one, at(0));
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          state.acquireSenderLock('s1', messageKey('gmail', 'support', `m${index}`), 30, at(0)),
        ),
      );
      expect(taken.filter((until) => until === null)).toHaveLength(1);
    });
  });

  describe('addresses that the settings lack', () => {
    it('are remembered once, for each channel, and not without end', async () => {
      const { state } = await setUp();
      expect(await state.missingAddressesOf('support')).toEqual([]);
      expect(await state.rememberMissingAddress('support', 'sales@x.example')).toBe(true);
      expect(await state.rememberMissingAddress('support', 'sales@x.example')).toBe(false);
      expect(await state.rememberMissingAddress('support', 'info@x.example')).toBe(true);
      expect(await state.missingAddressesOf('support')).toEqual(['info@x.example', 'sales@x.example']);
      expect(await state.missingAddressesOf('sales')).toEqual([]);
      for (let number = 1; number <= 20; number += 1) {
        await state.rememberMissingAddress('support', `x${number}@x.example`);
      }
      expect(await state.missingAddressesOf('support')).toHaveLength(20);
    });
  });

  describe('the answer of /ready', () => {
    const noon = Date.parse('2026-11-20T12:00:00Z');
    const noonPlus = (seconds: number) => new Date(noon + seconds * 1000);
    /** A look that begins some seconds after noon; one of the last 30 s is new enough. */
    const look = (seconds: number) => ({
      at: noonPlus(seconds),
      until: noonPlus(seconds + 30),
      newEnough: noonPlus(seconds - 30),
    });
    const found = (seconds: number): KeptReadiness => ({
      at: noonPlus(seconds).toISOString(),
      status: 'degraded',
      issues: [{ condition: 'DeadLetters', says: 'a job waits' }],
      draftMode: null,
      sightings: [
        { condition: 'DeadLetters', seen: true, since: noonPlus(seconds - 60).toISOString(), stands: true },
      ],
    });

    it('is kept for all, with what the looks before saw', async () => {
      const { state } = await setUp();
      expect(await state.keptReadiness()).toBeNull();
      expect(await state.beginLook('a', look(0))).toBe(true);
      expect(await state.keptReadiness()).toBeNull();
      await state.keepLook('a', found(0));
      expect(await state.keptReadiness()).toEqual(found(0));
    });

    it('is renewed by one at a time, and not before it is old enough', async () => {
      const { state } = await setUp();
      const begun = await Promise.all(
        Array.from({ length: 10 }, (_, index) => state.beginLook(`asker ${index}`, look(0))),
      );
      expect(begun.filter(Boolean)).toHaveLength(1);
      await state.keepLook(`asker ${begun.indexOf(true)}`, found(0));
      expect(await state.beginLook('b', look(29))).toBe(false);
      expect(await state.beginLook('b', look(30))).toBe(false);
      expect(await state.beginLook('b', look(30.001))).toBe(true);
      // An attempt whose answer was lost asks again.
      expect(await state.beginLook('b', look(30.002))).toBe(true);
    });

    it('is renewed by another when a look never ends, which then comes too late', async () => {
      const { state } = await setUp();
      await state.beginLook('a', look(0));
      expect(await state.beginLook('b', look(29))).toBe(false);
      expect(await state.beginLook('b', look(30))).toBe(true);
      await state.keepLook('a', found(0));
      expect(await state.keptReadiness()).toBeNull();
      await state.keepLook('b', found(30));
      expect(await state.keptReadiness()).toEqual(found(30));
    });

    it('is renewed after a clock was set back', async () => {
      const { state } = await setUp();
      await state.beginLook('a', look(3600));
      expect(await state.beginLook('b', look(0))).toBe(true);
      await state.keepLook('b', found(3600));
      expect(await state.beginLook('c', look(3590))).toBe(false);
      expect(await state.beginLook('c', look(0))).toBe(true);
    });
  });

  describe('reports of secrets', () => {
    const report = (at: string, refreshToken: 'filled' | 'missing'): SecretReport => ({
      variable: 'SECRET_GMAIL_SUPPORT',
      fillings: { clientId: 'filled', refreshToken },
      fault: null,
      at,
    });
    const early = new Date('2026-11-20T00:00:00Z');

    it('are kept by secret, and written when they say something else or are old', async () => {
      const { state } = await setUp();
      const kept = () => state.secretReportOf('SECRET_GMAIL_SUPPORT');
      expect(await kept()).toBeNull();
      await state.saveSecretReport(report('2026-11-20T12:00:00.000Z', 'missing'), early);
      expect(await state.secretReportOf('SECRET_OPENAI')).toBeNull();
      await state.saveSecretReport(report('2026-11-20T13:00:00.000Z', 'missing'), early);
      expect(await kept()).toEqual(report('2026-11-20T12:00:00.000Z', 'missing'));
      await state.saveSecretReport(report('2026-11-20T14:00:00.000Z', 'filled'), early);
      expect(await kept()).toEqual(report('2026-11-20T14:00:00.000Z', 'filled'));
      const renewed = report('2026-11-20T15:00:00.000Z', 'filled');
      await state.saveSecretReport(renewed, new Date('2026-11-20T14:00:00.001Z'));
      expect(await kept()).toEqual(renewed);
      const unreadable = { ...renewed, fillings: {}, fault: 'denied' };
      await state.saveSecretReport(unreadable, early);
      expect(await kept()).toEqual(unreadable);
    });
  });

  describe('webhook events', () => {
    const event = {
      id: 'e1',
      event: 'convo.created',
      conversationId: 5,
      rawBody: new TextEncoder().encode('{"id":5,"subject":"Größe"}\r\n'),
      receivedAt: new Date('2026-11-20T12:00:00Z'),
      keepDays: 30,
    };

    it('keeps the bytes as they came, once', async () => {
      const { webhookEvents } = await setUp();
      expect(await webhookEvents.get('e1')).toBeNull();
      await webhookEvents.keep(event);
      await webhookEvents.keep({ ...event, event: null, receivedAt: new Date('2026-11-20T13:00:00Z') });
      const kept = await webhookEvents.get('e1');
      expect(kept).toEqual({
        id: 'e1',
        event: 'convo.created',
        conversationId: 5,
        rawBody: kept?.rawBody,
        receivedAt: '2026-11-20T12:00:00.000Z',
      });
      expect(Buffer.from(kept?.rawBody ?? [])).toEqual(Buffer.from(event.rawBody));
    });

    it('keeps for its days only; 0 = not at all', async () => {
      const { webhookEvents, clock } = await setUp();
      await webhookEvents.keep({ ...event, id: 'e0', keepDays: 0 });
      expect(await webhookEvents.get('e0')).toBeNull();
      await webhookEvents.keep(event);
      clock.advance(30 * day - 1000);
      expect(await webhookEvents.get('e1')).not.toBeNull();
      clock.advance(1000);
      expect(await webhookEvents.get('e1')).toBeNull();
      await webhookEvents.keep({ ...event, event: null, receivedAt: clock.now() });
      expect(await webhookEvents.get('e1')).toMatchObject({ event: null });
    });

    it('keeps a body that is larger than an item, and an empty one', async () => {
      const { webhookEvents } = await setUp();
      // Bytes that compression cannot make smaller.
      const rawBody = new Uint8Array(1_200_000);
      let seed = 1;
      for (let index = 0; index < rawBody.length; index++) {
        seed = (seed * 48271) % 2147483647;
        rawBody[index] = seed;
      }
      await webhookEvents.keep({ ...event, rawBody });
      const kept = await webhookEvents.get('e1');
      expect(Buffer.compare(Buffer.from(kept?.rawBody ?? []), Buffer.from(rawBody))).toBe(0);
      await webhookEvents.keep({ ...event, id: 'e2', rawBody: new Uint8Array() });
      expect((await webhookEvents.get('e2'))?.rawBody).toHaveLength(0);
    });
  });
});
