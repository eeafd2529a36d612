import type { Context } from 'aws-lambda';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { createFollowUpsDependencies } from './dependencies.ts';
import { queueFollowUps } from './queueFollowUps.ts';

const parts = await createLambdaRuntime(process.env);
const dependencies = createFollowUpsDependencies(parts, process.env);

/** Runs on a schedule: looks in FreeScout for conversations that wait too long. */
export const handler = parts.wrap(
  (_event: unknown, context: Context): Promise<void> =>
    queueFollowUps({
      ...dependencies,
      timeLeftMilliseconds: () => context.getRemainingTimeInMillis(),
    }),
);
