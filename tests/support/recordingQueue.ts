import { retryable } from '#shared/failure/failure.ts';
import type { Job, JobQueue } from '#shared/jobs/jobs.ts';

interface QueuedJob {
  readonly job: Job;
  readonly deduplicationId: string;
}

export interface RecordingQueue extends JobQueue {
  readonly jobs: readonly QueuedJob[];
  /** Refuses everything from now on, as a queue that is down; with false it is up again. */
  refuse(isDown?: boolean): void;
}

/** A queue that keeps what it is sent for a test to look at. */
export function recordingQueue(): RecordingQueue {
  const jobs: QueuedJob[] = [];
  let refusing = false;
  const take = (queued: QueuedJob) => {
    if (refusing) {
      throw retryable('queue-unavailable', 'The queue did not take the job.');
    }
    jobs.push(queued);
  };
  return {
    jobs,
    refuse: (isDown = true) => {
      refusing = isDown;
    },
    send: async (job, deduplicationId) => take({ job, deduplicationId }),
    sendAll: async (all) => {
      for (const queued of all) {
        take(queued);
      }
    },
  };
}
