import type { LambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { openSlackChannel } from '#shared/alerts/slackChannel.ts';
import type { AlarmDependencies } from './tellOfAlarm.ts';

export function createAlarmDependencies({ secrets, log, measure }: LambdaRuntime): AlarmDependencies {
  return { slack: () => openSlackChannel({ secrets, fetch }), log, measure };
}
