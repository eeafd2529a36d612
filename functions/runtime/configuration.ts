import { asFailure, type FailureCode, retryable } from '#shared/failure/failure.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import { type Filling, type Fillings, fillingsOf, shortestSecret } from '#shared/settings/secretFillings.ts';
import {
  channelSecretFaults,
  channelSecretVariable,
  openaiSecretVariable,
  type ReadOptions,
  type Secrets,
} from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { Clock } from '#shared/time/clock.ts';

/** What a unit of work needs to be filled in. Mailboxes, users and prices are checked with the settings, where they stand. */
export interface Needs {
  /** Address and API key of FreeScout. */
  readonly freescout?: true;
  /** Webhook secret, when FreeScout is to call our webhook. */
  readonly webhook?: true;
  readonly openai?: true;
  /** Aliases of channels. */
  readonly channels?: readonly string[];
}

/** Every fault at once, in words for the operator; empty = everything that is needed is there. */
export type ConfigurationCheck = (needs: Needs) => Promise<readonly string[]>;

/** Which values are filled in of the secrets that not every function may read. */
export interface SecretFillings {
  openai(options?: ReadOptions): Promise<Fillings>;
  channel(alias: string, options?: ReadOptions): Promise<Fillings>;
}

/** A value that is missing is looked for again after this time, and not only when the kept one is too old. */
const lookAgainMilliseconds = 30_000;

/**
 * Looks whether settings and secrets hold what is needed; an empty value of a secret's template counts as missing. Never throws:
 * a secret that cannot be read is a fault like the others.
 *
 * @param fillings - for a function that may not read the secrets of OpenAI and of channels.
 */
export function createConfigurationCheck({
  settings,
  secrets,
  clock,
  fillings = fillingsIn(secrets),
}: {
  readonly settings: Pick<Settings, 'freescout'>;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly fillings?: SecretFillings;
}): ConfigurationCheck {
  const lookedAgainAt = new Map<string, number>();

  async function faultsOf(
    variable: string,
    read: (options?: ReadOptions) => Promise<Fillings>,
    faultsIn: (fillings: Fillings) => readonly string[],
  ): Promise<readonly string[]> {
    try {
      const faults = faultsIn(await read());
      const now = clock.now().getTime();
      if (faults.length === 0 || now - (lookedAgainAt.get(variable) ?? 0) < lookAgainMilliseconds) {
        return faults;
      }
      lookedAgainAt.set(variable, now);
      return faultsIn(await read({ refresh: true }));
    } catch (thrown) {
      return [asFailure(thrown).message];
    }
  }

  return async (needs) => {
    const { url, webhookEnabled } = settings.freescout;
    const faults = await Promise.all([
      needs.freescout && url === '' ? ['FREESCOUT_URL not configured (settings: freescout.url)'] : [],
      needs.freescout || needs.webhook
        ? faultsOf(
            'SECRET_FREESCOUT',
            async (options) => fillingsOf(await secrets.freescout(options)),
            ({ apiKey, webhookSecret }) => [
              ...(needs.freescout && apiKey === 'missing'
                ? ['FREESCOUT_KEY not configured (FreeScout secret: apiKey)']
                : []),
              ...(needs.webhook && webhookEnabled ? webhookSecretFaults(webhookSecret) : []),
            ],
          )
        : [],
      needs.openai
        ? faultsOf(openaiSecretVariable, fillings.openai, ({ apiKey = 'missing' }) =>
            apiKey === 'missing' ? ['OPENAI_API_KEY not configured (OpenAI secret: apiKey)'] : [],
          )
        : [],
      ...(needs.channels ?? []).map((alias) =>
        faultsOf(
          channelSecretVariable(alias),
          (options) => fillings.channel(alias, options),
          (filled) => channelSecretFaults(alias, filled),
        ),
      ),
    ]);
    return faults.flat();
  };
}

function fillingsIn(secrets: Pick<Secrets, 'openai' | 'channel'>): SecretFillings {
  return {
    openai: async (options) => fillingsOf(await secrets.openai(options)),
    channel: async (alias, options) => fillingsOf(await secrets.channel(alias, options)),
  };
}

function webhookSecretFaults(webhookSecret: Filling | undefined): readonly string[] {
  switch (webhookSecret) {
    case 'filled':
      return [];
    case 'short':
      return [
        `FREESCOUT_WEBHOOK_SECRET is shorter than ${shortestSecret} characters (FreeScout secret: webhookSecret)`,
      ];
    default:
      return ['FREESCOUT_WEBHOOK_SECRET not configured (FreeScout secret: webhookSecret)'];
  }
}

/**
 * For functions that return early while something is missing: whether a unit of work may begin; else one log line per fault.
 */
export async function isConfigured(check: ConfigurationCheck, needs: Needs, log: Log): Promise<boolean> {
  const faults = await check(needs);
  for (const reason of faults) {
    log.write('CONFIGURATION_FAULT', { reason });
  }
  return faults.length === 0;
}

/**
 * For functions whose work must not be lost: puts the check before the first use of a key. While what it needs is missing, the job
 * fails with one retryable error that lists everything the function misses; the ledger keeps it, and the sweep wakes it.
 *
 * @param own - what this key is needed for; something else that is missing stops other work, not this.
 * @param all - everything that the function needs.
 */
export function onceConfigured<Key>(
  check: ConfigurationCheck,
  code: Extract<FailureCode, `${string}-not-configured`>,
  own: Needs,
  all: Needs,
  read: (options?: ReadOptions) => Promise<Key>,
): (options?: ReadOptions) => Promise<Key> {
  return async (options) => {
    if ((await check(own)).length > 0) {
      const faults = await check(all);
      throw retryable(
        code,
        `Nothing was done, the work is kept and tried again. Fill in what is missing; it is seen within a minute: ${faults.join('; ')}.`,
      );
    }
    return read(options);
  };
}
