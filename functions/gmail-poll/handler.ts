import type { Context } from 'aws-lambda';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { createPollDependencies } from './dependencies.ts';
import { pollAccounts } from './pollAccounts.ts';

const parts = await createLambdaRuntime(process.env);
const dependencies = createPollDependencies(parts, process.env);

/** Runs on a schedule: queues the mail that came into the Gmail accounts since the last run. */
export const handler = parts.wrap(
  (_event: unknown, context: Context): Promise<void> =>
    pollAccounts({
      ...dependencies,
      timeLeftMilliseconds: () => context.getRemainingTimeInMillis(),
    }),
);
