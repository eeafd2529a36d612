import { type Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type ConditionName, harmAndRemedy } from '#shared/observability/conditions.ts';

export interface OperatorAlarmProps {
  readonly metric: IMetric;
  /** The alarm goes off when the metric is at this value or above; `below`: when it is below, or nothing was measured. */
  readonly threshold: number;
  readonly below?: true;
  /** How many periods of the metric in a row; default 1. */
  readonly periods?: number;
  readonly topic: Topic;
}

/**
 * An alarm for a person, of a condition of the catalogue: the catalogue says whom it hurts and where its remedy stands. Both go into
 * what the operator gets, and a test compares the sections with RUNBOOK.md, both ways.
 */
export class OperatorAlarm extends Construct {
  constructor(scope: Construct, condition: ConditionName, props: OperatorAlarmProps) {
    super(scope, condition);
    const alarm = new Alarm(this, 'Alarm', {
      // Named after the stack, so that two systems fit into one account and a mail's subject says which one it is.
      alarmName: `${Stack.of(this).stackName}-${condition}`,
      alarmDescription: harmAndRemedy(condition),
      metric: props.metric,
      threshold: props.threshold,
      comparisonOperator: props.below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: props.periods ?? 1,
      treatMissingData: props.below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(props.topic));
  }
}

/** CloudWatch reads at most this many metrics for an alarm. */
const mostMetrics = 10;

/** The sum of several metrics, where one that has no value counts as 0. */
export function sumOf(metrics: readonly IMetric[], period: Duration): MathExpression {
  return expressionOver(metrics, period, sumOfNames);
}

/** How many of several sums are as high as they need to be; a metric that has no value counts as 0. */
export function anyOf(
  sums: readonly { readonly metrics: readonly IMetric[]; readonly atLeast: number }[],
  period: Duration,
): MathExpression {
  return expressionOver(
    sums.flatMap(({ metrics }) => metrics),
    period,
    (names) => {
      const left = [...names];
      return sums
        .map(
          ({ metrics, atLeast }) => `IF(${sumOfNames(left.splice(0, metrics.length))} >= ${atLeast}, 1, 0)`,
        )
        .join(' + ');
    },
  );
}

function sumOfNames(names: readonly string[]): string {
  return names.map((name) => `FILL(${name}, 0)`).join(' + ');
}

function expressionOver(
  metrics: readonly IMetric[],
  period: Duration,
  expressionOf: (names: readonly string[]) => string,
): MathExpression {
  if (metrics.length > mostMetrics) {
    throw new Error(`An alarm can read ${mostMetrics} metrics, not ${metrics.length}.`);
  }
  const named = metrics.map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    expression: expressionOf(named.map(([name]) => name)),
    usingMetrics: Object.fromEntries(named),
    period,
  });
}
