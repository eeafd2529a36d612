import { expect, it } from 'vitest';
import { simulateIntake } from './intakeSimulation.ts';
import { asked, reportOf } from './simulateSeeds.ts';

const noTrouble = { crash: 0, fault: 0, lostWebhook: 0, burst: 0, slow: 0 };

/** Polls and sweeps that find nothing are all alike: of those only one in so many is stopped. */
const idleStride = 40;

it('whatever work stops at whichever of its awaits, everything ends as if it had not', async () => {
  const options = { mails: 3, trouble: noTrouble } as const;
  const candidates: number[] = [];
  await simulateIntake(1, {
    ...options,
    sabotage: {
      crashes: ({ work, number }) => {
        if (work.startsWith('worker') || number % idleStride === 0) {
          candidates.push(number);
        }
        return false;
      },
    },
  });
  let crashes = 0;
  for (const candidate of asked.isFull ? candidates : candidates.filter((_, index) => index % 5 === 0)) {
    const sabotage = { crashes: ({ number }: { readonly number: number }) => number === candidate };
    const run = await simulateIntake(1, { ...options, sabotage });
    crashes += run.counts.get('crashes') ?? 0;
    if (run.violations.length > 0) {
      const traced = await simulateIntake(1, { ...options, sabotage, traced: true });
      throw new Error(`Stopped at step ${candidate}. ${reportOf(traced, 'crashAtEveryStep.test.ts')}`);
    }
  }
  expect(crashes).toBeGreaterThan(50);
}, 1_800_000);
