import { Duration, Stack } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, LogQueryWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { logGroupNames, recentFailures } from './savedQueries.ts';
import { metricOf } from './serviceMetrics.ts';
import type { Watched } from './watched.ts';

const fiveMinutes = Duration.minutes(5);

/** For those who keep it running: queues, functions, tables, calls to others, and the newest failures. */
export function createEngineeringDashboard(scope: Construct, watched: Watched): void {
  const { functions, queues, tables, api } = watched;
  const { webhook, poll, sweep, worker } = functions;
  const lambdas = Object.values(functions).map(({ lambda }) => lambda);
  new Dashboard(scope, 'EngineersDashboard', {
    // A dashboard's name is one in all regions of an account.
    dashboardName: `${Stack.of(scope).stackName}-engineers-${Stack.of(scope).region}`,
    defaultInterval: Duration.hours(12),
    widgets: [
      [
        new GraphWidget({
          title: 'Queue: jobs, dead letters, age of the oldest job (s)',
          width: 12,
          left: [
            queues.jobs.metricApproximateNumberOfMessagesVisible(),
            queues.jobs.metricApproximateNumberOfMessagesNotVisible(),
            queues.deadLetters.metricApproximateNumberOfMessagesVisible(),
          ],
          right: [queues.jobs.metricApproximateAgeOfOldestMessage()],
        }),
        new GraphWidget({
          title: 'Jobs that failed, work that waits',
          width: 12,
          left: [
            metricOf(worker, 'JobsFailed', fiveMinutes),
            metricOf(worker, 'JobsFailedForGood', fiveMinutes),
            metricOf(sweep, 'JobsFailedForGood', fiveMinutes),
            metricOf(worker, 'ConversationsDeferred', fiveMinutes),
            metricOf(sweep, 'SweepWoken', fiveMinutes),
            metricOf(sweep, 'SweepMissing', fiveMinutes),
            metricOf(poll, 'MailsMissing', fiveMinutes),
          ],
        }),
      ],
      [
        new GraphWidget({
          title: 'Functions: errors and throttles',
          width: 8,
          left: lambdas.map((lambda) => lambda.metricErrors()),
          right: lambdas.map((lambda) => lambda.metricThrottles()),
        }),
        new GraphWidget({
          title: 'Functions: duration (ms, p90)',
          width: 8,
          left: lambdas.map((lambda) => lambda.metricDuration({ statistic: 'p90' })),
        }),
        new GraphWidget({
          title: 'API: requests, refusals, failures',
          width: 8,
          left: [api.api.metricCount(), api.api.metricClientError(), api.api.metricServerError()],
          right: [metricOf(webhook, 'WebhookSignaturesWrong', fiveMinutes)],
        }),
      ],
      [
        new GraphWidget({
          title: 'Tables: throttled reads and writes',
          width: 8,
          left: Object.values(tables.byName).flatMap((table) => [
            table.metric('ReadThrottleEvents', { statistic: 'Sum' }),
            table.metric('WriteThrottleEvents', { statistic: 'Sum' }),
          ]),
        }),
        new GraphWidget({
          title: 'FreeScout: calls and failures',
          width: 8,
          left: [
            metricOf(worker, 'FreeScoutCalls', fiveMinutes),
            metricOf(sweep, 'FreeScoutCalls', fiveMinutes),
          ],
          right: [
            metricOf(worker, 'FreeScoutFailures', fiveMinutes),
            metricOf(sweep, 'FreeScoutFailures', fiveMinutes),
          ],
        }),
        new GraphWidget({
          title: 'OpenAI: calls and failures; Gmail: quota units',
          width: 8,
          left: [metricOf(worker, 'ModelCalls', fiveMinutes), metricOf(worker, 'ModelFailures', fiveMinutes)],
          right: [metricOf(poll, 'GmailUnits', fiveMinutes), metricOf(worker, 'GmailUnits', fiveMinutes)],
        }),
      ],
      [
        new LogQueryWidget({
          title: 'Recent failures',
          width: 24,
          height: 8,
          logGroupNames: logGroupNames(watched),
          queryString: recentFailures.toString(),
        }),
      ],
    ],
  });
}
