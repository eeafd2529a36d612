import { randomUUID } from 'node:crypto';
import { isConfigured } from '#functions/runtime/configuration.ts';
import { createFreeScout } from '#functions/runtime/freescoutClients.ts';
import {
  createSqsClient,
  type Environment,
  type LambdaRuntime,
  requiredVariables,
} from '#functions/runtime/lambdaRuntime.ts';
import { createRateLimiter } from '#shared/http/rateLimiter.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { createDynamoCallLimits } from '#shared/store/dynamo/dynamoCallLimits.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import type { FollowUpsDependencies } from './followUpsDependencies.ts';

export function createFollowUpsDependencies(
  parts: LambdaRuntime,
  environment: Environment,
): Omit<FollowUpsDependencies, 'timeLeftMilliseconds'> {
  const { settings, dynamo, clock, log, measure } = parts;
  const { TABLE_PROCESSED_MESSAGES, TABLE_SYSTEM_STATE, JOBS_QUEUE_URL } = requiredVariables(
    environment,
    'TABLE_PROCESSED_MESSAGES',
    'TABLE_SYSTEM_STATE',
    'JOBS_QUEUE_URL',
  );
  const state = createDynamoCallLimits({ ...dynamo, tableName: TABLE_SYSTEM_STATE });
  const limiter = createRateLimiter({ name: 'freescout', ...settings.freescout.rateLimit, state, clock });
  const freescout = createFreeScout(parts, limiter);
  return {
    settings,
    store: {
      ledger: createDynamoLedger({
        ...dynamo,
        tableName: TABLE_PROCESSED_MESSAGES,
        systemStateTable: TABLE_SYSTEM_STATE,
      }),
    },
    queue: createSqsJobQueue({
      client: createSqsClient(),
      queueUrl: JOBS_QUEUE_URL,
    }),
    freescout: async () =>
      (await isConfigured(parts.checkConfiguration, { freescout: true }, log)) ? freescout : null,
    clock,
    log,
    measure,
    newRunId: randomUUID,
  };
}
