import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Deployment } from '#infra/cli/deployment.ts';
import { readJob } from '#shared/jobs/jobSchema.ts';
import type { Job } from '#shared/jobs/jobs.ts';
import { alertKey, digestKey, type LedgerKey, messageKey, parseLedgerKey } from '#shared/store/keys.ts';
import { isTerminal } from '#shared/store/ledger.ts';
import { type AddCommand, print } from '../command.ts';
import { progressBar } from '../terminal.ts';

/** While one is in hand here; far more than it takes. */
const visibilitySeconds = 120;

interface Redriven {
  back: number;
  /** Deleted: their row has ended, nothing is left to do. */
  ended: number;
  /** Left where they are: nothing that this system could work on. */
  malformed: number;
}

export const addRedrive: AddCommand = (program, run) => {
  program
    .command('redrive')
    .description('put the dead letters back into the queue, except those whose row has ended')
    .action(
      run(async (cli) => {
        const deployment = await cli.deployment();
        const redriven: Redriven = { back: 0, ended: 0, malformed: 0 };
        const show = progressBar(cli.terminal, await depthOf(deployment), 'dead letters');
        const malformed: Message[] = [];
        try {
          for (let letter = await receive(deployment); letter !== null; letter = await receive(deployment)) {
            const job = readJob(letter.Body ?? '');
            if (job === null) {
              // Kept invisible until the end, or it would come again and again.
              malformed.push(letter);
              redriven.malformed += 1;
            } else if (await hasEnded(deployment, job)) {
              await remove(deployment, letter);
              redriven.ended += 1;
            } else {
              await deployment.queue.send(job, `redrive:${randomUUID()}`);
              await remove(deployment, letter);
              redriven.back += 1;
            }
            show(redriven.back + redriven.ended + redriven.malformed);
          }
        } finally {
          await Promise.all(malformed.map((letter) => giveBack(deployment, letter)));
        }
        print(cli, redriven, () => textOf(redriven));
        return redriven.malformed === 0 ? 0 : 1;
      }),
    );
};

async function depthOf(deployment: Deployment): Promise<number> {
  const { Attributes } = await deployment.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: deployment.deadLetterQueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

/** One at a time: a queue in order hides the others of a group while one of it is in hand. */
async function receive(deployment: Deployment): Promise<Message | null> {
  const { Messages } = await deployment.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: deployment.deadLetterQueueUrl,
      MaxNumberOfMessages: 1,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: 1,
    }),
  );
  return Messages?.[0] ?? null;
}

async function hasEnded(deployment: Deployment, job: Job): Promise<boolean> {
  const key = rowKeyOf(job);
  const row = key === null ? null : await deployment.store.ledger.get(key);
  return row !== null && isTerminal(row);
}

/** null for a job that asks what is missing in a conversation, and for a self-check: it does no harm. */
function rowKeyOf(job: Job): LedgerKey | null {
  switch (job.kind) {
    case 'incoming-message':
      return messageKey(job.channel, job.alias, job.messageId);
    case 'conversation':
      return parseLedgerKey(job.rowKey ?? '')?.key ?? null;
    case 'alert':
      return alertKey(job.conversationId, job.alert);
    case 'digest':
      return digestKey(job.digest, job.day);
    case 'self-check':
      return null;
  }
}

async function remove(deployment: Deployment, { ReceiptHandle }: Message): Promise<void> {
  await deployment.sqs.send(
    new DeleteMessageCommand({ QueueUrl: deployment.deadLetterQueueUrl, ReceiptHandle }),
  );
}

async function giveBack(deployment: Deployment, { ReceiptHandle }: Message): Promise<void> {
  await deployment.sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: deployment.deadLetterQueueUrl,
      ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
}

function textOf({ back, ended, malformed }: Redriven): string {
  if (back + ended + malformed === 0) {
    return 'There are no dead letters.\n';
  }
  const left =
    malformed === 0
      ? ''
      : `${malformed} left there: no job of this release. Look at them in the queue, then delete them by hand.\n`;
  return `${back} back in the queue.\n${ended} removed: their row has ended.\n${left}`;
}
