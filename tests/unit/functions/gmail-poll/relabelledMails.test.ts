import { describe, expect, it } from 'vitest';
import { deduplicationId } from '#shared/jobs/jobs.ts';
import { messageKey } from '#shared/store/keys.ts';
import { pollUnderTest } from '#tests/support/pollUnderTest.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const inbox = ['INBOX', 'UNREAD'];

type Test = ReturnType<typeof pollUnderTest>;

/** A mailbox whose mails the poll has seen. */
async function polled(
  mails: Readonly<Record<string, readonly string[]>>,
  options: Parameters<typeof pollUnderTest>[0] = {},
): Promise<Test> {
  const test = pollUnderTest(options);
  await test.poll();
  test.clock.advance(minute);
  for (const [messageId, labelIds] of Object.entries(mails)) {
    test.gmail.deliver({ messageId, gmailThreadId: `thread-of-${messageId}`, labelIds });
  }
  await test.poll();
  test.clock.advance(minute);
  return test;
}

/** Ids of the mails that were brought back, in order. */
const woken = (test: Test) =>
  test.queue.jobs.flatMap(({ job }) =>
    job.kind === 'incoming-message' && job.cause === 'wake' ? [job.messageId] : [],
  );

const lastUnits = (test: Test) => test.log.of('POLL_DONE').at(-1)?.units;

describe('a mail that people relabel', () => {
  it.each([
    ['rescued from spam', ['SPAM'], inbox],
    ['restored from the bin', ['TRASH'], ['INBOX']],
    ['restored and archived', ['TRASH'], ['CATEGORY_UPDATES']],
    ['without the label that kept it out', ['INBOX', 'Label_7'], ['INBOX']],
  ])('comes in then: %s', async (_, before, after) => {
    const test = await polled({ m: before }, { settings: { gmail: { excludedLabels: ['Label_7'] } } });
    expect(test.queuedIds()).toEqual([]);
    test.gmail.relabel('m', after);
    await test.poll();
    expect(test.queue.jobs).toEqual([
      {
        job: {
          kind: 'incoming-message',
          channel: 'gmail',
          alias: 'support',
          messageId: 'm',
          threadId: 'thread-of-m',
          cause: 'wake',
          requestId: 'run-3',
        },
        deduplicationId: deduplicationId.run(
          'wake',
          messageKey('gmail', 'support', 'm'),
          test.gmail.historyId(),
        ),
      },
    ]);
    expect(await test.row('m')).toMatchObject({ status: 'deferred', reason: 'relabelled' });
    expect(test.log.of('POLL_DONE').at(-1)).toMatchObject({ queued: 1 });
  });

  it('comes in when it gets the label that is required', async () => {
    const test = await polled({ m: ['INBOX'] }, { settings: { gmail: { requiredLabels: ['Label_1'] } } });
    expect(await test.row('m')).toMatchObject({ status: 'filtered', reason: 'label-missing' });
    test.gmail.relabel('m', ['INBOX', 'Label_1']);
    await test.poll();
    expect(test.queuedIds()).toEqual(['m']);
  });

  it('comes in when it came and was rescued since the last poll', async () => {
    const test = await polled({});
    test.gmail.deliver({ messageId: 'm', labelIds: ['SPAM'] });
    test.gmail.relabel('m', inbox);
    await test.poll();
    expect(test.queuedIds()).toEqual(['m']);
  });

  it('stays out while something else is in the way', async () => {
    const test = await polled(
      { m: ['SPAM', 'Label_7'] },
      { settings: { gmail: { excludedLabels: ['Label_7'] } } },
    );
    test.gmail.relabel('m', ['INBOX', 'Label_7']);
    await test.poll();
    expect(test.queuedIds()).toEqual([]);
  });

  it.each([
    ['without a row', null],
    ['that hygiene filtered', { status: 'filtered', reason: 'bulk' } as const],
    ['that the operator forgot', { status: 'filtered', reason: 'forgotten' } as const],
    ['that is in FreeScout', { status: 'success', action: 'create', conversationId: 5 } as const],
  ])('is left alone %s', async (_, outcome) => {
    const test = await polled({ m: inbox });
    const key = messageKey('gmail', 'support', 'm');
    if (outcome !== null) {
      await test.claim('m');
      await test.store.ledger.finish(key, 'worker', outcome);
    }
    const before = await test.row('m');
    test.gmail.relabel('m', ['INBOX', 'STARRED']);
    await test.poll();
    expect(woken(test)).toEqual([]);
    expect(await test.row('m')).toEqual(before);
  });

  it('that was sent is read once more only when that may tell something else', async () => {
    const test = await polled({ m: ['DRAFT'], sent: ['SENT'] });
    await test.store.ledger.settle([
      {
        key: messageKey('gmail', 'support', 'sent'),
        outcome: { status: 'filtered', reason: 'label:SENT' },
      },
    ]);
    test.gmail.relabel('sent', ['SENT', 'STARRED']);
    test.gmail.relabel('m', ['SENT']);
    await test.poll();
    expect(woken(test)).toEqual(['m']);
  });
});

describe('exactly once', () => {
  it('when two polls see it', async () => {
    const test = await polled({ m: ['SPAM'] });
    test.gmail.relabel('m', inbox);
    await Promise.all([test.poll(), test.poll()]);
    const ids = test.queue.jobs.map(({ deduplicationId: id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect(await test.claim('m')).toMatchObject({ outcome: 'claimed' });
  });

  it('when the poll stops before the job is queued, or before the cursor is saved', async () => {
    const test = await polled({ m: ['SPAM'] });
    test.gmail.relabel('m', inbox);
    test.queue.refuse();
    await test.poll();
    expect(test.queue.jobs).toEqual([]);
    expect(await test.row('m')).toMatchObject({ status: 'deferred', reason: 'relabelled' });
    test.queue.refuse(false);
    test.clock.advance(minute);
    await test.poll();
    expect(test.queuedIds()).toEqual(['m']);
  });

  it('when the label flips back before the worker reads it, and again after', async () => {
    const test = await polled({ m: ['SPAM'] });
    const key = messageKey('gmail', 'support', 'm');
    test.gmail.relabel('m', inbox);
    await test.poll();
    test.gmail.relabel('m', ['SPAM']);
    await test.claim('m');
    await test.store.ledger.finish(key, 'worker', { status: 'filtered', reason: 'label:SPAM' });
    await test.poll();
    expect(test.queuedIds()).toEqual(['m']);
    test.gmail.relabel('m', inbox);
    await test.poll();
    expect(new Set(test.queue.jobs.map(({ deduplicationId: id }) => id)).size).toBe(2);
  });
});

describe('what relabelling costs', () => {
  it('no further call of Gmail for 10,000 changes, and one read of the ledger for the candidates of a page', async () => {
    const reads: string[] = [];
    const test = await polled(
      {
        spam: ['SPAM'],
        ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, inbox])),
      },
      {
        gmail: { pageSize: 500 },
        settings: { limits: { messagesPerRun: 1000 } },
        beforeStore: (operation) => void reads.push(operation),
      },
    );
    for (let index = 0; index < 10_000; index += 1) {
      test.gmail.relabel(`m${index % 500}`, index % 2 === 0 ? ['INBOX'] : inbox);
    }
    test.gmail.relabel('spam', inbox);
    reads.length = 0;
    const calls = test.gmail.calls.length;
    await test.poll();
    expect(test.gmail.calls.slice(calls)).toEqual(Array.from({ length: 21 }, () => 'history'));
    expect(lastUnits(test)).toBe(42);
    expect(woken(test)).toEqual(['spam']);
    // For the new mails and the relabelled ones of each page.
    expect(reads.filter((operation) => operation === 'ledger.getAll')).toHaveLength(42);
  });

  it('one look at the labels of a mail of which history does not name them, if it was kept out', async () => {
    const test = await polled({ spam: ['SPAM'], other: inbox });
    const { history } = test.gmail.client;
    test.gmail.client.history = async (...asked) => {
      const page = await history(...asked);
      return page.outcome === 'expired'
        ? page
        : { ...page, relabelled: page.relabelled.map((mail) => ({ ...mail, labelIds: null })) };
    };
    test.gmail.relabel('spam', []);
    test.gmail.relabel('other', ['INBOX']);
    await test.poll();
    expect(woken(test)).toEqual(['spam']);
    expect(lastUnits(test)).toBe(2 + 20);
  });
});

describe('the gap check', () => {
  const lost = { told: 'lost' } as const;

  it('brings in what was relabelled and history lost, without asking for any mail', async () => {
    const test = await polled(
      {
        spam: ['SPAM'],
        bin: ['TRASH'],
        out: ['INBOX', 'Label_7'],
        stays: ['INBOX', 'Label_7'],
        draft: ['DRAFT'],
      },
      { settings: { gmail: { excludedLabels: ['Label_7'] } } },
    );
    test.gmail.relabel('spam', inbox, lost);
    test.gmail.relabel('bin', ['INBOX'], lost);
    test.gmail.labels.push({ id: 'Label_7', name: 'Private' });
    test.gmail.relabel('out', ['INBOX'], lost);
    test.clock.advance(hour);
    await test.poll();
    expect(test.queuedIds().toSorted()).toEqual(['bin', 'out', 'spam']);
    expect(await test.cursor()).toMatchObject({ missing: 0 });
    // History, the labels of the account, one list of all mails and one of those with the label.
    expect(lastUnits(test)).toBe(2 + 1 + 5 + 5);
    test.clock.advance(hour);
    await test.poll();
    expect(test.queue.jobs).toHaveLength(3);
  });

  it('asks for the required label only when a mail lacks it', async () => {
    const settings = { gmail: { requiredLabels: ['Tickets'] } };
    const test = pollUnderTest({ settings });
    test.gmail.labels.push({ id: 'Label_1', name: 'Tickets' });
    await test.poll();
    test.clock.advance(hour);
    await test.poll();
    expect(lastUnits(test)).toBe(2 + 1 + 5);
    test.gmail.deliver({ messageId: 'm', labelIds: ['INBOX'] });
    test.gmail.deliver({ messageId: 'other', labelIds: ['INBOX'] });
    await test.poll();
    test.gmail.relabel('m', ['INBOX', 'Label_1'], lost);
    test.clock.advance(hour);
    await test.poll();
    expect(test.queuedIds()).toEqual(['m']);
    expect(lastUnits(test)).toBe(2 + 1 + 5 + 5);
  });

  it('does as much as a run may, and goes on with the next poll', async () => {
    const test = await polled({ a: ['SPAM'], b: ['SPAM'] }, { settings: { limits: { messagesPerRun: 1 } } });
    test.gmail.relabel('a', inbox, lost);
    test.gmail.relabel('b', inbox, lost);
    test.clock.advance(hour);
    await test.poll();
    expect(test.queue.jobs).toHaveLength(1);
    test.clock.advance(minute);
    await test.poll();
    expect(test.queuedIds().toSorted()).toEqual(['a', 'b']);
  });

  it('looks back gapCheckDays', async () => {
    const test = await polled({ m: ['SPAM'] }, { settings: { gmail: { gapCheckDays: 1 } } });
    test.clock.advance(2 * day);
    test.gmail.relabel('m', inbox, lost);
    await test.poll();
    expect(test.queue.jobs).toEqual([]);
  });
});

describe('labels that the settings name', () => {
  const named = async (test: Test) => (await test.cursor()).labels?.named;

  it('are found by name or id, and asked for once an hour', async () => {
    const test = pollUnderTest({
      settings: {
        gmail: { excludedLabels: ['private', 'CATEGORY_PROMOTIONS'], requiredLabels: ['Label_2'] },
      },
    });
    test.gmail.labels.push({ id: 'Label_1', name: 'Private' }, { id: 'Label_2', name: 'Tickets' });
    await test.poll();
    expect(await named(test)).toEqual([
      { name: 'private', id: 'Label_1' },
      { name: 'CATEGORY_PROMOTIONS', id: 'CATEGORY_PROMOTIONS' },
      { name: 'Label_2', id: 'Label_2' },
    ]);
    const asked = () => test.gmail.calls.filter((method) => method === 'labels').length;
    test.clock.advance(59 * minute);
    await test.poll();
    expect(asked()).toBe(1);
    test.clock.advance(minute);
    test.gmail.deliver({ messageId: 'private', labelIds: ['INBOX', 'Label_1', 'Label_2'] });
    await test.poll();
    expect(asked()).toBe(2);
    expect(await test.row('private')).toMatchObject({ reason: 'label:private' });
  });

  it('are stored before anything is queued, for the worker decides by them', async () => {
    const test = pollUnderTest({ settings: { gmail: { requiredLabels: ['Tickets'] } } });
    test.gmail.labels.push({ id: 'Label_2', name: 'Tickets' });
    test.gmail.deliver({ messageId: 'm', labelIds: ['INBOX', 'Label_2'] });
    test.queue.refuse();
    await test.poll();
    expect(await named(test)).toEqual([{ name: 'Tickets', id: 'Label_2' }]);
  });

  it('are asked for at every poll while one is unknown, and cost nothing when there are none', async () => {
    const test = pollUnderTest({ settings: { gmail: { requiredLabels: ['Tickets'] } } });
    await test.poll();
    expect(await named(test)).toEqual([{ name: 'Tickets', id: null }]);
    test.clock.advance(minute);
    test.gmail.labels.push({ id: 'Label_2', name: 'Tickets' });
    await test.poll();
    expect(await named(test)).toEqual([{ name: 'Tickets', id: 'Label_2' }]);
    const without = pollUnderTest();
    await without.poll();
    expect(without.gmail.calls).not.toContain('labels');
    expect(await named(without)).toBeUndefined();
  });
});
