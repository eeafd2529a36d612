import type { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { type GmailCredentials, gmailCredentialsIn } from '#shared/channels/gmail/gmailCredentials.ts';
import { type FailureCode, retryable } from '#shared/failure/failure.ts';
import { gmailChannelsOf } from './channels.ts';
import type { Fillings } from './secretFillings.ts';
import type { Settings } from './settings.ts';

/** Reading again at once, because the value that is in use was refused. */
export interface ReadOptions {
  readonly refresh: boolean;
}

/** Keys of each secret; extra keys are ignored. Looked at without a schema, so that a webhook's start need not load what checks one. */
const freescoutKeys = ['apiKey', 'webhookSecret', 'webhookSecretPrevious'] as const;
const openaiKeys = ['apiKey'] as const;
const oauthKeys = ['clientId', 'clientSecret', 'refreshToken'] as const;
const serviceAccountKeys = ['serviceAccountEmail', 'serviceAccountPrivateKey'] as const;
const gmailKeys = [...oauthKeys, ...serviceAccountKeys] as const;
const slackKeys = ['webhookUrl'] as const;
const statusKeys = ['token'] as const;

/**
 * Keys that may be left out: `webhookSecretPrevious` is accepted besides `webhookSecret` while it is being changed; the service account,
 * with domain-wide delegation, stands for the three other keys of Gmail.
 */
const optionalKeys: ReadonlySet<string> = new Set(['webhookSecretPrevious', ...serviceAccountKeys]);

/** Null = still empty, as the secret was created. */
type SecretOf<Keys extends readonly string[]> = Readonly<Record<Keys[number], string | null>>;

export type FreeScoutSecret = SecretOf<typeof freescoutKeys>;
type GmailSecret = SecretOf<typeof gmailKeys>;

/**
 * The secrets, read when they are needed and kept for ten minutes. Every part that is not configured yet is null.
 *
 * Each throws a retryable `secret-unreadable` failure when the secret cannot be read or does not have the expected keys; its
 * message never quotes the secret.
 */
export interface Secrets {
  freescout(options?: ReadOptions): Promise<FreeScoutSecret>;
  openai(options?: ReadOptions): Promise<SecretOf<typeof openaiKeys>>;
  channel(alias: string, options?: ReadOptions): Promise<GmailSecret>;
  slack(options?: ReadOptions): Promise<SecretOf<typeof slackKeys>>;
  status(options?: ReadOptions): Promise<SecretOf<typeof statusKeys>>;
}

/** Seconds that a value is kept; a changed secret is in use everywhere after this, or at once where the old one is refused. */
const maxAgeSeconds = 600;

/**
 * @param provider - of Powertools; its client is the SDK's own, which honours AWS_ENDPOINT_URL_SECRETS_MANAGER.
 * @param environment - holds the ARN of every secret the function may read, as `SECRET_…`.
 */
export function createSecrets({
  provider,
  environment,
}: {
  readonly provider: Pick<SecretsProvider, 'get'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Secrets {
  async function read<Keys extends readonly string[]>(
    variable: string,
    keys: Keys,
    options: ReadOptions = { refresh: false },
  ): Promise<SecretOf<Keys>> {
    const secret = new Map<string, unknown>(Object.entries((await fetchSecret(variable, options)) ?? {}));
    const values = new Map<string, string | null>();
    for (const key of keys) {
      const value = secret.get(key) ?? (optionalKeys.has(key) ? '' : undefined);
      if (typeof value === 'string') {
        values.set(key, value.trim() || null);
      }
    }
    const lacking = keys.filter((key) => !values.has(key));
    if (lacking.length > 0) {
      throw unreadable(variable, `it lacks ${lacking.join(', ')}`);
    }
    // Object.fromEntries forgets that the names are those of `keys`.
    return Object.fromEntries(values) as SecretOf<Keys>;
  }

  async function fetchSecret(variable: string, { refresh }: ReadOptions): Promise<unknown> {
    const name = environment[variable];
    if (!name) {
      throw unreadable(variable, 'this function was not given it');
    }
    try {
      return await provider.get(name, { transform: 'json', maxAge: maxAgeSeconds, forceFetch: refresh });
    } catch (error) {
      // The cause is left out: the message of a JSON fault quotes the secret.
      throw unreadable(
        variable,
        `reading it failed with ${error instanceof Error ? error.name : 'an error'}`,
      );
    }
  }

  return {
    freescout: (options) => read('SECRET_FREESCOUT', freescoutKeys, options),
    openai: (options) => read(openaiSecretVariable, openaiKeys, options),
    channel: (alias, options) => read(channelSecretVariable(alias), gmailKeys, options),
    slack: (options) => read('SECRET_SLACK', slackKeys, options),
    status: (options) => read('SECRET_STATUS', statusKeys, options),
  };
}

/** Environment variable with the ARN of OpenAI's secret. */
export const openaiSecretVariable = 'SECRET_OPENAI';

/** Environment variable with the ARN of the secret of a Gmail channel: `sales-eu` → `SECRET_GMAIL_SALES_EU`. */
export function channelSecretVariable(alias: string): string {
  return `SECRET_GMAIL_${alias.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** Name of the secret of a Gmail channel; its output has `Secret` before it: `sales-eu` → `GmailSalesEu`. */
export function gmailSecretName(alias: string): string {
  return `Gmail${alias.replaceAll(/(?:^|-+)(.?)/g, (_, first: string) => first.toUpperCase())}`;
}

/** The secret that a channel has for itself. */
export interface ChannelSecret {
  readonly alias: string;
  /** As {@link gmailSecretName}. */
  readonly name: string;
  /** Environment variable with its ARN. */
  readonly variable: string;
  /** For the operator who fills it in. */
  readonly description: string;
  /** Keys of its JSON, empty at first; they and their order never change. */
  readonly keys: readonly string[];
}

/** The secrets of all channels that have one, in the order of the settings. */
export function channelSecretsOf(settings: Pick<Settings, 'channels'>): readonly ChannelSecret[] {
  return gmailChannelsOf(settings).map(({ alias }) => ({
    alias,
    name: gmailSecretName(alias),
    variable: channelSecretVariable(alias),
    description: `Gmail account ${alias}: OAuth client and refresh token, or a service account that may act for it.`,
    keys: gmailKeys,
  }));
}

/** What the secret of a channel lacks until the channel can be used, in words for the operator. */
export function channelSecretFaults(alias: string, fillings: Fillings): readonly string[] {
  const missingOf = <Key extends string>(keys: readonly Key[]) =>
    keys.filter((key) => (fillings[key] ?? 'missing') === 'missing');
  const missing = missingOf(oauthKeys);
  return missing.length === 0 || missingOf(serviceAccountKeys).length === 0
    ? []
    : [`Gmail account "${alias}" not configured (its Gmail secret: ${missing.join(', ')})`];
}

/**
 * The secrets whose values only some functions may read, which report to the others what is filled in; by their environment variables.
 */
export function reportedSecretsOf(settings: Pick<Settings, 'channels'>): readonly string[] {
  return [openaiSecretVariable, ...channelSecretsOf(settings).map(({ variable }) => variable)];
}

/** FreeScout's API key for its client; throws a retryable `freescout-not-configured` failure while it is empty. */
export function freescoutApiKeyOf(secrets: Pick<Secrets, 'freescout'>) {
  return async (options?: ReadOptions): Promise<string> => {
    const { apiKey } = await secrets.freescout(options);
    return apiKey ?? notConfigured('freescout-not-configured', 'apiKey of the FreeScout secret');
  };
}

/** OpenAI's API key for the model; throws a retryable `openai-not-configured` failure while it is empty. */
export function openaiApiKeyOf(secrets: Pick<Secrets, 'openai'>) {
  return async (options?: ReadOptions): Promise<string> => {
    const { apiKey } = await secrets.openai(options);
    return apiKey ?? notConfigured('openai-not-configured', 'apiKey of the OpenAI secret');
  };
}

/** Credentials of an account for its Gmail client; throws a retryable `gmail-not-configured` failure while one is empty. */
export function gmailCredentialsOf(secrets: Pick<Secrets, 'channel'>, account: string) {
  return async (options?: ReadOptions): Promise<GmailCredentials> =>
    gmailCredentialsIn(await secrets.channel(account, options)) ??
    notConfigured(
      'gmail-not-configured',
      `clientId, clientSecret or refreshToken of the Gmail secret of "${account}"`,
    );
}

function notConfigured(code: FailureCode, what: string): never {
  throw retryable(
    code,
    `The ${what} is empty. Nothing was done, the work is kept. Fill it in; it is read again within ten minutes.`,
  );
}

function unreadable(variable: string, why: string) {
  return retryable(
    'secret-unreadable',
    `The secret named by ${variable} could not be used: ${why}. The work is kept and tried again. Compare the secret with its template.`,
  );
}
