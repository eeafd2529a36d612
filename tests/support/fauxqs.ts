import { randomUUID } from 'node:crypto';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';

export interface LocalQueues {
  readonly client: SQSClient;
  readonly config: SQSClientConfig;
  /** A FIFO queue of its own with its dead-letter queue, as in the template. */
  createJobsQueue(): { readonly queueUrl: string; readonly deadLetterQueueUrl: string };
  /** What can be received right now, each received message deleted. */
  drain(queueUrl: string): Promise<Message[]>;
  stop(): Promise<void>;
}

/** Starts SQS's stand-in in memory, on a free port. */
export async function startQueues(): Promise<LocalQueues> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const config: SQSClientConfig = {
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    useQueueUrlAsEndpoint: false,
  };
  const client = new SQSClient(config);
  // Its own addresses of queues have a host name that does not resolve everywhere.
  const urlOf = (name: string) => `http://127.0.0.1:${server.port}/000000000000/${name}`;
  return {
    client,
    config,
    createJobsQueue() {
      const id = randomUUID();
      const retention = { FifoQueue: 'true', MessageRetentionPeriod: String(14 * 24 * 3600) };
      const dead = server.createQueue(`dead-letters-${id}.fifo`, { attributes: retention });
      const jobs = server.createQueue(`jobs-${id}.fifo`, {
        attributes: {
          ...retention,
          VisibilityTimeout: '1080',
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: 5 }),
        },
      });
      return { queueUrl: urlOf(jobs.queueName), deadLetterQueueUrl: urlOf(dead.queueName) };
    },
    async drain(queueUrl) {
      const messages: Message[] = [];
      for (;;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: 10,
            MessageSystemAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) {
          return messages;
        }
        for (const { ReceiptHandle } of Messages) {
          await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
        }
        messages.push(...Messages);
      }
    },
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}
