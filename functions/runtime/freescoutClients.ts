import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient, type FreeScoutClientOptions } from '#shared/freescout/httpFreeScoutClient.ts';
import type { RateLimiter } from '#shared/http/rateLimiter.ts';
import { freescoutApiKeyOf } from '#shared/settings/secrets.ts';
import type { LambdaRuntime } from './lambdaRuntime.ts';

/**
 * FreeScout as the settings and the secret say.
 *
 * @param overrides - what one function does in another way.
 */
export function createFreeScout(
  { settings, secrets, clock, log, measure }: LambdaRuntime,
  limiter: RateLimiter,
  overrides: Partial<FreeScoutClientOptions> = {},
): FreeScoutClient {
  return createFreeScoutClient({
    baseUrl: settings.freescout.url,
    apiKey: freescoutApiKeyOf(secrets),
    botUserId: settings.freescout.botUserId,
    fetch,
    clock,
    limiter,
    timeoutMilliseconds: settings.freescout.timeoutSeconds * 1000,
    attempts: settings.freescout.attempts,
    log,
    measure,
    ...overrides,
  });
}
