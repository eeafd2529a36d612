import type { Context } from 'aws-lambda';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { createSweepDependencies } from './dependencies.ts';
import { sweep } from './sweep.ts';

const parts = await createLambdaRuntime(process.env);
const dependencies = createSweepDependencies(parts, process.env);

/** Runs on a schedule: wakes what waits and looks in FreeScout for what was missed. */
export const handler = parts.wrap(
  (_event: unknown, context: Context): Promise<void> =>
    sweep({
      ...dependencies,
      timeLeftMilliseconds: () => context.getRemainingTimeInMillis(),
    }),
);
