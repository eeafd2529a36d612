import { AsyncLocalStorage } from 'node:async_hooks';
import type { SeededRandom } from './seededRandom.ts';

/** How a unit of work came to its end. */
export type End<Result> =
  | { readonly how: 'ended'; readonly result: Result }
  | { readonly how: 'threw'; readonly error: unknown }
  /** It stopped at some await, for good: nothing of it runs on. */
  | { readonly how: 'crashed' | 'out-of-time' };

export interface VirtualTimeOptions {
  readonly random: SeededRandom;
  readonly start: string;
  /** Milliseconds that one step of anybody's work takes. */
  readonly stepMilliseconds: () => number;
  /** Whether the unit of work that takes this step stops here for good. */
  readonly crashes: (step: { readonly work: string; readonly number: number }) => boolean;
}

/** Time, and all work in it. One thing happens at a time; which one is next only the seed decides. */
export interface VirtualTime {
  now(): Date;
  /** Runs `run` later; the returned function cancels it. */
  setTimer(milliseconds: number, run: () => void): () => void;
  /**
   * Starts a unit of work that may stop for good at any of its awaits, as a function does when its machine goes or its time is over.
   */
  start<Result>(name: string, work: () => Promise<Result>, limitMilliseconds: number): Promise<End<Result>>;
  /** Time that the unit of work in which this is called has left. */
  timeLeftMilliseconds(): number;
  /** A step of the unit of work in which this is called: others may come before it goes on. */
  step(): Promise<void>;
  /** Waits within the unit of work in which this is called. */
  sleep(milliseconds: number): Promise<void>;
  /** Lets real work, which takes no virtual time, come to its end before anything else happens. */
  undisturbed<Result>(work: Promise<Result>): Promise<Result>;
  /** Lets things happen until `isOver`, or nothing is left to happen. @returns whether it is over. */
  runUntil(isOver: () => boolean): Promise<boolean>;
  /** Steps taken so far, by all. */
  readonly steps: number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

interface Life {
  readonly name: string;
  readonly deadline: number;
  /** Steps and sleeps it is waiting in; 0 = it runs. */
  waiting: number;
  isOver: boolean;
  readonly stop: (how: 'crashed' | 'out-of-time') => void;
}

/** Turns of Node's loop after which work that neither waits nor ends is a mistake of the simulation. */
const mostTurns = 100_000;

export function createVirtualTime(options: VirtualTimeOptions): VirtualTime {
  const lives = new AsyncLocalStorage<Life>();
  const running = new Set<Life>();
  const timers = createHeap();
  let now = Date.parse(options.start);
  let order = 0;
  let steps = 0;
  let undisturbed = 0;

  const setTimer = (milliseconds: number, run: () => void) => {
    order += 1;
    const timer: Timer = { at: now + Math.max(0, milliseconds), order, run, isCancelled: false };
    timers.push(timer);
    return () => {
      timer.isCancelled = true;
    };
  };

  const never = () => new Promise<never>(() => {});

  function wait(life: Life, milliseconds: number): Promise<void> {
    life.waiting += 1;
    return new Promise((resolve) => {
      setTimer(milliseconds, () => {
        if (life.isOver) {
          return;
        }
        if (now >= life.deadline) {
          life.stop('out-of-time');
          return;
        }
        life.waiting -= 1;
        resolve();
      });
    });
  }

  /** Until everybody waits for a timer or has ended. */
  async function settle(): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (undisturbed === 0 && ![...running].some((life) => life.waiting === 0)) {
        return;
      }
      if (turn > mostTurns) {
        throw new Error(`Work neither waits nor ends: ${[...running].map(({ name }) => name).join(', ')}`);
      }
    }
  }

  function start<Result>(
    name: string,
    work: () => Promise<Result>,
    limitMilliseconds: number,
  ): Promise<End<Result>> {
    return new Promise((resolve) => {
      const life: Life = {
        name,
        deadline: now + limitMilliseconds,
        waiting: 0,
        isOver: false,
        stop: (how) => end({ how }),
      };
      const end = (how: End<Result>) => {
        if (!life.isOver) {
          life.isOver = true;
          running.delete(life);
          resolve(how);
        }
      };
      running.add(life);
      lives.run(life, () => {
        work().then(
          (result) => end({ how: 'ended', result }),
          (error: unknown) => end({ how: 'threw', error }),
        );
      });
    });
  }

  return {
    now: () => new Date(now),
    setTimer,

    start,

    timeLeftMilliseconds: () => (lives.getStore()?.deadline ?? Number.POSITIVE_INFINITY) - now,

    step() {
      const life = lives.getStore();
      if (life === undefined) {
        return Promise.resolve();
      }
      if (life.isOver) {
        return never();
      }
      steps += 1;
      if (options.crashes({ work: life.name, number: steps })) {
        life.stop('crashed');
        return never();
      }
      return wait(life, options.stepMilliseconds());
    },

    sleep(milliseconds) {
      const life = lives.getStore();
      return life === undefined ? Promise.resolve() : life.isOver ? never() : wait(life, milliseconds);
    },

    async undisturbed(work) {
      undisturbed += 1;
      try {
        return await work;
      } finally {
        undisturbed -= 1;
      }
    },

    async runUntil(isOver) {
      await settle();
      while (!isOver()) {
        const timer = timers.pop();
        if (timer === undefined) {
          return false;
        }
        if (!timer.isCancelled) {
          now = Math.max(now, timer.at);
          timer.run();
          await settle();
        }
      }
      return true;
    },

    get steps() {
      return steps;
    },
  };
}

/** A binary heap: the earliest timer first, and of equal ones the one set first. */
function createHeap() {
  const items: Timer[] = [];
  const isBefore = (one: Timer | undefined, other: Timer | undefined) =>
    one !== undefined &&
    (other === undefined || one.at < other.at || (one.at === other.at && one.order < other.order));
  const swap = (one: number, other: number) => {
    const [first, second] = [items[one], items[other]];
    if (first !== undefined && second !== undefined) {
      items[one] = second;
      items[other] = first;
    }
  };
  return {
    push(timer: Timer) {
      items.push(timer);
      let index = items.length - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!isBefore(items[index], items[parent])) {
          break;
        }
        swap(index, parent);
        index = parent;
      }
    },
    pop(): Timer | undefined {
      swap(0, items.length - 1);
      const first = items.pop();
      for (let index = 0; ; ) {
        const left = 2 * index + 1;
        const least = isBefore(items[left + 1], items[left]) ? left + 1 : left;
        if (!isBefore(items[least], items[index])) {
          return first;
        }
        swap(index, least);
        index = least;
      }
    },
  };
}
