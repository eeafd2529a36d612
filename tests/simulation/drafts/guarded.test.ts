import { expect, it } from 'vitest';
import { simulateSeeds } from './draftSimulation.ts';

it('guarded: no order of events, faults and crashes breaks a rule', async () => {
  const happened = await simulateSeeds('guarded');
  if (process.env.SIMULATION_SEED !== undefined) {
    return;
  }
  const expected = [
    'crash',
    'fault',
    'takes a reply back',
    'answers elsewhere',
    'DRAFT_CREATED',
    'DRAFT_KEPT',
    'DRAFT_UNUSABLE',
  ];
  const outcomes = ['unchanged', 'light-edit', 'heavy-edit', 'replaced'];
  for (const name of [...expected, ...outcomes]) {
    expect(happened.get(name) ?? 0, name).toBeGreaterThan(0);
  }
});
