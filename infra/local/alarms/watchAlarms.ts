import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import type { AlarmDefinition, MetricSource } from './alarmDefinitions.ts';
import type { MetricWindow } from './metricWindow.ts';

export interface AlarmWatch {
  readonly alarms: readonly AlarmDefinition[];
  readonly metrics: Pick<MetricWindow, 'values'>;
  /** The figures of `/metrics`; null while they cannot be had. */
  readonly figures: () => Promise<Readonly<Record<string, unknown>> | null>;
  readonly channels: () => Promise<readonly AlertChannel[]>;
  /** Gets one sentence for the terminal. */
  readonly report: (sentence: string) => void;
  readonly now: () => number;
  /** When the system started: before, nothing was measured. */
  readonly startedAt: number;
}

/**
 * Evaluates the template's alarms as CloudWatch would. An alarm that goes off is sent once, by every channel that takes it, and
 * again only after it has cleared; one that no channel took is tried again at the next look. What looks at figures stays as it was
 * while they cannot be had.
 *
 * @returns a function that looks once; call it every minute.
 */
export function createAlarmWatch(watch: AlarmWatch): () => Promise<void> {
  const told = new Set<string>();
  return async () => {
    const figures = await watch.figures();
    for (const alarm of watch.alarms) {
      if (figures === null && alarm.metrics.some(({ from }) => from === 'figures')) {
        continue;
      }
      if (!isFiring(watch, alarm, figures)) {
        told.delete(alarm.name);
      } else if (!told.has(alarm.name) && (await tell(watch, alarm))) {
        told.add(alarm.name);
      }
    }
  };
}

/** Every period that counts is beyond the threshold. */
function isFiring(
  watch: AlarmWatch,
  alarm: AlarmDefinition,
  figures: Readonly<Record<string, unknown>> | null,
): boolean {
  const now = watch.now();
  const periodMilliseconds = alarm.periodSeconds * 1000;
  if (alarm.silenceIsAlarm && now - alarm.periods * periodMilliseconds < watch.startedAt) {
    return false;
  }
  return Array.from({ length: alarm.periods }, (_, index) => now - index * periodMilliseconds).every(
    (end) => {
      // Up to and with this very millisecond.
      const value = measured(watch, alarm, figures, end - periodMilliseconds + 1, end + 1);
      if (value === null) {
        return alarm.silenceIsAlarm;
      }
      return alarm.comparison === 'below' ? value < alarm.threshold : value >= alarm.threshold;
    },
  );
}

function measured(
  { metrics }: AlarmWatch,
  { metrics: sources, statistic }: AlarmDefinition,
  figures: Readonly<Record<string, unknown>> | null,
  from: number,
  to: number,
): number | null {
  const valuesOf = (source: MetricSource): readonly number[] => {
    if (source.from === 'functions') {
      return metrics.values(source, from, to);
    }
    const figure = figures?.[source.figure];
    return typeof figure === 'number' ? [figure] : [];
  };
  const each = sources
    .map(valuesOf)
    .filter((values) => values.length > 0)
    .map((values) =>
      statistic === 'Sum' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values),
    );
  return each.length === 0 ? null : each.reduce((sum, value) => sum + value, 0);
}

/** @returns whether somebody was told, or there is nobody to tell. */
async function tell({ channels, report }: AlarmWatch, alarm: AlarmDefinition): Promise<boolean> {
  report(`Alarm ${alarm.name}. ${alarm.description}`);
  const alert: Alert = {
    title: `Alarm ${alarm.name}`,
    text: `Alarm ${alarm.name}\n${alarm.description}`,
  };
  const open = await channels().catch(() => []);
  const sent = await Promise.allSettled(open.map((channel) => channel.send(alert)));
  return open.length === 0 || sent.some(({ status }) => status === 'fulfilled');
}
