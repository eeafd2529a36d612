import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient, type FreeScoutClientOptions } from '#shared/freescout/httpFreeScoutClient.ts';
import { createRateLimiter } from '#shared/jobs/rateLimiter.ts';
import { freescoutApiKeyOf } from '#shared/settings/secrets.ts';
import type { SystemState } from '#shared/store/systemState.ts';
import type { FunctionParts } from './functionParts.ts';

/**
 * FreeScout as the settings and the secret say, within the rate limit that all functions share.
 *
 * @param differently - what one function does in another way.
 */
export function createFreeScout(
  { settings, secrets, clock, log, measure }: FunctionParts,
  state: SystemState,
  differently: Partial<FreeScoutClientOptions> = {},
): FreeScoutClient {
  return createFreeScoutClient({
    baseUrl: settings.freescout.url,
    apiKey: freescoutApiKeyOf(secrets),
    botUserId: settings.freescout.botUserId,
    fetch,
    clock,
    limiter: createRateLimiter({ name: 'freescout', ...settings.freescout.rateLimit, state, clock }),
    timeoutMilliseconds: settings.freescout.timeoutSeconds * 1000,
    attempts: settings.freescout.attempts,
    log,
    measure,
    ...differently,
  });
}
