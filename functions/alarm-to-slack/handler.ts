import type { SNSEvent } from 'aws-lambda';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { createAlarmDependencies } from './dependencies.ts';
import { tellOfAlarm } from './tellOfAlarm.ts';

const parts = await createLambdaRuntime(process.env);
const dependencies = createAlarmDependencies(parts);

/** Tells Slack of the alarms of CloudWatch, which reach the operators through the topic of alerts. */
export const handler = parts.wrap(async ({ Records }: SNSEvent): Promise<void> => {
  for (const { Sns } of Records) {
    await tellOfAlarm(dependencies, Sns.Message);
  }
});
