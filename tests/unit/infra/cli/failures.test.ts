import { expect, it } from 'vitest';
import { goesOn, stillFailed } from '#infra/cli/commands/failures.ts';
import { type LedgerKey, messageKey, threadKey } from '#shared/store/keys.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';

it.each([
  [{ key: 'gmail:support:18c', status: 'failed', reason: 'gmail-unreachable', retryable: true }, 'hourly'],
  [{ key: 'gmail:support:18c', status: 'failed', reason: 'gmail-rejected', retryable: false }, 'with replay'],
  [{ key: 'freescout:1:2', status: 'deferred', reason: 'budget' }, 'with room in the budget'],
  [{ key: 'gmail:support:18c', status: 'deferred', reason: 'relabelled' }, 'within minutes'],
  [{ key: 'gmail:support:18c', status: 'deferred', reason: 'thread-pending' }, 'hourly until its thread has'],
  [{ key: 'gmail:support:18c', status: 'filtered', reason: 'bulk' }, 'with restore-filtered'],
  // It failed; no header kept it out.
  [{ key: 'gmail:support:18c', status: 'filtered', reason: 'dismissed' }, 'with replay'],
  // restore-filtered makes tickets of mails only.
  [{ key: 'alert:1:p0', status: 'filtered', reason: 'no-channel' }, 'with replay'],
  [{ key: 'freescout:1:2', status: 'filtered', reason: 'gone' }, 'no more'],
  [{ key: 'gmail:support:18c', status: 'filtered', reason: 'forgotten' }, 'no more'],
  [{ key: 'delivery:7:9:1', status: 'failed', reason: 'unexpected', retryable: true }, 'later release'],
  [{ key: 'digest:of-a-later-release:2026-11-20', status: 'processing' }, 'later release'],
  [{ key: 'digest:filtered:2026-11-20', status: 'failed', retryable: true }, 'hourly'],
  // The type knows the keys of this release only.
  [{ key: 'invoice:7' as LedgerKey, status: 'failed', retryable: true }, 'later release'],
] as const)('the work on %o goes on %s', (row, expected) => {
  expect(goesOn(row)).toContain(expected);
});

it('leaves out what failed in a conversation that has been worked on since, unless it waits for a person', async () => {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const end = async (
    key: LedgerKey,
    conversationId: number,
    outcome: { status: 'failed'; retryable: boolean } | null,
  ) => {
    clock.advance(1000);
    const owner = 'worker';
    await store.ledger.claim(key, { owner, leaseSeconds: 210, lastDelivery: false, conversationId });
    await store.ledger.finish(
      key,
      owner,
      outcome === null
        ? { status: 'success', action: 'drafted', conversationId }
        : { ...outcome, reason: 'freescout-unreachable' },
    );
  };
  const [retried, forGood] = [
    { status: 'failed', retryable: true },
    { status: 'failed', retryable: false },
  ] as const;
  await end(threadKey(1, '-'), 1, retried);
  await end(threadKey(1, 10), 1, null);
  await end(threadKey(2, '-'), 2, forGood);
  await end(threadKey(2, 20), 2, null);
  await end(threadKey(3, 30), 3, null);
  await end(threadKey(3, '-'), 3, retried);
  await end(messageKey('gmail', 'support', 'm1'), 4, retried);
  await end(threadKey(4, 40), 4, null);
  const rows = await store.ledger.listByStatus('failed', { limit: 10 });
  const left = await stillFailed({ store }, rows);
  expect(left.map(({ key }) => key)).toEqual(['freescout:2:-', 'freescout:3:-', 'gmail:support:m1']);
});
