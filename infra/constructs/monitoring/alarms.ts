import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type Sign, signsOf } from '#shared/observability/conditionSigns.ts';
import { type ConditionName, conditionNames } from '#shared/observability/conditions.ts';
import { anyOf, OperatorAlarm, type OperatorAlarmProps, sumOf } from './operatorAlarm.ts';
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
      ...(measuredByAws[name] ?? evaluationOfSigns(watched, name)),
      topic: watched.alerts.topic,
    });
  }
}

function evaluationOfSigns(watched: Watched, name: ConditionName): Evaluation {
  const signs = signsOf(name);
  const [sign, ...others] = signs;
  if (sign === undefined) {
    throw new Error(`Nothing measures the condition ${name}.`);
  }
  if (others.length === 0) {
    return evaluationOfSign(watched, sign);
  }
  // The metrics of one alarm have one period.
  const period = Duration.minutes(Math.max(...signs.map(({ minutes }) => minutes)));
  return {
    metric: anyOf(
      signs.map(({ metrics, beyond }) => {
        if ('below' in beyond) {
          throw new Error(`Silence and another sign cannot tell of one condition: ${name}.`);
        }
        return {
          metrics: metrics.map((metric) => measuredBy(watched, metric, period)),
          atLeast: beyond.atLeast,
        };
      }),
      period,
    ),
    threshold: 1,
  };
}

function evaluationOfSign(watched: Watched, { metrics, minutes, beyond }: Sign): Evaluation {
  const measured = (period: Duration) => metrics.map((metric) => measuredBy(watched, metric, period));
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

function measuredBy({ functions }: Watched, { name, by }: Sign['metrics'][number], period: Duration): Metric {
  const source = Object.values(functions).find(({ folder }) => folder === by);
  if (source === undefined) {
    throw new Error(`The stack has no function ${by}, which measures ${name}.`);
  }
  return metricOf(source, name, period);
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
