import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { createLambdaRuntime } from '#functions/runtime/lambdaRuntime.ts';
import { readJob } from '#shared/jobs/jobSchema.ts';
import { maxDeliveries } from '#shared/jobs/jobs.ts';
import { createWorker } from './dependencies.ts';
import { correlationOf, workOnJob } from './workOnJob.ts';

const parts = await createLambdaRuntime(process.env);
const worker = createWorker(parts, process.env);
const processor = new BatchProcessor(EventType.SQS);

/** Thrown to the batch processor so that the queue keeps the job; what happened is logged and recorded already. */
class JobGoesBack extends Error {}

/** Works on jobs. What is not reported as a failure is acknowledged: nothing is left to do for it. */
export const handler = parts.wrap(
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    processPartialResponse(event, (record: SQSRecord) => workOnRecord(record, context), processor, {
      context,
      throwOnFullBatchFailure: false,
    }),
);

async function workOnRecord(record: SQSRecord, context: Context): Promise<void> {
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const job = readJob(record.body);
  parts.correlate({ jobId: record.messageId, ...(job === null ? {} : correlationOf(job)) });
  const end = await workOnJob(worker.dependencies, record.body, {
    owner: `${record.messageId}:${receiveCount}:${context.awsRequestId}`,
    receiveCount,
    last: receiveCount >= maxDeliveries,
    timeLeftMilliseconds: () => context.getRemainingTimeInMillis(),
  });
  if (end.end === 'back-to-queue') {
    await worker.delayDelivery(record.receiptHandle, end.seconds).catch(() => {
      // The queue's own visibility timeout brings the job back, only later.
    });
    throw new JobGoesBack();
  }
}
