import { describe, expect, it } from 'vitest';
import { type AlarmDefinition, alarmDefinitions } from '#infra/local/alarms/alarmDefinitions.ts';
import { createMetricWindow } from '#infra/local/alarms/metricWindow.ts';
import { createAlarmWatch } from '#infra/local/alarms/watchAlarms.ts';
import type { Alert } from '#shared/alerts/alertText.ts';

const minute = 60_000;

const budget: AlarmDefinition = {
  name: 'BudgetUsedUp',
  description: 'Harm: conversations wait.',
  metrics: [{ from: 'functions', metricName: 'ConversationsDeferred', service: 'conversation-worker' }],
  statistic: 'Sum',
  periodSeconds: 300,
  periods: 1,
  threshold: 2,
  comparison: 'at-least',
  silenceIsAlarm: false,
};
const silent: AlarmDefinition = {
  ...budget,
  name: 'PollerSilent',
  metrics: [{ from: 'functions', metricName: 'PollsDone', service: 'gmail-poll' }],
  periods: 2,
  threshold: 1,
  comparison: 'below',
  silenceIsAlarm: true,
};
const deadLetters: AlarmDefinition = {
  ...budget,
  name: 'DeadLetters',
  metrics: [{ from: 'figures', figure: 'dead_letters' }],
  statistic: 'Maximum',
  periodSeconds: 60,
  threshold: 1,
};

/** A line of a function's log with metrics, as Powertools writes it. */
function metricLine(service: string, values: Readonly<Record<string, number | number[]>>): string {
  return JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        {
          Namespace: 'CustomerServiceManagement',
          Dimensions: [['service']],
          Metrics: Object.keys(values).map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
    service,
    ...values,
  });
}

function setUp(alarms: readonly AlarmDefinition[]) {
  let now = Date.parse('2026-11-20T12:00:00Z');
  let figures: Record<string, unknown> | null = {};
  let refuse = false;
  const sent: string[] = [];
  const metrics = createMetricWindow(() => now, 24 * 60 * minute);
  const look = createAlarmWatch({
    alarms,
    metrics,
    figures: async () => figures,
    channels: async () => [
      {
        name: 'slack',
        send: async ({ title }: Alert) => {
          if (refuse) {
            throw new Error('no');
          }
          sent.push(title);
        },
      },
    ],
    report: () => undefined,
    now: () => now,
    startedAt: now,
  });
  return {
    sent,
    observe: (service: string, values: Record<string, number | number[]>) =>
      metrics.observe(metricLine(service, values)),
    observeLine: (line: string) => metrics.observe(line),
    setFigures: (next: Record<string, unknown> | null) => {
      figures = next;
    },
    setRefuse: (next: boolean) => {
      refuse = next;
    },
    /** Lets minutes pass, with a look after each. */
    pass: async (minutes: number) => {
      for (let index = 0; index < minutes; index += 1) {
        now += minute;
        await look();
      }
    },
  };
}

describe('an alarm on one machine', () => {
  it('is sent once until it clears, and again when it comes back', async () => {
    const { observe, pass, sent } = setUp([budget]);
    observe('conversation-worker', { ConversationsDeferred: 1 });
    await pass(1);
    expect(sent).toEqual([]);
    observe('conversation-worker', { ConversationsDeferred: [1, 1] });
    await pass(3);
    expect(sent).toEqual(['Alarm BudgetUsedUp']);
    await pass(10);
    observe('conversation-worker', { ConversationsDeferred: 5 });
    await pass(1);
    expect(sent).toEqual(['Alarm BudgetUsedUp', 'Alarm BudgetUsedUp']);
  });

  it('adds up what one service wrote, not what another did', async () => {
    const { observe, pass, sent } = setUp([budget]);
    observe('freescout-sweep', { ConversationsDeferred: 5 });
    await pass(1);
    expect(sent).toEqual([]);
  });

  it('goes off by silence once the system has run long enough', async () => {
    const { observe, pass, sent } = setUp([silent]);
    await pass(9);
    expect(sent).toEqual([]);
    await pass(2);
    expect(sent).toEqual(['Alarm PollerSilent']);
    observe('gmail-poll', { PollsDone: 1 });
    await pass(9);
    expect(sent).toHaveLength(1);
    await pass(3);
    expect(sent).toHaveLength(2);
  });

  it('looks at figures too, and calls nothing an alarm because they cannot be had', async () => {
    const { setFigures, pass, sent } = setUp([deadLetters]);
    setFigures(null);
    await pass(1);
    setFigures({ dead_letters: 0 });
    await pass(1);
    expect(sent).toEqual([]);
    setFigures({ dead_letters: 2 });
    await pass(2);
    expect(sent).toEqual(['Alarm DeadLetters']);
  });

  it('has not cleared because figures cannot be had for a moment', async () => {
    const { setFigures, pass, sent } = setUp([deadLetters]);
    for (const figures of [{ dead_letters: 1 }, null, { dead_letters: 1 }, null, { dead_letters: 1 }]) {
      setFigures(figures);
      await pass(1);
    }
    expect(sent).toEqual(['Alarm DeadLetters']);
  });

  it('is tried again when no channel took it', async () => {
    const { setFigures, setRefuse, pass, sent } = setUp([deadLetters]);
    setFigures({ dead_letters: 1 });
    setRefuse(true);
    await pass(1);
    setRefuse(false);
    await pass(2);
    expect(sent).toEqual(['Alarm DeadLetters']);
  });

  it('leaves lines alone that hold no metrics', async () => {
    const { observeLine, pass, sent } = setUp([budget]);
    for (const line of [
      '',
      'text',
      '{"_aws": broken',
      '{"_aws":{}}',
      '{"level":"INFO","message":"\\"_aws\\""}',
    ]) {
      observeLine(line);
    }
    await pass(1);
    expect(sent).toEqual([]);
  });
});

describe('the alarms of a template', () => {
  const alarm = (properties: Record<string, unknown>) => ({
    stackName: 'Stack',
    Resources: {
      One: {
        Type: 'AWS::CloudWatch::Alarm',
        Metadata: {},
        Properties: {
          AlarmName: 'Stack-One',
          AlarmDescription: 'Harm: x',
          Threshold: 1,
          EvaluationPeriods: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'notBreaching',
          Period: 60,
          Statistic: 'Sum',
          ...properties,
        },
      },
    },
  });
  const stat = (Namespace: string, MetricName: string) => ({
    MetricStat: {
      Metric: { Namespace, MetricName, Dimensions: [{ Name: 'service', Value: 'gmail-poll' }] },
      Period: 300,
      Stat: 'Sum',
    },
  });

  it('leave out what only AWS throttles', () => {
    expect(alarmDefinitions(alarm({ Namespace: 'AWS/Lambda', MetricName: 'Throttles' }))).toEqual([]);
  });

  it('are refused when one machine cannot tell what they look at', () => {
    expect(() => alarmDefinitions(alarm({ Namespace: 'AWS/SNS', MetricName: 'NumberOfMessages' }))).toThrow(
      /does not measure/,
    );
    expect(() =>
      alarmDefinitions(
        alarm({ Metrics: [{ Expression: 'm0 / m1' }, stat('CustomerServiceManagement', 'PollsDone')] }),
      ),
    ).toThrow(/cannot evaluate/);
  });

  it('add up several metrics', () => {
    const [definition] = alarmDefinitions(
      alarm({
        Metrics: [
          { Expression: 'FILL(m0, 0) + FILL(m1, 0)' },
          stat('CustomerServiceManagement', 'MailsMissing'),
          stat('CustomerServiceManagement', 'SweepMissing'),
        ],
      }),
    );
    expect(definition).toMatchObject({ name: 'One', periodSeconds: 300, statistic: 'Sum' });
    expect(definition?.metrics).toHaveLength(2);
  });
});
