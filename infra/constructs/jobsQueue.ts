import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { maxDeliveries } from '#shared/jobs/jobs.ts';

/** Time limit of the function that works on jobs. The queue's visibility and the lease on a job follow from it. */
export const workerTimeout = Duration.seconds(180);

/**
 * How long a worker owns a job: its own time limit plus the time a stopped worker's last call may still take to arrive.
 * Shorter than the visibility timeout, so that a job that comes back finds its lease ended.
 */
export const lease = Duration.seconds(workerTimeout.toSeconds() + 30);

/**
 * Jobs in order per message group (one worker at a time touches a conversation), and what failed five times.
 *
 * FIFO without content-based deduplication: the sender names the event that a job stands for.
 */
export class JobsQueue extends Construct {
  readonly jobs: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const kept: QueueProps = {
      fifo: true,
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', kept);
    Validations.of(this.deadLetters).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'It is the dead-letter queue; nothing works on it by itself.',
    });
    this.jobs = new Queue(this, 'Jobs', {
      ...kept,
      // Six times the function's time limit is what Lambda needs to retry while it is throttled:
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * workerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxDeliveries },
    });
  }
}
