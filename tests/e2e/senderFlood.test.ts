import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';
import { conversationsWhen, flood, hasDraft, isGenuine, urgentAlerts } from '#tests/support/senderFlood.ts';

const mails = 110;

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem();
});

afterAll(() => system?.stop());

/** `npm run load:senders` waits until each mail of the flood is a ticket. */
it('a flood of one sender holds up nobody else, takes few drafts, and rings few alerts', async () => {
  await flood(system, mails);
  const { conversations, seconds } = await conversationsWhen(
    system,
    (all) => all.length > 20 && all.some((each) => isGenuine(each) && hasDraft(each)),
    120,
  );
  expect(conversations.filter(isGenuine).filter(hasDraft)).toHaveLength(1);
  expect(seconds).toBeLessThan(120);
  expect(conversations.filter(hasDraft).length).toBeLessThanOrEqual(11);
  const genuine = conversations.find(isGenuine)?.id;
  await expect
    // Within the same two minutes: the alert reads the conversation, by the rate limit that the flood fills.
    .poll(() => system.row('ProcessedMessages', `alert:${genuine}:p0`), { timeout: (120 - seconds) * 1000 })
    .toMatchObject({
      action: 'alerted',
    });
  expect((await urgentAlerts(system)).length).toBeLessThanOrEqual(10);
  // What is no ticket yet has its row and waits for its turn.
  const rows = await system.rows('ProcessedMessages');
  const brought = rows.filter(({ key }) => String(key).startsWith('gmail:'));
  expect(brought).toHaveLength(mails + 1);
  expect(brought.filter(({ status }) => status === 'failed')).toEqual([]);
}, 180_000);
