import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { type Sign, signsOf } from '#shared/observability/conditionSigns.ts';
import { type ConditionName, conditionNames, harmAndRemedy } from '#shared/observability/conditions.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import type { MetricWindow } from './metricWindow.ts';
import type { ToldConditions } from './toldConditions.ts';

export interface AlarmWatch {
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
  const { told } = watch;
  return async () => {
    for (const name of conditionNames) {
      const answers = signsOf(name).map((sign) => isBeyond(watch, sign));
      if (answers.includes(true)) {
        if (!told.has(name) && (await tell(watch, name))) {
          told.remember(name);
        }
      } else if (!answers.includes(null)) {
        told.forget(name);
      }
    }
  };
}

/** @returns null while the system has not run long enough to say so. */
function isBeyond({ metrics, now, startedAt }: AlarmWatch, sign: Sign): boolean | null {
  const { beyond } = sign;
  const from = now() - sign.minutes * minuteMilliseconds;
  const sum = sign.metrics
    .flatMap((metric) => metrics.values(metric, from))
    .reduce((added, each) => added + each, 0);
  const isSeenWhole = from >= startedAt;
  if ('below' in beyond) {
    return sum >= beyond.below ? false : isSeenWhole ? true : null;
  }
  return sum >= beyond.atLeast ? true : isSeenWhole ? false : null;
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
