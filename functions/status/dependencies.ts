import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createSqsClient, type Environment, type FunctionParts, required } from '#functions/functionParts.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/jobs/rateLimiter.ts';
import { freescoutApiKeyOf } from '#shared/settings/secrets.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import type { StatusDependencies } from './answerStatus.ts';

/** A load balancer asks often and waits seconds at most. */
const freescoutTimeoutMilliseconds = 5000;

export function createStatusDependencies(parts: FunctionParts, environment: Environment): StatusDependencies {
  const { settings, secrets, dynamo, clock, log, measure } = parts;
  const state = createDynamoSystemState({
    ...dynamo,
    tableName: required(environment, 'TABLE_SYSTEM_STATE'),
  });
  const sqs = createSqsClient();
  const depthOf = async (queueUrl: string): Promise<number> => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return (
      Number(Attributes?.ApproximateNumberOfMessages ?? 0) +
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0)
    );
  };
  const jobsQueueUrl = required(environment, 'JOBS_QUEUE_URL');
  const deadLetterQueueUrl = required(environment, 'DEAD_LETTER_QUEUE_URL');
  return {
    readiness: {
      settings,
      secrets,
      state,
      freescout: createFreeScoutClient({
        baseUrl: settings.freescout.url,
        apiKey: freescoutApiKeyOf(secrets),
        botUserId: settings.freescout.botUserId,
        fetch,
        clock,
        // Asks a handful of calls at most every 30 seconds, and must not call a busy FreeScout unreachable.
        limiter: unlimited,
        timeoutMilliseconds: freescoutTimeoutMilliseconds,
        attempts: 1,
        log,
        measure,
      }),
    },
    figures: {
      state,
      accounts: settings.accounts.map(({ alias }) => alias),
      queueDepths: async () => {
        const [jobs, deadLetters] = await Promise.all([depthOf(jobsQueueUrl), depthOf(deadLetterQueueUrl)]);
        return { jobs, deadLetters };
      },
      deployedAt: required(environment, 'DEPLOYED_AT'),
      clock,
    },
    token: async () => (await secrets.status()).token,
    clock,
  };
}
