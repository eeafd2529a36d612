import type { ConditionName, Issue } from '#shared/observability/conditions.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import {
  clockToleranceMilliseconds,
  type KeptReadiness,
  oldestLookMilliseconds,
  type Readiness,
  type ReadinessLooks,
  type Sighting,
  standingConditions,
} from '#shared/store/readiness.ts';
import type { Clock } from '#shared/time/clock.ts';
import { causeName } from './causeName.ts';
import { afterLook } from './sightings.ts';

export interface KeptAnswerDependencies {
  /** Checks everything; does not throw. */
  readonly look: () => Promise<Readiness>;
  readonly state: ReadinessLooks;
  readonly clock: Clock;
  readonly log: Log;
  /** Names whoever asks, differently each time. */
  readonly newOwner: () => string;
}

/** What `/ready` tells. */
export interface ReadinessAnswer extends Readiness {
  /** ISO 8601: when the look began that found this; null: nobody has looked yet. */
  readonly checkedAt: string | null;
  /** Conditions that looks have seen for a minute: operators are told of them. */
  readonly standing: readonly ConditionName[];
}

/**
 * How new an answer has to be. `kept`: of the last half minute, or older while somebody else renews it. `renewed`: of the last half
 * minute. `fresh`: of a look that begins now. For the two last ones, the asker waits while somebody else looks.
 */
export type Wanted = 'kept' | 'renewed' | 'fresh';

/** FreeScout is looked at once within this time, however many ask and in however many environments. */
export const keptMilliseconds = 30_000;
/** Longer than the function may run: a lease ends only before its look when the look died. */
const leaseMilliseconds = 30_000;
/** A look ends within its time limit of 12 s. Waiting for one and making another have to fit into the function's time limit. */
const longestWaitMilliseconds = 13_000;
const waitMilliseconds = 250;

/**
 * Answers out of the one answer that all environments share, and renews it under a lease. Without the table nobody could know whether
 * somebody else looks, so then it does not look at all: the system is not ready.
 */
export function createKeptAnswer(deps: KeptAnswerDependencies): (wanted: Wanted) => Promise<ReadinessAnswer> {
  const { state, clock, log } = deps;
  /** What the looks saw, for as long as the table cannot tell. */
  let known: readonly Sighting[] = [];

  const readKept = async () => {
    const kept = await orUnusable(state.keptReadiness(), 'read');
    known = kept?.sightings ?? known;
    return kept;
  };

  async function lookNow(owner: string): Promise<ReadinessAnswer> {
    // Somebody may have looked since the answer was read for the last time.
    const sightings = (await readKept())?.sightings ?? [];
    const at = clock.now();
    const found = await deps.look();
    const kept = { ...found, at: at.toISOString(), sightings: afterLook(sightings, found.issues, at) };
    await orUnusable(state.keepLook(owner, kept), 'written');
    return answerOf(kept);
  }

  async function ask(wanted: Wanted): Promise<ReadinessAnswer> {
    const owner = deps.newOwner();
    const asked = clock.now().getTime();
    const newEnough = wanted === 'fresh' ? asked : asked - keptMilliseconds;
    for (;;) {
      const now = clock.now();
      const kept = await readKept();
      const usable = kept !== null && isUsable(kept, now) ? kept : null;
      if (usable !== null && Date.parse(usable.at) >= newEnough) {
        return answerOf(usable);
      }
      const lease = {
        at: now,
        until: new Date(now.getTime() + leaseMilliseconds),
        newEnough: new Date(newEnough),
      };
      if (await orUnusable(state.beginLook(owner, lease), 'written')) {
        return lookNow(owner);
      }
      const isOver = now.getTime() - asked >= longestWaitMilliseconds;
      if (usable !== null && (wanted === 'kept' || isOver)) {
        return answerOf(usable);
      }
      if (isOver) {
        return unansweredFor(kept);
      }
      await clock.sleep(waitMilliseconds);
    }
  }

  return async (wanted) => {
    try {
      return await ask(wanted);
    } catch (thrown) {
      if (!(thrown instanceof StateUnusable)) {
        throw thrown;
      }
      const now = clock.now();
      known = afterLook(known, [thrown.issue], now);
      log.write('NOT_READY', { faults: 1 });
      return answerOf({
        ...{ status: 'not_ready', issues: [thrown.issue], draftMode: null },
        ...{ at: now.toISOString(), sightings: known },
      });
    }
  };
}

/** The table that keeps the answer cannot be used. */
class StateUnusable extends Error {
  readonly issue: Issue;
  constructor(how: 'read' | 'written', error: unknown) {
    super();
    this.issue = {
      condition: 'TableUnwritable',
      says: `table SystemState cannot be ${how} (${causeName(error)})`,
    };
  }
}

async function orUnusable<Result>(call: Promise<Result>, how: 'read' | 'written'): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw new StateUnusable(how, error);
  }
}

function isUsable({ at }: KeptReadiness, now: Date): boolean {
  const age = now.getTime() - Date.parse(at);
  return age >= -clockToleranceMilliseconds && age <= oldestLookMilliseconds;
}

function answerOf({ status, issues, draftMode, at, sightings }: KeptReadiness): ReadinessAnswer {
  return { status, issues, draftMode, checkedAt: at, standing: standingConditions({ sightings }) };
}

/** Somebody has the lease and does not come to an end, and what the last look found is too old. */
function unansweredFor(kept: KeptReadiness | null): ReadinessAnswer {
  const since = kept === null ? 'no look has ended yet' : `no look has ended since ${kept.at}`;
  return {
    status: 'not_ready',
    issues: [{ condition: 'LooksSilent', says: `${since}: look for errors of the status function` }],
    draftMode: null,
    checkedAt: kept?.at ?? null,
    standing: kept === null ? [] : standingConditions(kept),
  };
}
