import { describe, expect, it } from 'vitest';
import { backOffMilliseconds, retryAfterSecondsOf } from '#shared/time/backOff.ts';
import { manualClock } from '#tests/support/manualClock.ts';

describe('the wait before the next attempt', () => {
  it.each([
    [0, [250, 500, 1000]],
    [0.999_999, [500, 1000, 2000]],
  ])('doubles, with up to half of it left out (chance %d)', (chance, expected) => {
    const clock = { ...manualClock(), random: () => chance };
    expect([1, 2, 3].map((attempt) => Math.round(backOffMilliseconds(attempt, null, clock)))).toEqual(
      expected,
    );
  });

  it('is what the server asks for, and a part of a second more', () => {
    expect(backOffMilliseconds(3, 7, { ...manualClock(), random: () => 0.25 })).toBe(7250);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-20T12:00:00Z');
  it.each([
    ['30', 30],
    [' 0 ', 0],
    ['Fri, 20 Nov 2026 12:01:00 GMT', 60],
    ['2026-11-20T12:00:01.200Z', 2],
    ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('%j is %j seconds', (header, seconds) => {
    expect(retryAfterSecondsOf(header, now)).toBe(seconds);
  });
});
