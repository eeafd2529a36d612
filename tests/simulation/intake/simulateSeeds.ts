import { type SimulatedRun, simulateIntake } from './intakeSimulation.ts';

/** What the environment asks for: `SIMULATION_SEED` replays one run, `SIMULATION_SEEDS=full` runs all there are. */
export const asked = {
  seed: process.env.SIMULATION_SEED === undefined ? null : Number(process.env.SIMULATION_SEED),
  isFull: process.env.SIMULATION_SEEDS === 'full',
} as const;

/**
 * Runs the seeds from `first` to `last`, or the one that is asked for, and throws with the whole story of the first that breaks a
 * rule.
 *
 * @returns how often what happened, over all runs.
 */
export async function simulateSeeds(
  { first, last, mails }: { readonly first: number; readonly last: number; readonly mails?: number },
  replayFile: string,
): Promise<ReadonlyMap<string, number>> {
  const options = mails === undefined ? {} : { mails };
  const totals = new Map<string, number>();
  for (let seed = asked.seed ?? first; seed <= (asked.seed ?? last); seed += 1) {
    const run = await simulateIntake(seed, options);
    if (run.violations.length > 0) {
      throw new Error(reportOf(await simulateIntake(seed, { ...options, traced: true }), replayFile));
    }
    for (const [name, count] of run.counts) {
      totals.set(name, (totals.get(name) ?? 0) + count);
    }
  }
  return totals;
}

/** The first seed whose run breaks a rule; null when none up to `enough` does. */
export async function firstBroken(
  rule: RegExp,
  options: Parameters<typeof simulateIntake>[1],
  enough: number,
): Promise<number | null> {
  for (let seed = 1; seed <= enough; seed += 1) {
    const { violations } = await simulateIntake(seed, options);
    if (violations.some((violation) => rule.test(violation))) {
      return seed;
    }
  }
  return null;
}

/** What a failing run leaves for whoever looks into it. */
export function reportOf({ seed, violations, trace }: SimulatedRun, replayFile: string): string {
  return [
    `Seed ${seed} broke: ${violations.join('; ')}`,
    `Replay: SIMULATION_SEED=${seed} npx vitest run --project simulation tests/simulation/intake/${replayFile}`,
    ...trace,
  ].join('\n');
}
