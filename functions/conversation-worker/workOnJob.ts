import { errorNameOf } from '#shared/failure/errorName.ts';
import { asFailure, ComeBackLater, type Failure } from '#shared/failure/failure.ts';
import { readJob } from '#shared/jobs/jobSchema.ts';
import { conversationOf, type Job } from '#shared/jobs/jobs.ts';
import type { LogFields } from '#shared/observability/logCatalogue.ts';
import { sendAlert } from './alerts/sendAlert.ts';
import { sendDigest } from './alerts/sendDigest.ts';
import { bringConversationUpToDate } from './answering/bringConversationUpToDate.ts';
import type { Delivery } from './delivery.ts';
import { bringMessageIn } from './intake/bringMessageIn.ts';
import type { WorkerDependencies } from './workerDependencies.ts';

export type JobEnd =
  /** Nothing is left to do: the job may be acknowledged. */
  | { readonly end: 'done' }
  /** The job comes back after `seconds`, or goes to the dead letters when this was its last delivery. */
  | { readonly end: 'back-to-queue'; readonly seconds: number };

/**
 * Works on one job and tells the queue what to do with it. A permanent failure is recorded in the ledger and acknowledged; a
 * retryable one, and everything unexpected, comes back.
 */
export async function workOnJob(deps: WorkerDependencies, body: string, delivery: Delivery): Promise<JobEnd> {
  const job = readJob(body);
  if (job === null) {
    deps.log.write('JOB_MALFORMED', { attempt: delivery.receiveCount, size: body.length });
    return { end: 'back-to-queue', seconds: retryDelay(deps, delivery, null) };
  }
  const log = deps.log.with({ ...correlationOf(job), attempt: delivery.receiveCount });
  const startedAt = deps.clock.now().getTime();
  log.write('JOB_STARTED');
  try {
    await workOn({ ...deps, log }, job, delivery);
    log.write('JOB_DONE', { durationMs: deps.clock.now().getTime() - startedAt });
    return { end: 'done' };
  } catch (thrown) {
    const durationMs = deps.clock.now().getTime() - startedAt;
    if (thrown instanceof ComeBackLater) {
      log.write('JOB_BACK_TO_QUEUE', { reason: thrown.reason, seconds: thrown.seconds, durationMs });
      return { end: 'back-to-queue', seconds: thrown.seconds };
    }
    return endOfFailure({ ...deps, log }, asFailure(thrown), delivery, durationMs);
  }
}

/** What every line about a job carries, so that one query shows its whole way. */
export function correlationOf(job: Job): LogFields {
  const conversationId = conversationOf(job);
  return {
    requestId: job.requestId,
    cause: job.cause,
    jobKind: job.kind,
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(job.kind === 'incoming-message' ? { account: job.alias, messageId: job.messageId } : {}),
  };
}

async function workOn(deps: WorkerDependencies, job: Job, delivery: Delivery): Promise<void> {
  switch (job.kind) {
    case 'incoming-message':
      return bringMessageIn(deps, job, delivery);
    case 'conversation':
      return bringConversationUpToDate(deps, job, delivery);
    case 'alert':
      return sendAlert(deps, job, delivery);
    case 'digest':
      return sendDigest(deps, job, delivery);
    case 'self-check':
      return deps.reportSecrets();
  }
}

function endOfFailure(
  deps: Pick<WorkerDependencies, 'settings' | 'log' | 'measure'>,
  failure: Failure,
  delivery: Delivery,
  durationMs: number,
): JobEnd {
  const fields = {
    code: failure.code,
    retryable: failure.retryable,
    durationMs,
    errorName: errorNameOf(failure.cause ?? failure),
  };
  if (!failure.retryable) {
    deps.log.write('JOB_FAILED_FOR_GOOD', fields);
    deps.measure('JobsFailedForGood');
    return { end: 'done' };
  }
  deps.measure('JobsFailed');
  const seconds = retryDelay(deps, delivery, failure.retryAfterSeconds);
  deps.log.write('JOB_FAILED', { ...fields, seconds });
  return { end: 'back-to-queue', seconds };
}

function retryDelay(
  { settings }: Pick<WorkerDependencies, 'settings'>,
  delivery: Delivery,
  atLeast: number | null,
): number {
  const delays = settings.worker.retryDelaysSeconds;
  const usual = delays[Math.min(delivery.receiveCount, delays.length) - 1] ?? 0;
  return Math.max(usual, atLeast ?? 0);
}
