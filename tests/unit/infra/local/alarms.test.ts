import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMetricWindow } from '#infra/local/alarms/metricWindow.ts';
import { openToldConditions } from '#infra/local/alarms/toldConditions.ts';
import { createAlarmWatch } from '#infra/local/alarms/watchAlarms.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { signsOf } from '#shared/observability/conditionSigns.ts';
import { type ConditionName, conditionNames } from '#shared/observability/conditions.ts';

const minute = 60_000;

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

const conversationWorker = 'conversation-worker';

function setUp() {
  let now = Date.parse('2026-11-20T12:00:00Z');
  let refuse = false;
  const sent: string[] = [];
  const reports: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'csm-alarms-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'alarms.json');
  const report = (sentence: string) => void reports.push(sentence);
  const start = () => {
    const metrics = createMetricWindow(() => now, 24 * 60 * minute);
    const look = createAlarmWatch({
      metrics,
      told: openToldConditions(file, report),
      channels: async () => [
        {
          name: 'slack',
          send: async ({ title }: Alert) => {
            if (refuse) {
              throw new Error('no');
            }
            sent.push(title.replace('Alarm ', ''));
          },
        },
      ],
      report,
      now: () => now,
      startedAt: now,
    });
    return { metrics, look };
  };
  let running = start();
  return {
    sent,
    reports,
    folder,
    file,
    observe: (service: string, values: Record<string, number | number[]>) =>
      running.metrics.observe(metricLine(service, values)),
    observeLine: (line: string) => running.metrics.observe(line),
    setRefuse: (next: boolean) => {
      refuse = next;
    },
    restart: () => {
      running = start();
    },
    /** Lets minutes pass with a look after each, while looks of the system go on and find `standing`. */
    pass: async (minutes: number, standing: readonly ConditionName[] = []) => {
      for (let index = 0; index < minutes; index += 1) {
        running.metrics.observe(
          metricLine('status', {
            LooksDone: 1,
            ...Object.fromEntries(standing.map((name) => [`Condition${name}`, 1])),
          }),
        );
        now += minute;
        await running.look();
      }
    },
    /** Lets minutes pass in which no function runs, with a look of the watch after each. */
    passInSilence: async (minutes: number) => {
      for (let index = 0; index < minutes; index += 1) {
        now += minute;
        await running.look();
      }
    },
  };
}

describe('the watch on one machine', () => {
  it('tells of a condition once while the looks say that it stands, and again when it comes back', async () => {
    const { pass, sent } = setUp();
    await pass(3);
    expect(sent).toEqual([]);
    await pass(30, ['LabelsUnknown']);
    expect(sent).toEqual(['LabelsUnknown']);
    await pass(6);
    await pass(1, ['LabelsUnknown']);
    expect(sent).toEqual(['LabelsUnknown', 'LabelsUnknown']);
  });

  it('does not take a look that comes late for the end of a condition', async () => {
    const { pass, passInSilence, sent } = setUp();
    for (let round = 0; round < 5; round += 1) {
      await pass(1, ['DeadLetters']);
      await passInSilence(3);
    }
    expect(sent).toEqual(['DeadLetters']);
  });

  it('adds up what the functions of a sign measured within its minutes', async () => {
    const { observe, pass, sent } = setUp();
    observe(conversationWorker, { FreeScoutFailures: [1, 1, 1, 1, 1] });
    await pass(10);
    observe('freescout-sweep', { FreeScoutFailures: [1, 1, 1, 1] });
    await pass(1);
    expect(sent).toEqual([]);
    observe('freescout-sweep', { FreeScoutFailures: 1 });
    await pass(1);
    expect(sent).toEqual(['FreeScoutFailing']);
  });

  it('counts no longer than the minutes of the sign', async () => {
    const { observe, pass, sent } = setUp();
    observe(conversationWorker, { ModelFailures: 2 });
    await pass(15);
    observe(conversationWorker, { ModelFailures: 2 });
    await pass(1);
    expect(sent).toEqual([]);
  });

  it('leaves out what a function measures of which the sign does not speak', async () => {
    const { observe, pass, sent } = setUp();
    observe('gmail-poll', { DraftsStopped: 1 });
    await pass(1);
    expect(sent).toEqual([]);
  });

  it('tells of a condition while either the looks or the work says that it stands', async () => {
    const { observe, pass, sent } = setUp();
    await pass(1, ['FreeScoutFailing', 'DraftingStopped', 'OpenAIFailing']);
    expect(sent).toEqual(['FreeScoutFailing', 'DraftingStopped', 'OpenAIFailing']);
    observe(conversationWorker, { FreeScoutFailures: 10 });
    await pass(14);
    expect(sent).toHaveLength(3);
    await pass(2);
    await pass(1, ['FreeScoutFailing']);
    expect(sent.slice(3)).toEqual(['FreeScoutFailing']);
  });

  it('tells of silence once the system has run long enough', async () => {
    const { pass, passInSilence, sent } = setUp();
    await passInSilence(9);
    expect(sent).toEqual([]);
    await passInSilence(1);
    expect(sent).toEqual(['LooksSilent']);
    await pass(1);
    await passInSilence(8);
    expect(sent).toHaveLength(1);
    await passInSilence(3);
    expect(sent).toEqual(['LooksSilent', 'LooksSilent']);
  });

  it('tries again when no channel took it', async () => {
    const { setRefuse, pass, sent } = setUp();
    setRefuse(true);
    await pass(2, ['DeadLetters']);
    setRefuse(false);
    await pass(2, ['DeadLetters']);
    expect(sent).toEqual(['DeadLetters']);
  });

  it('leaves lines alone that hold no metrics', async () => {
    const { observeLine, pass, sent } = setUp();
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

describe('a restart', () => {
  it('tells nothing twice that stands on', async () => {
    const { observe, pass, restart, sent } = setUp();
    observe('freescout-webhook', { WebhookSignaturesWrong: 3 });
    await pass(3, ['ExampleSettings']);
    restart();
    await pass(3);
    await pass(1, ['ExampleSettings']);
    // What the last process measured is gone, so this is not the end of it.
    observe('freescout-webhook', { WebhookSignaturesWrong: 3 });
    await pass(10, ['ExampleSettings']);
    expect(sent).toEqual(['ExampleSettings', 'WebhookSignatures']);
  });

  it('has a condition told again that cleared after it', async () => {
    const { pass, restart, sent } = setUp();
    await pass(1, ['ExampleSettings']);
    restart();
    await pass(5);
    restart();
    await pass(1, ['ExampleSettings']);
    expect(sent).toEqual(['ExampleSettings', 'ExampleSettings']);
  });

  it('tells what could not be told before it', async () => {
    const { pass, restart, sent, setRefuse } = setUp();
    setRefuse(true);
    await pass(1, ['ExampleSettings']);
    restart();
    setRefuse(false);
    await pass(1, ['ExampleSettings']);
    expect(sent).toEqual(['ExampleSettings']);
  });

  it('tells once more rather than not at all when the file is broken, and says when it cannot be written', async () => {
    const { file, folder, pass, reports, restart, sent } = setUp();
    await pass(1, ['ExampleSettings']);
    writeFileSync(file, '{"told": broken');
    restart();
    await pass(1, ['ExampleSettings']);
    expect(sent).toEqual(['ExampleSettings', 'ExampleSettings']);
    rmSync(folder, { recursive: true });
    reports.length = 0;
    await pass(2, ['ExampleSettings', 'PlainHttp']);
    expect(sent).toHaveLength(3);
    expect(reports.filter((report) => report.includes('alarms.json cannot be written'))).toHaveLength(1);
  });
});

describe('the catalogue', () => {
  it('has a sign for everything that is told, unless only AWS measures it', () => {
    const unmeasured = conditionNames.filter((name) => signsOf(name).length === 0);
    expect(unmeasured).toEqual(['FunctionsThrottled', 'TablesThrottled']);
  });
});
