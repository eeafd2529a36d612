import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context, Handler } from 'aws-lambda';
import { type Clock, systemClock } from '#shared/jobs/clock.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import { createPowertoolsLog } from '#shared/observability/powertoolsLog.ts';
import { createPowertoolsMeasure } from '#shared/observability/powertoolsMetrics.ts';
import { loadSettings } from '#shared/settings/loadSettings.ts';
import { createSecrets, type Secrets } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';

/** Names and ARNs that the template hands to a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every function is made of; built once per cold start. */
export interface FunctionParts {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly dynamo: { readonly client: ReturnType<typeof createDocumentClient>; readonly clock: Clock };
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
  /** Wraps a handler: log lines carry the request, metrics are flushed at the end. */
  wrap<Event, Result>(handler: (event: Event, context: Context) => Promise<Result>): Handler<Event, Result>;
}

export function createFunctionParts(environment: Environment): FunctionParts {
  const settings = loadSettings();
  const logger = new Logger({ logLevel: settings.logging.level });
  const metrics = new Metrics();
  return {
    settings,
    secrets: createSecrets({ provider: new SecretsProvider(), environment }),
    dynamo: { client: createDocumentClient(), clock: systemClock },
    clock: systemClock,
    log: createPowertoolsLog(logger),
    measure: createPowertoolsMeasure(metrics),
    wrap: (handler) =>
      middy(handler)
        .use(injectLambdaContext(logger, { clearState: true }))
        .use(logMetrics(metrics)),
  };
}

/** A variable that the template sets; its absence is a fault of the deployment. */
export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) {
    throw new Error(`The environment variable ${name} is missing; deploy the stack again, it sets it.`);
  }
  return value;
}

/**
 * The SDK would send to the host of a queue's URL, past the endpoint it was given; with `useQueueUrlAsEndpoint: false` a queue
 * of the local stand-in never leads to AWS.
 */
export function createSqsClient(): SQSClient {
  return new SQSClient({ useQueueUrlAsEndpoint: false, maxAttempts: 3 });
}
