import { describe, expect, it } from 'vitest';
import { rateSeconds } from '#infra/local/runner/schedules.ts';

describe('rate expressions', () => {
  it.each([
    ['rate(1 minute)', 60],
    ['rate(5 minutes)', 300],
    ['rate(6 hours)', 21_600],
    ['rate(1 day)', 86_400],
  ])('%s', (expression, seconds) => expect(rateSeconds(expression)).toBe(seconds));

  it.each([
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(5 weeks)',
    'cron(0 8 * * ? *)',
    'at(2026-11-20T10:00:00)',
  ])('refuses %s', (expression) =>
    expect(() => rateSeconds(expression)).toThrow('cannot run on one machine'),
  );
});
