import { describe, expect, it } from 'vitest';
import type { FollowUpsDependencies } from '#functions/follow-ups/followUpsDependencies.ts';
import { queueFollowUps } from '#functions/follow-ups/queueFollowUps.ts';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { explainFollowUps } from '#shared/followUps/explainFollowUps.ts';
import { conversationOf, deduplicationId } from '#shared/jobs/jobs.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { followUpKey, threadKey } from '#shared/store/keys.ts';
import { triageSchema } from '#shared/triage/triage.ts';
import { recordingMeasure } from '#tests/support/recordingLog.ts';
import { createWorkerBench, judgement } from '#tests/support/workerBench.ts';

const hour = 3_600_000;

function followUpsBench(followUps: object = {}) {
  const bench = createWorkerBench({ settings: { followUps } });
  const { client, clock, desk, log, queue, store } = bench;
  const metrics = recordingMeasure();
  let runs = 0;
  let isConfigured = true;
  let timeLeft = 240_000;
  const deps: FollowUpsDependencies = {
    settings: bench.deps.settings,
    store,
    queue,
    freescout: async () => (isConfigured ? client : null),
    clock: bench.deps.clock,
    log,
    measure: metrics.measure,
    newRunId: () => {
      runs += 1;
      return `run-${runs}`;
    },
    timeLeftMilliseconds: () => timeLeft,
  };
  return {
    ...bench,
    deps,
    metrics,
    run: () => queueFollowUps(deps),
    explain: () => explainFollowUps({ ...deps, ledger: store.ledger, freescout: client }),
    unconfigure: () => {
      isConfigured = false;
    },
    runOutOfTime: () => {
      timeLeft = 1000;
    },
    jobs: () => queue.jobs.map(({ job }) => job),
    /** A conversation whose only message was judged and came so many hours ago. */
    async waiting(hoursAgo: number, needsReply = true): Promise<{ id: number; threadId: number }> {
      const createdAt = new Date(clock.now().getTime() - hoursAgo * hour);
      const { conversationId: id } = await client.createConversation({
        mailboxId: 1,
        subject: 'Secret words',
        customer: { email: `c${hoursAgo}@customer.test` },
        html: '<div>Secret words</div>',
        cc: [],
        attachments: [],
        imported: true,
        createdAt,
      });
      const threadId = desk.threadsOf.get(id)?.[0]?.id ?? 0;
      const key = threadKey(id, threadId);
      await store.ledger.claim(key, { owner: 'w', leaseSeconds: 60, lastDelivery: false });
      await store.ledger.progress(key, 'w', {
        triage: { ...triage, needsReply },
      });
      await store.ledger.finish(key, 'w', { status: 'success', action: 'drafted' });
      return { id, threadId };
    },
    writes: () => desk.requests.filter(({ method }) => method !== 'GET').length,
  };
}

const triage = triageSchema.parse({ ...judgement, escalationWords: [], promptVersion: 't' });

describe('a look for stale conversations', () => {
  it('queues those that wait too long, the oldest first, and tells it in one line', async () => {
    const test = followUpsBench();
    const young = await test.waiting(3);
    const old = await test.waiting(30);
    const older = await test.waiting(50);
    const thanks = await test.waiting(60, false);
    await test.run();
    expect(test.queue.jobs).toEqual(
      [older, old].map(({ id, threadId }) => ({
        job: {
          kind: 'conversation',
          conversationId: id,
          step: 'follow-up',
          cause: 'follow-ups',
          requestId: 'run-1',
        },
        deduplicationId: deduplicationId.run(
          'follow-ups',
          followUpKey(id, threadId),
          test.clock.now().toISOString(),
        ),
      })),
    );
    expect([young.id, thanks.id]).not.toContain(test.jobs().map(conversationOf)[0]);
    expect(test.log.of('FOLLOW_UPS_DONE')).toMatchObject([
      {
        requestId: 'run-1',
        found: 4,
        qualified: 2,
        queued: 2,
        skipped: 2,
        reasons: 'no-reply-needed:1 too-young:1',
        failed: 0,
      },
    ]);
    expect(test.metrics.total('FollowUpsSeen')).toBe(4);
    expect(test.metrics.total('FollowUpsQualified')).toBe(2);
    expect(test.metrics.total('FollowUpsQueued')).toBe(2);
    expect(test.metrics.total('FollowUpsSkipped')).toBe(2);
  });

  it('asks FreeScout for open, published conversations of our mailboxes only', async () => {
    const test = followUpsBench();
    await test.run();
    const [request] = test.desk.requests;
    expect(Object.fromEntries(new URLSearchParams(request?.query ?? ''))).toMatchObject({
      mailboxId: '1',
      status: 'active',
      state: 'published',
      embed: 'threads,tags',
      sortField: 'waitingSince',
      sortOrder: 'asc',
    });
  });

  it('does not queue again what has a row, so that a limit of stuck ones never hides the others', async () => {
    const test = followUpsBench({ limit: 2 });
    const all = [];
    for (let hours = 30; hours < 35; hours += 1) {
      all.push(await test.waiting(hours));
    }
    const queued = () => test.jobs().map(conversationOf);
    await test.run();
    expect(queued()).toEqual([all[4]?.id, all[3]?.id]);
    for (const job of test.jobs()) {
      await test.work(job);
    }
    const before = test.jobs().length;
    await test.run();
    expect(queued().slice(before)).toEqual([all[2]?.id, all[1]?.id]);
    expect(test.log.of('FOLLOW_UPS_DONE')).toMatchObject([
      { qualified: 5, queued: 2, reasons: 'over-limit:3' },
      { qualified: 3, queued: 2, reasons: 'excluded-tag:2 over-limit:1' },
    ]);
  });

  it('turns every page', async () => {
    const test = followUpsBench();
    for (let hours = 0; hours < 120; hours += 1) {
      await test.waiting(30 + hours);
    }
    await test.run();
    expect(test.jobs()).toHaveLength(100);
    expect(new Set(test.jobs().map(conversationOf)).size).toBe(100);
    expect(test.log.of('FOLLOW_UPS_DONE')).toMatchObject([{ found: 120, qualified: 120, queued: 100 }]);
  });

  it('does nothing before FreeScout is configured, or switched off', async () => {
    const test = followUpsBench();
    test.unconfigure();
    await test.run();
    expect(test.log.of('NOT_CONFIGURED')).toHaveLength(1);
    const off = followUpsBench({ enabled: false });
    await off.waiting(30);
    await off.run();
    expect(off.jobs()).toEqual([]);
  });

  it('never throws: a FreeScout or a queue that fails is logged and counted', async () => {
    const test = followUpsBench();
    test.failNext('GET', /conversations$/, '500-before');
    await test.run();
    expect(test.log.of('FOLLOW_UPS_FAILED')).toMatchObject([{ code: 'freescout-error', failed: 1 }]);
    await test.waiting(30);
    test.queue.refuse();
    await test.run();
    expect(test.log.of('FOLLOW_UPS_FAILED')[1]).toMatchObject({ code: 'queue-unavailable', queued: 0 });
    expect(test.metrics.total('FollowUpsFailed')).toBe(2);
  });

  it('stops before its time is over', async () => {
    const test = followUpsBench();
    for (let hours = 0; hours < 60; hours += 1) {
      await test.waiting(30 + hours);
    }
    test.runOutOfTime();
    await test.run();
    expect(test.jobs()).toHaveLength(50);
    expect(test.log.of('FOLLOW_UPS_FAILED')).toMatchObject([{ code: 'time-over', queued: 50 }]);
  });
});

describe('a dry run', () => {
  it('says of every conversation what it would do and why, and does nothing', async () => {
    const test = followUpsBench({ dryRun: true });
    await test.waiting(3);
    const old = await test.waiting(30);
    const before = test.writes();
    await test.run();
    expect(test.jobs()).toEqual([]);
    expect(test.writes()).toBe(before);
    expect(test.asked).toEqual([]);
    expect(test.log.of('FOLLOW_UP_EXPLAINED')).toMatchObject([
      { conversationId: old.id, step: 'follow-up', reason: 'due', hours: 30 },
      { step: null, reason: 'too-young', hours: 3 },
    ]);
    expect(test.log.of('FOLLOW_UPS_DONE')).toMatchObject([{ qualified: 1, queued: 0 }]);
    expect(JSON.stringify(test.log.lines)).not.toMatch(/Secret|customer\.test/);
  });
});

describe('the explanation', () => {
  it('has a row for every open conversation, due or not', async () => {
    const test = followUpsBench({ limit: 1, reminder: { enabled: true, afterDays: 1 } });
    const first = await test.waiting(60);
    const second = await test.waiting(50);
    const young = await test.waiting(1);
    const answered = await test.waiting(100);
    test.desk.agent.reply(answered.id, { user: defaultAgent, body: 'Here.', status: 'pending' });
    const closed = await test.waiting(70);
    test.desk.agent.setStatus(closed.id, 'closed', defaultAgent);
    test.clock.advance(24 * hour);
    const rows = await test.explain();
    expect(rows.find(({ conversationId }) => conversationId === first.id)).toEqual({
      conversationId: first.id,
      number: first.id,
      mailboxId: 1,
      waitedHours: 84,
      due: 'follow-up',
      reason: 'due',
      rowKey: followUpKey(first.id, first.threadId),
    });
    const verdicts = new Map(rows.map((row) => [row.conversationId, [row.due, row.reason]]));
    expect(verdicts.get(second.id)).toEqual(['follow-up', 'over-limit']);
    expect(verdicts.get(young.id)).toEqual(['follow-up', 'over-limit']);
    expect(verdicts.get(answered.id)).toEqual(['reminder', 'over-limit']);
    expect(verdicts.has(closed.id)).toBe(false);
    expect(test.jobs()).toEqual([]);
  });
});

it('calendars belong to channels that exist', () => {
  const calendar = { timeZone: 'Europe/Berlin', weekdays: { monday: ['09:00-17:00'] } };
  expect(parseSettings({ followUps: { calendars: { support: calendar } } })).toBeTruthy();
  const read = (followUps: object) => () => parseSettings({ followUps });
  expect(read({ calendars: { sales: calendar } })).toThrow(
    'followUps.calendars.sales: is the alias of no channel',
  );
  expect(read({ calendars: { support: { ...calendar, timeZone: 'Mars/Base' } } })).toThrow('is no time zone');
  expect(read({ calendars: { support: { ...calendar, weekdays: { monday: ['17:00-09:00'] } } } })).toThrow(
    'must end after it starts',
  );
  expect(read({ calendars: { support: { ...calendar, weekdays: { someday: [] } } } })).toThrow(
    'followUps.calendars.support.weekdays',
  );
  expect(read({ tag: '' })).toThrow('followUps.tag');
});
