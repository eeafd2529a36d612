import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Measure, MetricName } from './metrics.ts';

/** CloudWatch knows no dollars, no minutes, no similarity between 0 and 1. */
const withoutUnit: ReadonlySet<MetricName> = new Set<MetricName>([
  'ModelSpendUsd',
  'DraftMinutesToSend',
  'MinutesToDraft',
  'DraftSimilarity',
]);

/** Metrics in CloudWatch's embedded format; the handler publishes what was stored when the unit of work ends. */
export function createPowertoolsMeasure(metrics: Pick<Metrics, 'addMetric'>): Measure {
  return (name, value = 1) => {
    metrics.addMetric(name, withoutUnit.has(name) ? MetricUnit.NoUnit : MetricUnit.Count, value);
  };
}
