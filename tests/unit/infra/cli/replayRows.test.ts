import { expect, it } from 'vitest';
import { replayRow } from '#infra/cli/replayRows.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { messageKey } from '#shared/store/keys.ts';
import { fakeGmail } from '#tests/support/fakeGmail.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingQueue } from '#tests/support/recordingQueue.ts';

const settings = parseSettings({
  channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 }],
});

it.each([
  ['support', 't1', 'queued'],
  ['support', undefined, 'gone'],
  ['left', 't1', 'no-account'],
  ['left', undefined, 'no-account'],
])('a failed mail of the account %s, of the thread %s, is %s', async (alias, channelThreadId, result) => {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const queue = recordingQueue();
  const key = messageKey('gmail', alias, 'm1');
  await store.ledger.claim(key, { owner: 'worker', leaseSeconds: 210, lastDelivery: false });
  await store.ledger.finish(key, 'worker', { status: 'failed', reason: 'job-malformed', retryable: false });
  const before = await store.ledger.get(key);
  const deployment = { settings, store, queue, gmail: () => fakeGmail({ clock }).client };

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
  const deployment = { settings, store, queue, gmail: () => fakeGmail({ clock }).client };
  expect(await replayRow(deployment, { key })).toEqual({ id: key, result: 'later-release' });
  expect(queue.jobs).toEqual([]);
  expect(await store.ledger.get(key)).toEqual(before);
});
