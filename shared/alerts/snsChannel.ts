import { ListSubscriptionsByTopicCommand, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { AlertChannel } from './alertChannel.ts';
import { undelivered } from './undelivered.ts';

/**
 * Whether the topic leads to somebody: a subscription that waits for its confirmation does not, nor does a function of this system.
 *
 * @param ownFunctions - how many of the subscribed functions are of this system.
 */
export async function hasSubscribers({
  client,
  topicArn,
  ownFunctions,
}: {
  readonly client: SNSClient;
  readonly topicArn: string;
  readonly ownFunctions: number;
}): Promise<boolean> {
  const { Subscriptions = [] } = await client.send(
    new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }),
  );
  const confirmed = Subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn?.startsWith('arn:'));
  const functions = confirmed.filter(({ Protocol }) => Protocol === 'lambda');
  return confirmed.length > functions.length || functions.length > ownFunctions;
}

/** Publishes alerts to the topic that operators are subscribed to. */
export function createSnsChannel(options: {
  readonly client: SNSClient;
  readonly topicArn: string;
}): AlertChannel {
  return {
    name: 'sns',
    async send({ title, text }) {
      try {
        await options.client.send(
          new PublishCommand({ TopicArn: options.topicArn, Subject: title, Message: text }),
        );
      } catch (error) {
        throw undelivered('sns', error instanceof Error ? error.name : 'unknown error', error);
      }
    },
  };
}
