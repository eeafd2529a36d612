import type { CallLimits } from '#shared/store/callLimits.ts';
import type { Clock } from '#shared/time/clock.ts';

/** Lets calls through at a bounded rate. */
export interface RateLimiter {
  /** Resolves when the next call may start; callers are let through in the order in which they asked. */
  wait(): Promise<void>;
}

interface RateLimit {
  /** Calls per window; 0 = no limit. */
  readonly maxRequests: number;
  readonly windowSeconds: number;
}

export interface SharedRateLimit extends RateLimit {
  /** What is called; processes that give the same name share the limit. */
  readonly name: string;
  readonly state: CallLimits;
  readonly clock: Clock;
}

/** For callers that keep to their own pace. */
export const unlimited: RateLimiter = { wait: async () => undefined };

/** A window is taken in about this many blocks, so that the counter is asked once per block and not once per call. */
const blocksPerWindow = 10;

/**
 * A limiter that all processes share: within a window of the clock at most `maxRequests` calls start, whoever makes them; further
 * ones wait for the next window instead of failing. Each process takes calls by the block and uses them up by itself; what is left
 * of a block when its window ends is given up.
 *
 * It is politeness, not a rule: while the counter cannot be asked, calls go through.
 */
export function createRateLimiter({
  name,
  maxRequests,
  windowSeconds,
  state,
  clock,
}: SharedRateLimit): RateLimiter {
  if (maxRequests === 0) {
    return unlimited;
  }
  const windowMilliseconds = windowSeconds * 1000;
  const blockSize = Math.ceil(maxRequests / blocksPerWindow);
  let left = 0;
  let windowEnd = 0;
  let lastInLine: Promise<void> = Promise.resolve();

  async function takeBlock(at: Date): Promise<number> {
    try {
      return await state.takeCalls(name, blockSize, { maxRequests, windowSeconds }, at);
    } catch {
      return blockSize;
    }
  }

  async function next(): Promise<void> {
    for (;;) {
      const now = clock.now().getTime();
      if (left === 0 || now >= windowEnd) {
        windowEnd = (Math.floor(now / windowMilliseconds) + 1) * windowMilliseconds;
        left = await takeBlock(new Date(now));
      }
      if (left > 0) {
        left -= 1;
        return;
      }
      await clock.sleep(Math.max(0, windowEnd - clock.now().getTime()));
    }
  }

  return {
    wait() {
      lastInLine = lastInLine.then(next);
      return lastInLine;
    },
  };
}
