/** What was turned away, in words for the operator. */
export type Refusal =
  | 'requests without a usable signature'
  | 'bodies that are too large'
  | 'requests above the throttle'
  | 'requests beyond what is held at a time'
  | 'bodies that did not come whole'
  | 'idle connections for newer ones';

/** Counts what is turned away. */
export interface RefusalCount {
  readonly add: (what: Refusal) => void;
  /** Tells what was not told yet. */
  readonly stop: () => void;
}

/** Reports refusals in one sentence per period: a line for each would fill the disk in a flood. */
export function countRefusals(tell: (sentence: string) => void, periodMilliseconds: number): RefusalCount {
  const counts = new Map<Refusal, number>();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    if (counts.size > 0) {
      const parts = [...counts].map(([what, count]) => `${count} ${what}`);
      tell(`Refused in the last minute: ${parts.join(', ')}.`);
      counts.clear();
    }
  };
  return {
    add: (what) => {
      counts.set(what, (counts.get(what) ?? 0) + 1);
      timer ??= setTimeout(stop, periodMilliseconds).unref();
    },
    stop,
  };
}
