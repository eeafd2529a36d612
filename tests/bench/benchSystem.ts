import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createConfigurationCheck } from '#functions/runtime/configuration.ts';
import type { LambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { type GmailStandIn, startGmailStandIn } from '#infra/standins/gmail/standIn.ts';
import { startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Secrets } from '#shared/settings/secrets.ts';
import { mergeSettings, parseSettings, type Settings } from '#shared/settings/settings.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import type { StoreTables } from '#shared/store/dynamo/dynamoStore.ts';
import { systemClock } from '#shared/time/clock.ts';
import { startDynamo } from '#tests/support/dynoxide.ts';
import { startQueues } from '#tests/support/fauxqs.ts';
import { type Counts, countDynamo, countSqs, createCounts } from './counts.ts';
import { type Latencies, slowDown } from './latencies.ts';

export const address = 'support@shop.example';

/** Where everything is that a function talks to; another process can bind the functions' parts to it. */
export interface Endpoints {
  readonly dynamo: string;
  readonly sqs: string;
  readonly freescout: { readonly url: string; readonly apiKey: string; readonly webhookSecret: string };
  readonly gmail: { readonly url: string; readonly tokenUrl: string; readonly refreshToken: string };
  readonly openai: { readonly url: string; readonly baseUrl: string };
  readonly tables: StoreTables;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** The functions' parts, bound to local ones, with what they do counted. */
export interface BoundFunctions {
  readonly parts: LambdaRuntime;
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Settings;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly counts: Counts;
  release(): void;
}

/** Functions and everything they talk to, in this process. */
export interface BenchSystem extends BoundFunctions {
  readonly endpoints: Endpoints;
  readonly tables: StoreTables;
  readonly freescout: FreeScoutStandIn;
  readonly gmail: GmailStandIn;
  stop(): Promise<void>;
}

interface BindOptions {
  /** How long the others take to answer; none: as fast as they can. */
  readonly latencies?: Latencies;
  /** Laid over the usual ones. Rates and budgets are off, or the politeness of the defaults would be measured. */
  readonly settings?: unknown;
}

/** Starts tables, queue and stand-ins, and binds the functions' parts to them. */
export async function startBenchSystem(
  options: BindOptions & { readonly companionModule?: boolean },
): Promise<BenchSystem> {
  const [dynamo, queues, gmail, openai] = await Promise.all([
    startDynamo(),
    startQueues(),
    startGmailStandIn({ port: 0, accounts: [address] }),
    startOpenaiStandIn({ port: 0 }),
  ]);
  const freescout = await startFreeScoutStandIn({
    switches: { companionModule: options.companionModule ?? false },
    customFields: [priorityField],
  });
  const tables = await dynamo.createTables();
  const { queueUrl, deadLetterQueueUrl } = queues.createJobsQueue();
  const endpoints: Endpoints = {
    dynamo: String(dynamo.config.endpoint),
    sqs: String(queues.config.endpoint),
    freescout: {
      url: freescout.url,
      apiKey: freescout.apiKey,
      webhookSecret: freescout.webhookSecret,
    },
    gmail: { url: gmail.url, tokenUrl: gmail.tokenUrl, refreshToken: gmail.refreshTokenOf(address) },
    openai: { url: openai.url, baseUrl: openai.baseUrl },
    tables,
    queueUrl,
    deadLetterQueueUrl,
  };
  const bound = bindFunctions(endpoints, options);
  return {
    ...bound,
    endpoints,
    tables,
    freescout,
    gmail,
    async stop() {
      bound.release();
      await Promise.all([freescout.close(), gmail.close(), openai.close()]);
      await Promise.all([queues.stop(), dynamo.stop()]);
    },
  };
}

/** Id of the field that carries the priority. */
export const priorityFieldName = 3;

const priorityField = {
  id: priorityFieldName,
  mailboxId: 1,
  name: 'Priority',
  type: 'dropdown',
  options: { '1': 'p3', '2': 'p2', '3': 'p1', '4': 'p0' },
  sortOrder: 1,
  required: false,
} as const;

/** Binds the functions' parts of this process to what runs at the endpoints. */
export function bindFunctions(endpoints: Endpoints, options: BindOptions): BoundFunctions {
  const { freescout, gmail, openai, tables } = endpoints;
  const settings = parseSettings(
    mergeSettings(
      {
        channels: [{ kind: 'gmail', alias: 'support', address: address, mailboxId: 1 }],
        freescout: { url: freescout.url, rateLimit: { maxRequests: 0 } },
        gmail: { rootUrl: `${gmail.url}/`, tokenUrl: gmail.tokenUrl, gapCheckDays: 0 },
        openai: {
          baseUrl: openai.baseUrl,
          rateLimit: { maxRequests: 0 },
          budget: { dailyUsd: 0, monthlyUsd: 0 },
        },
        limits: { draftsPerDay: 0, messagesPerAddress: 0, messagesPerDomain: 0, messagesPerRun: 1000 },
        hygiene: { loopLimitPerHour: 10_000 },
      },
      options.settings ?? {},
    ),
  );
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    TABLE_PROCESSED_MESSAGES: tables.processedMessages,
    TABLE_THREAD_MAP: tables.threadMap,
    TABLE_BOT_DRAFTS: tables.botDrafts,
    TABLE_SYSTEM_STATE: tables.systemState,
    TABLE_WEBHOOK_EVENTS: tables.webhookEvents,
    JOBS_QUEUE_URL: endpoints.queueUrl,
    DEAD_LETTER_QUEUE_URL: endpoints.deadLetterQueueUrl,
    TOPIC_ALERTS: 'arn:aws:sns:us-east-1:000000000000:alerts',
    WEBHOOK_URL: 'http://127.0.0.1:1/freescout',
    DEPLOYED_AT: new Date().toISOString(),
    LEASE_SECONDS: '210',
  };
  // The SDK's clients of the functions read it.
  Object.assign(process.env, environment);
  const secrets = secretsOf(endpoints);
  const counts = createCounts();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = createDocumentClient({ endpoint: endpoints.dynamo, region: 'us-east-1', credentials });
  const sqs = new SQSClient({
    endpoint: endpoints.sqs,
    region: 'us-east-1',
    credentials,
    useQueueUrlAsEndpoint: false,
  });
  countDynamo(client, counts);
  countSqs(Number(new URL(endpoints.sqs).port), counts);
  const restoreFetch = slowDown(
    { freescout: freescout.url, gmail: gmail.url, openai: openai.url },
    options.latencies ?? null,
  );
  const log: Log = {
    write: (code, fields = {}) => {
      if (code === 'MODEL_CALL') {
        counts.inputTokens += Number(fields.inputTokens ?? 0);
        counts.cachedTokens += Number(fields.cachedTokens ?? 0);
        counts.outputTokens += Number(fields.outputTokens ?? 0);
        counts.modelUsd += Number(fields.usd ?? 0);
      }
    },
    with: () => log,
  };
  return {
    parts: {
      settings,
      secrets,
      checkConfiguration: createConfigurationCheck({ settings, secrets, clock: systemClock }),
      dynamo: { client, clock: systemClock },
      clock: systemClock,
      log,
      measure: (name, value = 1) => {
        counts.gmailUnits += name === 'GmailUnits' ? value : 0;
        counts.modelCalls += name === 'ModelCalls' ? value : 0;
        counts.freescoutCalls += name === 'FreeScoutCalls' ? value : 0;
      },
      correlate: () => undefined,
      wrap: () => {
        throw new Error('The bench calls the work itself, not a handler.');
      },
    },
    environment,
    settings,
    sqs,
    queueUrl: endpoints.queueUrl,
    counts,
    release() {
      restoreFetch();
      client.destroy();
      sqs.destroy();
    },
  };
}

/** A folder for what a measurement leaves behind. */
export function scratchFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `csm-bench-${name}-`));
}

function secretsOf({ freescout, gmail }: Endpoints): Secrets {
  return {
    freescout: async () => ({
      apiKey: freescout.apiKey,
      webhookSecret: freescout.webhookSecret,
      webhookSecretPrevious: null,
    }),
    openai: async () => ({ apiKey: 'bench' }),
    channel: async () => ({
      clientId: 'id',
      clientSecret: 'secret',
      refreshToken: gmail.refreshToken,
      serviceAccountEmail: null,
      serviceAccountPrivateKey: null,
    }),
    slack: async () => ({ webhookUrl: null }),
    status: async () => ({ token: 'bench-token' }),
  };
}
