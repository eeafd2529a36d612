import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '#shared/observability/metrics.ts';
import { metricsNamespace, type ServiceFunction } from '../serviceFunction.ts';

/** A metric that a function writes. Powertools adds the function's service name as its one dimension. */
export function metricOf(
  source: ServiceFunction,
  metricName: MetricName,
  period: Duration,
  statistic: 'Sum' | 'Maximum' | 'Average' | 'p90' = 'Sum',
): Metric {
  return new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { service: source.folder },
    statistic,
    period,
    label: metricName,
  });
}
