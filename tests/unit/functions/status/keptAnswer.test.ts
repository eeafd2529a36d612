import { describe, expect, it } from 'vitest';
import { createKeptAnswer } from '#functions/status/keptAnswer.ts';
import { lookOnSchedule } from '#functions/status/lookOnSchedule.ts';
import type { Issue } from '#shared/observability/conditions.ts';
import { systemClock } from '#shared/time/clock.ts';
import { createInMemoryStore, type StoreOperation } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog } from '#tests/support/recordingLog.ts';

const deadLetters: Issue = { condition: 'DeadLetters', says: 'a job waits' };

/** Several environments of the status function over one table, which look at one FreeScout. */
function setUp(clock = manualClock()) {
  const broken = new Set<StoreOperation>();
  const { state } = createInMemoryStore({
    clock,
    beforeEach: (operation) => {
      if (broken.has(operation)) {
        throw new Error('no table');
      }
    },
  });
  const looks: Date[] = [];
  let asker = 0;
  const desk = {
    issues: [] as Issue[],
    /** What a look waits for. */
    untilFound: (): Promise<void> => Promise.resolve(),
  };
  const environment = () =>
    createKeptAnswer({
      look: async () => {
        looks.push(clock.now());
        await desk.untilFound();
        const { issues } = desk;
        return { status: issues.length > 0 ? 'degraded' : 'ready', issues, draftMode: 'managed' };
      },
      state,
      clock,
      log: recordingLog(),
      newOwner: () => String(++asker),
    });
  return { clock, state, broken, looks, desk, environment };
}

describe('the answer of /ready', () => {
  it('is given again for half a minute, by every environment', async () => {
    const { clock, looks, environment } = setUp();
    const [one, other] = [environment(), environment()];
    const first = await one('kept');
    expect(first).toEqual({
      ...{ status: 'ready', issues: [], draftMode: 'managed', standing: [] },
      checkedAt: '2026-11-20T12:00:00.000Z',
    });
    clock.advance(30_000);
    expect(await other('kept')).toEqual(first);
    expect(looks).toHaveLength(1);
    clock.advance(1);
    expect(await other('kept')).toMatchObject({ checkedAt: '2026-11-20T12:00:30.001Z' });
    expect(await one('kept')).toMatchObject({ checkedAt: '2026-11-20T12:00:30.001Z' });
    expect(looks).toHaveLength(2);
  });

  it('is older while one environment renews it, and the others do not wait', async () => {
    const { clock, looks, desk, environment } = setUp();
    await environment()('kept');
    clock.advance(60_000);
    const found = Promise.withResolvers<void>();
    desk.untilFound = () => found.promise;
    const renewing = environment()('kept');
    const others = await Promise.all(Array.from({ length: 100 }, () => environment()('kept')));
    expect(new Set(others.map(({ checkedAt }) => checkedAt))).toEqual(new Set(['2026-11-20T12:00:00.000Z']));
    found.resolve();
    expect(await renewing).toMatchObject({ checkedAt: '2026-11-20T12:01:00.000Z' });
    expect(looks).toHaveLength(2);
    expect(clock.sleeps).toEqual([]);
  });

  it('is found once for many who ask a system that nobody has looked at', async () => {
    const { looks, desk, environment } = setUp({ ...manualClock(), ...systemClock });
    desk.untilFound = () => systemClock.sleep(50);
    const answers = await Promise.all(Array.from({ length: 100 }, () => environment()('kept')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['ready']));
    expect(looks).toHaveLength(1);
  });

  it('is not green for long when looks die', async () => {
    const { clock, looks, desk, environment } = setUp();
    await environment()('kept');
    desk.untilFound = () => new Promise(() => undefined);
    clock.advance(31_000);
    void environment()('kept');
    await expect.poll(() => looks.length).toBe(2);
    expect(await environment()('kept')).toMatchObject({ status: 'ready' });
    clock.advance(30_000);
    // The lease has run out, so another look is made.
    void environment()('kept');
    await expect.poll(() => looks.length).toBe(3);
    clock.advance(4 * 60_000);
    void environment()('kept');
    await expect.poll(() => looks.length).toBe(4);
    expect(await environment()('kept')).toEqual({
      status: 'not_ready',
      issues: [
        {
          condition: 'LooksSilent',
          says: 'no look has ended since 2026-11-20T12:00:00.000Z: look for errors of the status function',
        },
      ],
      draftMode: null,
      checkedAt: '2026-11-20T12:00:00.000Z',
      standing: [],
    });
  });

  it.each<[StoreOperation, string, number]>([
    ['state.keptReadiness', 'read', 0],
    ['state.beginLook', 'written', 0],
    // Each of the twenty waits for the one that holds the lease, which takes minutes: one look in half a minute.
    ['state.keepLook', 'written', 11],
  ])(
    'is not ready when %s fails, and FreeScout is looked at no more often',
    async (operation, how, mostLooks) => {
      const { clock, looks, broken, environment } = setUp();
      broken.add(operation);
      expect(await environment()('kept')).toMatchObject({
        status: 'not_ready',
        issues: [{ condition: 'TableUnwritable', says: `table SystemState cannot be ${how} (Error)` }],
        checkedAt: clock.now().toISOString(),
      });
      for (let asked = 0; asked < 20; asked += 1) {
        expect(await environment()('kept')).toMatchObject({ status: 'not_ready' });
      }
      expect(looks.length).toBeLessThanOrEqual(mostLooks);
    },
  );

  it('is found anew for who asks for that, after the look that is under way', async () => {
    const { looks, desk, environment } = setUp({ ...manualClock(), ...systemClock });
    desk.untilFound = () => systemClock.sleep(50);
    const first = environment()('fresh');
    await expect.poll(() => looks.length).toBe(1);
    desk.issues = [deadLetters];
    const askedAt = Date.now();
    const second = await environment()('fresh');
    expect(second).toMatchObject({ status: 'degraded' });
    expect(Date.parse(second.checkedAt ?? '')).toBeGreaterThanOrEqual(askedAt);
    await first;
    expect(looks).toHaveLength(2);
  });

  it('is renewed after the clock was set back', async () => {
    const { clock, looks, environment } = setUp();
    await environment()('kept');
    clock.advance(-3_600_000);
    expect(await environment()('kept')).toMatchObject({ checkedAt: '2026-11-20T11:00:00.000Z' });
    expect(looks).toHaveLength(2);
  });
});

describe('a look on schedule', () => {
  function scheduled() {
    const parts = setUp();
    return {
      ...parts,
      /** Metrics of one tick, in an environment of its own unless one is given. */
      tick: async (readiness = parts.environment()) => {
        const measured: string[] = [];
        await lookOnSchedule({ readiness, clock: parts.clock, measure: (name) => void measured.push(name) });
        return measured;
      },
    };
  }

  it('measures what two looks a minute apart see, and ends it likewise, over restarts', async () => {
    const { clock, desk, tick } = scheduled();
    const later = (seconds: number) => {
      clock.advance(seconds * 1000);
      return tick();
    };
    desk.issues = [deadLetters];
    expect(await tick()).toEqual(['LooksDone']);
    expect(await later(58)).toEqual(['LooksDone', 'ConditionDeadLetters']);
    expect(await later(60)).toEqual(['LooksDone', 'ConditionDeadLetters']);
    desk.issues = [];
    expect(await later(60)).toEqual(['LooksDone', 'ConditionDeadLetters']);
    expect(await later(62)).toEqual(['LooksDone']);
  });

  it('measures nothing of what comes and goes', async () => {
    const { clock, desk, tick } = scheduled();
    for (const issues of [[deadLetters], [], [deadLetters], [], [deadLetters]]) {
      desk.issues = issues;
      expect(await tick()).toEqual(['LooksDone']);
      clock.advance(60_000);
    }
  });

  it('counts again from the moment to which a clock was set back', async () => {
    const { clock, desk, tick } = scheduled();
    desk.issues = [deadLetters];
    await tick();
    clock.advance(-3_600_000);
    expect(await tick()).toEqual(['LooksDone']);
    clock.advance(60_000);
    expect(await tick()).toEqual(['LooksDone', 'ConditionDeadLetters']);
  });

  it('takes the look of somebody else within the last half minute', async () => {
    const { clock, looks, desk, environment, tick } = scheduled();
    desk.issues = [deadLetters];
    await tick();
    clock.advance(50_000);
    await environment()('kept');
    clock.advance(10_000);
    expect(await tick()).toEqual(['LooksDone', 'ConditionDeadLetters']);
    expect(looks).toHaveLength(2);
  });

  it('tells of a table that cannot be used from its own memory', async () => {
    const { clock, broken, environment, tick } = scheduled();
    const warm = environment();
    await tick(warm);
    broken.add('state.beginLook');
    clock.advance(60_000);
    expect(await tick(warm)).toEqual(['LooksDone']);
    broken.add('state.keptReadiness');
    clock.advance(60_000);
    expect(await tick(warm)).toEqual(['LooksDone', 'ConditionTableUnwritable']);
  });

  it('measures nothing when no look comes to an end', async () => {
    const { clock, looks, desk, environment, tick } = scheduled();
    desk.untilFound = () => new Promise(() => undefined);
    void environment()('kept');
    await expect.poll(() => looks.length).toBe(1);
    expect(await tick()).toEqual([]);
    expect(clock.sleeps.length).toBeGreaterThan(0);
  });
});
