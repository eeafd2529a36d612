import { expect, it } from 'vitest';
import { goesOn } from '#infra/cli/commands/failures.ts';
import type { LedgerKey } from '#shared/store/keys.ts';

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
