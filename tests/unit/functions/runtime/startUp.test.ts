import { describe, expect, it } from 'vitest';
import { createWorker } from '#functions/conversation-worker/dependencies.ts';
import { createFollowUpsDependencies } from '#functions/follow-ups/dependencies.ts';
import { createSweepDependencies } from '#functions/freescout-sweep/dependencies.ts';
import { createWebhookDependencies } from '#functions/freescout-webhook/dependencies.ts';
import { createPollDependencies } from '#functions/gmail-poll/dependencies.ts';
import { createConfigurationCheck } from '#functions/runtime/configuration.ts';
import { createLambdaRuntime, type LambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { createStatusDependencies } from '#functions/status/dependencies.ts';
import type { ReadOptions, Secrets } from '#shared/settings/secrets.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';

const environment = Object.fromEntries(
  [
    'TABLE_PROCESSED_MESSAGES',
    'TABLE_THREAD_MAP',
    'TABLE_BOT_DRAFTS',
    'TABLE_SYSTEM_STATE',
    'TABLE_WEBHOOK_EVENTS',
    'JOBS_QUEUE_URL',
    'DEAD_LETTER_QUEUE_URL',
    'TOPIC_ALERTS',
    'DEPLOYED_AT',
    'WEBHOOK_URL',
  ].map((name) => [name, name]),
);
const workerEnvironment = { ...environment, LEASE_SECONDS: '210', AWS_REGION: 'eu-central-1' };

const complete = {
  url: 'http://127.0.0.1:1',
  apiKey: 'key',
  webhookSecret: '0123456789abcdef',
  webhookSecretPrevious: null as string | null,
  openaiKey: 'key',
  refreshToken: 'token',
};
type Values = { readonly [Name in keyof typeof complete]: string | null };

function setUp(missing: Partial<Values> = {}) {
  const values: Values = { ...complete, ...missing };
  const clock = manualClock();
  const log = recordingLog();
  const reads: { readonly secret: string; readonly refresh: boolean }[] = [];
  const read =
    <Secret>(secret: string, value: () => Secret) =>
    async (options?: ReadOptions): Promise<Secret> => {
      reads.push({ secret, refresh: options?.refresh ?? false });
      return value();
    };
  const secrets: Secrets = {
    freescout: read('freescout', () => ({
      apiKey: values.apiKey,
      webhookSecret: values.webhookSecret,
      webhookSecretPrevious: values.webhookSecretPrevious,
    })),
    openai: read('openai', () => ({ apiKey: values.openaiKey })),
    channel: (_, options) =>
      read('gmail', () => ({
        clientId: 'id',
        clientSecret: 'secret',
        refreshToken: values.refreshToken,
        serviceAccountEmail: null,
        serviceAccountPrivateKey: null,
      }))(options),
    slack: read('slack', () => ({ webhookUrl: null })),
    status: read('status', () => ({ token: null })),
  };
  const settings = parseSettings({ freescout: { url: values.url, attempts: 1 }, gmail: { attempts: 1 } });
  const parts: LambdaRuntime = {
    settings,
    secrets,
    checkConfiguration: createConfigurationCheck({ settings, secrets, clock }),
    dynamo: { client: createDocumentClient({ region: 'eu-central-1' }), clock },
    clock,
    log,
    measure: recordingMeasure().measure,
    correlate: () => undefined,
    wrap: () => {
      throw new Error('not wrapped here');
    },
  };
  const faults = () => log.of('CONFIGURATION_FAULT').map(({ reason }) => reason);
  return { parts, log, clock, reads, faults };
}

const urlFault = 'FREESCOUT_URL not configured (settings: freescout.url)';
const keyFault = 'FREESCOUT_KEY not configured (FreeScout secret: apiKey)';
const openaiFault = 'OPENAI_API_KEY not configured (OpenAI secret: apiKey)';
const gmailFault = 'Gmail account "support" not configured (its Gmail secret: refreshToken)';
const hookFault = 'FREESCOUT_WEBHOOK_SECRET not configured (FreeScout secret: webhookSecret)';
const shortHookFault =
  'FREESCOUT_WEBHOOK_SECRET is shorter than 16 characters (FreeScout secret: webhookSecret)';

describe('gmail-poll', () => {
  it('returns early and says what is missing', async () => {
    const { parts, faults } = setUp({ refreshToken: null });
    expect(await createPollDependencies(parts, environment).gmail('support')).toBeNull();
    expect(faults()).toEqual([gmailFault]);
  });

  it('works without what it does not need', async () => {
    const { parts, faults } = setUp({ url: '', apiKey: null, webhookSecret: null, openaiKey: null });
    expect(await createPollDependencies(parts, environment).gmail('support')).not.toBeNull();
    expect(faults()).toEqual([]);
  });
});

describe.each([
  ['freescout-sweep', (parts: LambdaRuntime) => createSweepDependencies(parts, environment).freescout()],
  ['follow-ups', (parts: LambdaRuntime) => createFollowUpsDependencies(parts, environment).freescout()],
] as const)('%s', (_, freescoutOf) => {
  it.each<[string, Partial<Values>, readonly string[]]>([
    ['the address', { url: '' }, [urlFault]],
    ['the key', { apiKey: null }, [keyFault]],
    ['both', { url: '', apiKey: null }, [urlFault, keyFault]],
  ])('returns early without %s', async (_name, missing, expected) => {
    const { parts, faults } = setUp(missing);
    expect(await freescoutOf(parts)).toBeNull();
    expect(faults()).toEqual(expected);
  });

  it('works without what it does not need', async () => {
    const { parts, faults } = setUp({ webhookSecret: null, openaiKey: null, refreshToken: null });
    expect(await freescoutOf(parts)).not.toBeNull();
    expect(faults()).toEqual([]);
  });
});

describe('freescout-webhook', () => {
  it.each<[string, Partial<Values>, readonly string[]]>([
    ['no secret', { webhookSecret: null }, [hookFault]],
    ['a secret that can be guessed', { webhookSecret: '0123456789abcde' }, [shortHookFault]],
  ])('accepts nobody with %s', async (_, missing, expected) => {
    const { parts, faults } = setUp(missing);
    expect(await createWebhookDependencies(parts, environment).secrets()).toEqual([]);
    expect(faults()).toEqual(expected);
  });

  it('accepts the previous secret too, unless it can be guessed', async () => {
    const previous = 'previous-secret-of-ours';
    const good = setUp({ webhookSecretPrevious: previous });
    expect(await createWebhookDependencies(good.parts, environment).secrets()).toEqual([
      complete.webhookSecret,
      previous,
    ]);
    const short = setUp({ webhookSecretPrevious: 'short' });
    expect(await createWebhookDependencies(short.parts, environment).secrets()).toEqual([
      complete.webhookSecret,
    ]);
  });
});

describe('conversation-worker', () => {
  const everything = { url: '', apiKey: null, openaiKey: null, refreshToken: null };
  const all = [urlFault, keyFault, openaiFault, gmailFault].join('; ');
  const ask = {
    purpose: 'triage',
    instructions: '',
    input: '',
    schemaName: 'none',
  } as const;

  const readMail = async (parts: LambdaRuntime) =>
    createWorker(parts, workerEnvironment).dependencies.channel('gmail', 'support')?.read(
      {
        kind: 'incoming-message',
        channel: 'gmail',
        alias: 'support',
        messageId: 'm1',
        threadId: 't1',
        cause: 'poll',
        requestId: 'run-1',
      },
      { anyway: false },
    );

  it.each<[string, Partial<Values>, (parts: LambdaRuntime) => Promise<unknown>, string, string]>([
    [
      'FreeScout’s key',
      { apiKey: null },
      (parts) => createWorker(parts, workerEnvironment).dependencies.freescout.getConversation(1),
      'freescout-not-configured',
      keyFault,
    ],
    ['the Gmail account', { refreshToken: null }, readMail, 'gmail-not-configured', gmailFault],
    [
      'FreeScout’s key for a mail, before Gmail is asked',
      { apiKey: null },
      readMail,
      'gmail-not-configured',
      keyFault,
    ],
    ['anything, with all of it in one error', everything, readMail, 'gmail-not-configured', all],
  ])('keeps a job that needs %s', async (_, missing, work, code, fault) => {
    const { parts } = setUp(missing);
    await expect(work(parts)).rejects.toMatchObject({
      code,
      retryable: true,
      message: expect.stringContaining(`${fault}.`),
    });
  });

  it('keeps a job that needs OpenAI’s key, and reserves nothing', async () => {
    const { parts } = setUp({ openaiKey: null });
    const { schema } = await import('zod').then((z) => ({ schema: z.object({}) }));
    await expect(
      createWorker(parts, workerEnvironment).dependencies.model.ask({ ...ask, schema }, 180_000),
    ).rejects.toMatchObject({ code: 'openai-not-configured', retryable: true });
  });

  it('brings mail in without OpenAI’s key', async () => {
    const { parts } = setUp({ openaiKey: null });
    // It gets as far as the connection, which nobody answers.
    await expect(
      createWorker(parts, workerEnvironment).dependencies.freescout.getConversation(1),
    ).rejects.toMatchObject({ code: 'freescout-unreachable' });
  });
});

describe('a value that was missing', () => {
  it('is looked for again after half a minute, not at every call', async () => {
    const { parts, clock, reads } = setUp({ openaiKey: null });
    const check = () => parts.checkConfiguration({ openai: true });
    await check();
    await check();
    expect(reads.filter(({ refresh }) => refresh)).toHaveLength(1);
    clock.advance(30_000);
    await check();
    expect(reads.filter(({ refresh }) => refresh)).toHaveLength(2);
  });

  it('is a fault also when its secret cannot be read', async () => {
    const { parts } = setUp();
    const check = createConfigurationCheck({
      settings: parts.settings,
      secrets: { ...parts.secrets, openai: () => Promise.reject(new Error('denied')) },
      clock: parts.clock,
    });
    expect(await check({ openai: true, freescout: true })).toHaveLength(1);
  });
});

describe('variables that the template sets', () => {
  it.each<[string, (parts: LambdaRuntime) => unknown, readonly string[]]>([
    [
      'gmail-poll',
      (parts) => createPollDependencies(parts, {}),
      ['TABLE_PROCESSED_MESSAGES', 'TABLE_SYSTEM_STATE', 'JOBS_QUEUE_URL'],
    ],
    [
      'freescout-webhook',
      (parts) => createWebhookDependencies(parts, {}),
      ['TABLE_SYSTEM_STATE', 'TABLE_WEBHOOK_EVENTS', 'JOBS_QUEUE_URL'],
    ],
    [
      'freescout-sweep',
      (parts) => createSweepDependencies(parts, {}),
      ['TABLE_PROCESSED_MESSAGES', 'TABLE_BOT_DRAFTS', 'TABLE_SYSTEM_STATE', 'JOBS_QUEUE_URL'],
    ],
    [
      'follow-ups',
      (parts) => createFollowUpsDependencies(parts, {}),
      ['TABLE_PROCESSED_MESSAGES', 'TABLE_SYSTEM_STATE', 'JOBS_QUEUE_URL'],
    ],
    [
      'conversation-worker',
      (parts) => createWorker(parts, {}),
      [
        'TABLE_PROCESSED_MESSAGES',
        'TABLE_THREAD_MAP',
        'TABLE_BOT_DRAFTS',
        'TABLE_SYSTEM_STATE',
        'JOBS_QUEUE_URL',
        'LEASE_SECONDS',
        'TOPIC_ALERTS',
      ],
    ],
    [
      'status',
      (parts) => createStatusDependencies(parts, {}),
      [
        'TABLE_PROCESSED_MESSAGES',
        'TABLE_THREAD_MAP',
        'TABLE_BOT_DRAFTS',
        'TABLE_SYSTEM_STATE',
        'TABLE_WEBHOOK_EVENTS',
        'JOBS_QUEUE_URL',
        'DEAD_LETTER_QUEUE_URL',
        'DEPLOYED_AT',
        'WEBHOOK_URL',
      ],
    ],
  ])('are all named by %s when they are missing', (_, start, names) => {
    expect(() => start(setUp().parts)).toThrow(`Environment variables are missing: ${names.join(', ')}.`);
  });
});

describe('settings that cannot be read', () => {
  it('stop every function before its first unit of work', async () => {
    // There is no settings.json beside the sources: the build puts one into every bundle.
    await expect(createLambdaRuntime({})).rejects.toThrow(SettingsError);
  });
});
