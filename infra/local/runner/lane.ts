/** Does a few things at a time. Some more wait for their turn, the rest is turned away. */
export interface Lane {
  readonly isFull: () => boolean;
  /** Undefined when the lane is full; the work is not begun then. */
  readonly run: <Result>(work: () => Promise<Result>) => Promise<Result> | undefined;
}

export function openLane(atATime: number, waitingAtMost: number): Lane {
  const waiting: (() => void)[] = [];
  let running = 0;
  const isFull = () => running >= atATime && waiting.length >= waitingAtMost;

  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running < atATime) {
      running += 1;
    } else {
      // The work that ends gives its place to this one, so `running` stays the same.
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        running -= 1;
      } else {
        next();
      }
    }
  };
  return { isFull, run: (work) => (isFull() ? undefined : inTurn(work)) };
}
