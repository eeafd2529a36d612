import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { AlertTopic } from './alertTopic.ts';

/** Per cent of the budget at which operators hear of it: once it is spent to that part, and once AWS expects all of it to be spent. */
const thresholds = { ACTUAL: 80, FORECASTED: 100 };

/**
 * Tells operators when the month's bill grows beyond what they expect, whatever makes it grow. It counts the whole AWS account: the costs of
 * one stack can be told apart only by a tag that somebody has to activate in the billing console first. It stops nothing,
 * and goes to the addresses of the topic, not to Slack.
 */
export class CostBudget extends Construct {
  constructor(scope: Construct, id: string, monthlyUsd: number, alerts: AlertTopic) {
    super(scope, id);
    const budget = new CfnBudget(this, 'Budget', {
      budget: {
        // Without a name of ours CloudFormation makes one, so that two systems fit into one account.
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: Object.entries(thresholds).map(([notificationType, threshold]) => ({
        notification: {
          notificationType,
          threshold,
          thresholdType: 'PERCENTAGE',
          comparisonOperator: 'GREATER_THAN',
        },
        subscribers: [{ subscriptionType: 'SNS', address: alerts.topic.topicArn }],
      })),
    });
    // Before the topic and its key let the budget in, nothing that it tells would arrive.
    budget.node.addDependency(alerts);
  }
}
