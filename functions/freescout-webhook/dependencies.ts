import { createSqsClient, type Environment, type FunctionParts, required } from '#functions/functionParts.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import { createDynamoWebhookEvents } from '#shared/store/dynamo/dynamoWebhookEvents.ts';
import type { WebhookDependencies } from './receiveWebhook.ts';

export function createWebhookDependencies(
  parts: FunctionParts,
  environment: Environment,
): WebhookDependencies {
  const { settings, secrets, dynamo, clock, log, measure } = parts;
  return {
    settings,
    store: {
      state: createDynamoSystemState({ ...dynamo, tableName: required(environment, 'TABLE_SYSTEM_STATE') }),
      webhookEvents: createDynamoWebhookEvents({
        ...dynamo,
        tableName: required(environment, 'TABLE_WEBHOOK_EVENTS'),
      }),
    },
    queue: createSqsJobQueue({
      client: createSqsClient(),
      queueUrl: required(environment, 'JOBS_QUEUE_URL'),
    }),
    secrets: async () => {
      const { webhookSecret, webhookSecretPrevious } = await secrets.freescout();
      return [webhookSecret, webhookSecretPrevious].filter((secret) => secret !== null);
    },
    clock,
    log,
    measure,
  };
}
