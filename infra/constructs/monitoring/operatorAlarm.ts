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

export interface OperatorAlarmProps {
  /** Whom it hurts, and how, for as long as it lasts; the first thing the operator reads. */
  readonly harm: string;
  /** Heading of the section of RUNBOOK.md that helps; the alarm's name stands in it. */
  readonly runbook: `Alarm: ${string}`;
  readonly metric: IMetric;
  /** The alarm goes off when the metric is at this value or above; `below`: when it is below. */
  readonly threshold: number;
  readonly below?: true;
  /** How many periods of the metric in a row; default 1. */
  readonly periods?: number;
  /** Nothing measured counts as: fine (default), or as the alarm itself. */
  readonly silence?: 'fine' | 'alarm';
  readonly topic: Topic;
}

/**
 * An alarm for a person. It cannot be built without saying whom it hurts and where its remedy stands: both go into what the operator
 * gets, and a test compares the sections with RUNBOOK.md, both ways.
 */
export class OperatorAlarm extends Construct {
  constructor(scope: Construct, id: string, props: OperatorAlarmProps) {
    super(scope, id);
    const alarm = new Alarm(this, 'Alarm', {
      // Named after the stack, so that two systems fit into one account and a mail's subject says which one it is.
      alarmName: `${Stack.of(this).stackName}-${id}`,
      alarmDescription: `Harm: ${props.harm} Remedy: RUNBOOK.md, section "${props.runbook}".`,
      metric: props.metric,
      threshold: props.threshold,
      comparisonOperator: props.below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: props.periods ?? 1,
      treatMissingData:
        props.silence === 'alarm' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(props.topic));
  }
}

/** CloudWatch adds up at most this many metrics in an alarm. */
const mostMetrics = 10;

/** The sum of several metrics, where one that has no value counts as 0. The only kind of expression that runs on one machine too. */
export function sumOf(metrics: readonly IMetric[], period: Duration): MathExpression {
  if (metrics.length > mostMetrics) {
    throw new Error(`An alarm can add up ${mostMetrics} metrics, not ${metrics.length}.`);
  }
  const named = metrics.map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period,
  });
}
