import { expect, it } from 'vitest';
import { simulateSeeds } from './draftSimulation.ts';

it('managed: no order of events, faults and crashes breaks a rule', async () => {
  const happened = await simulateSeeds('managed');
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
    'lands late',
    'call held back',
    'a colleague of the customer writes',
  ];
  const outcomes = [
    'unchanged',
    'light-edit',
    'heavy-edit',
    'replaced',
    'DRAFT_REPLACED',
    'DRAFT_WITHDRAWN',
    'discarded',
  ];
  for (const name of [...expected, ...outcomes]) {
    expect(happened.get(name) ?? 0, name).toBeGreaterThan(0);
  }
});
