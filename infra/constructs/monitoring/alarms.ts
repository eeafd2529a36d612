import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { signOf } from '#shared/observability/conditionSigns.ts';
import { type ConditionName, conditionNames } from '#shared/observability/conditions.ts';
import { OperatorAlarm, type OperatorAlarmProps, sumOf } from './operatorAlarm.ts';
import { metricOf } from './serviceMetrics.ts';
import type { Watched } from './watched.ts';

type Evaluation = Omit<OperatorAlarmProps, 'topic'>;

const minute = Duration.minutes(1);
const fiveMinutes = Duration.minutes(5);
const quarterHour = Duration.minutes(15);

/** Every alarm that reaches the operators: one for each condition of the catalogue. */
export function createAlarms(scope: Construct, watched: Watched): void {
  const measuredByAws = evaluationsOfAws(watched);
  for (const name of conditionNames) {
    new OperatorAlarm(scope, name, {
      ...(measuredByAws[name] ?? evaluationOfSign(watched, name)),
      topic: watched.alerts.topic,
    });
  }
}

function evaluationOfSign({ functions, settings }: Watched, name: ConditionName): Evaluation {
  const sign = signOf(name, settings);
  if (sign === null) {
    throw new Error(`Nothing measures the condition ${name}.`);
  }
  const { metrics, statistic, minutes, beyond } = sign;
  const measured = (period: Duration) =>
    metrics.map((metric) => {
      const source = Object.values(functions).find(({ folder }) => folder === metric.by);
      if (source === undefined) {
        throw new Error(`The stack has no function ${metric.by}, which measures ${metric.name}.`);
      }
      return metricOf(source, metric.name, period, statistic === 'max' ? 'Maximum' : 'Sum');
    });
  if ('below' in beyond) {
    return {
      // In a sum a period without data counts as 0. A plain metric would be evaluated on older data.
      metric: sumOf(measured(fiveMinutes), fiveMinutes),
      threshold: beyond.below,
      below: true,
      periods: Math.ceil(minutes / fiveMinutes.toMinutes()),
    };
  }
  const period = Duration.minutes(minutes);
  const all = measured(period);
  const [first, ...others] = all;
  return {
    metric: first !== undefined && others.length === 0 ? first : sumOf(all, period),
    threshold: beyond.atLeast,
  };
}

/** What AWS measures itself. */
function evaluationsOfAws({
  functions,
  queues,
  tables,
}: Watched): Readonly<Partial<Record<ConditionName, Evaluation>>> {
  return {
    DeadLetters: {
      metric: queues.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: minute,
        statistic: 'Maximum',
      }),
      threshold: 1,
    },
    OldestJob: {
      metric: queues.jobs.metricApproximateAgeOfOldestMessage({ period: minute, statistic: 'Maximum' }),
      threshold: quarterHour.toSeconds(),
    },
    FunctionsThrottled: {
      metric: sumOf(
        Object.values(functions).map(({ lambda }) =>
          lambda.metricThrottles({ period: fiveMinutes, statistic: 'Sum' }),
        ),
        fiveMinutes,
      ),
      threshold: 5,
    },
    TablesThrottled: {
      metric: sumOf(
        Object.values(tables.byName).flatMap((table) =>
          ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
            table.metric(name, { period: fiveMinutes, statistic: 'Sum' }),
          ),
        ),
        fiveMinutes,
      ),
      threshold: 10,
    },
  };
}
