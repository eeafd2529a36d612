import { describe, expect, it } from 'vitest';
import { pollAccounts } from '#functions/gmail-poll/pollAccounts.ts';
import { permanent, retryable } from '#shared/failure/failure.ts';
import { deduplicationId } from '#shared/jobs/jobs.ts';
import { messageKey } from '#shared/store/keys.ts';
import { type FakeGmail, fakeGmail, type GmailMethod } from '#tests/support/fakeGmail.ts';
import type { StoreOperation } from '#tests/support/inMemoryStore.ts';
import { pollUnderTest } from '#tests/support/pollUnderTest.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const ids = (count: number, prefix = 'm') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

describe('the first poll', () => {
  it('brings in the mail of the last backfillDays, the oldest first, and nothing older', async () => {
    const test = pollUnderTest({ settings: { gmail: { backfillDays: 2 } } });
    const now = test.clock.now().getTime();
    test.gmail.deliver({ messageId: 'older', internalDate: new Date(now - 2 * day - minute) });
    test.gmail.deliver({ messageId: 'second', internalDate: new Date(now - hour) });
    test.gmail.deliver({ messageId: 'first', internalDate: new Date(now - 2 * day + minute) });
    await test.poll();
    expect(test.queuedIds()).toEqual(['first', 'second']);
    expect(test.queue.jobs[0]).toEqual({
      job: {
        kind: 'incoming-message',
        channel: 'gmail',
        alias: 'support',
        messageId: 'first',
        threadId: 'first',
        cause: 'back-fill',
        requestId: 'run-1',
      },
      deduplicationId: deduplicationId.incoming(messageKey('gmail', 'support', 'first')),
    });
    expect(await test.store.state.intakeSince(test.clock.now(), null)).toEqual(new Date(now - 2 * day));
  });

  it('keeps the date of the first run for good', async () => {
    const test = pollUnderTest();
    await test.poll();
    const since = test.clock.now().getTime() - day;
    test.clock.advance(10 * day);
    await test.poll();
    expect((await test.store.state.intakeSince(test.clock.now(), null)).getTime()).toBe(since);
  });

  it('takes the cursor before it lists, so that a mail in between comes with the next poll', async () => {
    const test: ReturnType<typeof pollUnderTest> = pollUnderTest({
      gmail: {
        beforeEach: (method) => {
          if (method === 'listSince' && !test.gmail.messages.has('between')) {
            test.gmail.deliver({ messageId: 'between', labelIds: ['INBOX'] });
            test.gmail.relabel('between', ['INBOX', 'SPAM']);
          }
        },
      },
    });
    await test.poll();
    expect(test.queuedIds()).toEqual([]);
    test.gmail.relabel('between', ['INBOX']);
    test.clock.advance(minute);
    await test.poll();
    expect(test.queuedIds()).toEqual(['between']);
  });

  it('queues the oldest up to the limit and goes on with the next run, until all are queued', async () => {
    const test = pollUnderTest({
      settings: { limits: { messagesPerRun: 3 } },
      gmail: { pageSize: 2 },
    });
    const start = test.clock.now().getTime() - 10 * hour;
    for (const [index, messageId] of ids(8).entries()) {
      test.gmail.deliver({ messageId, internalDate: new Date(start + index * minute) });
    }
    await test.poll();
    expect(test.queuedIds()).toEqual(['m1', 'm2', 'm3']);
    expect(await test.cursor()).toMatchObject({ historyId: null, polledAt: null });
    for (let run = 0; run < 2; run += 1) {
      for (const messageId of test.queuedIds()) {
        await test.claim(messageId);
      }
      await test.poll();
    }
    expect(test.queuedIds()).toEqual(ids(8));
    expect(await test.cursor()).toMatchObject({ historyId: test.gmail.historyId() });
  });

  it('says once that an account has no secret yet, and does nothing', async () => {
    const test = pollUnderTest();
    test.clients.set('support', null);
    await test.poll();
    expect(test.log.lines.map(({ code }) => code)).toEqual(['NOT_CONFIGURED']);
    expect((await test.cursor()).version).toBe(0);
  });
});

describe('following the history', () => {
  async function started(options: Parameters<typeof pollUnderTest>[0] = {}) {
    const test = pollUnderTest(options);
    await test.poll();
    test.clock.advance(minute);
    return test;
  }

  it('queues every new mail once and moves the cursor', async () => {
    const test = await started();
    test.gmail.deliver({ messageId: 'a', told: 'doubled' });
    test.gmail.deliver({ messageId: 'b', gmailThreadId: 'a' });
    await test.poll();
    expect(test.queue.jobs.map(({ job }) => job)).toMatchObject([
      { messageId: 'a', cause: 'poll' },
      { messageId: 'b', threadId: 'a', cause: 'poll' },
    ]);
    expect(await test.cursor()).toMatchObject({
      historyId: test.gmail.historyId(),
      polledAt: test.clock.now().toISOString(),
      fault: null,
    });
    expect(test.log.of('POLL_DONE').at(-1)).toMatchObject({
      account: 'support',
      requestId: 'run-2',
      found: 3,
      queued: 2,
      known: 0,
      skipped: 0,
      missing: 0,
      failed: 0,
      pages: 1,
      units: 2,
      durationMs: 0,
    });
    test.clock.advance(minute);
    await test.poll();
    expect(test.queue.jobs).toHaveLength(2);
  });

  it('does not queue what the ledger knows', async () => {
    const test = await started();
    test.gmail.deliver({ messageId: 'a' });
    await test.claim('a');
    await test.poll();
    expect(test.queue.jobs).toEqual([]);
    expect(test.log.of('POLL_DONE').at(-1)).toMatchObject({ found: 1, known: 1, queued: 0 });
  });

  it('writes a filtered row for mail that the labels keep out', async () => {
    const test = await started({ settings: { gmail: { excludedLabels: ['Label_7'] } } });
    test.gmail.deliver({ messageId: 'sent', labelIds: ['SENT'] });
    test.gmail.deliver({ messageId: 'other', labelIds: ['INBOX', 'Label_7'] });
    test.gmail.deliver({ messageId: 'draft', gmailThreadId: 'thread', labelIds: ['DRAFT'] });
    await test.poll();
    expect(test.queue.jobs).toEqual([]);
    expect(await test.row('sent')).toMatchObject({ status: 'filtered', reason: 'label:SENT' });
    expect(await test.row('draft')).toMatchObject({
      status: 'filtered',
      reason: 'label:DRAFT',
      channelThreadId: 'thread',
    });
    expect(await test.row('other')).toMatchObject({ status: 'filtered', reason: 'label:Label_7' });
    expect(test.log.of('POLL_DONE').at(-1)).toMatchObject({ skipped: 3 });
    expect(test.metrics.total('MailsSkipped')).toBe(3);
  });

  it('reads all pages, and stops after the page in which the limit is reached', async () => {
    const test = await started({ settings: { limits: { messagesPerRun: 5 } }, gmail: { pageSize: 2 } });
    for (const messageId of ids(9)) {
      test.gmail.deliver({ messageId });
    }
    const polledBefore = (await test.cursor()).polledAt;
    await test.poll();
    expect(test.queuedIds()).toEqual(ids(6));
    expect((await test.cursor()).polledAt).toBe(polledBefore);
    test.clock.advance(minute);
    await test.poll();
    expect(test.queuedIds()).toEqual(ids(9));
    expect(await test.cursor()).toMatchObject({
      historyId: test.gmail.historyId(),
      polledAt: test.clock.now().toISOString(),
    });
  });

  it('moves the cursor of a quiet mailbox along', async () => {
    const test = await started();
    test.gmail.deliver({ messageId: 'a' });
    test.gmail.relabel('a', ['INBOX']);
    await test.poll();
    test.clock.advance(minute);
    await test.poll();
    expect((await test.cursor()).historyId).toBe(test.gmail.historyId());
  });

  it('leaves the cursor where it is when the queue does not take a job', async () => {
    const test = await started();
    const before = await test.cursor();
    test.gmail.deliver({ messageId: 'a' });
    test.queue.refuse();
    await test.poll();
    expect(await test.cursor()).toMatchObject({ historyId: before.historyId, fault: 'queue-unavailable' });
    expect(test.log.of('POLL_FAILED')).toMatchObject([
      { code: 'queue-unavailable', retryable: true, failed: 1 },
    ]);
    expect(test.metrics.total('PollFailed')).toBe(1);
  });

  it('keeps the pages that were queued when a later page fails', async () => {
    let histories = 0;
    const test = await started({
      gmail: {
        pageSize: 2,
        beforeEach: (method: GmailMethod) => {
          histories += method === 'history' ? 1 : 0;
          if (method === 'history' && histories === 2) {
            throw retryable('gmail-unreachable', 'answered with 503');
          }
        },
      },
    });
    for (const messageId of ids(5)) {
      test.gmail.deliver({ messageId });
    }
    await test.poll();
    expect(test.queuedIds()).toEqual(['m1', 'm2']);
    expect((await test.cursor()).fault).toBe('gmail-unreachable');
    test.clock.advance(minute);
    await test.poll();
    expect(test.queuedIds()).toEqual(ids(5));
    expect((await test.cursor()).fault).toBeNull();
  });

  it('stops cleanly before its time is over', async () => {
    let left = 110_000;
    const test = await started({
      gmail: {
        pageSize: 1,
        beforeEach: () => {
          left -= 30_000;
        },
      },
      timeLeft: () => left,
    });
    left = 110_000;
    for (const messageId of ids(9)) {
      test.gmail.deliver({ messageId });
    }
    await test.poll();
    const queued = test.queuedIds().length;
    expect(queued).toBeGreaterThan(0);
    expect(queued).toBeLessThan(9);
    expect(test.log.of('POLL_DONE')).toHaveLength(2);
    left = 1_000_000;
    test.clock.advance(minute);
    await test.poll();
    expect(test.queuedIds()).toEqual(ids(9));
  });

  it('does no harm when two polls run at once', async () => {
    const test = await started();
    test.gmail.deliver({ messageId: 'a' });
    await Promise.all([test.poll(), test.poll()]);
    expect(new Set(test.queue.jobs.map((queued) => queued.deduplicationId)).size).toBe(1);
    expect(test.log.of('CURSOR_MOVED_BY_OTHER')).toHaveLength(1);
    expect((await test.cursor()).historyId).toBe(test.gmail.historyId());
  });
});

describe('a cursor that Gmail forgot', () => {
  it('is replaced after a back-fill from an hour before the last good poll', async () => {
    const test = pollUnderTest({ settings: { gmail: { backfillDays: 5 } } });
    await test.poll();
    test.clock.advance(3 * hour);
    test.gmail.deliver({ messageId: 'known' });
    await test.poll();
    await test.claim('known');
    const lastGood = test.clock.now().getTime();
    test.clock.advance(2 * day);
    test.gmail.deliver({ messageId: 'before', internalDate: new Date(lastGood - 61 * minute) });
    test.gmail.deliver({ messageId: 'margin', internalDate: new Date(lastGood - 59 * minute) });
    test.gmail.deliver({ messageId: 'new', internalDate: new Date(lastGood + hour) });
    test.gmail.forgetHistory();
    await test.poll();
    expect(test.queuedIds()).toEqual(['known', 'margin', 'new']);
    expect(test.queue.jobs.at(-1)?.job.cause).toBe('back-fill');
    expect(await test.cursor()).toMatchObject({ historyId: test.gmail.historyId() });
    expect(test.log.of('CURSOR_EXPIRED')).toHaveLength(1);
  });

  it('never leads further back than the first intake', async () => {
    const test = pollUnderTest({ settings: { gmail: { backfillDays: 0 } } });
    const first = test.clock.now().getTime();
    await test.poll();
    test.clock.advance(minute);
    test.gmail.deliver({ messageId: 'old', internalDate: new Date(first - minute) });
    test.gmail.forgetHistory();
    await test.poll();
    expect(test.queuedIds()).toEqual([]);
  });
});

describe('the gap check', () => {
  async function quietFor(milliseconds: number, settings: object = {}) {
    const test = pollUnderTest({ settings });
    await test.poll();
    test.clock.advance(milliseconds);
    return test;
  }

  it('queues and counts once an hour what history lost', async () => {
    const test = await quietFor(10 * minute);
    test.gmail.deliver({ messageId: 'lost', told: 'lost' });
    await test.poll();
    while (test.queue.jobs.length === 0) {
      test.clock.advance(10 * minute);
      await test.poll();
    }
    const [first] = test.log.of('GAP_CHECK_DONE').map(({ missing }) => missing);
    expect(first).toBe(1);
    expect(test.queue.jobs).toEqual([
      {
        job: expect.objectContaining({ messageId: 'lost', cause: 'gap-check', requestId: 'run-7' }),
        deduplicationId: deduplicationId.run(
          'gap-check',
          messageKey('gmail', 'support', 'lost'),
          test.clock.now().toISOString(),
        ),
      },
    ]);
    expect(await test.cursor()).toMatchObject({
      missing: 1,
      gapCheckedAt: test.clock.now().toISOString(),
    });
    expect(test.log.of('GAP_CHECK_DONE').at(-1)).toMatchObject({ found: 1, known: 0, missing: 1 });
    expect(test.metrics.total('MailsMissing')).toBe(1);
    await test.claim('lost');
    test.clock.advance(hour);
    await test.poll();
    expect(await test.cursor()).toMatchObject({ missing: 0 });
    expect(test.queue.jobs).toHaveLength(1);
  });

  describe('comes at once', () => {
    /** A check went through five minutes ago; `lost` came in between and twenty minutes are written on it. */
    async function checkedJustNow(beforeStore?: (operation: StoreOperation) => void) {
      const test = pollUnderTest(beforeStore === undefined ? {} : { beforeStore });
      await test.poll();
      test.clock.advance(5 * minute);
      const internalDate = new Date(test.clock.now().getTime() - 20 * minute);
      test.gmail.deliver({ messageId: 'lost', told: 'lost', internalDate });
      return test;
    }

    it('never while nothing is in doubt', async () => {
      const test = await checkedJustNow();
      await test.poll();
      expect(test.queuedIds()).toEqual([]);
    });

    it('after a clock that ran backwards, and once', async () => {
      const test = await checkedJustNow();
      const { version, ...cursor } = await test.cursor();
      const tomorrow = new Date(test.clock.now().getTime() + day).toISOString();
      const ahead = { ...cursor, polledAt: tomorrow, gapCheckedAt: tomorrow };
      await test.store.state.savePollCursor('gmail', ahead, version);
      await test.poll();
      expect(test.queuedIds()).toEqual(['lost']);
      const now = test.clock.now().toISOString();
      expect(await test.cursor()).toMatchObject({ polledAt: now, gapCheckedAt: now });
      test.clock.advance(minute);
      await test.poll();
      expect(test.log.of('GAP_CHECK_DONE')).toHaveLength(1);
    });

    it.each([
      ['store-contention', ['lost']],
      ['queue-unavailable', ['lost']],
      ['unexpected', ['lost']],
      ['gmail-unreachable', []],
    ])('after a poll that failed by %s: %j', async (fault, queued) => {
      const test = await checkedJustNow();
      const { version, ...cursor } = await test.cursor();
      await test.store.state.savePollCursor('gmail', { ...cursor, fault }, version);
      await test.poll();
      expect(test.queuedIds()).toEqual(queued);
      expect(await test.cursor()).toMatchObject({ fault: null });
    });

    it('after a while in which the cursor could not be written', async () => {
      let isWritable = true;
      const test = await checkedJustNow((operation) => {
        if (!isWritable && operation === 'state.savePollCursor') {
          throw new Error('no table');
        }
      });
      isWritable = false;
      for (let polls = 0; polls < 3; polls += 1) {
        test.clock.advance(2 * minute);
        await test.poll();
      }
      isWritable = true;
      test.clock.advance(minute);
      await test.poll();
      expect(test.queuedIds()).toEqual(['lost']);
    });

    it('goes on with the next poll when that poll has no time for it', async () => {
      const test = await checkedJustNow();
      const { version, ...cursor } = await test.cursor();
      await test.store.state.savePollCursor('gmail', { ...cursor, fault: 'unexpected' }, version);
      const hurried = { ...test.deps, timeLeftMilliseconds: () => 0 };
      await pollAccounts(hurried);
      expect(test.queuedIds()).toEqual([]);
      await test.poll();
      expect(test.queuedIds()).toEqual(['lost']);
    });
  });

  it('leaves mail of the last ten minutes to the next poll', async () => {
    const test = await quietFor(hour);
    test.gmail.deliver({
      messageId: 'young',
      told: 'lost',
      internalDate: new Date(test.clock.now().getTime() - 9 * minute),
    });
    await test.poll();
    expect(test.queue.jobs).toEqual([]);
    expect(await test.cursor()).toMatchObject({ missing: 0 });
  });

  it('does not take for missing what the same run queued', async () => {
    const test = await quietFor(2 * hour);
    test.gmail.deliver({ messageId: 'a', internalDate: new Date(test.clock.now().getTime() - hour) });
    await test.poll();
    expect(test.queue.jobs).toHaveLength(1);
    expect(await test.cursor()).toMatchObject({ missing: 0 });
  });

  it('decides by the same label rule, and gives what is kept out or gone its row', async () => {
    const test = await quietFor(hour);
    const internalDate = new Date(test.clock.now().getTime() - 20 * minute);
    test.gmail.deliver({ messageId: 'sent', labelIds: ['SENT'], told: 'lost', internalDate });
    await test.poll();
    expect(test.queue.jobs).toEqual([]);
    expect(await test.row('sent')).toMatchObject({ status: 'filtered', reason: 'label:SENT' });
    expect(await test.cursor()).toMatchObject({ missing: 0 });
  });

  it('looks back gapCheckDays, never before the first intake', async () => {
    const test = await quietFor(10 * day, { gmail: { gapCheckDays: 2 } });
    const now = test.clock.now().getTime();
    test.gmail.deliver({ messageId: 'out', told: 'lost', internalDate: new Date(now - 2 * day - minute) });
    test.gmail.deliver({ messageId: 'in', told: 'lost', internalDate: new Date(now - 2 * day + minute) });
    await test.poll();
    expect(test.queuedIds()).toEqual(['in']);

    const young = await quietFor(hour, { gmail: { gapCheckDays: 2, backfillDays: 0 } });
    const before = new Date(young.clock.now().getTime() - 2 * hour);
    young.gmail.deliver({ messageId: 'before', told: 'lost', internalDate: before });
    await young.poll();
    expect(young.queuedIds()).toEqual([]);
  });

  it('stays due until everything missing is queued', async () => {
    const test = await quietFor(hour, { limits: { messagesPerRun: 2 } });
    const internalDate = new Date(test.clock.now().getTime() - 20 * minute);
    for (const messageId of ids(3)) {
      test.gmail.deliver({ messageId, told: 'lost', internalDate });
    }
    await test.poll();
    expect(test.queue.jobs).toHaveLength(2);
    for (const messageId of test.queuedIds()) {
      await test.claim(messageId);
    }
    test.clock.advance(minute);
    await test.poll();
    expect(test.queue.jobs).toHaveLength(3);
    const queries = test.gmail.calls.filter((method) => method === 'listSince').length;
    test.clock.advance(minute);
    await test.poll();
    expect(test.gmail.calls.filter((method) => method === 'listSince')).toHaveLength(queries);
  });

  it('is off with gapCheckDays 0', async () => {
    const test = await quietFor(2 * hour, { gmail: { gapCheckDays: 0 } });
    test.gmail.deliver({ messageId: 'lost', told: 'lost' });
    test.clock.advance(2 * hour);
    await test.poll();
    expect(test.queue.jobs).toEqual([]);
  });
});

describe('accounts', () => {
  it('do not touch each other: one without a grant is named, the others go on', async () => {
    const test = pollUnderTest({
      settings: {
        channels: [
          { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 },
          { kind: 'gmail', alias: 'sales', address: 'sales@example.com', mailboxId: 2 },
        ],
      },
      gmail: {
        beforeEach: () => {
          throw permanent('gmail-invalid-grant', 'Google refuses the credentials');
        },
      },
    });
    const sales: FakeGmail = fakeGmail({ clock: test.clock });
    sales.deliver({ messageId: 's1' });
    test.clients.set('sales', sales.client);
    await test.poll();
    expect(test.queue.jobs.map(({ job }) => job)).toMatchObject([{ alias: 'sales', messageId: 's1' }]);
    expect(await test.cursor()).toMatchObject({ historyId: null, fault: 'gmail-invalid-grant' });
    expect((await test.store.state.getPollCursor('gmail', 'sales')).fault).toBeNull();
    expect(test.log.of('POLL_FAILED')).toMatchObject([
      { account: 'support', code: 'gmail-invalid-grant', retryable: false },
    ]);
    expect(test.log.of('POLL_DONE')).toMatchObject([{ account: 'sales', queued: 1 }]);
  });
});
