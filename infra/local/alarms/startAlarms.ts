import { mailServerIn } from '#shared/alerts/mailServer.ts';
import { operatorAddresses } from '#shared/alerts/recipients.ts';
import { createSlackChannel } from '#shared/alerts/slackChannel.ts';
import { createSmtpChannel } from '#shared/alerts/smtpChannel.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import type { MetricWindow } from './metricWindow.ts';
import type { ToldConditions } from './toldConditions.ts';
import { createAlarmWatch } from './watchAlarms.ts';

export interface AlarmsOptions {
  readonly metrics: MetricWindow;
  readonly settings: Settings;
  readonly told: ToldConditions;
  /** Incoming webhook of Slack; empty = none. */
  readonly slackWebhookUrl: () => string;
  readonly smtpVariables: Readonly<Record<string, string>>;
  readonly report: (sentence: string) => void;
}

const lookEveryMilliseconds = minuteMilliseconds;

/**
 * Looks every minute whether a condition stands, and tells the operators by Slack and mail.
 *
 * @returns a function that stops it.
 */
export function startAlarms(options: AlarmsOptions): () => void {
  const { settings } = options;
  const server = mailServerIn(options.smtpVariables);
  const mail = server === null ? [] : [createSmtpChannel(server, operatorAddresses(settings))];
  const look = createAlarmWatch({
    metrics: options.metrics,
    told: options.told,
    channels: async () => {
      const webhookUrl = settings.alerts.slack ? options.slackWebhookUrl() : '';
      return [...(webhookUrl === '' ? [] : [createSlackChannel({ webhookUrl, fetch })]), ...mail];
    },
    report: options.report,
    now: Date.now,
    startedAt: Date.now(),
  });
  let looking = false;
  const timer = setInterval(async () => {
    if (!looking) {
      looking = true;
      await look();
      looking = false;
    }
  }, lookEveryMilliseconds);
  return () => clearInterval(timer);
}
