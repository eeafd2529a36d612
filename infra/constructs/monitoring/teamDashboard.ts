import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  MathExpression,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '#shared/observability/metrics.ts';
import { metricOf } from './serviceMetrics.ts';
import type { Watched } from './watched.ts';

const hour = Duration.hours(1);
const day = Duration.days(1);

/** For those who answer customers: what came in, what was drafted, how good the drafts are, what they cost. */
export function createTeamDashboard(scope: Construct, { settings, functions }: Watched): void {
  const { worker, followUps } = functions;
  const hourly = (...names: readonly MetricName[]) => names.map((name) => metricOf(worker, name, hour));
  const daily = (name: MetricName) => metricOf(worker, name, day);
  const { dailyUsd, monthlyUsd } = settings.openai.budget;
  new Dashboard(scope, 'PeoplesDashboard', {
    // A dashboard's name is one in all regions of an account.
    dashboardName: `${Stack.of(scope).stackName}-people-${Stack.of(scope).region}`,
    defaultInterval: Duration.days(7),
    widgets: [
      [
        new TextWidget({
          width: 24,
          height: 2,
          markdown:
            'Mail from customers, what became of it, and how the drafts were judged by those who sent them.',
        }),
      ],
      [
        new SingleValueWidget({
          title: 'Today (UTC)',
          width: 24,
          period: day,
          metrics: [daily('MailsCreated'), daily('DraftsCreated'), daily('ModelSpendUsd')],
        }),
      ],
      [
        new GraphWidget({
          title: 'Mails in',
          width: 12,
          stacked: true,
          left: hourly('MailsCreated', 'MailsAppended', 'MailsNoted', 'MailsFiltered'),
        }),
        new GraphWidget({
          title: 'Conversations judged, drafts',
          width: 12,
          left: hourly(
            'ConversationsTriaged',
            'DraftsCreated',
            'DraftsReplaced',
            'DraftsNoted',
            'DraftsUnusable',
          ),
        }),
      ],
      [
        new GraphWidget({
          title: 'Drafts sent unchanged or lightly edited (%)',
          width: 12,
          left: [
            new MathExpression({
              label: 'Acceptance',
              period: day,
              expression: '100 * (unchanged + light) / (unchanged + light + heavy + replaced)',
              usingMetrics: {
                unchanged: daily('DraftUnchanged'),
                light: daily('DraftLightEdit'),
                heavy: daily('DraftHeavyEdit'),
                replaced: daily('DraftReplacedByAgent'),
              },
            }),
          ],
          leftYAxis: { min: 0, max: 100 },
        }),
        new GraphWidget({
          title: 'Minutes from mail to draft, and from draft to sending',
          width: 12,
          left: [
            metricOf(worker, 'MinutesToDraft', hour, 'p90'),
            metricOf(worker, 'DraftMinutesToSend', hour, 'p90'),
          ],
        }),
      ],
      [
        new GraphWidget({
          title: `Spend per day in USD (budget: ${budgetText(dailyUsd)} a day, ${budgetText(monthlyUsd)} a month)`,
          width: 12,
          left: [daily('ModelSpendUsd')],
          ...(dailyUsd > 0 ? { leftAnnotations: [{ value: dailyUsd, label: 'Budget' }] } : {}),
        }),
        new GraphWidget({
          title: 'Follow-ups and alerts',
          width: 12,
          left: [
            metricOf(followUps, 'FollowUpsQualified', hour),
            metricOf(worker, 'FollowUpsDrafted', hour),
            metricOf(worker, 'AlertsSent', hour),
          ],
        }),
      ],
    ],
  });
}

function budgetText(usd: number): string {
  return usd === 0 ? 'unlimited' : String(usd);
}
