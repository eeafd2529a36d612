import type { Settings } from '#shared/settings/settings.ts';
import type { IntakeStart } from '#shared/store/intakeStart.ts';
import type { Clock } from '#shared/time/clock.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';

/**
 * The moment before which nothing is ever brought in, from Gmail or from FreeScout: `gmail.backfillDays` before the first run of
 * whichever function asks first, stored once.
 */
export function intakeSince(deps: {
  readonly settings: { readonly gmail: Pick<Settings['gmail'], 'backfillDays'> };
  readonly store: { readonly state: IntakeStart };
  readonly clock: Clock;
}): Promise<Date> {
  const { backfillDays } = deps.settings.gmail;
  return deps.store.state.intakeSince(new Date(deps.clock.now().getTime() - backfillDays * dayMilliseconds));
}
