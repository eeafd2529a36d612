import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { OperatorAlarm, sumOf } from '#infra/constructs/monitoring/operatorAlarm.ts';
import { logCatalogue } from '#shared/observability/logCatalogue.ts';
import { plainName, synthesizeStack } from '#tests/support/synthesizeStack.ts';

const projectRoot = join(import.meta.dirname, '../../..');
const runbook = join(projectRoot, 'RUNBOOK.md');

const metricSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
});
const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()),
  ComparisonOperator: z.string(),
  Threshold: z.number(),
  Period: z.number().optional(),
  EvaluationPeriods: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).optional(),
  Metrics: z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric: metricSchema, Period: z.number() }).optional(),
      }),
    )
    .optional(),
});

const stack = synthesizeStack();
const alarms = stack
  .ofType('AWS::CloudWatch::Alarm')
  .map(({ Properties }) => alarmSchema.parse(Properties))
  .map((alarm) => ({ ...alarm, name: alarm.AlarmName.replace(/^CustomerServiceManagement-/, '') }));

function metricsOf(alarm: (typeof alarms)[number]): readonly z.infer<typeof metricSchema>[] {
  return alarm.Metrics === undefined
    ? [metricSchema.parse(alarm)]
    : alarm.Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
}

describe('alarms', () => {
  it('are these', () => {
    expect(alarms.map(({ name }) => name).sort()).toEqual([
      'BudgetAlmostUsed',
      'BudgetUsedUp',
      'DeadLetters',
      'DoubleFetching',
      'DraftingStopped',
      'FailedForGood',
      'FreeScoutFailing',
      'FunctionsThrottled',
      'InvalidGrant',
      'MailMissing',
      'OldestJob',
      'OpenAIFailing',
      'PollerSilent',
      'TablesThrottled',
      'WebhookSignatures',
    ]);
  });

  it.each(alarms.map((alarm) => [alarm.name, alarm] as const))(
    '%s says whom it hurts and where the remedy stands, and reaches the operators',
    (name, alarm) => {
      expect(alarm.AlarmName).toBe(`CustomerServiceManagement-${name}`);
      expect(alarm.AlarmDescription).toMatch(/^Harm: .{30,} Remedy: RUNBOOK\.md, section "Alarm: \w+"\.$/);
      expect(alarm.AlarmDescription).toContain(`"Alarm: ${name}"`);
      expect(alarm.AlarmActions.map((action) => plainName(stack.target(action).id))).toEqual(['AlertsTopic']);
      expect(alarm.TreatMissingData).toBe(name === 'PollerSilent' ? 'breaching' : 'notBreaching');
    },
  );

  it.each(alarms.map((alarm) => [alarm.name, alarm] as const))('%s looks at what is measured', (_, alarm) => {
    const emitted = globSync(['functions/**/*.ts', 'shared/**/*.ts'], { cwd: projectRoot })
      .map((path) => readFileSync(join(projectRoot, path), 'utf8'))
      .join('\n');
    for (const { Namespace, MetricName, Dimensions } of metricsOf(alarm)) {
      if (Namespace !== 'CustomerServiceManagement') {
        expect(Namespace).toMatch(/^AWS\/(SQS|Lambda|DynamoDB)$/);
        expect(Dimensions).toHaveLength(1);
        continue;
      }
      expect(emitted, MetricName).toMatch(new RegExp(`(measure|Measure)\\(\\s*'${MetricName}'`));
      const [dimension, ...others] = Dimensions;
      expect(others).toEqual([]);
      expect(dimension?.Name).toBe('service');
      expect(existsSync(join(projectRoot, 'functions', String(dimension?.Value)))).toBe(true);
    }
  });

  it('add up metrics in one way only, which one machine knows too', () => {
    const expressions = alarms
      .flatMap(({ Metrics }) => Metrics ?? [])
      .flatMap((each) => each.Expression ?? []);
    expect(expressions.length).toBeGreaterThan(3);
    for (const expression of expressions) {
      expect(expression).toMatch(/^FILL\(m\d, 0\)( \+ FILL\(m\d, 0\))*$/);
    }
  });

  const rare = synthesizeStack({ gmail: { pollMinutes: 60 } });
  const alarmOf = (of: typeof stack, name: string) =>
    of
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ Properties }) => alarmSchema.parse(Properties))
      .find(({ AlarmName }) => AlarmName.endsWith(name));

  it('tell of a silent poll later when polls are rare', () => {
    expect(alarmOf(stack, 'PollerSilent')?.EvaluationPeriods).toBe(2);
    expect(alarmOf(rare, 'PollerSilent')?.EvaluationPeriods).toBe(36);
  });

  it('tell of a silent poll in time: a period without one is 0, not left out', () => {
    expect(alarmOf(stack, 'PollerSilent')?.Metrics?.flatMap(({ Expression }) => Expression ?? [])).toEqual([
      'FILL(m0, 0)',
    ]);
  });

  const minutesOf = (of: typeof stack, name: string) => [
    ...new Set(
      alarmOf(of, name)?.Metrics?.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Period / 60] : [])),
    ),
  ];

  it('tell of work that failed for good wherever a row ends so: in the worker, and in the sweep that gives it up', () => {
    const alarm = alarms.find(({ name }) => name === 'FailedForGood');
    expect(alarm?.Threshold).toBe(1);
    expect(
      (alarm?.Metrics ?? []).flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : [])),
    ).toMatchObject(
      ['conversation-worker', 'freescout-sweep'].map((service) => ({
        MetricName: 'JobsFailedForGood',
        Dimensions: [{ Name: 'service', Value: service }],
      })),
    );
  });

  it('tell of refused credentials once, not with every poll', () => {
    expect(minutesOf(stack, 'InvalidGrant')).toEqual([5]);
    expect(minutesOf(synthesizeStack({ gmail: { pollMinutes: 5 } }), 'InvalidGrant')).toEqual([10]);
    expect(minutesOf(rare, 'InvalidGrant')).toEqual([65]);
  });

  it('look at the budget for longer than a sweep takes to come', () => {
    expect(minutesOf(stack, 'BudgetAlmostUsed')).toEqual([15]);
  });

  it('cannot be built without a harm and a section', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'csm-trial-'));
    onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
    const scope = new Stack(new App({ outdir }), 'Trial');
    const topic = new Topic(scope, 'Topic');
    const metric = new Metric({ namespace: 'n', metricName: 'm' });
    // @ts-expect-error -- it does not say whom it hurts
    new OperatorAlarm(scope, 'One', { runbook: 'Alarm: One', metric, threshold: 1, topic });
    // @ts-expect-error -- it does not say where the remedy stands
    new OperatorAlarm(scope, 'Two', { harm: 'Somebody waits.', metric, threshold: 1, topic });
    expect(() => sumOf(Array(11).fill(metric), Duration.minutes(5))).toThrow(/10 metrics/);
  });
});

describe.runIf(existsSync(runbook))('RUNBOOK.md', () => {
  it('has a section for every alarm, and for no other', () => {
    const sections = [...readFileSync(runbook, 'utf8').matchAll(/^### (Alarm: .+?)\s*$/gm)].map(
      ([, name]) => name,
    );
    expect(sections.sort()).toEqual(alarms.map(({ name }) => `Alarm: ${name}`).sort());
  });
});

describe('dashboards', () => {
  it('are one for people and one for engineers, in every region of an account', () => {
    const names = stack
      .ofType('AWS::CloudWatch::Dashboard')
      .map(({ Properties }) => JSON.stringify(Properties.DashboardName))
      .sort();
    expect(names).toEqual(
      ['engineers', 'people'].map((whom) =>
        JSON.stringify({
          'Fn::Join': ['', [`CustomerServiceManagement-${whom}-`, { Ref: 'AWS::Region' }]],
        }),
      ),
    );
  });
});

describe('saved queries', () => {
  const querySchema = z.object({
    Name: z.string(),
    QueryString: z.string(),
    LogGroupNames: z.array(z.unknown()),
  });
  const queries = stack
    .ofType('AWS::Logs::QueryDefinition')
    .map(({ Properties }) => querySchema.parse(Properties));

  it('are these, over the logs of every function', () => {
    expect(queries.map(({ Name }) => Name).sort()).toEqual(
      [
        'drafts-of-conversation',
        'messages-by-status',
        'one-message',
        'recent-failures',
        'slowest-jobs',
        'spend-by-model',
      ].map((name) => `CustomerServiceManagement/${name}`),
    );
    for (const { LogGroupNames } of queries) {
      expect(LogGroupNames).toHaveLength(stack.ofType('AWS::Lambda::Function').length);
    }
  });

  it('show a function that its time limit ended, which no function tells itself', () => {
    expect(queries.find(({ Name }) => Name.endsWith('/recent-failures'))?.QueryString).toContain(
      'or @message like /Task timed out/',
    );
  });

  it('name codes of the catalogue only', () => {
    const named = queries
      .flatMap(({ QueryString }) => [...QueryString.matchAll(/"([A-Z][A-Z_]+)"/g)])
      .map(([, code]) => code);
    expect(named.length).toBeGreaterThan(10);
    const unknown = named.filter((code) => code !== 'ERROR' && !Object.hasOwn(logCatalogue, code ?? ''));
    expect(unknown).toEqual([]);
  });
});
