import type { FunctionParts } from '#functions/functionParts.ts';
import { openSlackChannel } from '#shared/alerts/slackChannel.ts';
import type { AlarmDependencies } from './tellOfAlarm.ts';

export function createAlarmDependencies({ secrets, log, measure }: FunctionParts): AlarmDependencies {
  return { slack: () => openSlackChannel({ secrets, fetch }), log, measure };
}
