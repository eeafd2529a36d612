import { it } from 'vitest';
import { asked, simulateSeeds } from './simulateSeeds.ts';

it('no order of events, faults and crashes loses or doubles a mail: further seeds', async () => {
  await simulateSeeds({ first: 501, last: asked.isFull ? 1000 : 550 }, 'intakeFurther.test.ts');
}, 1_800_000);
