import type { Clock } from '#shared/time/clock.ts';

export interface ManualClock extends Clock {
  /** Milliseconds of every sleep so far. */
  readonly sleeps: readonly number[];
  advance(milliseconds: number): void;
}

/** A clock that stands still unless it is moved; sleeping moves it and takes no time. `random` always answers one half. */
export function manualClock(start = new Date('2026-11-20T12:00:00Z')): ManualClock {
  let now = start.getTime();
  const sleeps: number[] = [];
  return {
    now: () => new Date(now),
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds);
      now += milliseconds;
    },
    random: () => 0.5,
    sleeps,
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}
