import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { OperatorAlarm, sumOf } from '#infra/constructs/monitoring/operatorAlarm.ts';
import { conditionNames } from '#shared/observability/conditions.ts';
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
  Statistic: z.string().optional(),
  EvaluationPeriods: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).optional(),
  Metrics: z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric: metricSchema, Period: z.number(), Stat: z.string() }).optional(),
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

function evaluationOf(alarm: (typeof alarms)[number]): string {
  const [stat] = alarm.Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []) ?? [];
  const measured = metricsOf(alarm).map(({ Namespace, MetricName, Dimensions }) =>
    Namespace === 'CustomerServiceManagement' ? `${Dimensions[0]?.Value} ${MetricName}` : MetricName,
  );
  const comparison = alarm.ComparisonOperator === 'LessThanThreshold' ? '<' : '>=';
  const times = alarm.EvaluationPeriods === 1 ? '' : `, ${alarm.EvaluationPeriods} times`;
  const statistic = `${stat?.Stat ?? alarm.Statistic} of ${measured.join(' + ')}`;
  return `${alarm.name}: ${statistic} in ${stat?.Period ?? alarm.Period} s ${comparison} ${alarm.Threshold}${times}`;
}

function isToldByEither(alarm: (typeof alarms)[number]): boolean {
  return (
    !isToldByLooks(alarm) && metricsOf(alarm).some(({ MetricName }) => MetricName.startsWith('Condition'))
  );
}

function isToldByLooks(alarm: (typeof alarms)[number]): boolean {
  return metricsOf(alarm).every(({ MetricName }) => MetricName.startsWith('Condition'));
}

describe('alarms', () => {
  it('are one for each condition of the catalogue', () => {
    expect(alarms.map(({ name }) => name).sort()).toEqual(conditionNames.toSorted());
  });

  it.each(alarms.map((alarm) => [alarm.name, alarm] as const))(
    '%s says whom it hurts and where the remedy stands, and reaches the operators',
    (name, alarm) => {
      expect(alarm.AlarmName).toBe(`CustomerServiceManagement-${name}`);
      expect(alarm.AlarmDescription).toMatch(/^Harm: .{30,} Remedy: RUNBOOK\.md, section "Alarm: \w+"\.$/);
      expect(alarm.AlarmDescription).toContain(`"Alarm: ${name}"`);
      expect(alarm.AlarmActions.map((action) => plainName(stack.target(action).id))).toEqual(['AlertsTopic']);
      expect(alarm.TreatMissingData).toBe(name === 'LooksSilent' ? 'breaching' : 'notBreaching');
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
      if (MetricName === 'LooksDone' || MetricName.startsWith('Condition')) {
        expect(Dimensions).toEqual([{ Name: 'service', Value: 'status' }]);
        continue;
      }
      expect(emitted, MetricName).toMatch(new RegExp(`(measure|Measure)\\(\\s*'${MetricName}'`));
      const [dimension, ...others] = Dimensions;
      expect(others).toEqual([]);
      expect(dimension?.Name).toBe('service');
      expect(existsSync(join(projectRoot, 'functions', String(dimension?.Value)))).toBe(true);
    }
  });

  const expressionOf = (name: string) =>
    alarms
      .find((alarm) => alarm.name === name)
      ?.Metrics?.flatMap(({ Expression }) => Expression ?? [])
      .join();

  it('count a metric without a value as 0, so that silence is told in time', () => {
    expect(expressionOf('LooksSilent')).toBe('FILL(m0, 0)');
    expect(expressionOf('TablesThrottled')).toMatch(/^FILL\(m\d, 0\)( \+ FILL\(m\d, 0\))+$/);
  });

  it('go off where either work or a look tells of a condition', () => {
    expect(alarms.filter(isToldByEither).map(({ name }) => [name, expressionOf(name)])).toEqual([
      ['FreeScoutFailing', 'IF(FILL(m0, 0) + FILL(m1, 0) >= 10, 1, 0) + IF(FILL(m2, 0) >= 1, 1, 0)'],
      ['DraftingStopped', 'IF(FILL(m0, 0) >= 1, 1, 0) + IF(FILL(m1, 0) >= 1, 1, 0)'],
      ['OpenAIFailing', 'IF(FILL(m0, 0) >= 3, 1, 0) + IF(FILL(m1, 0) >= 1, 1, 0)'],
    ]);
  });

  it('tell within minutes of what only the looks find', () => {
    const told = alarms.filter(isToldByLooks);
    expect(told.length).toBeGreaterThan(10);
    expect(told.map(evaluationOf)).toEqual(
      told.map(({ name }) => `${name}: Sum of status Condition${name} in 300 s >= 1`),
    );
  });

  /** Condition, statistic, metrics, period in seconds, and how many periods beyond which threshold. */
  it('tell of the rest by these figures', () => {
    const sumOfAll = (count: number, name: string) => Array<string>(count).fill(name).join(' + ');
    const functionCount = stack.ofType('AWS::Lambda::Function').length;
    const tableCount = stack.ofType('AWS::DynamoDB::Table').length;
    const throttled = sumOfAll(tableCount, 'ReadThrottleEvents + WriteThrottleEvents');
    expect(alarms.filter((alarm) => !isToldByLooks(alarm)).map(evaluationOf)).toEqual([
      'FreeScoutFailing: Sum of conversation-worker FreeScoutFailures + freescout-sweep FreeScoutFailures + status ConditionFreeScoutFailing in 900 s >= 1',
      'DraftingStopped: Sum of conversation-worker DraftsStopped + status ConditionDraftingStopped in 300 s >= 1',
      'DeadLetters: Maximum of ApproximateNumberOfMessagesVisible in 60 s >= 1',
      'OldestJob: Maximum of ApproximateAgeOfOldestMessage in 60 s >= 900',
      'OpenAIFailing: Sum of conversation-worker ModelFailures + status ConditionOpenAIFailing in 900 s >= 1',
      'WebhookSignatures: Sum of freescout-webhook WebhookSignaturesWrong in 900 s >= 3',
      `FunctionsThrottled: Sum of ${sumOfAll(functionCount, 'Throttles')} in 300 s >= 5`,
      `TablesThrottled: Sum of ${throttled} in 300 s >= 10`,
      'LooksSilent: Sum of status LooksDone in 300 s < 1, 2 times',
    ]);
    for (const { Namespace, MetricName, Dimensions } of alarms.flatMap(metricsOf)) {
      if (Namespace === 'AWS/SQS') {
        const isDead = MetricName === 'ApproximateNumberOfMessagesVisible';
        expect(plainName(stack.target(Dimensions[0]?.Value).id)).toBe(
          isDead ? 'QueuesDeadLetters' : 'QueuesJobs',
        );
      }
    }
  });

  it('keep their logical ids', () => {
    const ids = stack.ofType('AWS::CloudWatch::Alarm').map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        'MonitoringDeadLettersAlarmA5AF1006',
        'MonitoringFailedForGoodAlarm3393715C',
        'MonitoringOldestJobAlarm1100D72E',
        'MonitoringPollerSilentAlarmB3111588',
        'MonitoringInvalidGrantAlarmF90919D6',
        'MonitoringFreeScoutFailingAlarm6E3D5B50',
        'MonitoringOpenAIFailingAlarm717F6718',
        'MonitoringDraftingStoppedAlarm2D8CE3A6',
        'MonitoringBudgetAlmostUsedAlarm19D83FAC',
        'MonitoringBudgetUsedUpAlarm3998B72D',
        'MonitoringMailMissingAlarm15481C46',
        'MonitoringWebhookSignaturesAlarm7E61219C',
        'MonitoringDoubleFetchingAlarm83B38313',
        'MonitoringFunctionsThrottledAlarmFBCB2718',
        'MonitoringTablesThrottledAlarmFA5DA823',
      ]),
    );
  });

  it('cannot be built for what the catalogue does not name', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'csm-trial-'));
    onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
    const scope = new Stack(new App({ outdir }), 'Trial');
    const topic = new Topic(scope, 'Topic');
    const metric = new Metric({ namespace: 'n', metricName: 'm' });
    // @ts-expect-error -- nobody says whom it hurts
    expect(() => new OperatorAlarm(scope, 'One', { metric, threshold: 1, topic })).toThrow();
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
