import { expect, it } from 'vitest';
import { simulateSeeds } from './draftSimulation.ts';

it.each(['guarded', 'managed'] as const)(
  '%s: looks for stale conversations at any time break no rule either',
  async (mode) => {
    const happened = await simulateSeeds(mode, { followUps: true, file: 'followUps' });
    if (process.env.SIMULATION_SEED !== undefined) {
      return;
    }
    const expected = [
      'crash',
      'fault',
      'FOLLOW_UP_TAG_REMOVED',
      'FOLLOW_UP_NOT_DUE',
      'follow-up drafted',
      // A draft that waits is seen in managed mode alone.
      mode === 'managed' ? 'follow-up tagged' : 'follow-up noted',
      'follow-up no-draft',
    ];
    for (const name of expected) {
      expect(happened.get(name) ?? 0, name).toBeGreaterThan(0);
    }
  },
);
