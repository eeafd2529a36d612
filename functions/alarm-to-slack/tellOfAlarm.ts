import * as z from 'zod';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import { asFailure } from '#shared/failure/failure.ts';
import { parseJson } from '#shared/http/parseJson.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';

export interface AlarmDependencies {
  /** null while Slack's secret is empty. */
  readonly slack: () => Promise<AlertChannel | null>;
  readonly log: Log;
  readonly measure: Measure;
}

/**
 * What CloudWatch publishes when an alarm changes.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-notification-format.html
 */
const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.string(),
});

/**
 * Posts an alarm of CloudWatch to Slack. Whatever else comes through the topic is left alone: the worker posts its alerts itself.
 *
 * @param message - as it was published.
 * @throws the channel's failure; whoever calls tries again.
 */
export async function tellOfAlarm(deps: AlarmDependencies, message: string): Promise<void> {
  const alarm = alarmSchema.safeParse(parseJson(message)).data;
  const slack = alarm === undefined ? null : await deps.slack();
  if (alarm === undefined || slack === null) {
    return;
  }
  const { AlarmName, AlarmDescription, NewStateValue } = alarm;
  const title = `Alarm ${AlarmName}${NewStateValue === 'ALARM' ? '' : `: ${NewStateValue}`}`;
  try {
    await slack.send({ title, text: [title, AlarmDescription ?? ''].join('\n').trim() });
  } catch (error) {
    deps.log.write('ALERT_FAILED', { alert: AlarmName, channel: slack.name, code: asFailure(error).code });
    deps.measure('AlertsFailed');
    throw error;
  }
  deps.log.write('ALERT_SENT', { alert: AlarmName, channel: slack.name });
  deps.measure('AlertsSent');
}
