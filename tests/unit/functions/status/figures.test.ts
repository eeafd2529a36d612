import { describe, expect, it } from 'vitest';
import { createFigures, metricsBody, type QueueDepths } from '#functions/status/figures.ts';
import { prometheusText } from '#functions/status/prometheusText.ts';
import { dismissRow } from '#infra/cli/commands/dismiss.ts';
import { type ConditionName, foundByLooks } from '#shared/observability/conditions.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { messageKey } from '#shared/store/keys.ts';
import type { KeptReadiness } from '#shared/store/readiness.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const minute = 60_000;
const empty: QueueDepths = { waiting: 0, inHand: 0, deadLetters: 0 };

function setUp() {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  let queues = empty;
  const deps = {
    settings: parseSettings({ openai: { budget: { dailyUsd: 5, monthlyUsd: 0 } } }),
    state: store.state,
    ledger: store.ledger,
    queues: async () => queues,
    deployedAt: '2026-11-20T10:00:00.000Z',
    clock,
  };
  const figures = createFigures(deps);
  return {
    clock,
    store,
    deps,
    figures,
    setQueues: (next: Partial<QueueDepths>) => {
      queues = { ...empty, ...next };
    },
    claim: (id: string) =>
      store.ledger.claim(messageKey('gmail', 'support', id), {
        owner: id,
        leaseSeconds: 210,
        lastDelivery: false,
      }),
    body: async () => metricsBody(await figures(), await store.state.keptReadiness(), deps),
  };
}

describe('the age of the oldest job', () => {
  it('is that of the oldest row that is worked on', async () => {
    const { claim, clock, figures } = setUp();
    expect((await figures()).oldestJobSeconds).toBe(0);
    await claim('m1');
    clock.advance(20 * minute);
    await claim('m2');
    expect((await figures()).oldestJobSeconds).toBe(1200);
  });

  it('is that of a queue which nobody works on, from when it was first seen so', async () => {
    const { clock, figures, setQueues } = setUp();
    clock.advance(60 * minute);
    setQueues({ waiting: 3 });
    expect((await figures()).oldestJobSeconds).toBe(0);
    clock.advance(16 * minute);
    expect((await figures()).oldestJobSeconds).toBe(960);
    setQueues({ waiting: 0, inHand: 3 });
    expect((await figures()).oldestJobSeconds).toBe(0);
    setQueues({ waiting: 3 });
    clock.advance(minute);
    expect((await figures()).oldestJobSeconds).toBe(0);
  });

  it('starts anew whenever a worker takes a row: a queue that is busy is not old', async () => {
    const { claim, clock, figures, setQueues, store } = setUp();
    setQueues({ waiting: 3 });
    await figures();
    clock.advance(20 * minute);
    await claim('m1');
    await store.ledger.finish(messageKey('gmail', 'support', 'm1'), 'm1', {
      status: 'filtered',
      reason: 'bulk',
    });
    expect((await figures()).oldestJobSeconds).toBe(0);
    clock.advance(2 * minute);
    expect((await figures()).oldestJobSeconds).toBe(120);
  });
});

describe('the rows that failed for good', () => {
  const fail = async (store: ReturnType<typeof setUp>['store'], id: string, retryable: boolean) => {
    const key = messageKey('gmail', 'support', id);
    await store.ledger.claim(key, { owner: id, leaseSeconds: 210, lastDelivery: false });
    await store.ledger.finish(key, id, { status: 'failed', reason: 'gmail-rejected', retryable });
    return key;
  };

  it('are counted until the operator has them worked on again, forgets them or dismisses them', async () => {
    const { figures, store } = setUp();
    expect((await figures()).failedForGood).toBe(0);
    await fail(store, 'm0', true);
    const [replayed, forgotten, dismissed] = [
      await fail(store, 'm1', false),
      await fail(store, 'm2', false),
      await fail(store, 'm3', false),
    ];
    expect((await figures()).failedForGood).toBe(3);
    await store.ledger.reopen(replayed);
    await store.ledger.forgetRow(forgotten);
    expect((await figures()).failedForGood).toBe(1);
    await dismissRow(store.ledger, dismissed);
    expect((await figures()).failedForGood).toBe(0);
  });

  it('are not looked for where no row failed', async () => {
    const { deps } = setUp();
    const asked: string[] = [];
    const figures = createFigures({
      ...deps,
      ledger: {
        listByStatus: async (status) => {
          asked.push(status);
          return [];
        },
      },
    });
    await figures();
    expect(asked).toEqual(['processing']);
  });
});

describe('the figures', () => {
  it('have the keys that others read, before anything happened', async () => {
    const { body } = setUp();
    expect(await body()).toEqual({
      webhooks_received: 0,
      webhooks_failed: 0,
      last_webhook: null,
      uptime_start: '2026-11-20T10:00:00.000Z',
      db_messages_by_status: { processing: 0, deferred: 0, failed: 0, filtered: 0, success: 0 },
      db_thread_mappings: 0,
      db_bot_drafts: 0,
      bot_drafts_by_state: { creating: 0, live: 0, sent: 0, replaced: 0, gone: 0 },
      draft_outcomes: expect.objectContaining({ unchanged: 0, replaced: 0 }),
      draft_acceptance_rate: null,
      drafts_today: 0,
      drafts_per_day: 100,
      spend_today_usd: 0,
      budget_daily_usd: 5,
      spend_this_month_usd: 0,
      budget_monthly_usd: 0,
      queue_depth: 0,
      oldest_job_seconds: 0,
      dead_letters: 0,
      failed_for_good: 0,
      last_poll: { support: null },
      last_sweep: null,
      missing: 0,
      ready: null,
      drafting_stopped: null,
      last_look: null,
      issues_by_condition: Object.fromEntries(foundByLooks.map((name) => [name, null])),
    });
  });

  it('call accepted what was sent unchanged or lightly edited, out of all answers', async () => {
    const { body, store } = setUp();
    const outcomes = ['unchanged', 'unchanged', 'light-edit', 'heavy-edit', 'replaced', 'discarded'] as const;
    const origin = { type: 'customer', bucket: 'p2', language: 'en', promptVersion: 'draft-1' } as const;
    for (const [index, outcome] of outcomes.entries()) {
      const about = {
        conversationId: index + 1,
        kind: 'reply',
        answeredThreadId: 1,
        draftThreadId: 2,
        ...origin,
      } as const;
      await store.drafts.saveLive(
        { ...about, state: 'sent', fingerprint: 'f', createdAt: '2026-11-20T12:00:00.000Z' },
        null,
        {
          cycle: {
            ...about,
            outcome,
            similarity: null,
            minutesToSend: null,
            endedAt: '2026-11-20T12:00:00.000Z',
          },
        },
      );
    }
    const figures = await body();
    expect(figures.draft_acceptance_rate).toBeCloseTo(3 / 5, 6);
    expect(figures.db_bot_drafts).toBe(6);
    const text = prometheusText(figures);
    expect(text).toContain('\ncsm_draft_acceptance_ratio 0.6\n');
    expect(text).toContain('\ncsm_draft_outcomes_total{outcome="light-edit"} 1\n');
  });

  const seen = (condition: ConditionName, stands: boolean, isSeen = true) => ({
    ...{ condition, seen: isSeen, stands },
    since: '2026-11-20T12:00:00.000Z',
  });
  const look = async ({ clock, store }: ReturnType<typeof setUp>, found: Partial<KeptReadiness>) => {
    const at = clock.now();
    await store.state.beginLook('status', { at, until: new Date(at.getTime() + minute), newEnough: at });
    await store.state.keepLook('status', {
      ...{ status: 'ready', issues: [], draftMode: 'guarded', sightings: [], at: at.toISOString() },
      ...found,
    });
  };

  it('tell what the newest look found, and as an issue what stands', async () => {
    const scene = setUp();
    await look(scene, {
      status: 'degraded',
      issues: [{ condition: 'DoubleFetching', says: 'mail is fetched twice' }],
      sightings: [seen('DoubleFetching', true), seen('PlainHttp', false), seen('MailMissing', true, false)],
    });
    const body = await scene.body();
    expect(body).toMatchObject({
      ...{ ready: 1, drafting_stopped: 0, last_look: scene.clock.now().toISOString() },
      issues_by_condition: { DoubleFetching: 1, PlainHttp: 0, MailMissing: 1, DraftingStopped: 0 },
    });
    const text = prometheusText(body);
    expect(text).toContain('\ncsm_ready 1\n');
    expect(text).toContain('\ncsm_drafting_stopped 0\n');
    expect(text).toContain('\ncsm_issue{condition="DoubleFetching"} 1\n');
    expect(text).toContain('\ncsm_issue{condition="PlainHttp"} 0\n');
    expect(text.match(/^csm_issue\{/gm)).toHaveLength(foundByLooks.length);
    expect(text).not.toContain('LooksSilent');
  });

  it('say at once that drafting has stopped and the system is not ready', async () => {
    const scene = setUp();
    await look(scene, {
      status: 'not_ready',
      issues: [{ condition: 'DraftingStopped', says: 'drafting stopped' }],
      sightings: [seen('DraftingStopped', false)],
    });
    expect(await scene.body()).toMatchObject({ ready: 0, drafting_stopped: 1 });
  });

  it('do not call a system ready at which nobody looks any longer', async () => {
    const scene = setUp();
    await look(scene, {});
    scene.clock.advance(5 * minute);
    expect(await scene.body()).toMatchObject({ ready: 1 });
    scene.clock.advance(1);
    expect(await scene.body()).toMatchObject({ ready: 0 });
  });

  it('are valid Prometheus text: every sample belongs to the family before it, every family ends with a line feed', async () => {
    const text = prometheusText(await setUp().body());
    expect(text.endsWith('\n')).toBe(true);
    let family = '';
    for (const line of text.trimEnd().split('\n')) {
      const head = /^# (HELP|TYPE) (csm_[a-z_]+) (.+)$/.exec(line);
      if (head === null) {
        const sample = /^(csm_[a-z_]+)(\{[a-z]+="[^"]*"\})? [0-9.e+-]+$/.exec(line);
        expect(sample?.[1], line).toBe(family);
      } else {
        family = head[2] ?? '';
      }
    }
    // Nothing has happened yet, so there is no instant to tell.
    expect(text).not.toMatch(/^csm_last_(webhook|poll|sweep|look)\S* /m);
  });
});
