import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { type Sign, signOf } from '#shared/observability/conditionSigns.ts';
import { type ConditionName, conditionNames, harmAndRemedy } from '#shared/observability/conditions.ts';
import type { PollSettings } from '#shared/settings/channels.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import type { MetricWindow } from './metricWindow.ts';
import type { ToldConditions } from './toldConditions.ts';

export interface AlarmWatch {
  readonly settings: PollSettings;
  readonly metrics: Pick<MetricWindow, 'values'>;
  readonly channels: () => Promise<readonly AlertChannel[]>;
  readonly told: ToldConditions;
  /** Gets one sentence for the terminal. */
  readonly report: (sentence: string) => void;
  readonly now: () => number;
  /** When the system started: before, nothing was measured. */
  readonly startedAt: number;
}

/**
 * Looks for the conditions of the catalogue in what the functions measured. One that stands is sent once, by every channel that takes
 * it, and again only after it has cleared; one that no channel took is tried again at the next look.
 *
 * @returns a function that looks once; call it every minute.
 */
export function createAlarmWatch(watch: AlarmWatch): () => Promise<void> {
  const { told, settings } = watch;
  const watched = conditionNames.flatMap((name) => {
    const sign = signOf(name, settings);
    return sign === null ? [] : [{ name, sign }];
  });
  return async () => {
    for (const { name, sign } of watched) {
      const stands = isStanding(watch, sign);
      if (stands === false) {
        told.forget(name);
      } else if (stands === true && !told.has(name) && (await tell(watch, name))) {
        told.remember(name);
      }
    }
  };
}

/** @returns null while the system has not run long enough to say so. */
function isStanding(
  { metrics, now, startedAt }: AlarmWatch,
  { metrics: measured, statistic, minutes, beyond }: Sign,
): boolean | null {
  const from = now() - minutes * minuteMilliseconds;
  const values = measured.flatMap((metric) => metrics.values(metric, from));
  const value = statistic === 'sum' ? values.reduce((sum, each) => sum + each, 0) : Math.max(0, ...values);
  const isSeenWhole = from >= startedAt;
  if ('below' in beyond) {
    return value >= beyond.below ? false : isSeenWhole ? true : null;
  }
  return value >= beyond.atLeast ? true : isSeenWhole ? false : null;
}

/** @returns whether somebody was told, or there is nobody to tell. */
async function tell({ channels, report }: AlarmWatch, name: ConditionName): Promise<boolean> {
  const description = harmAndRemedy(name);
  report(`Alarm ${name}. ${description}`);
  const alert: Alert = { title: `Alarm ${name}`, text: `Alarm ${name}\n${description}` };
  const open = await channels().catch(() => []);
  const sent = await Promise.allSettled(open.map((channel) => channel.send(alert)));
  return open.length === 0 || sent.some(({ status }) => status === 'fulfilled');
}
