import { backFillDaysOf, type IntakeSettings } from '#shared/settings/channels.ts';
import type { IntakeStart } from '#shared/store/intakeStart.ts';
import type { Clock } from '#shared/time/clock.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';

/**
 * The moment before which nothing is ever brought in, from a channel or from FreeScout: the days that the settings reach back
 * before the first run of whichever function asks first, stored once; later where the ledger forgets, that from which on it still knows
 * every message.
 */
export function intakeSince(deps: {
  readonly settings: IntakeSettings;
  readonly store: { readonly state: IntakeStart };
  readonly clock: Clock;
}): Promise<Date> {
  return deps.store.state.intakeSince(
    new Date(deps.clock.now().getTime() - backFillDaysOf(deps.settings) * dayMilliseconds),
    deps.settings.ledger.keepDays,
  );
}
