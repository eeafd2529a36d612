import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from '#functions/conversation-worker/dependencies.ts';
import { workOnJob } from '#functions/conversation-worker/workOnJob.ts';
import { type EventSource, startEventSource } from '#infra/local/runner/eventSource.ts';
import type { BoundFunctions } from './benchSystem.ts';

export interface RunningWorker {
  /** Jobs that ended well. */
  readonly done: () => number;
  /** Jobs that went back to the queue. */
  readonly failed: () => number;
  /** Milliseconds that jobs took, added up. */
  readonly busyMilliseconds: () => number;
  readonly stop: () => Promise<void>;
}

/** Works on the system's queue as Lambda's poller and the worker's handler do: one job a call, so many at a time. */
export function workOnQueue(system: BoundFunctions, concurrency: number): RunningWorker {
  const worker = createWorker(system.parts, system.environment);
  let done = 0;
  let failed = 0;
  let busy = 0;
  const source: EventSource = startEventSource(
    system.sqs,
    system.queueUrl,
    {
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs.fifo',
      functionName: 'conversation-worker',
      batchSize: 1,
      enabled: true,
      reportsFailures: true,
      maximumConcurrency: concurrency,
    },
    async ({ Records }) => {
      const batchItemFailures: { readonly itemIdentifier: string }[] = [];
      for (const record of Records) {
        const startedAt = performance.now();
        const ended = await workOnJob(worker.dependencies, record.body, {
          owner: randomUUID(),
          receiveCount: Number(record.attributes.ApproximateReceiveCount),
          last: false,
          timeLeftMilliseconds: () => 180_000,
        });
        busy += performance.now() - startedAt;
        if (ended.end === 'done') {
          done += 1;
        } else {
          failed += 1;
          await worker.delayDelivery(record.receiptHandle, ended.seconds);
          batchItemFailures.push({ itemIdentifier: record.messageId });
        }
      }
      return { ok: true, result: { batchItemFailures } };
    },
    (sentence) => process.stderr.write(`${sentence}\n`),
  );
  return {
    done: () => done,
    failed: () => failed,
    busyMilliseconds: () => busy,
    stop: async () => {
      source.stop();
      await sleep(100);
    },
  };
}

/** @throws when it is not so after `seconds`. */
export async function until(what: string, isSo: () => boolean, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!isSo()) {
    if (performance.now() > end) {
      throw new Error(`Waited ${seconds} s in vain for ${what}.`);
    }
    await sleep(5);
  }
}
