import { asFailure } from '#shared/failure/failure.ts';
import { type Fillings, fillingsOf } from '#shared/settings/secretFillings.ts';
import { channelSecretsOf, channelSecretVariable, openaiSecretVariable } from '#shared/settings/secrets.ts';
import type { SecretReports } from '#shared/store/secretReports.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import { createConfigurationCheck } from './configuration.ts';
import type { LambdaRuntime } from './lambdaRuntime.ts';

/** A report that says the same is written again after this time. */
const renewedAfterMilliseconds = dayMilliseconds;

export interface ReportingRuntime extends LambdaRuntime {
  /** Reads every secret that is reported on afresh, and reports it whether it changed or not. Does not throw. */
  readonly reportSecrets: () => Promise<void>;
}

/**
 * A runtime that reports which values of a secret are filled in whenever it reads the secret, for those who tell of it and may not read
 * it. FreeScout's secret needs no report: the status function reads it itself.
 */
export function withSecretReports(
  parts: LambdaRuntime,
  state: Pick<SecretReports, 'saveSecretReport'>,
): ReportingRuntime {
  const { settings, secrets: read, clock } = parts;
  const reported = new Map<string, { readonly says: string; readonly at: number }>();

  async function report(
    variable: string,
    { fillings, fault }: { readonly fillings: Fillings; readonly fault: string | null },
    isForced: boolean,
  ): Promise<void> {
    const now = clock.now();
    const renewBefore = isForced ? now : new Date(now.getTime() - renewedAfterMilliseconds);
    const says = JSON.stringify({ fillings, fault });
    const last = reported.get(variable);
    if (!isForced && last?.says === says && last.at >= renewBefore.getTime()) {
      return;
    }
    try {
      await state.saveSecretReport({ variable, fillings, fault, at: now.toISOString() }, renewBefore);
      reported.set(variable, { says, at: now.getTime() });
    } catch {
      // The work that needs the secret goes on. The next time that it is read, the report is tried again.
    }
  }

  async function observed<Secret extends Readonly<Record<string, string | null>>>(
    variable: string,
    reading: Promise<Secret>,
    isForced = false,
  ): Promise<Secret> {
    const seen = await reading.then(
      (secret) => ({ fillings: fillingsOf(secret), fault: null }),
      (thrown: unknown) => ({ fillings: {}, fault: asFailure(thrown).message }),
    );
    await report(variable, seen, isForced);
    return reading;
  }

  const secrets = {
    ...read,
    openai: (options) => observed(openaiSecretVariable, read.openai(options)),
    channel: (alias, options) => observed(channelSecretVariable(alias), read.channel(alias, options)),
  } satisfies LambdaRuntime['secrets'];
  return {
    ...parts,
    secrets,
    checkConfiguration: createConfigurationCheck({ settings, secrets, clock }),
    reportSecrets: async () => {
      await Promise.allSettled([
        observed(openaiSecretVariable, read.openai({ refresh: true }), true),
        ...channelSecretsOf(settings).map(({ alias, variable }) =>
          observed(variable, read.channel(alias, { refresh: true }), true),
        ),
      ]);
    },
  };
}
