import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { AlertKind, DigestKind } from '#shared/alerts/alertKinds.ts';
import type { MessageKey } from '#shared/store/keys.ts';
import type {
  alertJobSchema,
  conversationJobSchema,
  digestJobSchema,
  incomingMessageJobSchema,
  jobCauseSchema,
  jobSchema,
  selfCheckJobSchema,
} from './jobSchema.ts';

/** Why a job was queued; it is the first part of its deduplication id and stands in every log line of the job. */
export type JobCause = z.infer<typeof jobCauseSchema>;

/** Brings one message of a channel into FreeScout. */
export type IncomingMessageJob = z.infer<typeof incomingMessageJobSchema>;

/** Brings our side of one conversation up to date, whatever the cause: it asks what the state is and what is missing. */
export type ConversationJob = z.infer<typeof conversationJobSchema>;

/** Tells operators of something urgent. Carries ids only: what it says is read afresh when it is sent. */
export type AlertJob = z.infer<typeof alertJobSchema>;

/** Tells operators, once, of what happened within a day or an hour. What it says is read when it is sent. */
export type DigestJob = z.infer<typeof digestJobSchema>;

/** Has the worker report which values are filled in of the secrets that it alone may read. */
export type SelfCheckJob = z.infer<typeof selfCheckJobSchema>;

/** Everything the queue carries. */
export type Job = z.infer<typeof jobSchema>;

/** The conversation that a job is about; undefined while its message belongs to none yet, for a digest and for a self-check. */
export function conversationOf(job: Job): number | undefined {
  return job.kind === 'digest' || job.kind === 'self-check' ? undefined : job.conversationId;
}

/**
 * SQS message group of a job. Whoever writes to an existing conversation runs in that conversation's group, so that one worker
 * at a time touches it. Messages of senders over their share have one group together: one worker at most is busy with them. Alerts
 * write to no conversation and have their own group, so that they neither wait for one nor hold it up.
 */
export function messageGroupOf(job: Job): string {
  if (job.kind === 'alert') {
    return `alert:${job.conversationId}`;
  }
  if (job.kind === 'digest') {
    return `digest:${job.digest}`;
  }
  if (job.kind === 'self-check') {
    return 'self-check';
  }
  if (job.kind === 'conversation' || job.conversationId !== undefined) {
    return `conversation:${job.conversationId}`;
  }
  return 'overShare' in job && job.overShare
    ? 'over-share'
    : sqsName(`${job.channel}:${job.alias}:${job.threadId}`);
}

/**
 * SQS takes ids of at most 128 characters out of a limited alphabet; anything else is replaced by its digest.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function sqsName(name: string): string {
  return /^[\w!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]{1,128}$/.test(name)
    ? name
    : createHash('sha256').update(name).digest('hex');
}

/** Deduplication ids name an event, never a conversation: SQS drops a second message with the same id for five minutes. */
export const deduplicationId = {
  /** A message came in: its key. */
  incoming: (key: MessageKey) => sqsName(key),
  written: (conversationId: number, threadId: number | string) =>
    sqsName(`written:${conversationId}:${threadId}`),
  /** With the request that the job came from: a replay is another event than the arrival a minute before. */
  requeued: ({ channel, alias, messageId, requestId }: IncomingMessageJob, conversationId: number) =>
    sqsName(`${channel}:${alias}:${messageId}:to:${conversationId}:${requestId}`),
  /** With the request, as for `requeued`. */
  overShare: ({ channel, alias, messageId, requestId }: IncomingMessageJob) =>
    sqsName(`${channel}:${alias}:${messageId}:over-share:${requestId}`),
  /** A message of another conversation speaks of this one. */
  related: (conversationId: number, rowKey: string) => sqsName(`related:${conversationId}:${rowKey}`),
  webhook: (event: string, rawBody: Uint8Array) =>
    createHash('sha256').update(event).update('\n').update(rawBody).digest('hex'),
  alert: (conversationId: number, alert: AlertKind) => `alert:${conversationId}:${alert}`,
  digest: (digest: DigestKind, day: string) => `digest:${digest}:${day}`,
  selfCheck: ({ requestId }: SelfCheckJob) => sqsName(`self-check:${requestId}`),
  run: (cause: JobCause, rowKey: string, runStart: string) => sqsName(`${cause}:${rowKey}:${runStart}`),
} as const;

/** The jobs queue. `send` throws a retryable `queue-unavailable` failure when the queue does not take the job. */
export interface JobQueue {
  send(job: Job, deduplicationId: string): Promise<void>;
  /** Up to any number of jobs, ten a call; throws when one of them was not taken, after all were tried. */
  sendAll(jobs: readonly { readonly job: Job; readonly deduplicationId: string }[]): Promise<void>;
}

/** Deliveries before the queue moves a job to the dead letters. */
export const maxDeliveries = 5;
