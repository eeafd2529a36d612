import type { Calendar } from '#shared/settings/settings.ts';
import { dayMilliseconds, hourMilliseconds, minuteMilliseconds } from '#shared/time/durations.ts';

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/**
 * Hours between two instants: all of them, or those that a calendar counts as open. A day that is 23 or 25 hours long counts as
 * many of its opening hours as it really has.
 *
 * @param calendar - null: every hour counts.
 */
export function countedHours(from: Date, to: Date, calendar: Calendar | null): number {
  if (to <= from) {
    return 0;
  }
  if (calendar === null) {
    return (to.getTime() - from.getTime()) / hourMilliseconds;
  }
  const zone = zoneOf(calendar.timeZone);
  let open = 0;
  for (let day = startOfDay(zone.wallClock(from)); day <= zone.wallClock(to); day += dayMilliseconds) {
    for (const [opens, closes] of openingTimesOf(calendar, day)) {
      const start = Math.max(from.getTime(), zone.instant(day + opens));
      const end = Math.min(to.getTime(), zone.instant(day + closes));
      open += Math.max(0, end - start);
    }
  }
  return open / hourMilliseconds;
}

/** Opening times of a day as milliseconds after its midnight on the wall clock. */
function openingTimesOf(calendar: Calendar, day: number): readonly (readonly [number, number])[] {
  const date = new Date(day);
  const weekday = weekdays[date.getUTCDay()];
  if (weekday === undefined || calendar.holidays.includes(date.toISOString().slice(0, 10))) {
    return [];
  }
  return (calendar.weekdays[weekday] ?? []).map((times) => {
    const [opens = '', closes = ''] = times.split('-');
    return [millisecondsOf(opens), millisecondsOf(closes)];
  });
}

function millisecondsOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return ((hours ?? 0) * 60 + (minutes ?? 0)) * minuteMilliseconds;
}

function startOfDay(wallClock: number): number {
  return Math.floor(wallClock / dayMilliseconds) * dayMilliseconds;
}

/**
 * A time zone's wall clock, as the milliseconds that `Date.UTC` gives for what it shows.
 *
 * @see https://tc39.es/ecma402/#datetimeformat-objects
 */
interface Zone {
  wallClock(instant: Date): number;
  /** A time that the clock shows twice is the first; one that it skips lies as far after the skip. */
  instant(wallClock: number): number;
}

const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known !== undefined) {
    return known;
  }
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const wallClock = (instant: Date): number => {
    const shown = Object.fromEntries(
      format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (instant.getTime() % 1000);
  };
  const offsetAt = (instant: number) => wallClock(new Date(instant)) - instant;
  const zone: Zone = {
    wallClock,
    instant: (shown) => {
      const before = offsetAt(shown - dayMilliseconds);
      const after = offsetAt(shown + dayMilliseconds);
      // Of a change between the two, the offset of the time before it is the earlier reading of what is shown twice.
      return offsetAt(shown - before) === before || offsetAt(shown - after) !== after
        ? shown - before
        : shown - after;
    },
  };
  zones.set(timeZone, zone);
  return zone;
}
