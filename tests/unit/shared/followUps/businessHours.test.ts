import { describe, expect, it } from 'vitest';
import { countedHours } from '#shared/followUps/businessHours.ts';
import type { Calendar } from '#shared/settings/settings.ts';

const hours = (from: string, to: string, calendar: Calendar | null) =>
  countedHours(new Date(from), new Date(to), calendar);

const office: Calendar = {
  timeZone: 'Europe/Berlin',
  weekdays: {
    monday: ['09:00-12:30', '13:30-17:00'],
    tuesday: ['09:00-17:00'],
    wednesday: ['09:00-17:00'],
    thursday: ['09:00-17:00'],
    friday: ['09:00-15:00'],
  },
  holidays: ['2026-12-24', '2026-12-25'],
};
const always = (timeZone: string): Calendar => ({
  timeZone,
  weekdays: { saturday: ['00:00-24:00'], sunday: ['00:00-24:00'] },
  holidays: [],
});
const night = (timeZone: string): Calendar => ({
  timeZone,
  weekdays: { sunday: ['01:00-03:00'] },
  holidays: [],
});

describe('hours that count', () => {
  it.each([
    ['all of them without a calendar', '2026-11-20T10:00:00Z', '2026-11-21T10:30:00Z', null, 24.5],
    ['none before the beginning', '2026-11-20T10:00:00Z', '2026-11-20T09:00:00Z', null, 0],
    ['of one day', '2026-11-17T09:00:00Z', '2026-11-17T11:00:00Z', office, 2],
    ['not before opening', '2026-11-17T05:00:00Z', '2026-11-17T09:00:00Z', office, 1],
    ['not after closing', '2026-11-17T15:00:00Z', '2026-11-17T23:00:00Z', office, 1],
    ['not over lunch', '2026-11-16T11:00:00Z', '2026-11-16T13:00:00Z', office, 1],
    ['over a night', '2026-11-17T15:30:00Z', '2026-11-18T08:30:00Z', office, 1],
    ['over a weekend', '2026-11-20T13:30:00Z', '2026-11-23T08:30:00Z', office, 1],
    ['not on holidays', '2026-12-23T15:00:00Z', '2026-12-28T08:30:00Z', office, 1.5],
    ['of two whole weeks', '2026-11-16T00:00:00Z', '2026-11-30T00:00:00Z', office, 74],
    ['by the wall clock in summer', '2026-07-14T06:00:00Z', '2026-07-14T08:00:00Z', office, 1],
    ['by the wall clock in winter', '2026-11-17T07:00:00Z', '2026-11-17T09:00:00Z', office, 1],
  ])('%s', (_, from, to, calendar, expected) => {
    expect(hours(from, to, calendar)).toBeCloseTo(expected, 9);
  });

  it.each([
    ['the day of 23 hours', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', always('Europe/Berlin'), 23],
    ['the day of 25 hours', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', always('Europe/Berlin'), 25],
    ['an hour that is skipped', '2026-03-08T00:00:00Z', '2026-03-09T00:00:00Z', night('America/New_York'), 1],
    [
      'an hour that comes twice',
      '2026-11-01T00:00:00Z',
      '2026-11-02T00:00:00Z',
      night('America/New_York'),
      3,
    ],
    [
      'half an hour of change',
      '2026-04-04T00:00:00Z',
      '2026-04-06T00:00:00Z',
      night('Australia/Lord_Howe'),
      2.5,
    ],
  ])('daylight saving: %s', (_, from, to, calendar, expected) => {
    expect(hours(from, to, calendar)).toBe(expected);
  });

  it('the same days are other hours in other time zones', () => {
    const from = '2026-11-20T20:00:00Z';
    const to = '2026-11-20T23:00:00Z';
    expect(hours(from, to, always('Pacific/Auckland'))).toBe(3);
    expect(hours(from, to, always('America/Los_Angeles'))).toBe(0);
    expect(hours(from, to, always('Asia/Kolkata'))).toBe(3);
    expect(hours(from, to, always('Asia/Kathmandu'))).toBe(3);
    expect(hours('2026-11-20T18:00:00Z', to, always('Asia/Kathmandu'))).toBe(4.75);
  });

  it('adds up: any moment in between parts the hours without loss', () => {
    const whole = hours('2026-10-20T00:00:00Z', '2026-11-05T00:00:00Z', office);
    for (let part = 1; part < 384; part += 7) {
      const between = new Date(Date.parse('2026-10-20T00:00:00Z') + part * 3_600_000).toISOString();
      expect(
        hours('2026-10-20T00:00:00Z', between, office) + hours(between, '2026-11-05T00:00:00Z', office),
      ).toBeCloseTo(whole, 9);
    }
  });
});
