import { it } from 'vitest';
import { asked, simulateSeeds } from './simulateSeeds.ts';

it('nor do hundreds of mails', async () => {
  await simulateSeeds(
    asked.isFull ? { first: 2001, last: 2005, mails: 500 } : { first: 2001, last: 2001, mails: 150 },
    'manyMails.test.ts',
  );
}, 1_800_000);
