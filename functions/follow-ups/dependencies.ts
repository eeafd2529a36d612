import { randomUUID } from 'node:crypto';
import { createSqsClient, type Environment, type FunctionParts, required } from '#functions/functionParts.ts';
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
  const systemStateTable = required(environment, 'TABLE_SYSTEM_STATE');
  const state = createDynamoSystemState({ ...dynamo, tableName: systemStateTable });
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
        tableName: required(environment, 'TABLE_PROCESSED_MESSAGES'),
        systemStateTable,
        threadMapTable: noThreadMap,
      }),
    },
    queue: createSqsJobQueue({
      client: createSqsClient(),
      queueUrl: required(environment, 'JOBS_QUEUE_URL'),
    }),
    freescout: async () =>
      settings.freescout.url !== '' && (await secrets.freescout()).apiKey !== null ? freescout : null,
    clock,
    log,
    measure,
    newRunId: randomUUID,
  };
}
