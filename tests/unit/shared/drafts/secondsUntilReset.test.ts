import { describe, expect, it } from 'vitest';
import { secondsUntilReset } from '#shared/drafts/draftPredicates.ts';
import type { LiveDraft } from '#shared/store/botDrafts.ts';

const live = (state: LiveDraft['state']): LiveDraft => ({
  conversationId: 7,
  kind: 'reply',
  answeredThreadId: 1,
  draftThreadId: null,
  type: 'customer',
  bucket: 'p2',
  language: 'en',
  promptVersion: '1',
  fingerprint: 'f',
  createdAt: '2026-11-20T12:00:00.000Z',
  updatedAt: '2026-11-20T12:00:30.000Z',
  state,
  version: 1,
});

describe('the record of a draft', () => {
  it.each([
    ['creating', '2026-11-20T12:00:30Z', 120],
    ['creating', '2026-11-20T12:02:00Z', 30],
    ['creating', '2026-11-20T12:02:30Z', 0],
    ['live', '2026-11-20T12:00:30Z', 0],
    ['sent', '2026-11-20T12:00:30Z', 0],
  ] as const)('that says %s may be forgotten at %s in %d s', (state, at, seconds) => {
    expect(secondsUntilReset(live(state), new Date(at))).toBe(seconds);
  });
});
