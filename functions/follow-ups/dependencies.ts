import { randomUUID } from 'node:crypto';
import { isConfigured } from '#functions/configuration.ts';
import {
  createSqsClient,
  type Environment,
  type FunctionParts,
  requiredVariables,
} from '#functions/functionParts.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { createRateLimiter } from '#shared/jobs/rateLimiter.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { freescoutApiKeyOf } from '#shared/settings/secrets.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import type { FollowUpsDependencies } from './followUpsDependencies.ts';

/** It only reads the ledger, so it maps nothing and is not given that table. */
const noThreadMap = '';

export function createFollowUpsDependencies(
  parts: FunctionParts,
  environment: Environment,
): Omit<FollowUpsDependencies, 'timeLeftMilliseconds'> {
  const { settings, secrets, dynamo, clock, log, measure } = parts;
  const { TABLE_PROCESSED_MESSAGES, TABLE_SYSTEM_STATE, JOBS_QUEUE_URL } = requiredVariables(
    environment,
    'TABLE_PROCESSED_MESSAGES',
    'TABLE_SYSTEM_STATE',
    'JOBS_QUEUE_URL',
  );
  const state = createDynamoSystemState({ ...dynamo, tableName: TABLE_SYSTEM_STATE });
  const freescout = createFreeScoutClient({
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
  });
  return {
    settings,
    store: {
      ledger: createDynamoLedger({
        ...dynamo,
        tableName: TABLE_PROCESSED_MESSAGES,
        systemStateTable: TABLE_SYSTEM_STATE,
        threadMapTable: noThreadMap,
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
