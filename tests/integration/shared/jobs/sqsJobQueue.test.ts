import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobSchema } from '#shared/jobs/jobSchema.ts';
import {
  type ConversationJob,
  deduplicationId,
  type IncomingMessageJob,
  type Job,
  type JobQueue,
} from '#shared/jobs/jobs.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import { messageKey } from '#shared/store/keys.ts';
import { type LocalQueues, startQueues } from '#tests/support/fauxqs.ts';

const unavailable = { code: 'queue-unavailable', retryable: true };

const mailJob: IncomingMessageJob = {
  kind: 'incoming-message',
  channel: 'gmail',
  alias: 'support',
  messageId: 'm1',
  threadId: 't1',
  cause: 'poll',
  requestId: 'r1',
};
const conversationJob: ConversationJob = {
  kind: 'conversation',
  conversationId: 5,
  cause: 'webhook',
  requestId: 'r2',
};

let queues: LocalQueues;
beforeAll(async () => {
  queues = await startQueues();
});
afterAll(async () => {
  await queues.stop();
});

function setUp() {
  const { queueUrl, deadLetterQueueUrl } = queues.createJobsQueue();
  const queue = createSqsJobQueue({ client: queues.client, queueUrl });
  const received = async () => (await queues.drain(queueUrl)).map((message) => jobOf(message.Body));
  return { queue, queueUrl, deadLetterQueueUrl, received };
}

function jobOf(body: string | undefined): Job {
  return jobSchema.parse(JSON.parse(body ?? ''));
}

describe('sending one job', () => {
  it('carries it in the group of what it writes to', async () => {
    const { queue, queueUrl } = setUp();
    await queue.send(mailJob, 'id-1');
    await queue.send({ ...mailJob, conversationId: 5 }, 'id-2');
    await queue.send(conversationJob, 'id-3');
    const messages = await queues.drain(queueUrl);
    expect(
      messages.map(({ Attributes, Body }) => [
        Attributes?.MessageGroupId,
        Attributes?.MessageDeduplicationId,
        jobOf(Body),
      ]),
    ).toEqual([
      ['gmail:support:t1', 'id-1', mailJob],
      ['conversation:5', 'id-2', { ...mailJob, conversationId: 5 }],
      ['conversation:5', 'id-3', conversationJob],
    ]);
  });

  it('takes the same event once, and different events about one conversation each', async () => {
    const { queue, received } = setUp();
    await queue.send(conversationJob, deduplicationId.written(5, 1));
    await queue.send(conversationJob, deduplicationId.written(5, 1));
    await queue.send(conversationJob, deduplicationId.written(5, 2));
    await queue.send(conversationJob, deduplicationId.webhook('convo.created', Buffer.from('{"id":5}')));
    expect(await received()).toHaveLength(3);
  });

  it('says that the queue did not take it', async () => {
    const { queueUrl } = setUp();
    const gone = createSqsJobQueue({ client: queues.client, queueUrl: `${queueUrl}-gone` });
    await expect(gone.send(mailJob, 'id-1')).rejects.toMatchObject(unavailable);
    const unreachable = createSqsJobQueue({
      client: new SQSClient({ ...queues.config, endpoint: 'http://127.0.0.1:9', maxAttempts: 1 }),
      queueUrl,
    });
    await expect(unreachable.send(mailJob, 'id-1')).rejects.toMatchObject(unavailable);
  });
});

describe('sending many jobs', () => {
  const jobs = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      job: { ...mailJob, messageId: `m${index}` },
      deduplicationId: deduplicationId.incoming(messageKey('gmail', 'support', `m${index}`)),
    }));
  const idsOf = (received: readonly Job[]) =>
    received.map((job) => (job.kind === 'incoming-message' ? job.messageId : ''));

  it.each([0, 1, 10, 37])('queues all %i in order', async (count) => {
    const { queue, received } = setUp();
    await queue.sendAll(jobs(count));
    expect(idsOf(await received())).toEqual(jobs(count).map(({ job }) => job.messageId));
  });

  it('tries all of them and throws when one was not taken', async () => {
    const { queue, received } = setUp();
    // A character that SQS takes in no message.
    const refused = { ...mailJob, messageId: 'm3', requestId: '\uFFFE' };
    const all = jobs(25).map((entry, index) => (index === 3 ? { ...entry, job: refused } : entry));
    await expect(queue.sendAll(all)).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('1 of 25'),
    });
    const others = jobs(25).flatMap(({ job }, index) => (index === 3 ? [] : [job.messageId]));
    expect(idsOf(await received())).toEqual(others);
  });

  it('throws when a whole call fails', async () => {
    const { queueUrl } = setUp();
    const gone: JobQueue = createSqsJobQueue({ client: queues.client, queueUrl: `${queueUrl}-gone` });
    await expect(gone.sendAll(jobs(12))).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('12 of 12'),
    });
  });
});

describe('the queue of the template', () => {
  it('gives a job up after five receives, with its group', async () => {
    const { queue, queueUrl, deadLetterQueueUrl } = setUp();
    await queue.send(conversationJob, 'id-1');
    for (let delivery = 1; delivery <= 6; delivery++) {
      const { Messages = [] } = await queues.client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
      expect(Messages).toHaveLength(delivery <= 5 ? 1 : 0);
      for (const { ReceiptHandle } of Messages) {
        await queues.client.send(
          new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
        );
      }
    }
    const [dead] = await queues.drain(deadLetterQueueUrl);
    expect(jobOf(dead?.Body)).toEqual(conversationJob);
    expect(dead?.Attributes?.MessageGroupId).toBe('conversation:5');
  });
});
