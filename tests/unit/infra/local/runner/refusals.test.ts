import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { countRefusals } from '#infra/local/runner/refusals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells once a minute what was refused, however much it was, and nothing when it was nothing', () => {
  const told: string[] = [];
  const refusals = countRefusals((sentence) => told.push(sentence), 60_000);
  for (let count = 0; count < 10_000; count += 1) {
    refusals.add('requests above the throttle');
  }
  refusals.add('bodies that are too large');
  expect(told).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([
    'Refused in the last minute: 10000 requests above the throttle, 1 bodies that are too large.',
  ]);
  vi.advanceTimersByTime(600_000);
  expect(told).toHaveLength(1);
  refusals.add('requests above the throttle');
  vi.advanceTimersByTime(60_000);
  expect(told.at(-1)).toBe('Refused in the last minute: 1 requests above the throttle.');
});

it('tells at the end what was not told yet', () => {
  const told: string[] = [];
  const refusals = countRefusals((sentence) => told.push(sentence), 60_000);
  refusals.add('requests above the throttle');
  refusals.stop();
  refusals.stop();
  expect(told).toHaveLength(1);
});
