import { describe, expect, it } from 'vitest';
import { stageThrottle, tokenBucket } from '#infra/local/runner/throttle.ts';

describe('the bucket', () => {
  const bucket = (ratePerSecond: number, burst: number) => {
    let now = 5000;
    const take = tokenBucket({ ratePerSecond, burst }, () => now);
    return {
      wait: (milliseconds: number) => {
        now += milliseconds;
      },
      /** How many of so many requests get through. */
      passed: (requests: number) => Array.from({ length: requests }, take).filter((passed) => passed).length,
    };
  };

  it('lets a burst through, then the rate', () => {
    const { wait, passed } = bucket(50, 100);
    expect(passed(150)).toBe(100);
    wait(1000);
    expect(passed(150)).toBe(50);
    wait(20);
    expect(passed(2)).toBe(1);
  });

  it('never holds more than the burst, however long the rest was', () => {
    const { wait, passed } = bucket(50, 100);
    wait(3_600_000);
    expect(passed(1000)).toBe(100);
  });

  it('counts parts of a token: a slow rate lets through in the end', () => {
    const { wait, passed } = bucket(0.5, 1);
    expect(passed(2)).toBe(1);
    wait(1999);
    expect(passed(1)).toBe(0);
    wait(2);
    expect(passed(1)).toBe(1);
  });
});

describe('what a stage says', () => {
  it('holds for every route, and what it says of a single one comes first', () => {
    const throttleOf = stageThrottle({
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      RouteSettings: { 'POST /in': { ThrottlingRateLimit: 5 } },
    });
    expect(throttleOf('GET /health')).toEqual({ ratePerSecond: 50, burst: 100 });
    expect(throttleOf('POST /in')).toEqual({ ratePerSecond: 5, burst: 100 });
  });

  it.each([{}, { DefaultRouteSettings: { ThrottlingRateLimit: 50 } }])('may be nothing: %o', (stage) => {
    expect(stageThrottle(stage)('GET /health')).toBeUndefined();
  });

  it('must be positive: 0 would let nobody in', () => {
    expect(() => stageThrottle({ DefaultRouteSettings: { ThrottlingRateLimit: 0 } })).toThrow();
  });
});
