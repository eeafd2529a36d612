import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { rightsOf } from '#tests/support/rightsOfStack.ts';
import { plainName, synthesizeStack } from '#tests/support/synthesizeStack.ts';

const stack = synthesizeStack({
  alerts: {
    emails: ['ops@company.test', 'night@company.test', 'ops@company.test'],
    endpoints: ['https://pager.company.test/hook'],
  },
});
const [topic, ...others] = stack.ofType('AWS::SNS::Topic');

describe('the topic of alerts', () => {
  it('is the only one', () => {
    expect(others).toEqual([]);
    expect(plainName(topic?.id ?? '')).toBe('AlertsTopic');
  });

  it('leads to the addresses of the settings, each once, and to the function that tells Slack of alarms', () => {
    const subscriptions = stack.ofType('AWS::SNS::Subscription').map(({ Properties }) => {
      expect(stack.target(Properties.TopicArn).id).toBe(topic?.id);
      return Properties.Protocol === 'lambda'
        ? `lambda ${plainName(stack.target(Properties.Endpoint).id)}`
        : `${Properties.Protocol} ${Properties.Endpoint}`;
    });
    expect(subscriptions.sort()).toEqual([
      'email night@company.test',
      'email ops@company.test',
      'https https://pager.company.test/hook',
      'lambda AlarmToSlackFunction',
    ]);
    expect(synthesizeStack({ alerts: { slack: false } }).ofType('AWS::SNS::Subscription')).toEqual([]);
  });

  it('takes nothing without TLS, and lets alarms and the budget of this account in', () => {
    const [policy] = stack.ofType('AWS::SNS::TopicPolicy');
    const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    expect(policy?.Properties.PolicyDocument).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sns:Publish',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
        ...['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'].map((Service) =>
          expect.objectContaining({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service },
            Condition: ofThisAccount,
          }),
        ),
      ]),
    });
  });
});

describe('the key of the topic', () => {
  const key = stack.target(topic?.Properties.KmsMasterKeyId);

  it("is our own, because AWS's key for SNS cannot be opened to CloudWatch, and it rotates", () => {
    expect(key.Type).toBe('AWS::KMS::Key');
    expect(key.Properties).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 7 });
    expect(key.DeletionPolicy).toBe('Delete');
  });

  it.each(['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'])(
    'opens to %s, whose messages would reach nobody otherwise',
    (Service) => {
      expect(key.Properties.KeyPolicy).toMatchObject({
        Statement: expect.arrayContaining([
          {
            Sid: expect.any(String),
            Effect: 'Allow',
            Principal: { Service },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Resource: '*',
          },
        ]),
      });
    },
  );

  it('may be used by every function that publishes to the topic, and by no other', () => {
    const names = stack
      .ofType('AWS::Lambda::Function')
      .map(({ id }) => plainName(id).replace(/Function$/, ''));
    const having = (action: string, resource: string) =>
      names.filter((name) => rightsOf(stack, name)[resource]?.includes(action));
    const publishing = having('sns:Publish', 'AlertsTopic');
    expect(publishing).toContain('ConversationWorker');
    expect(having('kms:GenerateDataKey', 'AlertsKey')).toEqual(publishing);
    expect(having('kms:Decrypt', 'AlertsKey')).toEqual(publishing);
  });
});

describe('the budget', () => {
  it('tells the topic at 80 % of the settings, and when all of it is expected to be spent', () => {
    const budgets = synthesizeStack({ costs: { monthlyUsd: 30 } }).ofType('AWS::Budgets::Budget');
    expect(budgets.map(({ Properties }) => Properties)).toEqual([
      {
        Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 30, Unit: 'USD' } },
        NotificationsWithSubscribers: [
          ['ACTUAL', 80],
          ['FORECASTED', 100],
        ].map(([notificationType, threshold]) => ({
          Notification: {
            NotificationType: notificationType,
            Threshold: threshold,
            ThresholdType: 'PERCENTAGE',
            ComparisonOperator: 'GREATER_THAN',
          },
          Subscribers: [{ SubscriptionType: 'SNS', Address: { Ref: topic?.id } }],
        })),
      },
    ]);
  });

  it('is 50 USD where the settings say nothing, and none where they say null', () => {
    expect(stack.ofType('AWS::Budgets::Budget')[0]?.Properties.Budget).toMatchObject({
      BudgetLimit: { Amount: 50 },
    });
    expect(synthesizeStack({ costs: { monthlyUsd: null } }).ofType('AWS::Budgets::Budget')).toEqual([]);
  });

  it('is made after what lets it publish', () => {
    const [budget] = stack.ofType('AWS::Budgets::Budget');
    const { DependsOn } = z.object({ DependsOn: z.array(z.string()) }).parse(budget);
    const policy = stack.ofType('AWS::SNS::TopicPolicy')[0]?.id;
    expect(DependsOn).toContain(policy);
    expect(DependsOn).toContain(stack.target(topic?.Properties.KmsMasterKeyId).id);
  });
});
