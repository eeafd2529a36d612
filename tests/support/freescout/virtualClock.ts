import type { Clock } from '#infra/standins/freescout/clock.ts';

export type VirtualClock = Clock & {
  /** Moves time forward and runs what falls due, in order. */
  advance(milliseconds: number): void;
  /** Moves time to that instant, running what falls due. */
  advanceTo(instant: string): void;
};

/** Time that only moves when it is told to. */
export function createVirtualClock(start: string): VirtualClock {
  let now = Date.parse(start);
  let order = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  const moveTo = (target: number) => {
    for (;;) {
      const due = [...timers]
        .filter(([, { at }]) => at <= target)
        .toSorted(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (due === undefined) {
        break;
      }
      const [id, timer] = due;
      timers.delete(id);
      now = Math.max(now, timer.at);
      timer.run();
    }
    now = target;
  };
  return {
    now: () => new Date(now),
    setTimer: (milliseconds, run) => {
      order += 1;
      const id = order;
      timers.set(id, { at: now + milliseconds, run });
      return () => void timers.delete(id);
    },
    advance: (milliseconds) => moveTo(now + milliseconds),
    advanceTo: (instant) => moveTo(Date.parse(instant)),
  };
}
