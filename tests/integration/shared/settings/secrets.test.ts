import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalSecrets, startSecrets } from '#infra/local/runner/secrets.ts';
import {
  createSecrets,
  freescoutApiKeyOf,
  gmailCredentialsOf,
  openaiApiKeyOf,
  type Secrets,
} from '#shared/settings/secrets.ts';

let store: LocalSecrets;
let secrets: Secrets;
let environment: Record<string, string>;

beforeAll(async () => {
  store = await startSecrets();
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', store.endpoint);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await store.close();
});
beforeEach(() => {
  const create = (id: string, template: object) =>
    store.create(id, { SecretString: JSON.stringify(template) }).ref;
  environment = {
    SECRET_FREESCOUT: create('FreeScout', { apiKey: '', webhookSecret: '', webhookSecretPrevious: '' }),
    SECRET_OPENAI: create('OpenAI', { apiKey: '' }),
    SECRET_GMAIL_SALES_EU: create('GmailSalesEu', { clientId: '', clientSecret: '', refreshToken: '' }),
    SECRET_SLACK: create('Slack', { webhookUrl: '' }),
    SECRET_STATUS: create('Status', { token: 't0ken' }),
  };
  secrets = createSecrets({ provider: new SecretsProvider(), environment });
});

const put = (variable: string, value: unknown) =>
  store.put(environment[variable] ?? '', typeof value === 'string' ? value : JSON.stringify(value));

describe('secrets', () => {
  it('are not configured as long as their values are empty', async () => {
    expect(await secrets.freescout()).toEqual({
      apiKey: null,
      webhookSecret: null,
      webhookSecretPrevious: null,
    });
    expect(await secrets.openai()).toEqual({ apiKey: null });
    expect(await secrets.channel('sales-eu')).toEqual({
      clientId: null,
      clientSecret: null,
      refreshToken: null,
      serviceAccountEmail: null,
      serviceAccountPrivateKey: null,
    });
    expect(await secrets.slack()).toEqual({ webhookUrl: null });
    expect(await secrets.status()).toEqual({ token: 't0ken' });
  });

  it('are kept, and read again when asked to', async () => {
    put('SECRET_OPENAI', { apiKey: ' first ' });
    expect(await secrets.openai()).toEqual({ apiKey: 'first' });
    put('SECRET_OPENAI', { apiKey: 'second' });
    expect(await secrets.openai()).toEqual({ apiKey: 'first' });
    expect(await secrets.openai({ refresh: true })).toEqual({ apiKey: 'second' });
    expect(await secrets.openai()).toEqual({ apiKey: 'second' });
  });

  it.each([
    ['is not JSON', 'sk-very-secret'],
    ['lacks a key', '{"key": "sk-very-secret"}'],
    ['holds something else', '["sk-very-secret"]'],
  ])('are told unreadable, without a word of them, when one %s', async (_, value) => {
    put('SECRET_OPENAI', value);
    const failure = await secrets.openai().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'secret-unreadable', retryable: true });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('very-secret');
  });

  it('are told unreadable when they do not exist or were not given to the function', async () => {
    const lost = createSecrets({
      provider: new SecretsProvider(),
      environment: { SECRET_OPENAI: 'nowhere' },
    });
    await expect(lost.openai()).rejects.toMatchObject({ code: 'secret-unreadable' });
    await expect(lost.slack()).rejects.toThrow('was not given it');
  });
});

describe('what the clients are given', () => {
  it.each([
    ['freescout-not-configured', () => freescoutApiKeyOf(secrets)()],
    ['openai-not-configured', () => openaiApiKeyOf(secrets)()],
    ['gmail-not-configured', () => gmailCredentialsOf(secrets, 'sales-eu')()],
  ])('is %s while a value is empty', async (code, get) => {
    await expect(get()).rejects.toMatchObject({ code, retryable: true });
  });

  it('is the value, fresh when asked for', async () => {
    put('SECRET_FREESCOUT', { apiKey: 'one', webhookSecret: 'w' });
    const key = freescoutApiKeyOf(secrets);
    expect(await key()).toBe('one');
    put('SECRET_FREESCOUT', { apiKey: 'two', webhookSecret: 'w' });
    expect(await key({ refresh: true })).toBe('two');
    put('SECRET_GMAIL_SALES_EU', { clientId: 'a', clientSecret: 'b', refreshToken: 'c' });
    expect(await gmailCredentialsOf(secrets, 'sales-eu')()).toEqual({
      clientId: 'a',
      clientSecret: 'b',
      refreshToken: 'c',
    });
    put('SECRET_GMAIL_SALES_EU', {
      clientId: 'a',
      clientSecret: 'b',
      refreshToken: 'c',
      serviceAccountEmail: 'csm@project.example',
      serviceAccountPrivateKey: 'BEGIN\\nKEY\\nEND',
    });
    expect(await gmailCredentialsOf(secrets, 'sales-eu')({ refresh: true })).toEqual({
      serviceAccountEmail: 'csm@project.example',
      serviceAccountPrivateKey: 'BEGIN\nKEY\nEND',
    });
  });
});
