import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from '#shared/settings/settings.ts';
import type { ServiceFunction } from './serviceFunction.ts';

/** Environment variable in which a function finds the topic. */
const topicVariable = 'TOPIC_ALERTS';

/**
 * Where operators hear of what is urgent: alerts about conversations and CloudWatch's alarms. Subscribed are the addresses of the
 * settings; each e-mail address confirms once.
 */
export class AlertTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { emails, endpoints }: Settings['alerts']) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Customer Service Management',
      enforceSSL: true,
    });
    for (const email of new Set(emails)) {
      this.topic.addSubscription(new EmailSubscription(email));
    }
    for (const endpoint of new Set(endpoints)) {
      this.topic.addSubscription(new UrlSubscription(endpoint));
    }
    // A topic with a policy of its own no longer lets the account's alarms in by itself.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarms',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    Validations.of(this).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason:
        'SNS itself tries a mailbox or an address again for hours; what is older by then is of use to nobody, and the ledger has it.',
    });
  }

  /** A function may publish here, see whether anybody hears it, and finds the topic in its environment. */
  grantPublish(target: ServiceFunction): void {
    target.allow(['sns:ListSubscriptionsByTopic', 'sns:Publish'], [this.topic.topicArn]);
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
