import { isConfigured } from '#functions/runtime/configuration.ts';
import {
  createSqsClient,
  type Environment,
  type LambdaRuntime,
  requiredVariables,
} from '#functions/runtime/lambdaRuntime.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { shortestSecret } from '#shared/settings/secretFillings.ts';
import { createDynamoWebhookCounter } from '#shared/store/dynamo/dynamoWebhookCounter.ts';
import { createDynamoWebhookKeeper } from '#shared/store/dynamo/dynamoWebhookKeeper.ts';
import type { WebhookDependencies } from './receiveWebhook.ts';

export function createWebhookDependencies(
  parts: LambdaRuntime,
  environment: Environment,
): WebhookDependencies {
  const { settings, secrets, dynamo, clock, log, measure } = parts;
  const { TABLE_SYSTEM_STATE, TABLE_WEBHOOK_EVENTS, JOBS_QUEUE_URL } = requiredVariables(
    environment,
    'TABLE_SYSTEM_STATE',
    'TABLE_WEBHOOK_EVENTS',
    'JOBS_QUEUE_URL',
  );
  return {
    settings,
    store: {
      state: createDynamoWebhookCounter({ ...dynamo, tableName: TABLE_SYSTEM_STATE }),
      webhookEvents: createDynamoWebhookKeeper({
        ...dynamo,
        tableName: TABLE_WEBHOOK_EVENTS,
      }),
    },
    queue: createSqsJobQueue({
      client: createSqsClient(),
      queueUrl: JOBS_QUEUE_URL,
    }),
    secrets: async () => {
      if (!(await isConfigured(parts.checkConfiguration, { webhook: true }, log))) {
        return [];
      }
      const { webhookSecret, webhookSecretPrevious } = await secrets.freescout();
      return [webhookSecret, webhookSecretPrevious].filter(
        (secret): secret is string => secret !== null && secret.length >= shortestSecret,
      );
    },
    clock,
    log,
    measure,
  };
}
