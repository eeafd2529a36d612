import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import type { Invocation } from './functionThreads.ts';
import { localRegion } from './templateValues.ts';

export const eventSourceType = 'AWS::Lambda::EventSourceMapping';

const mappingSchema = z.object({
  EventSourceArn: z.string().regex(/^arn:aws:sqs:/, 'only queues are event sources on one machine'),
  FunctionName: z.string(),
  BatchSize: z.coerce.number().int().min(1).max(10).default(10),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.coerce.number().int().min(2) }).optional(),
  FilterCriteria: z.undefined({ error: 'filters are not supported on one machine' }).optional(),
});

/** Lambda itself has no such limit; a laptop should. */
const defaultConcurrency = 10;
const longPollSeconds = 20;
const pauseAfterError = 1000;

export interface EventSourceMapping {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly enabled: boolean;
  readonly reportsFailures: boolean;
  readonly maximumConcurrency: number;
}

/** @throws when the mapping asks for something Lambda does and this runner does not. */
export function readEventSourceMapping(properties: unknown): EventSourceMapping {
  const mapping = mappingSchema.parse(properties);
  return {
    queueArn: mapping.EventSourceArn,
    functionName: mapping.FunctionName,
    batchSize: mapping.BatchSize,
    enabled: mapping.Enabled,
    reportsFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency ?? defaultConcurrency,
  };
}

export interface EventSource {
  /** Receives no more. */
  readonly stop: () => void;
  /** Puts what is still in hand back into the queue at once; for the end of the system. */
  readonly giveBack: () => Promise<void>;
  /** Messages handed to the function and not settled. */
  readonly inHand: () => number;
}

/**
 * Does what Lambda's poller does for a queue: receives up to the batch size, invokes the function up to the maximum
 * concurrency, deletes what succeeded and leaves the rest to its visibility timeout.
 *
 * @param report gets one sentence for every failed batch and every call the queue refused.
 */
export function startEventSource(
  client: SQSClient,
  queueUrl: string,
  mapping: EventSourceMapping,
  invoke: (event: SQSEvent) => Promise<Invocation>,
  report: (sentence: string) => void,
): EventSource {
  const stopping = new AbortController();
  const inHand = new Set<Message>();
  const running = new Set<Promise<void>>();

  const receive = async (): Promise<Message[]> => {
    const answer = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: mapping.batchSize,
        WaitTimeSeconds: longPollSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
      { abortSignal: stopping.signal },
    );
    return answer.Messages ?? [];
  };

  const remove = async (messages: readonly Message[]) => {
    if (messages.length > 0) {
      await client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: messages.map((message, index) => ({
            Id: String(index),
            ReceiptHandle: message.ReceiptHandle,
          })),
        }),
      );
    }
  };

  const handle = async (messages: readonly Message[]) => {
    for (const message of messages) {
      inHand.add(message);
    }
    try {
      const records = messages.map((message) => toRecord(message, mapping.queueArn));
      const invocation = await invoke({ Records: records });
      const failedIds = failures(invocation, records, mapping.reportsFailures);
      if (!invocation.ok) {
        report(`${invocation.error.errorType}: ${invocation.error.errorMessage}`);
      }
      await remove(messages.filter((message) => !failedIds.has(message.MessageId ?? '')));
    } catch (error) {
      report(`The queue refused a call: ${String(error)}`);
    } finally {
      for (const message of messages) {
        inHand.delete(message);
      }
    }
  };

  const poll = async () => {
    while (!stopping.signal.aborted) {
      if (running.size >= mapping.maximumConcurrency) {
        await Promise.race(running);
        continue;
      }
      try {
        const messages = await receive();
        if (messages.length > 0) {
          const done: Promise<void> = handle(messages).finally(() => running.delete(done));
          running.add(done);
        }
      } catch (error) {
        if (!stopping.signal.aborted) {
          report(`The queue refused a call: ${String(error)}`);
          await new Promise((resolve) => setTimeout(resolve, pauseAfterError));
        }
      }
    }
  };
  void poll();

  return {
    stop: () => stopping.abort(),
    inHand: () => inHand.size,
    giveBack: async () => {
      await Promise.allSettled(
        [...inHand].map((message) =>
          client.send(
            new ChangeMessageVisibilityCommand({
              QueueUrl: queueUrl,
              ReceiptHandle: message.ReceiptHandle,
              VisibilityTimeout: 0,
            }),
          ),
        ),
      );
    },
  };
}

const partialFailure = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/** Message ids that stay in the queue: all of them after an error or an answer that names no message of the batch. */
function failures(
  invocation: Invocation,
  records: readonly SQSRecord[],
  reportsFailures: boolean,
): ReadonlySet<string> {
  const all = new Set(records.map((record) => record.messageId));
  if (!invocation.ok) {
    return all;
  }
  if (!reportsFailures || invocation.result === null || invocation.result === undefined) {
    return new Set();
  }
  const parsed = partialFailure.safeParse(invocation.result);
  if (!parsed.success) {
    return all;
  }
  const failed = new Set(parsed.data.batchItemFailures?.map((failure) => failure.itemIdentifier));
  return [...failed].every((id) => all.has(id)) ? failed : all;
}

function toRecord(message: Message, queueArn: string): SQSRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    // The SDK calls every attribute optional; all were asked for.
    attributes: message.Attributes as unknown as SQSRecord['attributes'],
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        {
          dataType: value.DataType ?? 'String',
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined
            ? {}
            : { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: localRegion,
  };
}
