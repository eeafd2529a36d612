import { describe, expect, it } from 'vitest';
import { createRateLimiter, shareOfLimit } from '#shared/jobs/rateLimiter.ts';
import { manualClock } from '#tests/support/manualClock.ts';

describe('the rate limiter', () => {
  it('lets a window’s calls through at once and makes the next ones wait for it to pass', async () => {
    const clock = manualClock();
    const limiter = createRateLimiter({ maxRequests: 2, windowSeconds: 60, clock });
    await limiter.wait();
    clock.advance(10_000);
    await limiter.wait();
    expect(clock.sleeps).toEqual([]);
    await limiter.wait();
    expect(clock.sleeps).toEqual([50_000]);
    await limiter.wait();
    expect(clock.sleeps).toEqual([50_000, 10_000]);
  });

  it('forgets calls that are a window away', async () => {
    const clock = manualClock();
    const limiter = createRateLimiter({ maxRequests: 1, windowSeconds: 60, clock });
    await limiter.wait();
    clock.advance(60_000);
    await limiter.wait();
    expect(clock.sleeps).toEqual([]);
  });

  it('keeps the rate when many ask at the same time', async () => {
    const starts: number[] = [];
    const clock = manualClock();
    const begin = clock.now().getTime();
    const limiter = createRateLimiter({
      maxRequests: 2,
      windowSeconds: 10,
      // Time stands still for those who wait together.
      clock: { ...clock, sleep: async (milliseconds) => void starts.push(milliseconds) },
    });
    await Promise.all(Array.from({ length: 6 }, () => limiter.wait()));
    expect(clock.now().getTime()).toBe(begin);
    expect(starts).toEqual([10_000, 10_000, 20_000, 20_000]);
  });

  it('never waits without a limit', async () => {
    const clock = manualClock();
    const limiter = createRateLimiter({ maxRequests: 0, windowSeconds: 60, clock });
    for (let call = 0; call < 1000; call += 1) {
      await limiter.wait();
    }
    expect(clock.sleeps).toEqual([]);
  });
});

describe('the share of a limit', () => {
  it.each([
    [100, 4, 25],
    [10, 4, 2],
    [3, 4, 1],
    [0, 4, 0],
  ])('%d calls over %d workers is %d each', (maxRequests, workers, expected) => {
    expect(shareOfLimit({ maxRequests, windowSeconds: 60 }, workers)).toEqual({
      maxRequests: expected,
      windowSeconds: 60,
    });
  });
});
