import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runSmallStack, type SmallSystem } from '#tests/support/localRunner/runSmallStack.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
let system: SmallSystem | undefined;

afterEach(async () => {
  await system?.stop();
  system = undefined;
});

interface Options {
  readonly mapping?: Record<string, unknown>;
  readonly timeoutSeconds?: number;
  /** Longer than a cold start takes on a busy machine, or a message that is being worked on is delivered once more. */
  readonly visibilitySeconds?: number;
}

const stack = (
  code: string,
  fifo: boolean,
  { mapping = {}, timeoutSeconds = 10, visibilitySeconds = 5 }: Options = {},
) => ({
  functions: { Worker: { code, properties: { Timeout: timeoutSeconds } } },
  resources: {
    Jobs: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        ...(fifo ? { FifoQueue: true } : {}),
        VisibilityTimeout: visibilitySeconds,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
      },
    },
    Dead: { Type: 'AWS::SQS::Queue', Properties: fifo ? { FifoQueue: true } : {} },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
        FunctionName: { Ref: 'Worker' },
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...mapping,
      },
    },
  },
  outputs: { JobsUrl: { Value: { Ref: 'Jobs' } }, DeadUrl: { Value: { Ref: 'Dead' } } },
});

async function sender(running: SmallSystem, fifo: boolean) {
  const client = new SQSClient({ endpoint: running.running.endpoints.sqs, region: 'us-east-1', credentials });
  let sequence = 0;
  return {
    send: async (body: string, group = body) => {
      sequence += 1;
      await client.send(
        new SendMessageCommand({
          QueueUrl: running.running.stackOutput('JobsUrl'),
          MessageBody: body,
          ...(fifo ? { MessageGroupId: group, MessageDeduplicationId: String(sequence) } : {}),
        }),
      );
    },
    count: async (output: string) => {
      const answer = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: running.running.stackOutput(output),
          AttributeNames: ['All'],
        }),
      );
      return (
        Number(answer.Attributes?.ApproximateNumberOfMessages) +
        Number(answer.Attributes?.ApproximateNumberOfMessagesNotVisible)
      );
    },
  };
}

describe('queue and function', () => {
  it('moves a poison message to the dead letters after its receives and handles the others meanwhile', async () => {
    system = await runSmallStack(
      stack(
        `export const handler = async (event) => {
          const [record] = event.Records;
          console.log(record.body + ' ' + record.attributes.ApproximateReceiveCount);
          if (record.body === 'poison') throw new Error('cannot be handled');
        };`,
        true,
      ),
    );
    const queue = await sender(system, true);
    await queue.send('poison');
    await queue.send('good');
    await vi.waitFor(async () => expect(await queue.count('DeadUrl')).toBe(1), {
      timeout: 40_000,
      interval: 100,
    });
    expect(await queue.count('JobsUrl')).toBe(0);
    expect(system.lines).toEqual(
      expect.arrayContaining(['Worker: good 1', 'Worker: poison 1', 'Worker: poison 2']),
    );
    expect(system.lines.filter((line) => line.includes('good'))).toHaveLength(1);
    expect(system.reports).toContain('Worker: Error: cannot be handled');
  });

  it('deletes what succeeded and keeps what the function names as failed', async () => {
    system = await runSmallStack(
      stack(
        `export const handler = async (event) => ({
          batchItemFailures: event.Records.filter((r) => r.body === 'bad').map((r) => ({ itemIdentifier: r.messageId })),
        });`,
        false,
        { mapping: { BatchSize: 10 } },
      ),
    );
    const queue = await sender(system, false);
    await Promise.all(['a', 'bad', 'b', 'c'].map((body) => queue.send(body)));
    await vi.waitFor(async () => expect(await queue.count('DeadUrl')).toBe(1), {
      timeout: 40_000,
      interval: 100,
    });
    expect(await queue.count('JobsUrl')).toBe(0);
    expect(system.reports).toEqual([]);
  });

  it('keeps the whole batch when the answer names no message of it', async () => {
    system = await runSmallStack(
      stack(
        `export const handler = async () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] });`,
        true,
      ),
    );
    const queue = await sender(system, true);
    await queue.send('kept');
    await vi.waitFor(async () => expect(await queue.count('DeadUrl')).toBe(1), {
      timeout: 40_000,
      interval: 100,
    });
  });

  it('ends a function at its timeout, reports it and starts the next one cold', async () => {
    system = await runSmallStack(
      stack(
        `let invocations = 0;
        export const handler = async (event, context) => {
          invocations += 1;
          console.log(event.Records[0].body + ' invocation ' + invocations + ' left ' + (context.getRemainingTimeInMillis() <= 1000));
          if (event.Records[0].body === 'slow') await new Promise((resolve) => setTimeout(resolve, 60_000));
        };`,
        true,
        { timeoutSeconds: 1 },
      ),
    );
    const queue = await sender(system, true);
    await queue.send('slow');
    await vi.waitFor(() => expect(system?.reports.join()).toContain('Task timed out after 1.00 seconds'), {
      timeout: 20_000,
    });
    await queue.send('quick');
    await vi.waitFor(() => expect(system?.lines).toContain('Worker: quick invocation 1 left true'), {
      timeout: 20_000,
    });
  });

  it('works on at most the maximum at once, and on one group strictly in order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'csm-queue-'));
    system = await runSmallStack(
      stack(
        // The first ones wait for each other, however long the cold starts take; lines of different threads can arrive in another
        // order than they were written, so each carries its time.
        `import { readdirSync, writeFileSync } from 'node:fs';
        const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
        const now = () => Number(process.hrtime.bigint() / 1000n);
        export const handler = async (event) => {
          const { body } = event.Records[0];
          console.log(now() + ' start ' + body);
          writeFileSync(${JSON.stringify(folder)} + '/' + body, '');
          while (readdirSync(${JSON.stringify(folder)}).length < 3) await pause(10);
          await pause(40);
          console.log(now() + ' end ' + body);
        };`,
        true,
        { mapping: { ScalingConfig: { MaximumConcurrency: 3 } }, visibilitySeconds: 30 },
      ),
    );
    const queue = await sender(system, true);
    for (let index = 0; index < 8; index += 1) {
      await queue.send(`same${index}`, 'same');
    }
    for (let index = 0; index < 12; index += 1) {
      await queue.send(`own${index}`);
    }
    const written = () =>
      (system?.lines ?? [])
        .map((line) => /^Worker: (\d+) (.*)$/.exec(line))
        .map((found) => ({ at: Number(found?.[1]), text: found?.[2] ?? '' }))
        .sort((one, other) => one.at - other.at)
        .map(({ text }) => text);
    await vi.waitFor(() => expect(written().filter((text) => text.startsWith('end'))).toHaveLength(20), {
      timeout: 40_000,
    });
    rmSync(folder, { recursive: true });
    let atOnce = 0;
    let most = 0;
    for (const text of written()) {
      atOnce += text.startsWith('start') ? 1 : -1;
      most = Math.max(most, atOnce);
    }
    expect(most).toBe(3);
    expect(written().filter((text) => text.includes('same'))).toEqual(
      Array.from({ length: 8 }, (_, index) => [`start same${index}`, `end same${index}`]).flat(),
    );
  });
});
