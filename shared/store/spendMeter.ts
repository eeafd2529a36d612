export type SpendKind = 'triage' | 'draft';

/** 0 = no limit. */
export interface SpendLimits {
  readonly dailyUsd: number;
  readonly monthlyUsd: number;
  readonly draftsPerDay: number;
}

export interface Meter {
  /** UTC day `2026-11-20` and month `2026-11` that the figures belong to. */
  readonly day: string;
  readonly month: string;
  /** Reserved and settled spend; a reservation that was never settled counts as spent. */
  readonly dayUsd: number;
  readonly monthUsd: number;
  readonly draftsToday: number;
}

/** Keeps what the language model costs within the budget. */
export interface SpendMeter {
  /**
   * Takes `usd` from today's and this month's budget in one conditional write.
   *
   * @returns false when that would pass a limit. Throws when the meter cannot be read: then nothing may be spent.
   */
  reserveSpend(kind: SpendKind, usd: number, limits: SpendLimits, at: Date): Promise<boolean>;
  /** Corrects a reservation made at `reservedAt` to what was really spent. */
  settleSpend(reservedUsd: number, spentUsd: number, reservedAt: Date): Promise<void>;
  /** Figures of the day and the month that `at` lies in. */
  getMeter(at: Date): Promise<Meter>;
}

/**
 * The meter as it is stored. Money in billionths of a dollar: whole numbers, so that sums are exact and a budget with room for ten
 * calls takes ten.
 */
export interface MeterFigures {
  readonly day: string;
  readonly month: string;
  readonly dayNano: number;
  readonly monthNano: number;
  readonly draftsToday: number;
}

/**
 * What a reservation meets: figures of its own day; figures of an earlier day of the month; none of the month. Figures of a later
 * day (another worker's clock is ahead) count as its own, which errs on the side of spending less.
 */
export type MeterPeriod = 'same-day' | 'new-day' | 'new-month';

/** UTC day and month of an instant. */
export function dayAndMonth(at: Date): { readonly day: string; readonly month: string } {
  const day = at.toISOString().slice(0, 10);
  return { day, month: day.slice(0, 7) };
}

export function nanoOf(usd: number): number {
  if (!(usd >= 0 && usd < 1e6)) {
    throw new RangeError('Spend has to be a number of dollars from 0 to under a million.');
  }
  return Math.ceil(Number((usd * 1e9).toFixed(3)));
}

export function periodOf(figures: MeterFigures | null, at: Date): MeterPeriod {
  const { day, month } = dayAndMonth(at);
  if (figures === null || figures.month < month) {
    return 'new-month';
  }
  return figures.day < day ? 'new-day' : 'same-day';
}

/** @returns the figures with the reservation in them, or null when that would pass a limit. */
export function afterReservation(
  figures: MeterFigures | null,
  kind: SpendKind,
  usd: number,
  limits: SpendLimits,
  at: Date,
): MeterFigures | null {
  const period = periodOf(figures, at);
  const same = period === 'same-day' ? figures : null;
  const next: MeterFigures = {
    day: same?.day ?? dayAndMonth(at).day,
    month: same?.month ?? dayAndMonth(at).month,
    dayNano: (same?.dayNano ?? 0) + nanoOf(usd),
    monthNano: (period === 'new-month' ? 0 : (figures?.monthNano ?? 0)) + nanoOf(usd),
    draftsToday: (same?.draftsToday ?? 0) + (kind === 'draft' ? 1 : 0),
  };
  const fits =
    within(next.dayNano, nanoOf(limits.dailyUsd)) &&
    within(next.monthNano, nanoOf(limits.monthlyUsd)) &&
    (kind !== 'draft' || within(next.draftsToday, limits.draftsPerDay));
  return fits ? next : null;
}

/**
 * Which figures a settlement still may correct: those of a day or month that is over are gone.
 *
 * @returns null when none.
 */
export function settledPeriod(figures: MeterFigures | null, reservedAt: Date): 'day' | 'month' | null {
  const { day, month } = dayAndMonth(reservedAt);
  if (figures?.day === day) {
    return 'day';
  }
  return figures?.month === month ? 'month' : null;
}

export function meterAt(figures: MeterFigures | null, at: Date): Meter {
  const period = periodOf(figures, at);
  const current = period === 'same-day' ? figures : null;
  return {
    day: current?.day ?? dayAndMonth(at).day,
    month: current?.month ?? dayAndMonth(at).month,
    dayUsd: (current?.dayNano ?? 0) / 1e9,
    monthUsd: (period === 'new-month' ? 0 : (figures?.monthNano ?? 0)) / 1e9,
    draftsToday: current?.draftsToday ?? 0,
  };
}

/** A limit of 0 is none. */
function within(value: number, limit: number): boolean {
  return limit === 0 || value <= limit;
}
