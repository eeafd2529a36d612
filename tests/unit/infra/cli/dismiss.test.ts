import { expect, it } from 'vitest';
import { dismissRow } from '#infra/cli/commands/dismiss.ts';
import { type LedgerKey, messageKey } from '#shared/store/keys.ts';
import type { LedgerOutcome } from '#shared/store/ledger.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const key = messageKey('gmail', 'support', 'm1');

async function ledgerWith(outcome: LedgerOutcome | 'processing', rowKey: LedgerKey = key) {
  const { ledger } = createInMemoryStore({ clock: manualClock() });
  await ledger.claim(rowKey, { owner: 'worker', leaseSeconds: 210, lastDelivery: false });
  if (outcome !== 'processing') {
    await ledger.finish(rowKey, 'worker', outcome);
  }
  return ledger;
}

it('a row that failed for good is ended, and can be restored', async () => {
  const ledger = await ledgerWith({ status: 'failed', reason: 'gmail-too-large', retryable: false });
  expect(await dismissRow(ledger, key)).toBe('dismissed');
  expect(await ledger.get(key)).toMatchObject({ status: 'filtered', reason: 'dismissed' });
  expect(await ledger.listByStatus('failed', { limit: 9 })).toEqual([]);
  expect(await ledger.reopen(key)).toMatchObject({ status: 'processing' });
});

it.each<[string, LedgerOutcome | 'processing']>([
  ['goes on by itself', { status: 'failed', reason: 'gmail-unreachable', retryable: true }],
  ['is worked on', 'processing'],
  ['waits for the budget', { status: 'deferred', reason: 'budget' }],
  ['has ended', { status: 'success', action: 'create', conversationId: 1 }],
])('a row that %s is left alone', async (_, outcome) => {
  const ledger = await ledgerWith(outcome);
  const before = await ledger.get(key);
  expect(await dismissRow(ledger, key)).toBe('not-failed');
  expect(await ledger.get(key)).toEqual(before);
});

it('a row that there is none of is not made', async () => {
  const { ledger } = createInMemoryStore({ clock: manualClock() });
  expect(await dismissRow(ledger, key)).toBe('not-failed');
  expect(await ledger.get(key)).toBeNull();
});
