import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it } from 'vitest';
import { createPowertoolsMeasure } from '#shared/observability/powertoolsMetrics.ts';

describe('metrics', () => {
  it('are counts, except for dollars, minutes and similarity', () => {
    const metrics = new Metrics({ namespace: 'Test', serviceName: 'worker' });
    const measure = createPowertoolsMeasure(metrics);
    measure('MailsCreated');
    measure('MailsCreated', 2);
    measure('GmailUnits', 20);
    measure('ModelSpendUsd', 0.0012);
    measure('DraftMinutesToSend', 12.5);
    measure('DraftSimilarity', 0.8);
    const emf = metrics.serializeMetrics();
    metrics.clearMetrics();
    expect(emf).toMatchObject({
      MailsCreated: [1, 2],
      GmailUnits: 20,
      ModelSpendUsd: 0.0012,
      DraftMinutesToSend: 12.5,
      DraftSimilarity: 0.8,
    });
    const units = Object.fromEntries(
      (emf._aws.CloudWatchMetrics[0]?.Metrics ?? []).map(({ Name, Unit }) => [Name, Unit]),
    );
    expect(units).toEqual({
      MailsCreated: 'Count',
      GmailUnits: 'Count',
      ModelSpendUsd: 'None',
      DraftMinutesToSend: 'None',
      DraftSimilarity: 'None',
    });
  });
});
