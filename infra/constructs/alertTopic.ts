import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from '#shared/settings/settings.ts';
import type { ServiceFunction } from './serviceFunction.ts';

/** Environment variable in which a function finds the topic. */
const topicVariable = 'TOPIC_ALERTS';

/** What of AWS publishes here by itself: alarms, and the budget. */
const publishingServices = { AllowAlarms: 'cloudwatch.amazonaws.com', AllowBudgets: 'budgets.amazonaws.com' };

/**
 * Where operators hear of what is urgent: alerts about conversations, CloudWatch's alarms and the budget. Subscribed are the addresses of
 * the settings; each e-mail address confirms once.
 */
export class AlertTopic extends Construct {
  readonly topic: Topic;
  private readonly key: Key;

  constructor(scope: Construct, id: string, { emails, endpoints }: Settings['alerts']) {
    super(scope, id);
    // AWS's own key for SNS cannot be opened to services: CloudWatch could not publish, and alarms would reach nobody.
    this.key = new Key(this, 'Key', {
      description: `Alerts and alarms of ${Stack.of(this).stackName}`,
      enableKeyRotation: true,
      // SNS keeps a message for hours at most, so the key is of no use once the topic is gone.
      removalPolicy: RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(7),
    });
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Customer Service Management',
      enforceSSL: true,
      masterKey: this.key,
    });
    for (const email of new Set(emails)) {
      this.topic.addSubscription(new EmailSubscription(email));
    }
    for (const endpoint of new Set(endpoints)) {
      this.topic.addSubscription(new UrlSubscription(endpoint));
    }
    for (const [sid, service] of Object.entries(publishingServices)) {
      // A topic with a policy of its own no longer lets the account's alarms in by itself.
      this.topic.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          principals: [new ServicePrincipal(service)],
          actions: ['sns:Publish'],
          resources: [this.topic.topicArn],
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        }),
      );
      // Without a condition on the account: the topic holds it, and a key that refuses makes alarms vanish in silence.
      this.key.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          principals: [new ServicePrincipal(service)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          // In the policy of a key this is the key itself.
          resources: ['*'],
        }),
      );
    }
    Validations.of(this).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason:
        'SNS itself tries a mailbox or an address again for hours; what is older by then is of use to nobody, and the ledger has it.',
    });
  }

  /** A function may publish here, see whether anybody hears it, and finds the topic in its environment. */
  grantPublish(target: ServiceFunction): void {
    target.allow(['sns:ListSubscriptionsByTopic', 'sns:Publish'], [this.topic.topicArn]);
    target.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
    target.lambda.addEnvironment(topicVariable, this.topic.topicArn);
  }

  /** SNS calls `target` with every message that is published here. */
  calls(target: ServiceFunction): void {
    const subscription = this.topic.addSubscription(new LambdaSubscription(target.lambda));
    Validations.of(subscription).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason:
        'Lambda takes every call at once and repeats those that fail; a lost alarm still stands in CloudWatch.',
    });
  }
}
