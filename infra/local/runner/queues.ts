import { type FauxqsServer, startFauxqs } from 'fauxqs';
import * as z from 'zod';
import { localAccount, localRegion, type ResourceIdentity } from './templateValues.ts';

export const queueType = 'AWS::SQS::Queue';
export const topicType = 'AWS::SNS::Topic';

const numberText = z.union([z.number(), z.string()]).transform(String);
const flagText = z.union([z.boolean(), z.enum(['true', 'false'])]).transform(String);

const queueSchema = z.object({
  FifoQueue: flagText.optional(),
  ContentBasedDeduplication: flagText.optional(),
  DeduplicationScope: z.string().optional(),
  FifoThroughputLimit: z.string().optional(),
  VisibilityTimeout: numberText.optional(),
  MessageRetentionPeriod: numberText.optional(),
  DelaySeconds: numberText.optional(),
  MaximumMessageSize: numberText.optional(),
  ReceiveMessageWaitTimeSeconds: numberText.optional(),
  RedrivePolicy: z
    .object({ deadLetterTargetArn: z.string(), maxReceiveCount: numberText })
    .transform((policy) => JSON.stringify(policy))
    .optional(),
});

export interface LocalQueues {
  readonly endpoint: string;
  readonly create: (name: string, properties: unknown) => ResourceIdentity;
  /** A topic that takes what is published; nobody is subscribed on one machine. */
  readonly createTopic: (name: string) => ResourceIdentity;
  readonly close: () => Promise<void>;
}

/** Starts SQS, and SNS beside it, in memory on a free port: what is queued is lost when it stops. */
export async function startQueues(): Promise<LocalQueues> {
  const server: FauxqsServer = await startFauxqs({
    port: 0,
    host: 'localhost',
    logger: false,
    defaultRegion: localRegion,
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return {
    endpoint,
    create: (id, properties) => {
      const attributes = queueSchema.parse(properties);
      const name = attributes.FifoQueue === 'true' ? `${id}.fifo` : id;
      server.createQueue(name, {
        region: localRegion,
        attributes: Object.fromEntries(
          Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined),
        ),
      });
      return {
        // Its own URLs have a host name that does not resolve everywhere; it finds a queue by the path alone.
        ref: `${endpoint}/${localAccount}/${name}`,
        attributes: { Arn: `arn:aws:sqs:${localRegion}:${localAccount}:${name}`, QueueName: name },
      };
    },
    createTopic: (name) => {
      const { topicArn } = server.createTopic(name, { region: localRegion });
      return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
    },
    close: () => server.stop(),
  };
}

/** Dead-letter queues before the queues that name them. */
export function redriveOrder(properties: Readonly<Record<string, unknown>>): number {
  return properties.RedrivePolicy === undefined ? 0 : 1;
}
