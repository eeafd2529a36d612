import type { ConditionName, Issue } from '#shared/observability/conditions.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';

/** How the system is. */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'not_ready';
  /** Everything that is wrong; what keeps the system from being ready comes first. */
  readonly issues: readonly Issue[];
  /** What the companion module allows; null while FreeScout cannot be asked. */
  readonly draftMode: 'guarded' | 'managed' | null;
}

/** What the looks say of one condition. A condition that no look sees and that does not stand has none. */
export interface Sighting {
  readonly condition: ConditionName;
  /** Whether the newest look saw it. */
  readonly seen: boolean;
  /** ISO 8601: since the look of this moment every look has said the same. */
  readonly since: string;
  /** Whether operators are told of it: looks that are a minute apart saw it, and have not missed it for as long. */
  readonly stands: boolean;
}

/** What the newest look found. */
export interface KeptReadiness extends Readiness {
  /** ISO 8601: when the look began. */
  readonly at: string;
  readonly sightings: readonly Sighting[];
}

/** One look, which nobody else makes meanwhile. */
interface LookLease {
  readonly at: Date;
  /** The lease ends at this moment when its owner does not end it before. */
  readonly until: Date;
  /** A look that began at this moment or later is new enough: then none is made. */
  readonly newEnough: Date;
}

/** Clocks of two environments differ by less. What is dated further ahead was written before a clock was set back. */
export const clockToleranceMilliseconds = 60_000;

/** What an older look found says nothing about now. */
export const oldestLookMilliseconds = 5 * minuteMilliseconds;

/** Keeps the answer of `/ready`, and who renews it. */
export interface ReadinessLooks {
  /** What the newest look found; null before the first one, and when another release left what this one cannot read. */
  keptReadiness(): Promise<KeptReadiness | null>;
  /**
   * Takes the lease of the next look.
   *
   * @returns false while somebody else has it, and when the kept answer is new enough.
   */
  beginLook(owner: string, lease: LookLease): Promise<boolean>;
  /** Keeps what the owner of the lease found, and gives the lease back. Does nothing when somebody else has the lease by now. */
  keepLook(owner: string, found: KeptReadiness): Promise<void>;
}

/** The conditions of which operators are told. */
export function standingConditions({
  sightings,
}: Pick<KeptReadiness, 'sightings'>): readonly ConditionName[] {
  return sightings.filter(({ stands }) => stands).map(({ condition }) => condition);
}
