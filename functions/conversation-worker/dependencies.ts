import { SNSClient } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import { type Needs, onceConfigured } from '#functions/runtime/configuration.ts';
import { createFreeScout } from '#functions/runtime/freescoutClients.ts';
import {
  createSqsClient,
  type Environment,
  type LambdaRuntime,
  requiredVariables,
} from '#functions/runtime/lambdaRuntime.ts';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import { mailServerIn } from '#shared/alerts/mailServer.ts';
import { operatorAddresses } from '#shared/alerts/recipients.ts';
import { openSlackChannel } from '#shared/alerts/slackChannel.ts';
import { createSmtpChannel } from '#shared/alerts/smtpChannel.ts';
import { createSnsChannel, hasSubscribers } from '#shared/alerts/snsChannel.ts';
import { createGmailChannels } from '#shared/channels/gmail/gmailChannel.ts';
import { createGmailClients } from '#shared/channels/gmail/gmailClients.ts';
import { createDraftKeeper } from '#shared/drafts/draftKeeper.ts';
import { proveDraftsStayDrafts, stopDrafting } from '#shared/freescout/draftProof.ts';
import { createRateLimiter } from '#shared/http/rateLimiter.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import type { LanguageModel } from '#shared/openai/languageModel.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import { freescoutApiKeyOf, gmailCredentialsOf, openaiApiKeyOf } from '#shared/settings/secrets.ts';
import { createDynamoBotDrafts } from '#shared/store/dynamo/dynamoBotDrafts.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import { createDynamoThreadMap } from '#shared/store/dynamo/dynamoThreadMap.ts';
import { createDraftMode } from './answering/draftMode.ts';
import { createFieldOptions } from './answering/fieldOptions.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

export interface BoundWorker {
  readonly dependencies: WorkerDependencies;
  /** Lets a job come back after `seconds` instead of after the queue's own time. */
  delayDelivery(receiptHandle: string, seconds: number): Promise<void>;
}

/** The queue refuses a wait that ends more than twelve hours after the job was received; this leaves time for the work before. */
const longestDelaySeconds = 43_000;

export function createWorker(parts: LambdaRuntime, environment: Environment): BoundWorker {
  const { settings, secrets, checkConfiguration, dynamo, clock, log, measure } = parts;
  const {
    TABLE_PROCESSED_MESSAGES,
    TABLE_THREAD_MAP: threadMapTable,
    TABLE_BOT_DRAFTS,
    TABLE_SYSTEM_STATE: systemStateTable,
    JOBS_QUEUE_URL: queueUrl,
    LEASE_SECONDS,
    TOPIC_ALERTS,
  } = requiredVariables(
    environment,
    'TABLE_PROCESSED_MESSAGES',
    'TABLE_THREAD_MAP',
    'TABLE_BOT_DRAFTS',
    'TABLE_SYSTEM_STATE',
    'JOBS_QUEUE_URL',
    'LEASE_SECONDS',
    'TOPIC_ALERTS',
  );
  const needsOfAllJobs: Needs = {
    freescout: true,
    openai: true,
    channels: settings.channels.map(({ alias }) => alias),
  };
  const state = createDynamoSystemState({ ...dynamo, tableName: systemStateTable });
  const drafts = createDynamoBotDrafts({
    ...dynamo,
    tableName: TABLE_BOT_DRAFTS,
    systemStateTable,
  });
  const ledger = createDynamoLedger({
    ...dynamo,
    tableName: TABLE_PROCESSED_MESSAGES,
    systemStateTable,
    threadMapTable,
  });
  const threadMap = createDynamoThreadMap({ ...dynamo, tableName: threadMapTable, systemStateTable });
  const sqs = createSqsClient();
  const limiter = createRateLimiter({ name: 'freescout', ...settings.freescout.rateLimit, state, clock });
  const freescout = createFreeScout(parts, limiter, {
    apiKey: onceConfigured(
      checkConfiguration,
      'freescout-not-configured',
      { freescout: true },
      needsOfAllJobs,
      freescoutApiKeyOf(secrets),
    ),
  });
  let languageModel: Promise<LanguageModel> | null = null;
  /** Loaded at the first question: most jobs ask none, and OpenAI's client is the largest package of the bundle. */
  const model = (): Promise<LanguageModel> => {
    languageModel ??= import('#shared/openai/openaiLanguageModel.ts').then(({ createLanguageModel }) =>
      createLanguageModel({
        apiKey: onceConfigured(
          checkConfiguration,
          'openai-not-configured',
          { openai: true },
          needsOfAllJobs,
          openaiApiKeyOf(secrets),
        ),
        settings,
        state,
        limiter: createRateLimiter({ name: 'openai', ...settings.openai.rateLimit, state, clock }),
        clock,
        log,
        measure,
      }),
    );
    return languageModel;
  };
  const proof = { client: freescout, state, url: settings.freescout.url, clock, log, measure };
  const proofMailbox = mailboxIdsOf(settings)[0] ?? 1;
  return {
    dependencies: {
      settings,
      store: { ledger, threadMap, state },
      queue: createSqsJobQueue({ client: sqs, queueUrl }),
      freescout,
      channel: createGmailChannels({
        settings,
        state,
        clock,
        client: createGmailClients(parts, (alias) =>
          onceConfigured(
            checkConfiguration,
            'gmail-not-configured',
            { freescout: true, channels: [alias] },
            needsOfAllJobs,
            gmailCredentialsOf(secrets, alias),
          ),
        ),
      }),
      model: { ask: async (request, timeLeft) => (await model()).ask(request, timeLeft) },
      draftKeeper: createDraftKeeper({
        freescout,
        drafts,
        mode: createDraftMode({ freescout, clock }),
        proveDrafts: () => proveDraftsStayDrafts({ ...proof, mailboxId: proofMailbox }),
        stopDrafting: (reason) => stopDrafting({ ...proof, reason }),
        botUserId: settings.freescout.botUserId,
        settings: settings.drafts,
        clock,
        log,
        measure,
      }),
      fieldOptions: createFieldOptions({ freescout, clock }),
      alertChannels: createAlertChannels(parts, environment, TOPIC_ALERTS),
      clock,
      log,
      measure,
      leaseSeconds: Number(LEASE_SECONDS),
    },
    delayDelivery: async (receiptHandle, seconds) => {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: Math.min(longestDelaySeconds, Math.ceil(seconds)),
        }),
      );
    },
  };
}

/**
 * Slack once its secret is filled in, the topic where somebody is subscribed, and mail where the environment names a server (one
 * machine only).
 */
function createAlertChannels(
  { settings, secrets }: LambdaRuntime,
  environment: Environment,
  topicArn: string,
): () => Promise<readonly AlertChannel[]> {
  const client = new SNSClient({ maxAttempts: 3 });
  const topic = createSnsChannel({ client, topicArn });
  const server = mailServerIn(environment);
  const mail = server === null ? [] : [createSmtpChannel(server, operatorAddresses(settings))];
  return async () => {
    const [slack, isHeard] = await Promise.all([
      settings.alerts.slack ? openSlackChannel({ secrets, fetch }) : null,
      // Where it cannot be found out, publishing will tell.
      hasSubscribers({ client, topicArn, ownFunctions: settings.alerts.slack ? 1 : 0 }).catch(() => true),
    ]);
    return [...(slack === null ? [] : [slack]), ...(isHeard ? [topic] : []), ...mail];
  };
}
