import { describe, expect, it } from 'vitest';
import { tellOfAlarm } from '#functions/alarm-to-slack/tellOfAlarm.ts';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { undelivered } from '#shared/alerts/undelivered.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';

/** As CloudWatch publishes it, shortened. */
const published = {
  AlarmName: 'CustomerServiceManagement-DeadLetters',
  AlarmDescription: 'Harm: customers wait. Remedy: RUNBOOK.md, section "Alarm: DeadLetters".',
  AWSAccountId: '111111111111',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed: 1 datapoint [1.0] was greater than or equal to the threshold (1.0).',
  StateChangeTime: '2026-11-20T12:00:00.000+0000',
  Region: 'EU (Frankfurt)',
  OldStateValue: 'OK',
  Trigger: { MetricName: 'ApproximateNumberOfMessagesVisible', Namespace: 'AWS/SQS' },
};

function setUp(options: { readonly refuse?: boolean; readonly isConfigured?: boolean } = {}) {
  const sent: Alert[] = [];
  const log = recordingLog();
  const { measure, total } = recordingMeasure();
  const channel: AlertChannel = {
    name: 'slack',
    send: async (alert) => {
      if (options.refuse) {
        throw undelivered('slack', 'it answered 500');
      }
      sent.push(alert);
    },
  };
  return {
    sent,
    log,
    total,
    tell: (message: unknown) =>
      tellOfAlarm(
        { slack: async () => (options.isConfigured === false ? null : channel), log, measure },
        typeof message === 'string' ? message : JSON.stringify(message),
      ),
  };
}

describe('an alarm of CloudWatch', () => {
  it('is posted to Slack: its name, whom it hurts and where the remedy stands', async () => {
    const { tell, sent, log, total } = setUp();
    await tell(published);
    expect(sent.map(({ text }) => text)).toEqual([
      `Alarm CustomerServiceManagement-DeadLetters\n${published.AlarmDescription}`,
    ]);
    expect(log.of('ALERT_SENT')).toMatchObject([{ channel: 'slack', alert: published.AlarmName }]);
    expect(total('AlertsSent')).toBe(1);
  });

  it.each([
    [{ ...published, NewStateValue: 'OK', AlarmDescription: null }, ': OK'],
    [{ AlarmName: published.AlarmName, NewStateValue: 'ALARM' }, ''],
  ])('says what it is when it is not as ours are (%#)', async (alarm, state) => {
    const { tell, sent } = setUp();
    await tell(alarm);
    expect(sent.map(({ text }) => text)).toEqual([`Alarm ${published.AlarmName}${state}`]);
  });

  it('is told of in vain, and again, when Slack does not take it', async () => {
    const { tell, log, total } = setUp({ refuse: true });
    await expect(tell(published)).rejects.toMatchObject({ code: 'alert-undelivered' });
    expect(log.of('ALERT_FAILED')).toMatchObject([{ channel: 'slack', code: 'alert-undelivered' }]);
    expect(log.of('ALERT_SENT')).toEqual([]);
    expect(total('AlertsFailed')).toBe(1);
  });

  it('is left alone while Slack is not configured', async () => {
    const { tell, log } = setUp({ isConfigured: false });
    await tell(published);
    expect(log.lines).toEqual([]);
  });
});

it.each([
  'Urgent conversation 7\nWhy: It is p0, by its judgement or by words of escalation.',
  '"Urgent"',
  '{"conversation":7}',
  '',
])('what is no alarm is left alone: the worker posts its alerts itself (%#)', async (message) => {
  const { tell, sent, log } = setUp();
  await tell(message);
  expect([sent, log.lines]).toEqual([[], []]);
});
