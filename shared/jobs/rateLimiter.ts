import type { Clock } from './clock.ts';

/** Lets calls through at a bounded rate. */
export interface RateLimiter {
  /** Resolves when the next call may start; callers are let through in the order in which they asked. */
  wait(): Promise<void>;
}

export interface RateLimit {
  /** Calls per window; 0 = no limit. */
  readonly maxRequests: number;
  readonly windowSeconds: number;
}

/**
 * A limiter that makes calls wait instead of failing them: within any window of `windowSeconds` at most `maxRequests` start.
 * It counts the calls of its own process only; see {@link shareOfLimit}.
 */
export function createRateLimiter({
  maxRequests,
  windowSeconds,
  clock,
}: RateLimit & { readonly clock: Clock }): RateLimiter {
  const starts: number[] = [];
  return {
    async wait() {
      if (maxRequests === 0) {
        return;
      }
      const now = clock.now().getTime();
      const oldest = starts.length < maxRequests ? undefined : starts.shift();
      const start = oldest === undefined ? now : Math.max(now, oldest + windowSeconds * 1000);
      starts.push(start);
      if (start > now) {
        await clock.sleep(start - now);
      }
    },
  };
}

/**
 * The part of a limit that one of `processes` workers running side by side may use. At least one call per window, so a limit
 * below the number of workers is exceeded rather than stopping a worker for good.
 */
export function shareOfLimit(limit: RateLimit, processes: number): RateLimit {
  return limit.maxRequests === 0
    ? limit
    : { ...limit, maxRequests: Math.max(1, Math.floor(limit.maxRequests / processes)) };
}
