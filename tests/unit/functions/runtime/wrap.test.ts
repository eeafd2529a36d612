import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createWrap } from '#functions/runtime/lambdaRuntime.ts';

/** As Lambda's, with so many milliseconds left. */
const contextWith = (milliseconds: number): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'test',
  functionVersion: '1',
  invokedFunctionArn: 'arn',
  memoryLimitInMB: '512',
  awsRequestId: 'request',
  logGroupName: 'group',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => milliseconds,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Lines written by what happens in `during`. */
async function linesOf(during: (metrics: Metrics) => Promise<unknown>): Promise<readonly string[]> {
  const written: string[] = [];
  const take = (chunk: string | Uint8Array) => {
    written.push(String(chunk));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take),
    vi.spyOn(process.stderr, 'write').mockImplementation(take),
  ];
  try {
    await during(new Metrics({ namespace: 'Test', serviceName: 'test' }));
  } finally {
    for (const spy of spies) {
      spy.mockRestore();
    }
  }
  return written
    .join('')
    .split('\n')
    .filter((line) => line !== '');
}

describe('a wrapped handler', () => {
  it('is never answered for before its time limit, which has to end it and what it has under way', async () => {
    const wrap = createWrap(new Logger(), new Metrics({ namespace: 'Test' }));
    const handler = wrap(async () => {
      await sleep(60);
      return 'own answer';
    });
    expect(await handler({}, contextWith(20), () => undefined)).toBe('own answer');
  });

  it('writes nothing when there are no metrics', async () => {
    const lines = await linesOf(async (metrics) => {
      const handler = createWrap(new Logger(), metrics)(async () => 'done');
      await handler({}, contextWith(1000), () => undefined);
    });
    expect(lines).toEqual([]);
  });

  it('publishes its metrics once, also when it fails', async () => {
    const lines = await linesOf(async (metrics) => {
      let call = 0;
      const handler = createWrap(
        new Logger(),
        metrics,
      )(async () => {
        call += 1;
        metrics.addMetric('MailsCreated', MetricUnit.Count, call);
        if (call === 2) {
          throw new Error('no');
        }
      });
      await handler({}, contextWith(1000), () => undefined);
      await expect(handler({}, contextWith(1000), () => undefined)).rejects.toThrow('no');
    });
    expect(lines.map((line) => JSON.parse(line).MailsCreated)).toEqual([1, 2]);
  });
});
