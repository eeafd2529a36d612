import * as z from 'zod';

/** What API Gateway lets through on one route. */
export interface Throttle {
  readonly ratePerSecond: number;
  /** Requests that may come at once after a rest. */
  readonly burst: number;
}

const limitsSchema = z.object({
  ThrottlingRateLimit: z.coerce.number().positive().optional(),
  ThrottlingBurstLimit: z.coerce.number().positive().optional(),
});

const stageSchema = z.object({
  DefaultRouteSettings: limitsSchema.default({}),
  /** By route key; what stands here comes before the default. */
  RouteSettings: z.record(z.string(), limitsSchema).default({}),
});

/** The properties of a stage that are read; others refer to resources that only AWS has. */
export const stageProperties: readonly string[] = Object.keys(stageSchema.shape);

/**
 * Reads how a stage throttles each of its routes; undefined where it does not.
 *
 * @throws when a limit is no positive number.
 */
export function stageThrottle(properties: unknown): (routeKey: string) => Throttle | undefined {
  const { DefaultRouteSettings, RouteSettings } = stageSchema.parse(properties);
  return (routeKey) => {
    const { ThrottlingRateLimit, ThrottlingBurstLimit } = {
      ...DefaultRouteSettings,
      ...RouteSettings[routeKey],
    };
    return ThrottlingRateLimit === undefined || ThrottlingBurstLimit === undefined
      ? undefined
      : { ratePerSecond: ThrottlingRateLimit, burst: ThrottlingBurstLimit };
  };
}

/**
 * Counts as API Gateway does, with a bucket of `burst` tokens that fills at the rate.
 *
 * @param now milliseconds of a clock that never goes back.
 * @returns takes a token; false when there is none.
 */
export function tokenBucket(
  { ratePerSecond, burst }: Throttle,
  now: () => number = () => performance.now(),
): () => boolean {
  let tokens = burst;
  let countedAt = now();
  return () => {
    const at = now();
    tokens = Math.min(burst, tokens + ((at - countedAt) / 1000) * ratePerSecond);
    countedAt = at;
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  };
}
