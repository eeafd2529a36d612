import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Failure, retryable } from '#shared/failure/failure.ts';
import { type Job, type JobQueue, messageGroupOf } from './jobs.ts';

/** SQS takes at most ten messages in one call. */
const mostPerCall = 10;

/**
 * The jobs queue in SQS (FIFO).
 *
 * @param client - built with `useQueueUrlAsEndpoint: false`, or it sends past the endpoint it was given.
 */
export function createSqsJobQueue({
  client,
  queueUrl,
}: {
  readonly client: SQSClient;
  readonly queueUrl: string;
}): JobQueue {
  return {
    async send(job, deduplicationId) {
      try {
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...messageOf(job, deduplicationId) }));
      } catch (error) {
        throw notTaken('The queue did not take a job', error);
      }
    },

    async sendAll(jobs) {
      let missing = 0;
      let cause: unknown;
      for (let start = 0; start < jobs.length; start += mostPerCall) {
        const entries: SendMessageBatchRequestEntry[] = jobs
          .slice(start, start + mostPerCall)
          .map(({ job, deduplicationId }, index) => ({
            Id: String(index),
            ...messageOf(job, deduplicationId),
          }));
        try {
          const answer = await client.send(
            new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
          );
          missing += answer.Failed?.length ?? 0;
        } catch (error) {
          missing += entries.length;
          cause = error;
        }
      }
      if (missing > 0) {
        throw notTaken(`The queue did not take ${missing} of ${jobs.length} jobs`, cause);
      }
    },
  };
}

function messageOf(job: Job, deduplicationId: string) {
  return {
    MessageBody: JSON.stringify(job),
    MessageGroupId: messageGroupOf(job),
    MessageDeduplicationId: deduplicationId,
  };
}

function notTaken(what: string, cause: unknown): Failure {
  return retryable(
    'queue-unavailable',
    `${what}. What was taken is kept; the rest is sent again at the next attempt.`,
    {
      cause,
    },
  );
}
