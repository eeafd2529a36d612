import { describe, expect, it } from 'vitest';
import { createRateLimiter, unlimited } from '#shared/http/rateLimiter.ts';
import type { CallLimits } from '#shared/store/callLimits.ts';
import type { Clock } from '#shared/time/clock.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { type ManualClock, manualClock } from '#tests/support/manualClock.ts';

/** Processes that share one limit, with a count of how often the counter was asked. */
function setUp(maxRequests: number, windowSeconds = 60) {
  const clock = manualClock();
  const { state } = createInMemoryStore({ clock });
  let asked = 0;
  const counted: CallLimits = {
    takeCalls: (...args) => {
      asked += 1;
      return state.takeCalls(...args);
    },
  };
  const limiterOf = (time: Clock = clock) =>
    createRateLimiter({ name: 'desk', maxRequests, windowSeconds, state: counted, clock: time });
  return { clock, limiterOf, asked: () => asked };
}

async function call(limiter: { wait(): Promise<void> }, times: number): Promise<void> {
  for (let made = 0; made < times; made += 1) {
    await limiter.wait();
  }
}

describe('the rate limiter', () => {
  it('lets one process use the whole limit, and makes the next call wait for the window to turn', async () => {
    const { clock, limiterOf, asked } = setUp(100);
    clock.advance(12_000);
    const limiter = limiterOf();
    await call(limiter, 100);
    expect(clock.sleeps).toEqual([]);
    expect(asked()).toBe(10);
    await call(limiter, 1);
    expect(clock.sleeps).toEqual([48_000]);
  });

  it('lets all processes together make no more calls than the limit says', async () => {
    const { clock, limiterOf } = setUp(25);
    const limiters = Array.from({ length: 4 }, () => limiterOf());
    let made = 0;
    for (let round = 0; clock.sleeps.length === 0; round += 1) {
      await limiters[round % limiters.length]?.wait();
      made += 1;
    }
    // The call that had to wait was made in the next window.
    expect(made - 1).toBeGreaterThanOrEqual(16);
    expect(made - 1).toBeLessThanOrEqual(25);
  });

  it.each([1, 3, 7, 25])('gives out a limit of %d to the last call', async (maxRequests) => {
    const { clock, limiterOf } = setUp(maxRequests);
    await call(limiterOf(), maxRequests);
    expect(clock.sleeps).toEqual([]);
    await call(limiterOf(), 1);
    expect(clock.sleeps).toEqual([60_000]);
  });

  it('gives up what is left of a block when the window turns', async () => {
    const { clock, limiterOf, asked } = setUp(100);
    const limiter = limiterOf();
    await call(limiter, 1);
    clock.advance(60_000);
    await call(limiter, 100);
    expect(asked()).toBe(11);
    expect(clock.sleeps).toEqual([]);
  });

  it('lets callers through in the order in which they asked', async () => {
    const { clock, limiterOf } = setUp(2, 10);
    const limiter = limiterOf();
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => limiter.wait().then(() => void order.push(index))),
    );
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(clock.sleeps).toEqual([10_000, 10_000]);
  });

  it('lets calls through while the counter cannot be asked, asking once per block', async () => {
    const clock: ManualClock = manualClock();
    let asked = 0;
    const limiter = createRateLimiter({
      name: 'desk',
      maxRequests: 100,
      windowSeconds: 60,
      state: {
        takeCalls: async () => {
          asked += 1;
          throw new Error('no table');
        },
      },
      clock,
    });
    await call(limiter, 200);
    expect(clock.sleeps).toEqual([]);
    expect(asked).toBe(20);
  });

  it('never asks and never waits without a limit', async () => {
    const { clock, limiterOf, asked } = setUp(0);
    await call(limiterOf(), 1000);
    await call(unlimited, 1000);
    expect(clock.sleeps).toEqual([]);
    expect(asked()).toBe(0);
  });
});
