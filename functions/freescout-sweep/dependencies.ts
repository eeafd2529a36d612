import { randomUUID } from 'node:crypto';
import { isConfigured } from '#functions/runtime/configuration.ts';
import { createFreeScout } from '#functions/runtime/freescoutClients.ts';
import {
  createSqsClient,
  type Environment,
  type LambdaRuntime,
  requiredVariables,
} from '#functions/runtime/lambdaRuntime.ts';
import { provokeWebhook } from '#shared/freescout/proofConversations.ts';
import { createRateLimiter } from '#shared/http/rateLimiter.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { createDynamoBotDrafts } from '#shared/store/dynamo/dynamoBotDrafts.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import type { SweepDependencies } from './sweepDependencies.ts';

export function createSweepDependencies(
  parts: LambdaRuntime,
  environment: Environment,
): Omit<SweepDependencies, 'timeLeftMilliseconds'> {
  const { settings, dynamo, clock, log, measure } = parts;
  const {
    TABLE_PROCESSED_MESSAGES,
    TABLE_BOT_DRAFTS,
    TABLE_SYSTEM_STATE: systemStateTable,
    JOBS_QUEUE_URL,
  } = requiredVariables(
    environment,
    'TABLE_PROCESSED_MESSAGES',
    'TABLE_BOT_DRAFTS',
    'TABLE_SYSTEM_STATE',
    'JOBS_QUEUE_URL',
  );
  const state = createDynamoSystemState({ ...dynamo, tableName: systemStateTable });
  let calls = 0;
  const limiter = createRateLimiter({ name: 'freescout', ...settings.freescout.rateLimit, state, clock });
  const freescout = createFreeScout(parts, limiter, {
    measure: (name, value = 1) => {
      calls += name === 'FreeScoutCalls' ? value : 0;
      measure(name, value);
    },
  });
  return {
    settings,
    store: {
      ledger: createDynamoLedger({
        ...dynamo,
        tableName: TABLE_PROCESSED_MESSAGES,
        systemStateTable,
        keepDays: settings.ledger.keepDays,
      }),
      state,
      drafts: createDynamoBotDrafts({
        ...dynamo,
        tableName: TABLE_BOT_DRAFTS,
        systemStateTable,
      }),
    },
    queue: createSqsJobQueue({
      client: createSqsClient(),
      queueUrl: JOBS_QUEUE_URL,
    }),
    freescout: async () =>
      (await isConfigured(parts.checkConfiguration, { freescout: true }, log)) ? freescout : null,
    provokeWebhook: (mailboxId) => provokeWebhook(freescout, mailboxId),
    freescoutCalls: () => calls,
    clock,
    log,
    measure,
    newRunId: randomUUID,
  };
}
