import { randomUUID } from 'node:crypto';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createConfigurationCheck } from '#functions/runtime/configuration.ts';
import { createFreeScout } from '#functions/runtime/freescoutClients.ts';
import {
  createSqsClient,
  type Environment,
  type LambdaRuntime,
  requiredVariables,
} from '#functions/runtime/lambdaRuntime.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import type { Readiness } from '#shared/store/readiness.ts';
import type { Store } from '#shared/store/store.ts';
import type { StatusDependencies } from './answerStatus.ts';
import { createFigures, type Figures, metricsBody } from './figures.ts';
import { checkFreeScout } from './freescoutReadiness.ts';
import { createKeptAnswer } from './keptAnswer.ts';
import { createWebhookTrialReader } from './lostWebhooks.ts';
import { checkAll } from './readiness.ts';
import { reportedFillings } from './reportedFillings.ts';

/** A load balancer asks often and waits seconds at most. */
const freescoutTimeoutMilliseconds = 5000;
const checkTimeoutMilliseconds = 12_000;

const variableNames = [
  'TABLE_PROCESSED_MESSAGES',
  'TABLE_THREAD_MAP',
  'TABLE_BOT_DRAFTS',
  'TABLE_SYSTEM_STATE',
  'TABLE_WEBHOOK_EVENTS',
  'JOBS_QUEUE_URL',
  'DEAD_LETTER_QUEUE_URL',
  'DEPLOYED_AT',
  'WEBHOOK_URL',
] as const;

type Variables = Readonly<Record<(typeof variableNames)[number], string>>;

export function createStatusDependencies(parts: LambdaRuntime, environment: Environment): StatusDependencies {
  const { settings, secrets, dynamo, clock, log } = parts;
  const names = requiredVariables(environment, ...variableNames);
  const store = createDynamoStore({
    ...dynamo,
    tables: {
      processedMessages: names.TABLE_PROCESSED_MESSAGES,
      threadMap: names.TABLE_THREAD_MAP,
      botDrafts: names.TABLE_BOT_DRAFTS,
      systemState: names.TABLE_SYSTEM_STATE,
      webhookEvents: names.TABLE_WEBHOOK_EVENTS,
    },
  });
  const depthOf = createDepthOf();
  const figuresDependencies = {
    settings,
    state: store.state,
    ledger: store.ledger,
    queues: async () => {
      const [jobs, deadLetters] = await Promise.all([
        depthOf(names.JOBS_QUEUE_URL),
        depthOf(names.DEAD_LETTER_QUEUE_URL),
      ]);
      return { ...jobs, deadLetters: deadLetters.waiting + deadLetters.inHand };
    },
    deployedAt: names.DEPLOYED_AT,
    clock,
  };
  const figures = createFigures(figuresDependencies);
  const look = createLook(parts, names, store, figures);
  return {
    readiness: createKeptAnswer({ look, state: store.state, clock, log, newOwner: randomUUID }),
    metrics: async () => {
      const [found, kept] = await Promise.all([figures(), store.state.keptReadiness()]);
      return metricsBody(found, kept, figuresDependencies);
    },
    token: async () => (await secrets.status()).token,
    clock,
  };
}

/** Everything that `/ready` looks at, once. */
function createLook(
  parts: LambdaRuntime,
  { DEPLOYED_AT, WEBHOOK_URL }: Pick<Variables, 'DEPLOYED_AT' | 'WEBHOOK_URL'>,
  store: Store,
  figures: () => Promise<Figures>,
): () => Promise<Readiness> {
  const { settings, secrets, clock, log } = parts;
  // A handful of calls at most every 30 seconds; waiting for others' calls would make a busy FreeScout look dead.
  const freescout = createFreeScout(parts, unlimited, {
    timeoutMilliseconds: freescoutTimeoutMilliseconds,
    attempts: 1,
  });
  const checkConfiguration = createConfigurationCheck({
    settings,
    secrets,
    clock,
    fillings: reportedFillings({ state: store.state, clock }),
  });
  const webhookTrial = createWebhookTrialReader(store.state, clock);
  return () =>
    checkAll({
      settings,
      checkConfiguration,
      secrets,
      checkFreeScout: async () =>
        // The key that is missing is named by the check of the settings.
        (await secrets.freescout()).apiKey === null
          ? { issues: [], draftMode: null }
          : checkFreeScout({ settings, freescout, webhookUrl: WEBHOOK_URL, webhookTrial }),
      probes: {
        ProcessedMessages: () => store.ledger.probe(),
        ThreadMap: () => store.threadMap.probe(),
        BotDrafts: () => store.drafts.probe(),
        SystemState: () => store.state.probe(),
        WebhookEvents: () => store.webhookEvents.probe(),
      },
      state: store.state,
      figures,
      deployedAt: DEPLOYED_AT,
      clock,
      log,
      timeLimitMilliseconds: checkTimeoutMilliseconds,
    });
}

function createDepthOf() {
  const sqs = createSqsClient();
  return async (queueUrl: string): Promise<{ readonly waiting: number; readonly inHand: number }> => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return {
      waiting: Number(Attributes?.ApproximateNumberOfMessages ?? 0),
      inHand: Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
    };
  };
}
