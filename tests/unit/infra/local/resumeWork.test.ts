import { expect, it } from 'vitest';
import { resumeWork } from '#infra/local/resumeWork.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { messageKey, threadKey } from '#shared/store/keys.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingQueue } from '#tests/support/recordingQueue.ts';

const { channels } = parseSettings({});

it('queues again what a kill left leased or failed, and reads Gmail and FreeScout from before it', async () => {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const { ledger, state } = store;
  const claim = { owner: 'gone', leaseSeconds: 210, lastDelivery: false, channelThreadId: 't1' };
  const [inHand, failed, hopeless, done] = ['m1', 'm2', 'm3', 'm4'].map((id) =>
    messageKey('gmail', 'support', id),
  );
  if (!inHand || !failed || !hopeless || !done) {
    throw new Error('Four keys were made.');
  }
  for (const key of [inHand, failed, hopeless, done]) {
    await ledger.claim(key, claim);
  }
  await ledger.claim(threadKey(5, 9), { owner: 'gone', leaseSeconds: 210, lastDelivery: true });
  await ledger.finish(failed, 'gone', { status: 'failed', reason: 'freescout-error', retryable: true });
  await ledger.finish(hopeless, 'gone', { status: 'failed', reason: 'freescout-rejected', retryable: false });
  await ledger.finish(done, 'gone', { status: 'success', action: 'create', conversationId: 7 });
  const at = clock.now().toISOString();
  await state.savePollCursor(
    'gmail',
    { account: 'support', historyId: '77', polledAt: at, gapCheckedAt: at, fault: null, missing: 0 },
    0,
  );
  await state.saveSweepCursor({
    listedAt: at,
    ranAt: at,
    failedWokenAt: at,
    digestDay: null,
    digestHour: null,
    missing: 0,
  });
  clock.advance(5000);

  const queue = recordingQueue();
  expect(await resumeWork({ store, queue, settings: { channels }, now: clock.now() })).toBe(3);

  expect(queue.jobs.map(({ job }) => job)).toEqual([
    expect.objectContaining({ kind: 'incoming-message', messageId: 'm1', threadId: 't1', cause: 'wake' }),
    expect.objectContaining({ kind: 'incoming-message', messageId: 'm2' }),
    expect.objectContaining({ kind: 'conversation', conversationId: 5, rowKey: 'freescout:5:9' }),
  ]);
  for (const key of [inHand, threadKey(5, 9)]) {
    expect(await ledger.claim(key, { ...claim, owner: 'next' })).toMatchObject({ outcome: 'claimed' });
  }
  expect(await state.getPollCursor('gmail', 'support')).toMatchObject({ historyId: null, polledAt: at });
  expect(await state.getSweepCursor()).toMatchObject({ listedAt: '2026-11-20T11:00:05.000Z', ranAt: at });
});

it('queues what is left of an account that the settings no longer have, so that it ends with its reason', async () => {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const claim = { owner: 'gone', leaseSeconds: 210, lastDelivery: false, channelThreadId: 't1' };
  await store.ledger.claim(messageKey('gmail', 'left', 'm1'), claim);
  const queue = recordingQueue();
  expect(await resumeWork({ store, queue, settings: { channels }, now: clock.now() })).toBe(1);
  expect(queue.jobs).toMatchObject([
    { job: { kind: 'incoming-message', channel: 'gmail', alias: 'left', messageId: 'm1' } },
  ]);
});

it('leaves a system alone that never ran', async () => {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const queue = recordingQueue();
  expect(await resumeWork({ store, queue, settings: { channels }, now: clock.now() })).toBe(0);
  expect(await store.state.getPollCursor('gmail', 'support')).toMatchObject({ version: 0 });
  expect(await store.state.getSweepCursor()).toMatchObject({ listedAt: null });
});
