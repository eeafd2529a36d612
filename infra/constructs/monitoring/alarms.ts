import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { silentAfterMinutes } from '#shared/observability/silence.ts';
import { pollMinutesOf } from '#shared/settings/channels.ts';
import { OperatorAlarm, type OperatorAlarmProps, sumOf } from './operatorAlarm.ts';
import { metricOf } from './serviceMetrics.ts';
import type { Watched } from './watched.ts';

const minute = Duration.minutes(1);
const fiveMinutes = Duration.minutes(5);
const quarterHour = Duration.minutes(15);

/** Every alarm that reaches the operators. */
export function createAlarms(
  scope: Construct,
  { settings, functions, queues, tables, alerts }: Watched,
): void {
  const { webhook, poll, sweep, worker } = functions;
  const alarm = (name: string, props: Omit<OperatorAlarmProps, 'topic' | 'runbook'>) =>
    new OperatorAlarm(scope, name, { ...props, runbook: `Alarm: ${name}`, topic: alerts.topic });

  // Holds a poll at any time, also one that ends two minutes late; else the alarm would clear and go off with every poll.
  const periodOfPolls = Duration.minutes(5 * Math.ceil((pollMinutesOf(settings) + 2) / 5));

  alarm('DeadLetters', {
    harm: 'Customers whose message failed five times wait for a person; nothing is lost.',
    metric: queues.deadLetters.metricApproximateNumberOfMessagesVisible({
      period: minute,
      statistic: 'Maximum',
    }),
    threshold: 1,
  });
  alarm('FailedForGood', {
    harm: 'A customer may wait for ever: work on a message ended with a failure, and nothing repeats it.',
    // The sweep gives up what failed for three days.
    metric: sumOf(
      [worker, sweep].map((each) => metricOf(each, 'JobsFailedForGood', fiveMinutes)),
      fiveMinutes,
    ),
    threshold: 1,
  });
  alarm('OldestJob', {
    harm: 'Every customer who wrote in the last quarter of an hour may wait: jobs are not worked on.',
    metric: queues.jobs.metricApproximateAgeOfOldestMessage({ period: minute, statistic: 'Maximum' }),
    threshold: quarterHour.toSeconds(),
  });
  alarm('PollerSilent', {
    harm: 'Mail of customers stays unread: no poll of every channel has gone through for a while.',
    // In a sum a period without data counts as 0. A plain metric would be evaluated on older data.
    metric: sumOf([metricOf(poll, 'PollsDone', fiveMinutes)], fiveMinutes),
    threshold: 1,
    below: true,
    periods: Math.ceil(
      silentAfterMinutes({ pollMinutes: pollMinutesOf(settings) }) / fiveMinutes.toMinutes(),
    ),
    silence: 'alarm',
  });
  alarm('InvalidGrant', {
    harm: 'Mail of one channel stays unread until somebody connects its account again.',
    metric: sumOf(
      [poll, worker].map((each) => metricOf(each, 'InvalidGrant', periodOfPolls)),
      periodOfPolls,
    ),
    threshold: 1,
  });
  alarm('FreeScoutFailing', {
    harm: 'Agents see no new conversations, notes or drafts while FreeScout refuses or does not answer.',
    metric: sumOf(
      [worker, sweep].map((each) => metricOf(each, 'FreeScoutFailures', quarterHour)),
      quarterHour,
    ),
    threshold: 10,
  });
  alarm('OpenAIFailing', {
    harm: 'Conversations arrive without judgement and draft while OpenAI refuses or does not answer.',
    metric: metricOf(worker, 'ModelFailures', quarterHour),
    threshold: 3,
  });
  alarm('DraftingStopped', {
    harm: 'A customer may have been sent an unread draft; agents get no drafts until doctor passes.',
    metric: metricOf(worker, 'DraftsStopped', fiveMinutes),
    threshold: 1,
  });
  alarm('BudgetAlmostUsed', {
    harm: 'Nobody yet; beyond 100 % conversations wait without judgement and draft.',
    // Told by every sweep, so a period of five minutes may miss it.
    metric: metricOf(sweep, 'BudgetUsedPercent', quarterHour, 'Maximum'),
    threshold: 80,
  });
  alarm('BudgetUsedUp', {
    harm: 'Conversations wait without judgement and draft until the day or month turns or the budget is raised.',
    metric: metricOf(worker, 'ConversationsDeferred', fiveMinutes),
    threshold: 1,
  });
  alarm('MailMissing', {
    harm: 'A customer waited longer than usual: only a gap check found the message.',
    metric: sumOf(
      [metricOf(poll, 'MailsMissing', fiveMinutes), metricOf(sweep, 'SweepMissing', fiveMinutes)],
      fiveMinutes,
    ),
    threshold: 1,
  });
  alarm('WebhookSignatures', {
    harm: 'What happens in FreeScout is noticed up to an hour late: its webhooks carry a wrong signature.',
    metric: metricOf(webhook, 'WebhookSignaturesWrong', quarterHour),
    threshold: 3,
  });
  alarm('DoubleFetching', {
    harm: 'Agents see mail twice and may answer a customer twice: FreeScout fetches the same address.',
    metric: sumOf(
      [worker, sweep].map((each) => metricOf(each, 'MailsFetchedTwice', fiveMinutes)),
      fiveMinutes,
    ),
    threshold: 1,
  });
  alarm('FunctionsThrottled', {
    harm: 'Customers wait: AWS runs no more functions of this account at the same time.',
    metric: sumOf(
      Object.values(functions).map(({ lambda }) =>
        lambda.metricThrottles({ period: fiveMinutes, statistic: 'Sum' }),
      ),
      fiveMinutes,
    ),
    threshold: 5,
  });
  alarm('TablesThrottled', {
    harm: 'Customers wait: DynamoDB refuses reads or writes, and jobs go back to the queue.',
    metric: sumOf(
      Object.values(tables.byName).flatMap((table) =>
        ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
          table.metric(name, { period: fiveMinutes, statistic: 'Sum' }),
        ),
      ),
      fiveMinutes,
    ),
    threshold: 10,
  });
}
