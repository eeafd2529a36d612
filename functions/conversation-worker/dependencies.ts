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
import { withSecretReports } from '#functions/runtime/secretReporting.ts';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import { mailServerIn } from '#shared/alerts/mailServer.ts';
import { operatorAddresses } from '#shared/alerts/recipients.ts';
import { openSlackChannel } from '#shared/alerts/slackChannel.ts';
import { createSmtpChannel } from '#shared/alerts/smtpChannel.ts';
import { createSnsChannel, hasSubscribers } from '#shared/alerts/snsChannel.ts';
import { createGmailChannels } from '#shared/channels/gmail/gmailChannel.ts';
import { createGmailClients } from '#shared/channels/gmail/gmailClients.ts';
import { createKnownCustomers } from '#shared/customers/knownCustomers.ts';
import { createDraftKeeper, type DraftKeeper } from '#shared/drafts/draftKeeper.ts';
import { proveDraftsStayDrafts, stopDrafting } from '#shared/freescout/draftProof.ts';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createUserAddresses } from '#shared/freescout/userAddresses.ts';
import { createRateLimiter, type RateLimiter } from '#shared/http/rateLimiter.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import type { LanguageModel } from '#shared/openai/languageModel.ts';
import { mailboxIdsOf } from '#shared/settings/channels.ts';
import { freescoutApiKeyOf, gmailCredentialsOf, openaiApiKeyOf } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { CallLimits } from '#shared/store/callLimits.ts';
import { createDynamoBotDrafts } from '#shared/store/dynamo/dynamoBotDrafts.ts';
import { createDynamoLedger } from '#shared/store/dynamo/dynamoLedger.ts';
import { createDynamoSystemState } from '#shared/store/dynamo/dynamoSystemState.ts';
import { createDynamoThreadMap } from '#shared/store/dynamo/dynamoThreadMap.ts';
import type { Store } from '#shared/store/store.ts';
import type { Clock } from '#shared/time/clock.ts';
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

const variableNames = [
  'TABLE_PROCESSED_MESSAGES',
  'TABLE_THREAD_MAP',
  'TABLE_BOT_DRAFTS',
  'TABLE_SYSTEM_STATE',
  'JOBS_QUEUE_URL',
  'LEASE_SECONDS',
  'TOPIC_ALERTS',
] as const;

type Variables = Readonly<Record<(typeof variableNames)[number], string>>;

export function createWorker(runtime: LambdaRuntime, environment: Environment): BoundWorker {
  const variables = requiredVariables(environment, ...variableNames);
  const { ledger, threadMap, state, drafts } = openStore(runtime, variables);
  const parts = withSecretReports(runtime, state);
  const { settings, clock, log, measure } = parts;
  const { freescout, customers, channel } = openClients(parts, state);
  const sqs = createSqsClient();
  return {
    dependencies: {
      settings,
      store: { ledger, threadMap, state },
      queue: createSqsJobQueue({ client: sqs, queueUrl: variables.JOBS_QUEUE_URL }),
      freescout,
      channel,
      customers,
      model: openLanguageModel(parts, state),
      draftKeeper: openDraftKeeper(parts, { freescout, drafts, state }),
      fieldOptions: createFieldOptions({ freescout, clock }),
      alertChannels: createAlertChannels(parts, environment, variables.TOPIC_ALERTS),
      overSharePace: createOverSharePace(settings, state, clock),
      reportSecrets: parts.reportSecrets,
      clock,
      log,
      measure,
      leaseSeconds: Number(variables.LEASE_SECONDS),
    },
    delayDelivery: async (receiptHandle, seconds) => {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: variables.JOBS_QUEUE_URL,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: Math.min(longestDelaySeconds, Math.ceil(seconds)),
        }),
      );
    },
  };
}

type WorkerStore = Pick<Store, 'ledger' | 'threadMap' | 'state' | 'drafts'>;

function openStore({ dynamo, settings }: LambdaRuntime, tables: Variables): WorkerStore {
  const systemStateTable = tables.TABLE_SYSTEM_STATE;
  const threadMapTable = tables.TABLE_THREAD_MAP;
  const { keepDays } = settings.ledger;
  return {
    ledger: createDynamoLedger({
      ...dynamo,
      tableName: tables.TABLE_PROCESSED_MESSAGES,
      systemStateTable,
      threadMapTable,
      keepDays,
    }),
    threadMap: createDynamoThreadMap({ ...dynamo, tableName: threadMapTable, systemStateTable, keepDays }),
    state: createDynamoSystemState({ ...dynamo, tableName: systemStateTable }),
    drafts: createDynamoBotDrafts({ ...dynamo, tableName: tables.TABLE_BOT_DRAFTS, systemStateTable }),
  };
}

/** Calls to FreeScout that follow from a message over its sender's share, the work on its conversation included, at most. */
const callsOfMessage = 8;

/** By the minute, however long the window of the settings is: a wait ends well before the time of the function does. */
function createOverSharePace(
  { freescout: { rateLimit } }: Settings,
  state: CallLimits,
  clock: Clock,
): RateLimiter {
  const callsPerMinute = (60 * rateLimit.maxRequests) / rateLimit.windowSeconds;
  return createRateLimiter({
    name: 'over-share',
    maxRequests: Math.ceil(callsPerMinute / callsOfMessage),
    windowSeconds: 60,
    state,
    clock,
  });
}

/** What all jobs together need to be filled in. */
function needsOfAllJobs({ settings }: LambdaRuntime): Needs {
  return { freescout: true, openai: true, channels: settings.channels.map(({ alias }) => alias) };
}

/** FreeScout and the channels. */
function openClients(parts: LambdaRuntime, state: WorkerStore['state']) {
  const { settings, secrets, checkConfiguration, clock, log } = parts;
  const all = needsOfAllJobs(parts);
  const limiter = createRateLimiter({ name: 'freescout', ...settings.freescout.rateLimit, state, clock });
  const freescout = createFreeScout(parts, limiter, {
    apiKey: onceConfigured(
      checkConfiguration,
      'freescout-not-configured',
      { freescout: true },
      all,
      freescoutApiKeyOf(secrets),
    ),
  });
  const customers = createKnownCustomers(freescout);
  const channel = createGmailChannels({
    settings,
    state,
    customers,
    users: createUserAddresses({ freescout, clock }),
    clock,
    log,
    client: createGmailClients(parts, (alias) =>
      onceConfigured(
        checkConfiguration,
        'gmail-not-configured',
        { freescout: true, channels: [alias] },
        all,
        gmailCredentialsOf(secrets, alias),
      ),
    ),
  });
  return { freescout, customers, channel };
}

/** Loaded at the first question: most jobs ask none, and OpenAI's client is the largest package of the bundle. */
function openLanguageModel(parts: LambdaRuntime, state: WorkerStore['state']): LanguageModel {
  const { settings, secrets, checkConfiguration, clock, log, measure } = parts;
  let loaded: Promise<LanguageModel> | null = null;
  const load = () =>
    import('#shared/openai/openaiLanguageModel.ts').then(({ createLanguageModel }) =>
      createLanguageModel({
        apiKey: onceConfigured(
          checkConfiguration,
          'openai-not-configured',
          { openai: true },
          needsOfAllJobs(parts),
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
  return {
    ask: async (request, timeLeft) => {
      loaded ??= load();
      return (await loaded).ask(request, timeLeft);
    },
  };
}

function openDraftKeeper(
  { settings, clock, log, measure }: LambdaRuntime,
  {
    freescout,
    drafts,
    state,
  }: Pick<WorkerStore, 'drafts' | 'state'> & { readonly freescout: FreeScoutClient },
): DraftKeeper {
  const proof = { client: freescout, state, url: settings.freescout.url, clock, log, measure };
  const mailboxId = mailboxIdsOf(settings)[0] ?? 1;
  return createDraftKeeper({
    freescout,
    drafts,
    mode: createDraftMode({ freescout, clock }),
    proveDrafts: () => proveDraftsStayDrafts({ ...proof, mailboxId }),
    stopDrafting: (reason) => stopDrafting({ ...proof, reason }),
    botUserId: settings.freescout.botUserId,
    settings: settings.drafts,
    clock,
    log,
    measure,
  });
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
