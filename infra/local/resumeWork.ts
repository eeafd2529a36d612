import { randomUUID } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { requiredOutput, tablesOf } from '#infra/stackOutputs.ts';
import { jobOfRow } from '#shared/jobs/jobOfRow.ts';
import { deduplicationId, type JobQueue } from '#shared/jobs/jobs.ts';
import { createSqsJobQueue } from '#shared/jobs/sqsJobQueue.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamoStore.ts';
import type { Ledger, LedgerRow } from '#shared/store/ledger.ts';
import type { PollCursors } from '#shared/store/pollCursors.ts';
import type { SweepCursors } from '#shared/store/sweepCursors.ts';
import { systemClock } from '#shared/time/clock.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import type { RunningTemplate } from './runner/runTemplate.ts';
import { localCredentials } from './runner/sdkEnvironment.ts';
import { localRegion } from './runner/templateValues.ts';

/** Rows of one kind that a start takes up again; the sweep's hourly round finds any others. */
const mostRows = 10_000;

/**
 * Takes up what a stop left behind. On one machine the queue is kept in memory, so a stop loses every job, and a kill also leaves
 * rows leased by workers that are gone. Nobody else works in this data directory, so no lease can be a living one's:
 *
 * - every row somebody had in hand, or that failed and may work now, gets its job again;
 * - every channel that is polled is read by date from before the last poll: the jobs of messages that no worker had claimed yet are lost without a row;
 * - FreeScout is listed again from before the last list, for the same reason.
 *
 * @returns number of jobs queued.
 */
export async function resumeWork({
  store,
  queue,
  settings,
  now,
}: {
  readonly store: {
    readonly ledger: Pick<Ledger, 'listByStatus' | 'release'>;
    readonly state: PollCursors & SweepCursors;
  };
  readonly queue: JobQueue;
  readonly settings: Pick<Settings, 'channels'>;
  readonly now: Date;
}): Promise<number> {
  const { ledger, state } = store;
  const rows: readonly LedgerRow[] = [
    ...(await ledger.listByStatus('processing', { limit: mostRows })),
    ...(await ledger.listByStatus('failed', { limit: mostRows, retryable: true })),
  ];
  for (const { key, leaseOwner } of rows) {
    if (leaseOwner !== undefined) {
      await ledger.release(key, leaseOwner);
    }
  }
  const origin = { cause: 'wake', requestId: `start-${randomUUID()}` } as const;
  const jobs = rows.flatMap((row) => {
    const job = jobOfRow(row, origin);
    // The sweep tells of a row that only a later release can work on.
    return job === null
      ? []
      : { job, deduplicationId: deduplicationId.run('wake', row.key, now.toISOString()) };
  });
  await queue.sendAll(jobs);
  for (const { kind, alias } of settings.channels) {
    const { version, ...cursor } = await state.getPollCursor(kind, alias);
    if (version > 0) {
      await state.savePollCursor(kind, { ...cursor, historyId: null }, version);
    }
  }
  const sweep = await state.getSweepCursor();
  if (sweep.listedAt !== null) {
    const due = new Date(Math.min(Date.parse(sweep.listedAt), now.getTime() - hourMilliseconds));
    await state.saveSweepCursor({ ...sweep, listedAt: due.toISOString() });
  }
  return jobs.length;
}

/** {@link resumeWork} on a system that was just started and takes nothing in yet. */
export async function resumeWorkOf(
  { endpoints, stackOutput }: Pick<RunningTemplate, 'endpoints' | 'stackOutput'>,
  settings: Settings,
): Promise<number> {
  const connection = { region: localRegion, credentials: localCredentials };
  const dynamo = createDocumentClient({ ...connection, endpoint: endpoints.dynamodb });
  const sqs = new SQSClient({ ...connection, endpoint: endpoints.sqs, useQueueUrlAsEndpoint: false });
  try {
    return await resumeWork({
      store: createDynamoStore({ client: dynamo, clock: systemClock, tables: tablesOf(stackOutput) }),
      queue: createSqsJobQueue({ client: sqs, queueUrl: requiredOutput(stackOutput, 'JobsQueueUrl') }),
      settings,
      now: systemClock.now(),
    });
  } finally {
    dynamo.destroy();
    sqs.destroy();
  }
}
