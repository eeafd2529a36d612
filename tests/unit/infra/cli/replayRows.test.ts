import { expect, it } from 'vitest';
import { replayRow, replayUnknownMessage } from '#infra/cli/replayRows.ts';
import { messageKey } from '#shared/store/keys.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingQueue } from '#tests/support/recordingQueue.ts';

/** A channel that has no message any more. */
const sources = [{ kind: 'gmail', alias: 'support', threadOf: async () => null }] as const;

it.each([
  ['support', 't1', 'queued'],
  ['support', undefined, 'gone'],
  ['left', 't1', 'no-account'],
  ['left', undefined, 'no-account'],
])('a failed mail of the channel %s, of the thread %s, is %s', async (alias, channelThreadId, result) => {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const queue = recordingQueue();
  const key = messageKey('gmail', alias, 'm1');
  await store.ledger.claim(key, { owner: 'worker', leaseSeconds: 210, lastDelivery: false });
  await store.ledger.finish(key, 'worker', { status: 'failed', reason: 'job-malformed', retryable: false });
  const before = await store.ledger.get(key);
  const deployment = { store, queue, sources };

  const row = { key, ...(channelThreadId === undefined ? {} : { channelThreadId }) };
  expect(await replayRow(deployment, row)).toEqual({ id: key, result });
  expect(queue.jobs).toHaveLength(result === 'queued' ? 1 : 0);
  if (result === 'queued') {
    expect(await store.ledger.get(key)).toMatchObject({ status: 'processing' });
  } else {
    expect(await store.ledger.get(key)).toEqual(before);
  }
});

it('a row that a later release wrote is left to it', async () => {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const queue = recordingQueue();
  const key = 'delivery:7:9:1';
  await store.ledger.claim(key, { owner: 'worker', leaseSeconds: 210, lastDelivery: false });
  await store.ledger.finish(key, 'worker', { status: 'failed', reason: 'unexpected', retryable: false });
  const before = await store.ledger.get(key);
  const deployment = { store, queue, sources };
  expect(await replayRow(deployment, { key })).toEqual({ id: key, result: 'later-release' });
  expect(queue.jobs).toEqual([]);
  expect(await store.ledger.get(key)).toEqual(before);
});

it('a message that the ledger does not know comes in by the first channel that has it', async () => {
  const queue = recordingQueue();
  const store = createInMemoryStore({ clock: manualClock() });
  const sales = { kind: 'gmail', alias: 'sales', threadOf: async (id: string) => `thread of ${id}` } as const;
  const deployment = { store, queue, sources: [...sources, sales] };
  expect(await replayUnknownMessage(deployment, 'm1')).toEqual({ id: 'm1', result: 'queued' });
  expect(queue.jobs).toMatchObject([
    {
      job: {
        kind: 'incoming-message',
        channel: 'gmail',
        alias: 'sales',
        messageId: 'm1',
        threadId: 'thread of m1',
      },
    },
  ]);
  expect(await replayUnknownMessage({ store, queue, sources }, 'm1')).toEqual({ id: 'm1', result: 'gone' });
});
