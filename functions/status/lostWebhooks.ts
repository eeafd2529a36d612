import type { Counters } from '#shared/store/counters.ts';
import type { SweepCursors } from '#shared/store/sweepCursors.ts';
import type { Clock } from '#shared/time/clock.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';

/** FreeScout sends a webhook at once; its queue may wait for a cron job, and one that failed is repeated minutes later. */
const answeredWithinMilliseconds = 10 * minuteMilliseconds;

/**
 * @returns ISO 8601: since when FreeScout, which was made to send a webhook, has sent none with our signature; null while nothing shows
 * that they get lost, and while the table cannot be read, which other checks tell.
 */
export type WebhookTrialReader = () => Promise<string | null>;

export function createWebhookTrialReader(
  state: Counters & Pick<SweepCursors, 'getSweepCursor'>,
  clock: Clock,
): WebhookTrialReader {
  return async () => {
    try {
      const [{ webhooks }, { webhookTrial }] = await Promise.all([state.counts(), state.getSweepCursor()]);
      const since = webhookTrial?.unansweredSince ?? null;
      return since !== null &&
        (webhooks.lastAt === null || webhooks.lastAt < since) &&
        clock.now().getTime() - Date.parse(since) >= answeredWithinMilliseconds
        ? since
        : null;
    } catch {
      return null;
    }
  };
}
