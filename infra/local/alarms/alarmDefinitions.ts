import * as z from 'zod';
import type { Template } from '../runner/template.ts';

/** Where a metric of an alarm comes from on one machine. */
export type MetricSource =
  /** Written by a function into its log. */
  | { readonly from: 'functions'; readonly metricName: string; readonly service: string }
  /** A figure of `/metrics`. */
  | { readonly from: 'figures'; readonly figure: 'dead_letters' | 'oldest_job_seconds' };

export interface AlarmDefinition {
  /** Name without the stack's, for example `DeadLetters`. */
  readonly name: string;
  /** Whom it hurts and where the remedy stands. */
  readonly description: string;
  /** Added up. */
  readonly metrics: readonly MetricSource[];
  readonly statistic: 'Sum' | 'Maximum';
  readonly periodSeconds: number;
  readonly periods: number;
  readonly threshold: number;
  readonly comparison: 'at-least' | 'below';
  /** Nothing measured counts as the alarm itself. */
  readonly silenceIsAlarm: boolean;
}

const metricSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
});
const statisticSchema = z.enum(['Sum', 'Maximum']);

const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  Threshold: z.number(),
  EvaluationPeriods: z.int().positive(),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Period: z.int().positive().optional(),
  Statistic: statisticSchema.optional(),
  ...metricSchema.partial().shape,
  Metrics: z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z
          .object({ Metric: metricSchema, Period: z.int().positive(), Stat: statisticSchema })
          .optional(),
      }),
    )
    .optional(),
});

/** The only expression that is built: a sum in which a metric without a value counts as 0. */
const sumExpression = /^FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))*$/;

/**
 * The alarms of the template that can go off on one machine, where nothing throttles functions or tables.
 *
 * @throws for an alarm that is built in a way which is not known here: it must not be missing in silence.
 */
export function alarmDefinitions(
  template: Pick<Template, 'Resources' | 'stackName'>,
): readonly AlarmDefinition[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .flatMap(({ Properties }) => definitionOf(alarmSchema.parse(Properties), template.stackName) ?? []);
}

function definitionOf(alarm: z.output<typeof alarmSchema>, stackName: string): AlarmDefinition | null {
  const [stat] = alarm.Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []) ?? [];
  const metrics = alarm.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [
    metricSchema.parse(alarm),
  ];
  for (const { Expression } of alarm.Metrics ?? []) {
    if (Expression !== undefined && !sumExpression.test(Expression)) {
      throw new Error(`The alarm ${alarm.AlarmName} has an expression that one machine cannot evaluate.`);
    }
  }
  const sources = metrics.map(sourceOf);
  const known = sources.filter((source) => source !== null);
  return known.length === 0
    ? null
    : {
        name: alarm.AlarmName.replace(`${stackName}-`, ''),
        description: alarm.AlarmDescription,
        metrics: known,
        statistic: statisticSchema.parse(stat?.Stat ?? alarm.Statistic),
        periodSeconds: z.number().parse(stat?.Period ?? alarm.Period),
        periods: alarm.EvaluationPeriods,
        threshold: alarm.Threshold,
        comparison: alarm.ComparisonOperator === 'LessThanThreshold' ? 'below' : 'at-least',
        silenceIsAlarm: alarm.TreatMissingData === 'breaching',
      };
}

const figures: Readonly<Record<string, Extract<MetricSource, { from: 'figures' }>['figure']>> = {
  ApproximateNumberOfMessagesVisible: 'dead_letters',
  ApproximateAgeOfOldestMessage: 'oldest_job_seconds',
};

/** null for what only AWS measures because it only happens there: throttling. */
function sourceOf({ Namespace, MetricName, Dimensions }: z.output<typeof metricSchema>): MetricSource | null {
  if (Namespace === 'AWS/Lambda' || Namespace === 'AWS/DynamoDB') {
    return null;
  }
  const figure = figures[MetricName];
  if (Namespace === 'AWS/SQS' && figure !== undefined) {
    return { from: 'figures', figure };
  }
  const service = Dimensions.find(({ Name }) => Name === 'service')?.Value;
  if (typeof service !== 'string') {
    throw new Error(`An alarm looks at ${Namespace} ${MetricName}, which one machine does not measure.`);
  }
  return { from: 'functions', metricName: MetricName, service };
}
