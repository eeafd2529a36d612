import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { AlertChannel } from './alertChannel.ts';
import { undelivered } from './undelivered.ts';

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
