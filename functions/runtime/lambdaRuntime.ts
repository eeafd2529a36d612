import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context, Handler } from 'aws-lambda';
import type { Log, LogFields } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import { createPowertoolsLog, inLine } from '#shared/observability/powertoolsLog.ts';
import { createPowertoolsMeasure } from '#shared/observability/powertoolsMetrics.ts';
import { loadSettings } from '#shared/settings/loadSettings.ts';
import { createSecrets, type Secrets } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { type Clock, systemClock } from '#shared/time/clock.ts';
import { type ConfigurationCheck, createConfigurationCheck } from './configuration.ts';

/** Names and ARNs that the template hands to a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every function is made of; built once per cold start. */
export interface LambdaRuntime {
  readonly settings: Settings;
  readonly secrets: Secrets;
  /** Whether what a unit of work needs is filled in. */
  readonly checkConfiguration: ConfigurationCheck;
  readonly dynamo: { readonly client: ReturnType<typeof createDocumentClient>; readonly clock: Clock };
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
  /** Adds `fields` to every further line of this invocation, also to those of the clients, which do not know the job. */
  correlate(fields: LogFields): void;
  /** Wraps a handler: log lines carry the request, metrics are flushed at the end. */
  wrap<Event, Result>(handler: (event: Event, context: Context) => Promise<Result>): Handler<Event, Result>;
}

/** @throws {SettingsError} with every fault, each of which is in the log too. */
export async function createLambdaRuntime(environment: Environment): Promise<LambdaRuntime> {
  const logger = new Logger();
  const log = createPowertoolsLog(logger);
  const settings = await settingsOrRefusal(log);
  logger.setLogLevel(settings.logging.level);
  const metrics = new Metrics({ logger });
  const secrets = createSecrets({ provider: new SecretsProvider(), environment });
  return {
    settings,
    secrets,
    checkConfiguration: createConfigurationCheck({ settings, secrets, clock: systemClock }),
    dynamo: { client: createDocumentClient(), clock: systemClock },
    clock: systemClock,
    log,
    measure: createPowertoolsMeasure(metrics),
    correlate: (fields) => logger.appendKeys(inLine(fields)),
    wrap: createWrap(logger, metrics),
  };
}

/** Metrics are published once an invocation is over, if it has any: Powertools would warn of none. */
export function createWrap(logger: Logger, metrics: Metrics): LambdaRuntime['wrap'] {
  const publish = () => {
    if (metrics.hasStoredMetrics()) {
      metrics.publishStoredMetrics();
    }
  };
  return (handler) =>
    // At its time limit an environment has to end. An answer just before would let it live on, and what is under way with it, into
    // invocations after the lease.
    middy(handler, { timeoutEarlyInMillis: 0 })
      .use(injectLambdaContext(logger, { clearState: true }))
      .use({ after: publish, onError: publish });
}

async function settingsOrRefusal(log: Log): Promise<Settings> {
  try {
    return await loadSettings();
  } catch (error) {
    for (const reason of error instanceof SettingsError ? error.faults : []) {
      log.write('START_REFUSED', { reason });
    }
    throw error;
  }
}

/**
 * Variables that the template sets; a missing one is a fault of the deployment.
 *
 * @throws one error that names all that are missing.
 */
export function requiredVariables<Name extends string>(
  environment: Environment,
  ...names: readonly Name[]
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new Error(
      `Environment variables are missing: ${missing.join(', ')}. Deploy the stack again, it sets them.`,
    );
  }
  // Object.fromEntries forgets that the names are those asked for.
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<Name, string>;
}

/**
 * The SDK would send to the host of a queue's URL, past the endpoint it was given; with `useQueueUrlAsEndpoint: false` a queue
 * of the local stand-in never leads to AWS.
 */
export function createSqsClient(): SQSClient {
  return new SQSClient({ useQueueUrlAsEndpoint: false, maxAttempts: 3 });
}
