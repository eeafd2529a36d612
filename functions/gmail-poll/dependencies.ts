import { randomUUID } from 'node:crypto';
import { createSqsClient, type Environment, type FunctionParts, required } from '#functions/functionParts.ts';
import { createGmailClients } from '#functions/gmailClients.ts';
import { gmailCredentialsIn } from '#shared/gmail/gmailCredentials.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import type { PollDependencies } from './pollDependencies.ts';

/** A poll gives rows to mail it keeps out and maps none of them, so it is not given that table. */
const noThreadMap = '';

export function createPollDependencies(
  parts: FunctionParts,
  environment: Environment,
): Omit<PollDependencies, 'timeLeftMilliseconds'> {
  const { settings, secrets, dynamo, clock, log, measure } = parts;
  const systemStateTable = required(environment, 'TABLE_SYSTEM_STATE');
  const clientOf = createGmailClients(parts);
  return {
    settings,
    store: {
      ledger: createDynamoLedger({
        ...dynamo,
        tableName: required(environment, 'TABLE_PROCESSED_MESSAGES'),
        systemStateTable,
        threadMapTable: noThreadMap,
      }),
      state: createDynamoSystemState({ ...dynamo, tableName: systemStateTable }),
    },
    queue: createSqsJobQueue({
      client: createSqsClient(),
      queueUrl: required(environment, 'JOBS_QUEUE_URL'),
    }),
    gmail: async (alias) =>
      gmailCredentialsIn(await secrets.gmail(alias)) === null ? null : clientOf(alias),
    clock,
    log,
    measure,
    newRunId: randomUUID,
  };
}
