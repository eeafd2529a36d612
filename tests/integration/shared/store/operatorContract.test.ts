import { describe, expect, it } from 'vitest';
import { alertKey, type LedgerKey, messageKey, threadKey, threadMapKey } from '#shared/store/keys.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { storagesUnderTest } from '#tests/support/storages.ts';

/** What only the operator's commands ask of the store. */

const storages = storagesUnderTest();

const mail = messageKey('gmail', 'support', 'm1');
const contention = { code: 'store-contention' };

describe.each(storages)('for the operator, the store $name', ({ open }) => {
  async function setUp() {
    const clock = manualClock();
    const store = await open(clock);
    const claim = (key: LedgerKey) =>
      store.ledger.claim(key, { owner: 'a', leaseSeconds: 210, lastDelivery: false, channelThreadId: 't1' });
    const end = async (key: LedgerKey, outcome: LedgerOutcome) => {
      await claim(key);
      await store.ledger.finish(key, 'a', outcome);
    };
    return { clock, store, claim, end, ...store };
  }

  it.each<[string, LedgerOutcome]>([
    ['a success', { status: 'success', action: 'create', conversationId: 5, threadId: 9 }],
    ['a filtered mail', { status: 'filtered', reason: 'bulk' }],
    ['a failure for good', { status: 'failed', reason: 'freescout-rejected', retryable: false }],
    ['what waits for the budget', { status: 'deferred', reason: 'budget' }],
  ])('lets %s be worked on again, with what was learned and written', async (_, outcome) => {
    const { claim, clock, ledger, state } = await setUp();
    await claim(mail);
    await ledger.progress(mail, 'a', { writeStartedAt: '2026-11-20T12:00:01.000Z', noDraft: 'bulk' });
    await ledger.finish(mail, 'a', outcome);
    clock.advance(1000);
    const reopened = await ledger.reopen(mail, { ticketAnyway: true });
    expect(reopened).toMatchObject({
      status: 'processing',
      statusAt: '2026-11-20T12:00:01.000Z',
      attempts: 0,
      writeStartedAt: '2026-11-20T12:00:01.000Z',
      noDraft: 'bulk',
      channelThreadId: 't1',
      ticketAnyway: true,
    });
    for (const name of ['reason', 'action', 'retryable', 'failedSince', 'leaseOwner']) {
      expect(reopened).not.toHaveProperty(name);
    }
    expect(await ledger.get(mail)).toEqual(reopened);
    expect((await state.counts()).messages).toEqual({
      processing: 1,
      success: 0,
      filtered: 0,
      failed: 0,
      deferred: 0,
    });
    expect(await claim(mail)).toMatchObject({
      outcome: 'claimed',
      row: { ticketAnyway: true, attempts: 1 },
    });
  });

  it('lets an alert that got through be sent anew, and one that did not only where it is missing', async () => {
    const { claim, ledger } = await setUp();
    const [sent, stuck] = [alertKey(5, 'p0'), alertKey(5, 'loop')];
    for (const key of [sent, stuck]) {
      await claim(key);
      await ledger.progress(key, 'a', { alertedBy: ['sns'] });
    }
    await ledger.finish(sent, 'a', { status: 'success', action: 'alerted' });
    await ledger.finish(stuck, 'a', { status: 'failed', reason: 'alert-undelivered', retryable: false });
    expect(await ledger.reopen(sent)).not.toHaveProperty('alertedBy');
    expect(await ledger.reopen(stuck)).toMatchObject({ alertedBy: ['sns'] });
  });

  it('reopens nothing that is not there or that a worker has', async () => {
    const { claim, ledger } = await setUp();
    expect(await ledger.reopen(mail)).toBeNull();
    await claim(mail);
    expect(await ledger.reopen(mail)).toBeNull();
    expect(await ledger.get(mail)).toMatchObject({ leaseOwner: 'a' });
  });

  it('forgets what a row says, but not that it was there', async () => {
    const { claim, end, ledger, state } = await setUp();
    expect(await ledger.forgetRow(mail)).toBe(false);
    await end(mail, { status: 'success', action: 'create', conversationId: 5, threadId: 9 });
    expect(await ledger.forgetRow(mail)).toBe(true);
    expect(await ledger.get(mail)).toEqual({
      key: mail,
      status: 'filtered',
      reason: 'forgotten',
      firstSeenAt: '2026-11-20T12:00:00.000Z',
      statusAt: '2026-11-20T12:00:00.000Z',
      attempts: 1,
    });
    expect(await claim(mail)).toMatchObject({ outcome: 'terminal' });
    expect((await state.counts()).messages).toMatchObject({ success: 0, filtered: 1 });
    const other = messageKey('gmail', 'support', 'm2');
    await claim(other);
    expect(await ledger.forgetRow(other)).toBe(false);
    await expect(ledger.finish(other, 'a', { status: 'filtered', reason: 'x' })).resolves.toBeUndefined();
    await expect(ledger.release(other, 'a')).rejects.toMatchObject(contention);
  });

  it('lists the rows of conversations, whatever their status', async () => {
    const { end, claim, ledger } = await setUp();
    await end(mail, { status: 'success', action: 'create', conversationId: 5 });
    await end(threadKey(5, 9), { status: 'deferred', reason: 'budget', conversationId: 5 });
    await end(threadKey(6, 1), { status: 'success', action: 'drafted', conversationId: 6 });
    await claim(messageKey('gmail', 'support', 'm2'));
    const keys = async (...ids: number[]) =>
      (await ledger.listOfConversations(new Set(ids))).map(({ key }) => key).sort();
    expect(await keys(5)).toEqual(['freescout:5:9', mail]);
    expect(await keys(5, 6)).toEqual(['freescout:5:9', 'freescout:6:1', mail]);
    expect(await keys(7)).toEqual([]);
  });

  it('lists rows by reason, the newest first if wanted', async () => {
    const { end, clock, ledger } = await setUp();
    for (const [id, reason] of [
      ['m1', 'bulk'],
      ['m2', 'auto-reply'],
      ['m3', 'bulk'],
    ] as const) {
      await end(messageKey('gmail', 'support', id), { status: 'filtered', reason });
      clock.advance(1000);
    }
    const keys = async (options: object) =>
      (await ledger.listByStatus('filtered', { limit: 10, ...options })).map(({ key }) => key.slice(-2));
    expect(await keys({ reason: 'bulk' })).toEqual(['m1', 'm3']);
    expect(await keys({ newestFirst: true })).toEqual(['m3', 'm2', 'm1']);
    expect(await keys({ newestFirst: true, limit: 1 })).toEqual(['m3']);
    expect(await keys({ reason: 'gone' })).toEqual([]);
  });

  it('lists and removes what leads to conversations', async () => {
    const { threadMap } = await setUp();
    const first = { key: threadMapKey.freescoutThread(9), conversationId: 5 };
    const second = { key: threadMapKey.mail('<a@b>'), conversationId: 5 };
    const other = { key: threadMapKey.thread('gmail', 'support', 't1'), conversationId: 6 };
    await threadMap.putAll([first, second, other]);
    const found = await threadMap.listOfConversations(new Set([5]));
    expect([...found].sort((one, two) => one.key.localeCompare(two.key))).toEqual([first, second]);
    await threadMap.removeEntries(found.map(({ key }) => key));
    expect(await threadMap.listOfConversations(new Set([5, 6]))).toEqual([other]);
  });

  it('tells and removes everything about the drafts of a conversation; the figures stay', async () => {
    const { drafts, state } = await setUp();
    const origin = { type: 'lead', bucket: 'p1', language: 'en', promptVersion: '1' } as const;
    const about = { kind: 'reply', answeredThreadId: 1, draftThreadId: 2, ...origin } as const;
    for (const conversationId of [5, 6]) {
      await drafts.saveLive(
        { conversationId, ...about, state: 'sent', fingerprint: 'f', createdAt: '2026-11-20T12:00:00.000Z' },
        null,
        {
          cycle: {
            conversationId,
            ...about,
            outcome: 'unchanged',
            similarity: 1,
            minutesToSend: 1,
            endedAt: '2026-11-20T12:00:00.000Z',
          },
          text: { draftThreadId: 2, html: `<div>${conversationId}</div>`, keepDays: 90 },
        },
      );
    }
    expect(await drafts.listTexts(5)).toEqual([{ draftThreadId: 2, html: '<div>5</div>' }]);
    expect(await drafts.removeConversation(5)).toBe(3);
    expect(await drafts.removeConversation(5)).toBe(0);
    expect(await drafts.listTexts(5)).toEqual([]);
    expect(await drafts.getLive(5)).toBeNull();
    expect(await drafts.listCycles(5)).toEqual([]);
    expect(await drafts.listCycles(6)).toHaveLength(1);
    expect(await drafts.getText(2, 6)).toBe('<div>6</div>');
    expect((await state.counts()).draftOutcomes).toMatchObject({ unchanged: 2 });
  });

  it('shows every kept webhook and removes one with all its parts', async () => {
    const { webhookEvents, clock } = await setUp();
    const rawBody = Buffer.from('{"id":5}');
    const receivedAt = clock.now();
    const event = { event: 'convo.created', conversationId: 5, rawBody, receivedAt, keepDays: 30 };
    const large = new Uint8Array(900_000);
    for (let index = 0, seed = 1; index < large.length; index++) {
      seed = (seed * 48271) % 2147483647;
      large[index] = seed;
    }
    await webhookEvents.keep({ ...event, id: 'e1' });
    await webhookEvents.keep({ ...event, id: 'e2', rawBody: large, conversationId: null });
    await webhookEvents.keep({ ...event, id: 'e3', keepDays: 1 });
    clock.advance(2 * 24 * 3_600_000);
    const seen = async () => {
      const events: [string, number, number | null][] = [];
      await webhookEvents.visitAll(({ id, rawBody, conversationId }) =>
        events.push([id, rawBody.length, conversationId]),
      );
      return events.sort(([one], [other]) => one.localeCompare(other));
    };
    expect(await seen()).toEqual([
      ['e1', 8, 5],
      ['e2', large.length, null],
    ]);
    await webhookEvents.removeEvent('e2');
    await webhookEvents.removeEvent('unknown');
    expect(await seen()).toEqual([['e1', 8, 5]]);
    expect(await webhookEvents.get('e2')).toBeNull();
  });

  it('forgets which mail began a Gmail thread, if it is that one', async () => {
    const { state } = await setUp();
    const thread = threadMapKey.thread('gmail', 'support', 't1');
    const mail = messageKey('gmail', 'support', 'm1');
    await state.rememberThreadStarter(thread, mail);
    expect(await state.forgetThreadStarter(thread, messageKey('gmail', 'support', 'm2'))).toBe(false);
    expect(await state.threadStarterOf(thread)).toBe(mail);
    expect(await state.forgetThreadStarter(thread, mail)).toBe(true);
    expect(await state.threadStarterOf(thread)).toBeNull();
    expect(await state.forgetThreadStarter(thread, mail)).toBe(false);
  });

  it('removes the drafts of a conversation that answer some of its threads', async () => {
    const { drafts } = await setUp();
    const origin = { type: 'lead', bucket: 'p1', language: 'en', promptVersion: '1' } as const;
    const at = '2026-11-20T12:00:00.000Z';
    const answer = (answeredThreadId: number, draftThreadId: number) =>
      ({ conversationId: 7, kind: 'reply', answeredThreadId, draftThreadId, ...origin }) as const;
    const fields = { fingerprint: 'f', createdAt: at };
    const first = await drafts.saveLive({ ...answer(1, 2), ...fields, state: 'live' }, null, {
      text: { draftThreadId: 2, html: '<div>one</div>', keepDays: 90 },
    });
    await drafts.saveLive({ ...answer(3, 4), ...fields, state: 'live' }, first.version, {
      text: { draftThreadId: 4, html: '<div>two</div>', keepDays: 90 },
      cycle: { ...answer(1, 2), outcome: 'replaced', similarity: null, minutesToSend: null, endedAt: at },
    });
    expect(await drafts.removeConversation(7, new Set([1]))).toBe(2);
    expect(await drafts.listCycles(7)).toEqual([]);
    expect(await drafts.listTexts(7)).toEqual([{ draftThreadId: 4, html: '<div>two</div>' }]);
    expect(await drafts.getLive(7)).toMatchObject({ answeredThreadId: 3 });
    expect(await drafts.removeConversation(7, new Set([1]))).toBe(0);
    expect(await drafts.removeConversation(7, new Set([3]))).toBe(2);
    expect(await drafts.getLive(7)).toBeNull();
  });

  it('forgets a sender in every account', async () => {
    const { state, clock } = await setUp();
    const count = (account: string, digest: string) =>
      state.countMailOfSender(account, digest, `${account}-m`, clock.now());
    await count('support', 'aa');
    await count('sales', 'aa');
    await count('support', 'ab');
    await state.acquireSenderLock('aa', messageKey('gmail', 'support', 'm'), 60, clock.now());
    await state.takePlace({ of: 'model', by: 'aa', per: 'day' }, threadKey(1, 1), 1, clock.now());
    expect(await state.removeSender('aa')).toBe(4);
    expect(
      await state.takePlace({ of: 'model', by: 'aa', per: 'day' }, threadKey(2, 2), 1, clock.now()),
    ).toBe(true);
    expect(await state.removeSender('aa')).toBe(1);
    expect(await state.removeSender('aa')).toBe(0);
    expect(await state.removeSender('ab')).toBe(1);
  });

  it('remembers the webhook that was registered', async () => {
    const { state } = await setUp();
    expect(await state.getRegisteredWebhook()).toBeNull();
    const webhook = { id: 3, freescoutUrl: 'https://desk.example', target: 'https://api.example/freescout' };
    await state.saveRegisteredWebhook(webhook);
    await state.saveRegisteredWebhook({ ...webhook, id: 4 });
    expect(await state.getRegisteredWebhook()).toEqual({ ...webhook, id: 4 });
  });
});
