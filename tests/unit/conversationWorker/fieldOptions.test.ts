import { expect, it } from 'vitest';
import { createFieldOptions } from '#functions/conversation-worker/fieldOptions.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const wanted = [{ id: 7, value: '3' }];

it('are read once however many jobs need them at the same time, and again when they are old', async () => {
  const clock = manualClock();
  const read: number[] = [];
  const optionsOf = createFieldOptions({
    clock,
    freescout: {
      listCustomFields: async (mailboxId) => {
        read.push(mailboxId);
        await Promise.resolve();
        return [{ id: 7, options: ['1', '2', '3'].slice(0, mailboxId) }];
      },
    },
  });
  const askAll = async () => {
    const answers = await Promise.all([1, 3, 1, 3, 1].map((mailboxId) => optionsOf(mailboxId, wanted)));
    return answers.map((takes) => takes?.({ id: 7, value: '3' }));
  };

  expect(await askAll()).toEqual([false, true, false, true, false]);
  expect(read).toEqual([1, 3]);
  clock.advance(5 * 60_000);
  expect(await askAll()).toEqual([false, true, false, true, false]);
  expect(read).toEqual([1, 3, 1]);
  clock.advance(55 * 60_000);
  await askAll();
  expect(read).toEqual([1, 3, 1, 1, 3]);
});
