import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateSummaryCommand,
} from '@aws-sdk/client-cloudformation';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { faultOfDirectory } from '#infra/local/dataDirectory.ts';
import { isRunning } from '#infra/local/processes.ts';
import { localCredentials } from '#infra/local/runner/sdkEnvironment.ts';
import { localRegion } from '#infra/local/runner/templateValues.ts';
import { requiredOutput, tablesOf } from '#infra/stackOutputs.ts';
import { createGmailClients } from '#shared/channels/gmail/gmailClients.ts';
import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import type { TrialClient } from '#shared/freescout/draftProof.ts';
import { createFreeScoutRequests, type SendToFreeScout } from '#shared/freescout/freescoutRequest.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import type { InstallationReader } from '#shared/freescout/installationReader.ts';
import { createRateLimiter } from '#shared/http/rateLimiter.ts';
import type { JobQueue } from '#shared/jobs/jobs.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import {
  channelSecretsOf,
  createSecrets,
  freescoutApiKeyOf,
  type Secrets,
} from '#shared/settings/secrets.ts';
import { parseSettings, type Settings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import type { Store } from '#shared/store/store.ts';
import { systemClock } from '#shared/time/clock.ts';
import { gmailSources } from './gmailSources.ts';
import type { MessageSource } from './messageSource.ts';
import { CommandFailed } from './terminal.ts';

/** The system that commands work on: the one on this machine, or a stack on AWS. */
export interface Deployment {
  /** For people. */
  readonly name: string;
  readonly settings: Settings;
  /** Whether its settings lead to the part itself; false = to a stand-in for it. */
  readonly isReal: { readonly freescout: boolean; readonly gmail: boolean; readonly openai: boolean };
  /** Address of the API. */
  readonly api: string;
  readonly webhookUrl: string;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly sqs: SQSClient;
  readonly jobsQueueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly queue: JobQueue;
  readonly freescout: ConversationReader;
  readonly installation: Pick<InstallationReader, 'listWebhooks'>;
  /** For trials of FreeScout, in conversations that are deleted again. */
  readonly trialClient: TrialClient;
  /** For what the client has no call for. */
  readonly sendToFreeScout: SendToFreeScout;
  /** One for each channel of the settings that has its messages still. */
  readonly sources: readonly MessageSource[];
  /** Where a person sees a conversation. */
  readonly conversationLink: (conversationId: number) => string;
  /** Replaces values of a secret on AWS; `name` is the output without `Secret`. */
  readonly putSecret: (name: string, values: Readonly<Record<string, string>>) => Promise<void>;
  readonly close: () => void;
}

const stackSchema = z.object({
  outputs: z.record(z.string(), z.string()),
  endpoints: z.object({ dynamodb: z.url(), sqs: z.url(), secretsManager: z.url() }),
});
const localSchema = z.object({
  pid: z.int().positive(),
  api: z.url(),
  desk: z.object({ url: z.string(), external: z.boolean() }),
  gmail: z.object({ external: z.boolean() }),
  openai: z.object({ external: z.boolean() }),
});
const metadataSchema = z.object({ settings: z.string().transform((json): unknown => JSON.parse(json)) });
const localTemplateSchema = z.object({ Metadata: metadataSchema });

/** The commands' own work is told on the terminal, not logged. */
export const silentLog: Log = { write: () => {}, with: () => silentLog };

const freescoutTimeoutMilliseconds = 15_000;

/** @throws {CommandFailed} when no system runs with that data directory, or one of another release. */
export function openLocalDeployment(dataDirectory: string): Deployment {
  const read = <Schema extends z.ZodType>(schema: Schema, ...path: string[]): z.output<Schema> =>
    schema.parse(JSON.parse(readFileSync(join(dataDirectory, ...path), 'utf8')));
  if (!isLocalRunning(dataDirectory)) {
    throw new CommandFailed(
      `No system runs in the data directory ${dataDirectory}. Start it with "npm start", name another one with CSM_DATA_DIR, or a stack on AWS with --stack.`,
    );
  }
  const { outputs, endpoints } = read(stackSchema, 'stack.json');
  const { desk, gmail, openai, api } = read(localSchema, 'local.json');
  const template = read(localTemplateSchema, 'cdk.out', 'CustomerServiceManagement.template.json');
  const page = desk.external ? 'conversation' : 'conversations';
  return openDeployment({
    name: `the system in ${dataDirectory}`,
    settings: settingsOfRelease(
      template.Metadata.settings,
      `The system in ${dataDirectory}`,
      'Start it again',
    ),
    outputs,
    api,
    conversationPage: `${desk.url.replace(/\/+$/, '')}/${page}`,
    isReal: { freescout: desk.external, gmail: gmail.external, openai: openai.external },
    connection: { region: localRegion, credentials: localCredentials },
    endpoints,
  });
}

/** @throws {CommandFailed} when the data directory cannot be looked into. */
export function isLocalRunning(dataDirectory: string): boolean {
  let text: string;
  try {
    text = readFileSync(join(dataDirectory, 'local.json'), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') {
      return false;
    }
    throw new CommandFailed(
      faultOfDirectory(dataDirectory) ??
        `The data directory ${dataDirectory} cannot be read (${code ?? String(error)}): run this as the user that the system runs as, for example with "sudo -u csm env HOME=/var/lib/csm CSM_DATA_DIR=/var/lib/csm" before it.`,
    );
  }
  const local = localSchema.safeParse(JSON.parse(text));
  return (
    local.success &&
    existsSync(join(dataDirectory, 'stack.json')) &&
    isRunning({ pid: local.data.pid, started: undefined })
  );
}

/**
 * A stack on AWS, with the credentials and the region of the environment. Its settings are those it was deployed with.
 *
 * @throws {CommandFailed} when it cannot be read, or has settings of another release.
 */
export async function openStackDeployment(stackName: string): Promise<Deployment> {
  const client = new CloudFormationClient({});
  try {
    const [{ Stacks }, { Metadata }] = await Promise.all([
      client.send(new DescribeStacksCommand({ StackName: stackName })),
      client.send(new GetTemplateSummaryCommand({ StackName: stackName })),
    ]);
    const outputs = Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    const settings = settingsOfRelease(
      metadataSchema.parse(JSON.parse(Metadata ?? '{}')).settings,
      `The stack ${stackName}`,
      'Deploy it',
    );
    return openDeployment({
      name: `the stack ${stackName}`,
      settings,
      outputs,
      api: requiredOutput((key) => outputs[key], 'ApiUrl'),
      conversationPage: `${settings.freescout.url.replace(/\/+$/, '')}/conversation`,
      isReal: { freescout: true, gmail: true, openai: true },
      connection: {},
      endpoints: null,
    });
  } catch (error) {
    if (error instanceof CommandFailed) {
      throw error;
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new CommandFailed(
      `The stack ${stackName} cannot be read (${reason}). Check its name, the region and the AWS credentials.`,
    );
  } finally {
    client.destroy();
  }
}

/**
 * Settings of a system that another release may have put there. Its functions may not know the jobs that these commands queue, so
 * no command works on it.
 */
function settingsOfRelease(raw: unknown, system: string, remedy: 'Start it again' | 'Deploy it'): Settings {
  try {
    return parseSettings(raw);
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new CommandFailed(
        `${system} is of another release; these commands do not know its settings. ${remedy} with this release first, or use the commands of that release. What is different: ${error.faults.join('; ')}.`,
      );
    }
    throw error;
  }
}

interface HomeParts {
  readonly name: string;
  readonly settings: Settings;
  readonly outputs: Readonly<Record<string, string>>;
  /** Where this machine reaches the API. */
  readonly api: string;
  readonly conversationPage: string;
  readonly isReal: Deployment['isReal'];
  readonly connection: {
    readonly region?: string;
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** null: those of AWS. */
  readonly endpoints: z.output<typeof stackSchema>['endpoints'] | null;
}

function openDeployment(parts: HomeParts): Deployment {
  const { name, settings, isReal, outputs, api, conversationPage, connection, endpoints } = parts;
  const output = (key: string) => outputs[key];
  const at = (endpoint: string | undefined) => (endpoint === undefined ? {} : { endpoint });
  const dynamo = createDocumentClient({ ...connection, ...at(endpoints?.dynamodb) });
  const sqs = new SQSClient({ ...connection, ...at(endpoints?.sqs), useQueueUrlAsEndpoint: false });
  const secretsManager = new SecretsManagerClient({ ...connection, ...at(endpoints?.secretsManager) });
  const secrets = createSecrets({
    provider: new SecretsProvider({ awsSdkV3Client: secretsManager }),
    environment: {
      SECRET_FREESCOUT: outputs.SecretFreeScout,
      SECRET_OPENAI: outputs.SecretOpenAI,
      SECRET_SLACK: outputs.SecretSlack,
      SECRET_STATUS: outputs.SecretStatus,
      ...Object.fromEntries(
        channelSecretsOf(settings).map(({ name: secret, variable }) => [
          variable,
          outputs[`Secret${secret}`],
        ]),
      ),
    },
  });
  const jobsQueueUrl = requiredOutput(output, 'JobsQueueUrl');
  const store = createDynamoStore({
    client: dynamo,
    clock: systemClock,
    tables: tablesOf(output),
    keepDays: settings.ledger.keepDays,
  });
  const measure = () => {};
  const freescoutConnection = {
    baseUrl: settings.freescout.url,
    apiKey: freescoutApiKeyOf(secrets),
    fetch,
    clock: systemClock,
    limiter: createRateLimiter({
      name: 'freescout',
      ...settings.freescout.rateLimit,
      state: store.state,
      clock: systemClock,
    }),
    timeoutMilliseconds: freescoutTimeoutMilliseconds,
    attempts: 2,
    log: silentLog,
    measure,
  };
  const freescout = createFreeScoutClient({
    ...freescoutConnection,
    botUserId: settings.freescout.botUserId,
  });
  return {
    name,
    settings,
    isReal,
    api: api.replace(/\/+$/, ''),
    webhookUrl: requiredOutput(output, 'WebhookUrl'),
    store,
    secrets,
    sqs,
    jobsQueueUrl,
    deadLetterQueueUrl: requiredOutput(output, 'DeadLetterQueueUrl'),
    queue: createSqsJobQueue({ client: sqs, queueUrl: jobsQueueUrl }),
    freescout,
    installation: freescout,
    trialClient: freescout,
    sendToFreeScout: createFreeScoutRequests(freescoutConnection),
    sources: gmailSources(
      settings,
      createGmailClients({ settings, secrets, clock: systemClock, log: silentLog, measure }),
    ),
    conversationLink: (conversationId) => `${conversationPage}/${conversationId}`,
    putSecret: async (secretName, values) => {
      const secretId = outputs[`Secret${secretName}`];
      if (secretId === undefined) {
        throw new CommandFailed(`${name} has no secret ${secretName}; deploy it with that channel first.`);
      }
      await secretsManager.send(
        new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(values) }),
      );
    },
    close: () => {
      dynamo.destroy();
      sqs.destroy();
      secretsManager.destroy();
    },
  };
}
