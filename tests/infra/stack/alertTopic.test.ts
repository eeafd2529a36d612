import { describe, expect, it } from 'vitest';
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

  it('takes nothing without TLS, and lets alarms of this account in', () => {
    const [policy] = stack.ofType('AWS::SNS::TopicPolicy');
    expect(policy?.Properties.PolicyDocument).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sns:Publish',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]),
    });
  });
});
