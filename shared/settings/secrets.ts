import type { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import * as z from 'zod';
import { type GmailCredentials, gmailCredentialsIn } from '#shared/gmail/gmailCredentials.ts';
import { type FailureCode, retryable } from '#shared/jobs/failure.ts';

/** Reading again at once, because the value that is in use was refused. */
export interface ReadOptions {
  readonly refresh: boolean;
}

/** Null = still empty, as the secret was created; extra keys are ignored. */
const value = z.string().transform((text) => text.trim() || null);

const freescoutSchema = z.object({
  apiKey: value,
  webhookSecret: value,
  /** Accepted besides `webhookSecret` while it is being changed. */
  webhookSecretPrevious: value.default(null),
});

const openaiSchema = z.object({ apiKey: value });
const gmailSchema = z.object({
  clientId: value,
  clientSecret: value,
  refreshToken: value,
  /** Instead of the three above: a service account with domain-wide delegation. */
  serviceAccountEmail: value.default(null),
  serviceAccountPrivateKey: value.default(null),
});
const slackSchema = z.object({ webhookUrl: value });
const statusSchema = z.object({ token: value });

export type FreeScoutSecret = z.output<typeof freescoutSchema>;
export type GmailSecret = z.output<typeof gmailSchema>;

/**
 * The secrets, read when they are needed and kept for ten minutes. Every part that is not configured yet is null.
 *
 * Each throws a retryable `secret-unreadable` failure when the secret cannot be read or does not have the expected keys; its
 * message never quotes the secret.
 */
export interface Secrets {
  freescout(options?: ReadOptions): Promise<FreeScoutSecret>;
  openai(options?: ReadOptions): Promise<z.output<typeof openaiSchema>>;
  gmail(account: string, options?: ReadOptions): Promise<GmailSecret>;
  slack(options?: ReadOptions): Promise<z.output<typeof slackSchema>>;
  status(options?: ReadOptions): Promise<z.output<typeof statusSchema>>;
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
  async function read<Schema extends z.ZodType>(
    variable: string,
    schema: Schema,
    options: ReadOptions = { refresh: false },
  ): Promise<z.output<Schema>> {
    const parsed = schema.safeParse(await fetchSecret(variable, options));
    if (!parsed.success) {
      throw unreadable(
        variable,
        `it lacks ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
      );
    }
    return parsed.data;
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
    freescout: (options) => read('SECRET_FREESCOUT', freescoutSchema, options),
    openai: (options) => read('SECRET_OPENAI', openaiSchema, options),
    gmail: (account, options) => read(gmailSecretVariable(account), gmailSchema, options),
    slack: (options) => read('SECRET_SLACK', slackSchema, options),
    status: (options) => read('SECRET_STATUS', statusSchema, options),
  };
}

/** Environment variable with the ARN of an account's Gmail secret: `sales-eu` → `SECRET_GMAIL_SALES_EU`. */
export function gmailSecretVariable(account: string): string {
  return `SECRET_GMAIL_${account.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
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
export function gmailCredentialsOf(secrets: Pick<Secrets, 'gmail'>, account: string) {
  return async (options?: ReadOptions): Promise<GmailCredentials> =>
    gmailCredentialsIn(await secrets.gmail(account, options)) ??
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
