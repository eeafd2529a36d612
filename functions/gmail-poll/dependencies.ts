import { randomUUID } from 'node:crypto';
import { isConfigured } from '#functions/runtime/configuration.ts';
import {
  createSqsClient,
  type Environment,
  type LambdaRuntime,
  requiredVariables,
} from '#functions/runtime/lambdaRuntime.ts';
import { withSecretReports } from '#functions/runtime/secretReporting.ts';
import { createGmailClients } from '#shared/channels/gmail/gmailClients.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import type { PollDependencies } from './pollDependencies.ts';

export function createPollDependencies(
  runtime: LambdaRuntime,
  environment: Environment,
): Omit<PollDependencies, 'timeLeftMilliseconds'> {
  const { settings, dynamo, clock, log, measure } = runtime;
  const { TABLE_PROCESSED_MESSAGES, TABLE_SYSTEM_STATE, JOBS_QUEUE_URL } = requiredVariables(
    environment,
    'TABLE_PROCESSED_MESSAGES',
    'TABLE_SYSTEM_STATE',
    'JOBS_QUEUE_URL',
  );
  const state = createDynamoSystemState({ ...dynamo, tableName: TABLE_SYSTEM_STATE });
  const parts = withSecretReports(runtime, state);
  const clientOf = createGmailClients(parts);
  return {
    settings,
    store: {
      ledger: createDynamoLedger({
        ...dynamo,
        tableName: TABLE_PROCESSED_MESSAGES,
        systemStateTable: TABLE_SYSTEM_STATE,
        keepDays: settings.ledger.keepDays,
      }),
      state,
    },
    queue: createSqsJobQueue({
      client: createSqsClient(),
      queueUrl: JOBS_QUEUE_URL,
    }),
    gmail: async (alias) =>
      (await isConfigured(parts.checkConfiguration, { channels: [alias] }, log.with({ account: alias })))
        ? clientOf(alias)
        : null,
    clock,
    log,
    measure,
    newRunId: randomUUID,
  };
}
