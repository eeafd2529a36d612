import { describe, expect, it } from 'vitest';
import { sweep } from '#functions/freescout-sweep/sweep.ts';
import type { SweepDependencies } from '#functions/freescout-sweep/sweepDependencies.ts';
import { createFreeScoutApp } from '#infra/standins/freescout/api.ts';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { createHelpDesk, defaultAgent, defaultBot } from '#infra/standins/freescout/model.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { provokeWebhook } from '#shared/freescout/proofConversations.ts';
import { conversationOf, deduplicationId } from '#shared/jobs/jobs.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { alertKey, followUpKey, type LedgerKey, messageKey, threadKey } from '#shared/store/keys.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { apiKey, faultyFetch, productClock } from '#tests/support/drafts/draftDesk.ts';
import { createVirtualClock } from '#tests/support/freescout/virtualClock.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';
import { recordingQueue } from '#tests/support/recordingQueue.ts';

const minute = 60_000;
const hour = 60 * minute;

const polling = { freescout: { webhookEnabled: false } };
const safetyNet = { freescout: { webhookEnabled: true, safetyNet: true } };
const webhooksOnly = { freescout: { webhookEnabled: true, safetyNet: false } };

function sweepUnderTest(settings: { readonly freescout?: object; readonly [key: string]: unknown } = {}) {
  const virtual = createVirtualClock('2026-11-20T12:00:00Z');
  const clock = productClock(virtual);
  const desk = createHelpDesk({
    clock: virtual,
    mailboxes: [
      { id: 1, name: 'Support', email: 'support@example.com' },
      { id: 2, name: 'Other', email: 'other@example.com' },
    ],
  });
  const store = createInMemoryStore({ clock });
  const queue = recordingQueue();
  const log = recordingLog();
  const metrics = recordingMeasure();
  let isFailing = false;
  let isConfigured = true;
  const client = createFreeScoutClient({
    baseUrl: 'http://freescout.test',
    apiKey: async () => apiKey,
    fetch: faultyFetch(createFreeScoutApp(desk, { apiKey }), () => (isFailing ? '500-before' : null)),
    limiter: { wait: async () => {} },
    timeoutMilliseconds: 1000,
    attempts: 1,
    botUserId: defaultBot,
    clock,
    log,
    measure: metrics.measure,
  });
  let runs = 0;
  let secretsReportedAt: Date | null = null;
  const deps: SweepDependencies = {
    settings: parseSettings({
      // What is queued every day is looked at by itself.
      alerts: { filteredDaily: false },
      ...settings,
      freescout: { url: 'http://freescout.test', ...settings.freescout },
    }),
    store: {
      ...store,
      state: {
        ...store.state,
        secretReportOf: async (variable) => ({
          variable,
          fillings: {},
          fault: null,
          // Unless a test is about them, reports are new, so that nothing is queued for them.
          at: (secretsReportedAt ?? clock.now()).toISOString(),
        }),
      },
    },
    queue,
    freescout: async () => (isConfigured ? client : null),
    provokeWebhook: (mailboxId) => provokeWebhook(client, mailboxId),
    freescoutCalls: () => metrics.total('FreeScoutCalls'),
    clock,
    log,
    measure: metrics.measure,
    newRunId: () => {
      runs += 1;
      return `run-${runs}`;
    },
    timeLeftMilliseconds: () => 240_000,
  };
  let mails = 0;
  return {
    ...{ clock: virtual, desk, store, queue, log, metrics, client },
    sweep: () => sweep(deps),
    /** Sweeps with the reports of secrets that the store really has, or with reports of that moment. */
    sweepWithReports: (at: Date | 'of the store') => {
      if (at === 'of the store') {
        return sweep({ ...deps, store });
      }
      secretsReportedAt = at;
      return sweep(deps);
    },
    fail: (failing: boolean) => {
      isFailing = failing;
    },
    unconfigure: () => {
      isConfigured = false;
    },
    /** A customer's mail that FreeScout fetched itself. */
    mail(options: { readonly mailboxId?: number; readonly inReplyTo?: string } = {}) {
      mails += 1;
      const messageId = `mail-${mails}@example.org`;
      const thread = fetchMail(desk, options.mailboxId ?? 1, {
        messageId,
        from: { name: 'Nina', email: 'nina@example.org' },
        to: 'support@example.com',
        cc: [],
        subject: 'Help',
        text: 'Please help',
        html: '',
        inReplyTo: options.inReplyTo ?? null,
        references: [],
      });
      if (thread === null) {
        throw new Error('FreeScout did not take the mail');
      }
      return { messageId, conversationId: thread.conversationId, threadId: thread.id };
    },
    jobs: () => queue.jobs.map(({ job }) => job),
    listCalls: () =>
      desk.requests.filter(({ method, path }) => method === 'GET' && path === '/api/conversations').length,
    /** Takes a row and leaves it in the given state. */
    async row(key: LedgerKey, outcome: LedgerOutcome | 'processing', channelThreadId?: string) {
      await store.ledger.claim(key, {
        owner: 'worker',
        leaseSeconds: 210,
        lastDelivery: false,
        ...(channelThreadId === undefined ? {} : { channelThreadId }),
      });
      if (outcome !== 'processing') {
        await store.ledger.finish(key, 'worker', outcome);
      }
    },
  };
}

const teamMessage = {
  html: `<div>Sent elsewhere</div>${markerFor('team:gmail:support:1')}`,
  cc: [],
  imported: true,
};

const failed = { status: 'failed', reason: 'freescout-error', retryable: true } as const;
const deferred = { status: 'deferred', reason: 'budget' } as const;
const success = { status: 'success', action: 'drafted' } as const;

describe('when FreeScout is listed', () => {
  it('every sweep without webhooks', async () => {
    const test = sweepUnderTest(polling);
    await test.sweep();
    test.clock.advance(5 * minute);
    await test.sweep();
    expect(test.listCalls()).toBe(2);
  });

  it('once an hour with webhooks and the safety net', async () => {
    const test = sweepUnderTest(safetyNet);
    for (let run = 0; run < 13; run += 1) {
      await test.sweep();
      test.clock.advance(5 * minute);
    }
    expect(test.listCalls()).toBe(2);
  });

  it('never with webhooks and without the safety net, whatever waits or is missing', async () => {
    const test = sweepUnderTest(webhooksOnly);
    test.mail();
    await test.row(threadKey(7, 1), deferred);
    await test.row(messageKey('gmail', 'support', 'm1'), failed, 't1');
    for (let run = 0; run < 30; run += 1) {
      await test.sweep();
      test.clock.advance(5 * minute);
    }
    expect(test.listCalls()).toBe(0);
    expect(test.log.of('SWEEP_DONE')).toHaveLength(30);
    expect(test.queue.jobs.length).toBeGreaterThan(0);
  });

  it('not at all before FreeScout is configured', async () => {
    const test = sweepUnderTest(polling);
    test.unconfigure();
    await test.row(threadKey(7, 1), deferred);
    await test.sweep();
    expect(test.log.lines.map(({ code }) => code)).toEqual(['NOT_CONFIGURED']);
    expect(test.queue.jobs).toEqual([]);
  });

  it('from the beginning of the intake, then from a while before the last list', async () => {
    const test = sweepUnderTest({ ...polling, gmail: { backfillDays: 3 } });
    const start = test.clock.now().getTime();
    await test.sweep();
    test.clock.advance(30 * minute);
    await test.sweep();
    const since = test.desk.requests.map(({ query }) => query.updatedSince);
    expect(since.map((text) => (start - Date.parse(text ?? '')) / hour)).toEqual([72, 0.25]);
  });

  it('again from the same moment after a list that failed', async () => {
    const test = sweepUnderTest(polling);
    await test.sweep();
    const { listedAt } = await test.store.state.getSweepCursor();
    test.clock.advance(5 * minute);
    test.fail(true);
    await test.sweep();
    expect(test.log.of('SWEEP_FAILED')).toMatchObject([
      { requestId: 'run-2', code: 'freescout-error', retryable: true, failed: 1, calls: 1 },
    ]);
    expect(test.metrics.total('SweepFailed')).toBe(1);
    expect(await test.store.state.getSweepCursor()).toMatchObject({ listedAt });
  });

  it('on all pages', async () => {
    const test = sweepUnderTest(polling);
    for (let count = 0; count < 120; count += 1) {
      test.mail();
    }
    await test.sweep();
    expect(test.queue.jobs).toHaveLength(120);
    expect(test.log.of('SWEEP_DONE')).toMatchObject([
      { found: 120, queued: 120, known: 0, missing: 0, failed: 0, pages: 3, calls: 3, woken: 0 },
    ]);
    expect(test.metrics.total('SweepQueued')).toBe(120);
  });
});

describe('a customer message that nobody answered', () => {
  it('without a row is queued', async () => {
    const test = sweepUnderTest(polling);
    const { conversationId, threadId } = test.mail();
    await test.sweep();
    expect(test.queue.jobs).toEqual([
      {
        job: { kind: 'conversation', conversationId, cause: 'sweep', requestId: 'run-1' },
        deduplicationId: deduplicationId.run(
          'sweep',
          threadKey(conversationId, threadId),
          test.clock.now().toISOString(),
        ),
      },
    ]);
  });

  it.each<[string, LedgerOutcome | 'processing']>([
    ['done', success],
    ['deferred', deferred],
    ['failed for good', { ...failed, retryable: false }],
    ['being worked on', 'processing'],
  ])('is known when its row is %s', async (_name, outcome) => {
    const test = sweepUnderTest({ ...polling, limits: { draftsPerDay: 1 } });
    await test.store.state.reserveSpend(
      'draft',
      0,
      { dailyUsd: 0, monthlyUsd: 0, draftsPerDay: 1 },
      test.clock.now(),
    );
    const { conversationId, threadId } = test.mail();
    await test.row(threadKey(conversationId, threadId), outcome);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
    expect(test.log.of('SWEEP_DONE')).toMatchObject([{ found: 1, known: 1 }]);
  });

  it('is queued again an hour after the lease of its worker ended', async () => {
    const test = sweepUnderTest(polling);
    const { conversationId, threadId } = test.mail();
    await test.row(threadKey(conversationId, threadId), 'processing');
    await test.sweep();
    test.clock.advance(210_000 + hour - minute);
    test.mail({ inReplyTo: 'nothing' });
    await test.sweep();
    const first = test.jobs().filter((job) => conversationOf(job) === conversationId);
    expect(first).toEqual([]);
    test.clock.advance(2 * minute);
    await test.store.state.saveSweepCursor({
      ...(await test.store.state.getSweepCursor()),
      listedAt: null,
      failedWokenAt: test.clock.now().toISOString(),
    });
    await test.sweep();
    const second = test.jobs().filter((job) => conversationOf(job) === conversationId);
    expect(second).toMatchObject([{ cause: 'sweep' }]);
  });

  it('is left alone when an agent answered, or the conversation is closed, spam, deleted or not ours', async () => {
    const test = sweepUnderTest(polling);
    const [answered, closed, spam, deleted] = [test.mail(), test.mail(), test.mail(), test.mail()];
    test.mail({ mailboxId: 2 });
    test.clock.advance(minute);
    test.desk.agent.reply(answered.conversationId, { user: defaultAgent, body: 'Done', status: 'active' });
    test.desk.agent.setStatus(closed.conversationId, 'closed', defaultAgent);
    test.desk.agent.setStatus(spam.conversationId, 'spam', defaultAgent);
    test.desk.agent.trash(deleted.conversationId, defaultAgent);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
  });

  it('is left alone when a team message answered it', async () => {
    const test = sweepUnderTest(polling);
    const { conversationId } = test.mail();
    test.clock.advance(minute);
    await test.client.addNote(conversationId, teamMessage);
    await test.sweep();
    expect(test.jobs()).toEqual([]);
  });

  it('is left alone when it is older than the intake', async () => {
    const test = sweepUnderTest({ ...polling, gmail: { backfillDays: 0 } });
    const { conversationId } = test.mail();
    test.clock.advance(minute);
    await test.store.state.intakeSince(test.clock.now(), null);
    test.clock.advance(minute);
    test.desk.agent.addNote(conversationId, { user: defaultAgent, body: 'A note that changes it' });
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
  });

  it('counts as missing after 15 minutes, with webhooks only', async () => {
    const test = sweepUnderTest(safetyNet);
    await test.sweep();
    test.clock.advance(46 * minute);
    test.mail();
    test.clock.advance(14 * minute);
    test.mail();
    test.clock.advance(2 * minute);
    await test.sweep();
    expect(test.log.of('SWEEP_DONE').at(-1)).toMatchObject({ queued: 2, missing: 1 });
    expect(await test.store.state.getSweepCursor()).toMatchObject({ missing: 1 });
    expect(test.metrics.total('SweepMissing')).toBe(1);

    const withoutWebhooks = sweepUnderTest(polling);
    withoutWebhooks.mail();
    withoutWebhooks.clock.advance(16 * minute);
    await withoutWebhooks.sweep();
    expect(withoutWebhooks.log.of('SWEEP_DONE')).toMatchObject([{ queued: 1, missing: 0 }]);
  });

  it('is not missing when it was there before the very first list', async () => {
    const test = sweepUnderTest(safetyNet);
    test.mail();
    test.clock.advance(16 * minute);
    await test.sweep();
    expect(test.log.of('SWEEP_DONE')).toMatchObject([{ queued: 1, missing: 0 }]);
    expect(test.metrics.total('SweepMissing')).toBe(0);
  });
});

describe('a draft of ours whose cycle an agent ended', () => {
  async function withDraft() {
    const test = sweepUnderTest(polling);
    const { conversationId, threadId } = test.mail();
    await test.row(threadKey(conversationId, threadId), success);
    test.clock.advance(minute);
    const draft = await test.client.createDraftReply(conversationId, {
      html: '<div>Hello</div>',
      cc: [],
      status: 'active',
    });
    await test.store.drafts.saveLive(
      {
        conversationId,
        state: 'live',
        kind: 'reply',
        answeredThreadId: threadId,
        draftThreadId: draft.threadId,
        fingerprint: 'f',
        createdAt: test.clock.now().toISOString(),
        type: 'customer',
        bucket: 'p2',
        language: 'en',
        promptVersion: '1',
      },
      null,
    );
    test.clock.advance(5 * minute);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
    return { ...test, conversationId, draftThreadId: draft.threadId };
  }

  it('by sending it, closed or not, is queued', async () => {
    const test = await withDraft();
    const { conversationId, draftThreadId: threadId } = test;
    test.desk.agent.sendDraft({ conversationId, threadId }, { user: defaultAgent, status: 'closed' });
    test.clock.advance(minute);
    await test.sweep();
    expect(test.jobs()).toMatchObject([{ kind: 'conversation', conversationId, cause: 'sweep' }]);
  });

  it('by another reply is queued', async () => {
    const test = await withDraft();
    test.desk.agent.reply(test.conversationId, { user: defaultAgent, body: 'My own words' });
    test.clock.advance(minute);
    await test.sweep();
    expect(test.jobs()).toMatchObject([{ conversationId: test.conversationId }]);
  });

  it.each([0, 1])('by a team message is queued, also when it was sent %i h before', async (hours) => {
    const test = await withDraft();
    for (let sweeps = 0; sweeps < 2; sweeps += 1) {
      test.clock.advance(hour);
      await test.sweep();
    }
    const note = await test.client.addNote(test.conversationId, teamMessage);
    const record = test.desk.threads.get(note.threadId);
    if (record) {
      record.createdAt = new Date(test.clock.now().getTime() - hours * hour).toISOString();
    }
    await test.sweep();
    expect(test.jobs()).toHaveLength(1);
  });

  it('is left alone once its end is recorded', async () => {
    const test = await withDraft();
    test.desk.agent.reply(test.conversationId, { user: defaultAgent, body: 'My own words' });
    const live = await test.store.drafts.getLive(test.conversationId);
    if (live === null) {
      throw new Error('The draft is not on record');
    }
    const { version, updatedAt, ...draft } = live;
    await test.store.drafts.saveLive({ ...draft, state: 'replaced' }, version);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
  });
});

describe('a follow-up tag of ours', () => {
  async function tagged(settings: Parameters<typeof sweepUnderTest>[0] = polling) {
    const test = sweepUnderTest(settings);
    const { conversationId, threadId, messageId } = test.mail();
    await test.row(threadKey(conversationId, threadId), success);
    await test.row(followUpKey(conversationId, threadId), { ...success, action: 'tagged' });
    await test.client.setTags(conversationId, ['customer', 'followup-ready']);
    test.clock.advance(5 * minute);
    await test.sweep();
    expect(test.jobs()).toEqual([]);
    test.clock.advance(minute);
    return { ...test, conversationId, messageId };
  }
  const jobOf = (conversationId: number) => [{ kind: 'conversation', conversationId, cause: 'sweep' }];

  it('that an agent made untrue is queued, also in a closed conversation', async () => {
    const test = await tagged();
    test.desk.agent.reply(test.conversationId, { user: defaultAgent, body: 'Done', status: 'closed' });
    await test.sweep();
    expect(test.jobs()).toMatchObject(jobOf(test.conversationId));
  });

  it('that the customer made untrue is queued, even when that message is known', async () => {
    const test = await tagged();
    const { threadId } = test.mail({ inReplyTo: test.messageId });
    await test.row(threadKey(test.conversationId, threadId), success);
    await test.sweep();
    expect(test.jobs()).toMatchObject(jobOf(test.conversationId));
  });

  it('is left alone in spam, and when a person set it', async () => {
    const spam = await tagged();
    spam.desk.agent.reply(spam.conversationId, { user: defaultAgent, body: 'No' });
    spam.desk.agent.setStatus(spam.conversationId, 'spam', defaultAgent);
    await spam.sweep();
    expect(spam.jobs()).toEqual([]);

    const test = sweepUnderTest(polling);
    const { conversationId, threadId } = test.mail();
    await test.row(threadKey(conversationId, threadId), success);
    await test.client.setTags(conversationId, ['followup-ready']);
    test.desk.agent.reply(conversationId, { user: defaultAgent, body: 'Done' });
    await test.sweep();
    expect(test.jobs()).toEqual([]);
  });
});

describe('work that waits for the budget', () => {
  async function waiting(count: number, settings: object = {}) {
    const test = sweepUnderTest({ ...webhooksOnly, ...settings });
    for (let id = 1; id <= count; id += 1) {
      await test.row(threadKey(id, 1), deferred);
      test.clock.advance(1000);
    }
    return test;
  }
  const spend = (test: ReturnType<typeof sweepUnderTest>, kind: 'triage' | 'draft', usd: number) =>
    test.store.state.reserveSpend(
      kind,
      usd,
      { dailyUsd: 0, monthlyUsd: 0, draftsPerDay: 0 },
      test.clock.now(),
    );

  it('is woken oldest first, 20 a run, with its row', async () => {
    const test = await waiting(25);
    await test.sweep();
    expect(test.jobs()).toHaveLength(20);
    expect(test.queue.jobs[0]).toEqual({
      job: {
        kind: 'conversation',
        conversationId: 1,
        rowKey: threadKey(1, 1),
        cause: 'wake',
        requestId: 'run-1',
      },
      deduplicationId: deduplicationId.run('wake', threadKey(1, 1), test.clock.now().toISOString()),
    });
    expect(test.log.of('SWEEP_DONE')).toMatchObject([{ woken: 20 }]);
    expect(test.metrics.total('SweepWoken')).toBe(20);
  });

  it.each([
    ['day', { openai: { budget: { dailyUsd: 1, monthlyUsd: 0 } } }],
    ['month', { openai: { budget: { dailyUsd: 0, monthlyUsd: 1 } } }],
  ])('sleeps on while the budget of the %s is spent', async (_name, settings) => {
    const test = await waiting(3, settings);
    await spend(test, 'triage', 1);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
  });

  it('is woken only as far as drafts are left for the day', async () => {
    const test = await waiting(5, { limits: { draftsPerDay: 3 } });
    await spend(test, 'draft', 0.001);
    await test.sweep();
    expect(test.jobs().map(conversationOf)).toEqual([1, 2]);
    await spend(test, 'draft', 0.001);
    await spend(test, 'draft', 0.001);
    test.clock.advance(5 * minute);
    await test.sweep();
    expect(test.queue.jobs).toHaveLength(2);
    test.clock.advance(24 * hour);
    await test.sweep();
    expect(test.queue.jobs).toHaveLength(5);
  });
});

describe('a message of a sender over their share', () => {
  it('is woken from the next day on, after what waits for the budget, while drafts are left', async () => {
    const test = sweepUnderTest({ ...webhooksOnly, limits: { draftsPerDay: 3 } });
    for (const id of [1, 2, 3]) {
      await test.row(threadKey(id, 1), { ...deferred, reason: 'share' });
    }
    test.clock.advance(hour);
    await test.row(threadKey(4, 1), deferred);
    await test.sweep();
    expect(test.jobs().map(conversationOf)).toEqual([4]);
    test.clock.advance(24 * hour);
    await test.sweep();
    expect(test.jobs().map(conversationOf)).toEqual([4, 4, 1, 2]);
  });
});

describe('messages that wait for something else than the budget', () => {
  const mail = (id: string) => messageKey('gmail', 'support', id);
  const spent = { openai: { budget: { dailyUsd: 1 } } };
  const messagesOf = (test: ReturnType<typeof sweepUnderTest>) =>
    test.jobs().map((job) => (job.kind === 'incoming-message' ? job.messageId : job.kind));

  it('come in at every sweep when people relabelled them, whatever was spent', async () => {
    const test = sweepUnderTest({ ...webhooksOnly, ...spent });
    await test.store.state.reserveSpend(
      'draft',
      2,
      { dailyUsd: 0, monthlyUsd: 0, draftsPerDay: 0 },
      test.clock.now(),
    );
    await test.row(threadKey(7, 1), deferred);
    await test.row(mail('m1'), { status: 'filtered', reason: 'label:SPAM' }, 't1');
    await test.store.ledger.reconsider(mail('m1'), { was: 'label:SPAM', reason: 'relabelled' });
    await test.sweep();
    expect(test.jobs()).toMatchObject([
      { kind: 'incoming-message', messageId: 'm1', threadId: 't1', cause: 'wake' },
    ]);
    test.clock.advance(5 * minute);
    await test.sweep();
    expect(messagesOf(test)).toEqual(['m1', 'm1']);
  });

  it('come in hourly, behind what failed, when they wait for the conversation of their thread', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row(mail('answer'), { status: 'deferred', reason: 'thread-pending' }, 't1');
    await test.row(mail('question'), failed, 't1');
    test.clock.advance(31 * minute);
    await test.sweep();
    expect(messagesOf(test)).toEqual(['question', 'answer']);
    test.clock.advance(30 * minute);
    await test.sweep();
    expect(test.jobs()).toHaveLength(2);
  });
});

describe('work that failed', () => {
  it('is woken every hour, each kind by its own job', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row(messageKey('gmail', 'support', 'm1'), failed, 't1');
    await test.row(threadKey(9, '-'), failed);
    await test.row(threadKey(8, 1), { ...failed, retryable: false });
    test.clock.advance(31 * minute);
    await test.sweep();
    expect(test.jobs()).toEqual([
      {
        kind: 'incoming-message',
        channel: 'gmail',
        alias: 'support',
        messageId: 'm1',
        threadId: 't1',
        cause: 'wake',
        requestId: 'run-1',
      },
      {
        kind: 'conversation',
        conversationId: 9,
        rowKey: threadKey(9, '-'),
        cause: 'wake',
        requestId: 'run-1',
      },
    ]);
    for (let run = 0; run < 12; run += 1) {
      test.clock.advance(5 * minute);
      await test.sweep();
    }
    expect(test.queue.jobs).toHaveLength(4);
  });

  it('is woken as what it was: follow-ups and alerts too', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row(followUpKey(7, 3), failed);
    await test.row(alertKey(7, 'p0-follow-up'), failed);
    test.clock.advance(31 * minute);
    await test.sweep();
    expect(test.jobs()).toHaveLength(2);
    expect(test.jobs()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'conversation',
          conversationId: 7,
          step: 'follow-up',
          rowKey: followUpKey(7, 3),
          cause: 'wake',
        }),
        expect.objectContaining({ kind: 'alert', conversationId: 7, alert: 'p0-follow-up', cause: 'wake' }),
      ]),
    );
  });

  it('is left to the queue while that repeats it', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row(messageKey('gmail', 'support', 'm1'), failed, 't1');
    test.clock.advance(20 * minute);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
  });

  it('is a failure for good after 72 hours of failing', async () => {
    const test = sweepUnderTest(webhooksOnly);
    const key = messageKey('gmail', 'support', 'm1');
    await test.row(key, failed, 't1');
    test.clock.advance(71 * hour);
    await test.row(key, failed, 't1');
    test.clock.advance(50 * minute);
    await test.sweep();
    expect(test.queue.jobs).toHaveLength(1);
    test.clock.advance(61 * minute);
    await test.sweep();
    expect(test.queue.jobs).toHaveLength(1);
    expect(await test.store.ledger.get(key)).toMatchObject({ status: 'failed', retryable: false });
    expect(test.metrics.total('JobsFailedForGood')).toBe(1);
    expect(test.log.of('JOB_FAILED_FOR_GOOD')).toMatchObject([
      { rowKey: key, code: 'freescout-error', retryable: false },
    ]);
    await test.sweep();
    expect(test.metrics.total('JobsFailedForGood')).toBe(1);
  });

  it.each<[string, LedgerOutcome | 'processing']>([
    ['failed', failed],
    ['was left in the middle', 'processing'],
    ['waits for the budget', deferred],
  ])('is woken for an account that the settings no longer have, so that it ends: %s', async (_, outcome) => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row(messageKey('gmail', 'gone', 'm1'), outcome, 't1');
    test.clock.advance(2 * hour);
    await test.sweep();
    expect(test.jobs()).toMatchObject([
      { kind: 'incoming-message', channel: 'gmail', alias: 'gone', messageId: 'm1' },
    ]);
  });

  it('includes rows whose worker never came back, an hour after their lease', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row(messageKey('gmail', 'support', 'm1'), 'processing', 't1');
    test.clock.advance(hour);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
    test.clock.advance(hour);
    await test.sweep();
    expect(test.jobs()).toMatchObject([{ kind: 'incoming-message', messageId: 'm1' }]);
  });
});

describe('rows that a later release wrote, which ran before this one', () => {
  // The type knows the keys of this release only.
  const neverHeardOf = 'invoice:7' as LedgerKey;
  const unknown: readonly LedgerKey[] = [
    'delivery:7:9:1',
    'digest:of-a-later-release:2026-11-20',
    neverHeardOf,
  ];

  it('are told of with every look, left as they are, and not given up', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row('delivery:7:9:1', failed);
    await test.row('digest:of-a-later-release:2026-11-20', 'processing');
    await test.row(neverHeardOf, 'processing');
    await test.row('delivery:7:9:2', deferred);
    const before = await test.store.ledger.getAll(unknown);
    test.clock.advance(80 * 60 * minute);
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
    expect(await test.store.ledger.getAll(unknown)).toEqual(before);
    expect(test.log.of('ROW_OF_LATER_RELEASE').map(({ rowKey }) => rowKey)).toEqual([
      'delivery:7:9:2',
      'delivery:7:9:1',
      'digest:of-a-later-release:2026-11-20',
      neverHeardOf,
    ]);
  });
});

describe('what operators are told once a day', () => {
  it('is queued by the first sweep of a day, for the day before', async () => {
    const test = sweepUnderTest({ ...webhooksOnly, alerts: {} });
    await test.sweep();
    test.clock.advance(hour);
    await test.sweep();
    expect(test.queue.jobs).toMatchObject([
      { job: { digest: 'filtered', day: '2026-11-19', cause: 'sweep' } },
    ]);
    test.clock.advance(24 * hour);
    await test.sweep();
    expect(test.queue.jobs.map(({ deduplicationId: id }) => id)).toEqual([
      'digest:filtered:2026-11-19',
      'digest:filtered:2026-11-20',
    ]);
  });

  it('is not queued when the settings say so', async () => {
    const test = sweepUnderTest({ ...webhooksOnly, alerts: { filteredDaily: false } });
    await test.sweep();
    expect(test.queue.jobs).toEqual([]);
  });
});

describe('what operators are told once an hour', () => {
  const gathered = { status: 'filtered', reason: 'gathered' } as const;
  const digests = (test: ReturnType<typeof sweepUnderTest>) =>
    test.jobs().flatMap((job) => (job.kind === 'digest' ? [`${job.digest} ${job.day}`] : []));

  it('is queued once when the hour is over and alerts were gathered in it', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.row(alertKey(1, 'p0'), gathered);
    await test.sweep();
    test.clock.advance(hour);
    await test.sweep();
    expect(digests(test)).toEqual([]);
    test.clock.advance(2 * minute);
    await test.sweep();
    expect(digests(test)).toEqual(['gathered 2026-11-20T12']);
    test.clock.advance(5 * minute);
    await test.sweep();
    test.clock.advance(hour);
    await test.sweep();
    expect(digests(test)).toHaveLength(1);
  });

  it('is queued for each such hour after the sweep stood still', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.sweep();
    for (const id of [1, 2, 3]) {
      await test.row(alertKey(id, 'p0'), gathered);
      test.clock.advance(2 * hour);
    }
    test.clock.advance(2 * minute);
    await test.sweep();
    expect(digests(test)).toEqual(['12', '14', '16'].map((at) => `gathered 2026-11-20T${at}`));
  });
});

describe('a sweep and the reports of secrets', () => {
  const selfCheck = { kind: 'self-check', cause: 'sweep', requestId: 'run-1' };

  it('has the worker report while a report is missing, also before FreeScout is configured', async () => {
    const { sweepWithReports, unconfigure, queue } = sweepUnderTest();
    unconfigure();
    await sweepWithReports('of the store');
    expect(queue.jobs.map(({ job }) => job)).toEqual([selfCheck]);
  });

  it('has the worker report again after an hour', async () => {
    const { sweepWithReports, clock, queue } = sweepUnderTest(webhooksOnly);
    const at = new Date(clock.now().getTime() - hour);
    await sweepWithReports(at);
    expect(queue.jobs).toEqual([]);
    await sweepWithReports(new Date(at.getTime() - 1));
    expect(queue.jobs.map(({ job }) => job)).toEqual([{ ...selfCheck, requestId: 'run-2' }]);
  });
});

describe('the trial of webhooks', () => {
  const trialsMade = ({ desk }: ReturnType<typeof sweepUnderTest>) =>
    desk.requests.filter(({ method, path }) => method === 'POST' && path === '/api/conversations').length;
  const trialOf = async ({ store }: ReturnType<typeof sweepUnderTest>) =>
    (await store.state.getSweepCursor()).webhookTrial;

  it('makes a conversation and deletes it, when no signed webhook came for an hour', async () => {
    const test = sweepUnderTest(webhooksOnly);
    await test.store.state.countWebhook('one', false, test.clock.now());
    test.clock.advance(59 * minute);
    await test.sweep();
    expect(trialsMade(test)).toBe(0);
    test.clock.advance(minute);
    await test.sweep();
    expect(trialsMade(test)).toBe(1);
    expect(test.desk.conversations.size).toBe(0);
    expect(test.log.of('WEBHOOK_TRIED')).toHaveLength(1);
    const at = '2026-11-20T13:00:00.000Z';
    expect(await trialOf(test)).toEqual({ at, unansweredSince: at });
  });

  it('is made once an hour at most, and remembers since when none was answered', async () => {
    const test = sweepUnderTest(webhooksOnly);
    for (let run = 0; run < 24; run += 1) {
      await test.sweep();
      test.clock.advance(5 * minute);
    }
    expect(trialsMade(test)).toBe(2);
    expect(await trialOf(test)).toEqual({
      at: '2026-11-20T13:00:00.000Z',
      unansweredSince: '2026-11-20T12:00:00.000Z',
    });
    await test.store.state.countWebhook('one', false, test.clock.now());
    test.clock.advance(hour);
    await test.sweep();
    expect(await trialOf(test)).toEqual({
      at: '2026-11-20T15:00:00.000Z',
      unansweredSince: '2026-11-20T15:00:00.000Z',
    });
  });

  it('shows nothing while FreeScout takes no calls, and is tried again after an hour', async () => {
    const test = sweepUnderTest(webhooksOnly);
    test.fail(true);
    await test.sweep();
    expect(await trialOf(test)).toEqual({ at: '2026-11-20T12:00:00.000Z', unansweredSince: null });
    expect(test.log.of('WEBHOOK_NOT_TRIED')).toMatchObject([{ code: 'freescout-unanswered' }]);
    expect(test.log.of('SWEEP_DONE')).toHaveLength(1);
    test.fail(false);
    test.clock.advance(hour);
    await test.sweep();
    expect((await trialOf(test))?.unansweredSince).toBe('2026-11-20T13:00:00.000Z');
  });

  it('is not made where webhooks are off', async () => {
    const test = sweepUnderTest(polling);
    await test.sweep();
    expect(trialsMade(test)).toBe(0);
    expect(await trialOf(test)).toBeUndefined();
  });

  it('is not found by the list', async () => {
    const test = sweepUnderTest(safetyNet);
    const { conversationId } = await test.client.createProofConversation(1);
    const trial = test.desk.conversations.get(conversationId);
    expect(trial).toMatchObject({ status: 'closed' });
    await test.client.reopen(conversationId);
    await test.sweep();
    expect(test.log.of('SWEEP_DONE')).toMatchObject([{ found: 0, queued: 0 }]);
  });
});
