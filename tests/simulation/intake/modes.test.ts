import { describe, expect, it } from 'vitest';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { seededRandom } from '#tests/support/simulation/seededRandom.ts';
import { createIntakeWorld } from './intakeWorld.ts';

const minute = 60_000;
const noTrouble = { crash: 0, fault: 0, lostWebhook: 0, burst: 0, slow: 0 };

/** A customer's mail that FreeScout fetched itself, and sweeps for half an hour. */
async function mailFetchedByFreeScout(
  mode: { readonly webhookEnabled: boolean; readonly safetyNet: boolean },
  { listEverySweep = false, lostWebhook = 0 } = {},
) {
  let lists = 0;
  const world = createIntakeWorld({
    random: seededRandom(1),
    trouble: { ...noTrouble, lostWebhook },
    sabotage: { settings: { freescout: { url: 'http://freescout.test', ...mode } } },
    start: '2026-11-20T08:00:00.000Z',
    deliverToCustomer: () => {},
    trace: null,
    freescoutAnswers: ({ method, path }) => {
      lists += method === 'GET' && path === '/api/conversations' ? 1 : 0;
      return null;
    },
  });
  const { time, desk, store } = world;
  const thread = fetchMail(desk, 1, {
    messageId: 'one@mail.test',
    from: { name: 'Zoe', email: 'zoe@customer.test' },
    to: 'support@example.com',
    cc: [],
    subject: 'A question',
    text: 'Please help me.',
    html: '',
    inReplyTo: null,
    references: [],
  });
  for (let sweeps = 1; sweeps <= 6; sweeps += 1) {
    if (listEverySweep) {
      await store.state.saveSweepCursor({ ...(await store.state.getSweepCursor()), listedAt: null });
    }
    void world.sweep();
    const until = time.now().getTime() + 5 * minute;
    // Something is always still to come, so that time goes on.
    time.setTimer(5 * minute, () => {});
    await time.runUntil(() => time.now().getTime() >= until);
  }
  const threads = desk.threadsOf.get(thread?.conversationId ?? 0) ?? [];
  return {
    lists,
    violations: world.violations,
    drafts: threads.filter(({ state }) => state === 'draft').length,
    notes: threads.filter(({ type }) => type === 'note').length,
    judged: world.counts.get('CONVERSATION_TRIAGED') ?? 0,
  };
}

const once = { violations: [], drafts: 1, notes: 1, judged: 1 };

describe('a conversation born in FreeScout gets its draft', () => {
  it('by webhook alone, without a list by the sweep', async () => {
    const result = await mailFetchedByFreeScout({ webhookEnabled: true, safetyNet: false });
    // One look for the same mail in Gmail is the worker's.
    expect(result).toMatchObject(once);
    expect(result.lists).toBeLessThanOrEqual(1);
  });

  it('by polling alone, without a webhook', async () => {
    const result = await mailFetchedByFreeScout(
      { webhookEnabled: false, safetyNet: true },
      { lostWebhook: 1 },
    );
    expect(result).toMatchObject(once);
  });

  it('by the safety net when its webhook is lost', async () => {
    const result = await mailFetchedByFreeScout(
      { webhookEnabled: true, safetyNet: true },
      { lostWebhook: 1 },
    );
    expect(result).toMatchObject(once);
  });

  it('once when webhooks and lists both tell of it', async () => {
    const result = await mailFetchedByFreeScout(
      { webhookEnabled: true, safetyNet: true },
      { listEverySweep: true },
    );
    expect(result).toMatchObject(once);
    expect(result.lists).toBeGreaterThan(5);
  });
});
