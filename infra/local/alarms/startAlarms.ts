import { mailServerIn } from '#shared/alerts/mailServer.ts';
import { operatorAddresses } from '#shared/alerts/recipients.ts';
import { createSlackChannel } from '#shared/alerts/slackChannel.ts';
import { createSmtpChannel } from '#shared/alerts/smtpChannel.ts';
import { boundedFetch, mostBytesOfAnswer } from '#shared/http/boundedFetch.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import type { AlarmDefinition } from './alarmDefinitions.ts';
import type { MetricWindow } from './metricWindow.ts';
import { createAlarmWatch } from './watchAlarms.ts';

export interface AlarmsOptions {
  readonly alarms: readonly AlarmDefinition[];
  readonly metrics: MetricWindow;
  readonly settings: Settings;
  readonly api: string;
  readonly statusToken: string;
  /** Incoming webhook of Slack; empty = none. */
  readonly slackWebhookUrl: () => string;
  readonly smtpVariables: Readonly<Record<string, string>>;
  readonly report: (sentence: string) => void;
}

const lookEveryMilliseconds = minuteMilliseconds;
const callFigures = boundedFetch(mostBytesOfAnswer);
const figuresTimeoutMilliseconds = 20_000;

/**
 * Looks every minute whether an alarm goes off, and tells the operators by Slack and mail.
 *
 * @returns a function that stops it.
 */
export function startAlarms(options: AlarmsOptions): () => void {
  const { settings } = options;
  const server = mailServerIn(options.smtpVariables);
  const mail = server === null ? [] : [createSmtpChannel(server, operatorAddresses(settings))];
  const look = createAlarmWatch({
    alarms: options.alarms,
    metrics: options.metrics,
    figures: async () => figuresOf(options),
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

async function figuresOf({
  api,
  statusToken,
}: AlarmsOptions): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const answer = await callFigures(`${api}/metrics`, {
      headers: { authorization: `Bearer ${statusToken}`, accept: 'application/json' },
      signal: AbortSignal.timeout(figuresTimeoutMilliseconds),
    });
    const body: unknown = await answer.json();
    return answer.ok && typeof body === 'object' && body !== null ? { ...body } : null;
  } catch {
    return null;
  }
}
