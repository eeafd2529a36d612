import { expect, it } from 'vitest';
import { createWebhookTrialReader } from '#functions/status/lostWebhooks.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const cursor = {
  listedAt: null,
  ranAt: null,
  failedWokenAt: null,
  digestDay: null,
  digestHour: null,
  missing: 0,
};
const noon = '2026-11-20T12:00:00.000Z';
const at = (time: string) => new Date(`2026-11-20T${time}Z`);

/** Since when webhooks are lost, as seen at a time of the day on which a trial began at noon. */
async function lostSince(
  now: string,
  {
    unansweredSince = noon,
    lastAt,
  }: { readonly unansweredSince?: string | null; readonly lastAt?: string } = {},
): Promise<string | null> {
  const clock = manualClock(at(now));
  const { state } = createInMemoryStore({ clock });
  await state.saveSweepCursor({ ...cursor, webhookTrial: { at: noon, unansweredSince } });
  if (lastAt !== undefined) {
    await state.countWebhook('one', false, at(lastAt));
  }
  return createWebhookTrialReader(state, clock)();
}

it('waits ten minutes for the webhook of a trial', async () => {
  expect(await lostSince('12:09:59')).toBeNull();
  expect(await lostSince('12:10:00')).toBe(noon);
  expect(await lostSince('12:10:00', { lastAt: '11:59:59' })).toBe(noon);
});

it('ends with the first signed webhook after the trial', async () => {
  expect(await lostSince('12:30:00', { lastAt: '12:00:15' })).toBeNull();
});

it('says nothing when FreeScout took no trial', async () => {
  expect(await lostSince('18:00:00', { unansweredSince: null })).toBeNull();
});

it('says nothing before the first trial, and when the table cannot be read', async () => {
  const clock = manualClock(new Date(noon));
  const { state } = createInMemoryStore({ clock });
  expect(await createWebhookTrialReader(state, clock)()).toBeNull();
  const counts = () => Promise.reject(new Error('table'));
  expect(await createWebhookTrialReader({ ...state, counts }, clock)()).toBeNull();
});
