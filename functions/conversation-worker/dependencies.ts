import { SNSClient } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import { createSqsClient, type Environment, type FunctionParts, required } from '#functions/functionParts.ts';
import { createGmailClients } from '#functions/gmailClients.ts';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import { operatorAddresses } from '#shared/alerts/recipients.ts';
import { createSlackChannel } from '#shared/alerts/slackChannel.ts';
import { createSmtpChannel, type MailServer } from '#shared/alerts/smtpChannel.ts';
import { createSnsChannel } from '#shared/alerts/snsChannel.ts';
import { createDraftKeeper } from '#shared/drafts/draftKeeper.ts';
import { proveDraftsStayDrafts, stopDrafting } from '#shared/freescout/draftProof.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { createRateLimiter } from '#shared/jobs/rateLimiter.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { createLanguageModel } from '#shared/openai/openaiLanguageModel.ts';
import { freescoutApiKeyOf, openaiApiKeyOf } from '#shared/settings/secrets.ts';
import { createDynamoBotDrafts } from '#shared/store/dynamo/dynamoBotDrafts.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import { createDynamoThreadMap } from '#shared/store/dynamo/dynamoThreadMap.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

export interface BoundWorker {
  readonly dependencies: WorkerDependencies;
  /** Lets a job come back after `seconds` instead of after the queue's own time. */
  delayDelivery(receiptHandle: string, seconds: number): Promise<void>;
}

/** The queue refuses a longer wait. */
const longestDelaySeconds = 43_200;

export function createWorker(parts: FunctionParts, environment: Environment): BoundWorker {
  const { settings, secrets, dynamo, clock, log, measure } = parts;
  const systemStateTable = required(environment, 'TABLE_SYSTEM_STATE');
  const threadMapTable = required(environment, 'TABLE_THREAD_MAP');
  const state = createDynamoSystemState({ ...dynamo, tableName: systemStateTable });
  const drafts = createDynamoBotDrafts({
    ...dynamo,
    tableName: required(environment, 'TABLE_BOT_DRAFTS'),
    systemStateTable,
  });
  const ledger = createDynamoLedger({
    ...dynamo,
    tableName: required(environment, 'TABLE_PROCESSED_MESSAGES'),
    systemStateTable,
    threadMapTable,
  });
  const threadMap = createDynamoThreadMap({ ...dynamo, tableName: threadMapTable });
  const sqs = createSqsClient();
  const queueUrl = required(environment, 'JOBS_QUEUE_URL');
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
  const proof = { client: freescout, state, url: settings.freescout.url, clock, log, measure };
  const proofMailbox = settings.accounts[0]?.mailboxId ?? 1;
  let companion: Promise<string | null> | null = null;
  return {
    dependencies: {
      settings,
      store: { ledger, threadMap, state },
      queue: createSqsJobQueue({ client: sqs, queueUrl }),
      freescout,
      gmail: createGmailClients(parts),
      model: createLanguageModel({
        apiKey: openaiApiKeyOf(secrets),
        settings,
        state,
        limiter: createRateLimiter({ name: 'openai', ...settings.openai.rateLimit, state, clock }),
        clock,
        log,
        measure,
      }),
      draftKeeper: createDraftKeeper({
        freescout,
        drafts,
        mode: async () => {
          companion ??= freescout.companionVersion();
          try {
            return (await companion) === null ? 'guarded' : 'managed';
          } catch (error) {
            companion = null;
            throw error;
          }
        },
        proveDrafts: () => proveDraftsStayDrafts({ ...proof, mailboxId: proofMailbox }),
        stopDrafting: (reason) => stopDrafting({ ...proof, reason }),
        botUserId: settings.freescout.botUserId,
        settings: settings.drafts,
        clock,
        log,
        measure,
      }),
      alertChannels: createAlertChannels(parts, environment),
      clock,
      log,
      measure,
      leaseSeconds: Number(required(environment, 'LEASE_SECONDS')),
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

/** Slack once its secret is filled in, the topic, and mail where the environment names a server (one machine only). */
function createAlertChannels(
  { settings, secrets }: FunctionParts,
  environment: Environment,
): () => Promise<readonly AlertChannel[]> {
  const topic = createSnsChannel({
    client: new SNSClient({ maxAttempts: 3 }),
    topicArn: required(environment, 'TOPIC_ALERTS'),
  });
  const server = mailServerOf(environment);
  const mail = server === null ? [] : [createSmtpChannel(server, operatorAddresses(settings))];
  return async () => {
    const webhookUrl = settings.alerts.slack ? (await secrets.slack()).webhookUrl : null;
    return [...(webhookUrl === null ? [] : [createSlackChannel({ webhookUrl, fetch })]), topic, ...mail];
  };
}

function mailServerOf({
  SMTP_HOST: host,
  SMTP_PORT: port,
  SMTP_USERNAME: username,
  SMTP_PASSWORD: password,
  SMTP_FROM: from,
}: Environment): MailServer | null {
  if (!host || !from) {
    return null;
  }
  const login = username && password ? { username, password } : null;
  return { host, port: Number(port ?? 587), login, from };
}
