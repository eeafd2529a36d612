import type { InstallationReader } from '#shared/freescout/installationReader.ts';
import type { Clock } from '#shared/time/clock.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';

export type DraftMode = 'guarded' | 'managed';

/** A FreeScout that is being updated answers as one without the module, and a worker lives for hours. */
const askAgainAfterMilliseconds = 5 * minuteMilliseconds;

/**
 * Tells by the companion module what may be done with drafts. That it is there is asked once; that it is not, again after five
 * minutes. A module that goes away shows at its next call.
 */
export function createDraftMode({
  freescout,
  clock,
}: {
  readonly freescout: Pick<InstallationReader, 'companionVersion'>;
  readonly clock: Pick<Clock, 'now'>;
}): () => Promise<DraftMode> {
  let known: Promise<DraftMode> | null = null;
  let askAgainAt = Number.POSITIVE_INFINITY;

  async function ask(): Promise<DraftMode> {
    askAgainAt = Number.POSITIVE_INFINITY;
    try {
      const version = await freescout.companionVersion();
      if (version !== null) {
        return 'managed';
      }
      askAgainAt = clock.now().getTime() + askAgainAfterMilliseconds;
      return 'guarded';
    } catch (error) {
      known = null;
      throw error;
    }
  }

  return () => {
    if (known === null || clock.now().getTime() >= askAgainAt) {
      known = ask();
    }
    return known;
  };
}
