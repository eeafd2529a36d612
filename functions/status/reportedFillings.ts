import type { SecretFillings } from '#functions/runtime/configuration.ts';
import { retryable } from '#shared/failure/failure.ts';
import type { Fillings } from '#shared/settings/secretFillings.ts';
import { channelSecretVariable, openaiSecretVariable, type ReadOptions } from '#shared/settings/secrets.ts';
import type { SecretReports } from '#shared/store/secretReports.ts';
import type { Clock } from '#shared/time/clock.ts';

/** A system that has just started reports within seconds, and one look fits into its time limit with this. */
const longestWaitMilliseconds = 8000;
const waitMilliseconds = 500;

/** Which values are filled in of the secrets that only other functions may read, as they reported it. */
export function reportedFillings({
  state,
  clock,
}: {
  readonly state: Pick<SecretReports, 'secretReportOf'>;
  readonly clock: Clock;
}): SecretFillings {
  async function reported(variable: string, options?: ReadOptions): Promise<Fillings> {
    const waitUntil = clock.now().getTime() + (options?.refresh ? 0 : longestWaitMilliseconds);
    for (;;) {
      const report = await state.secretReportOf(variable);
      if (report !== null) {
        if (report.fault !== null) {
          throw retryable('secret-unreadable', report.fault);
        }
        return report.fillings;
      }
      if (clock.now().getTime() >= waitUntil) {
        throw retryable(
          'secret-unreadable',
          `No function has read the secret named by ${variable} yet. The sweep has it read within five minutes; after that, look for errors of the worker.`,
        );
      }
      await clock.sleep(waitMilliseconds);
    }
  }
  return {
    openai: (options) => reported(openaiSecretVariable, options),
    channel: (alias, options) => reported(channelSecretVariable(alias), options),
  };
}
