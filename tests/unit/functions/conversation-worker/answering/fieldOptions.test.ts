import { expect, it } from 'vitest';
import { createFieldOptions } from '#functions/conversation-worker/answering/fieldOptions.ts';
import { type FreeScoutClient, FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
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

it.each([null, 'module-absent'] as const)(
  'stay known where the route is gone for a while (%j)',
  async (gone) => {
    const clock = manualClock();
    let answer: Awaited<ReturnType<FreeScoutClient['listCustomFields']>> = [{ id: 7, options: ['1'] }];
    const optionsOf = createFieldOptions({ clock, freescout: { listCustomFields: async () => answer } });
    const takes = async () => (await optionsOf(1, wanted))?.({ id: 7, value: '3' });

    expect(await takes()).toBe(false);
    answer = gone;
    clock.advance(60 * 60_000);
    expect(await takes()).toBe(false);
    answer = [{ id: 7, options: ['1', '3'] }];
    clock.advance(5 * 60_000);
    expect(await takes()).toBe(true);
  },
);

it('are asked for again after a fault, by however many jobs, and no fault but FreeScout’s is swallowed', async () => {
  const clock = manualClock();
  const fault = new FreeScoutFailure('freescout-unreachable', 'No answer.', {
    retryable: true,
    status: null,
    nothingWritten: true,
  });
  let error: Error | null = fault;
  const optionsOf = createFieldOptions({
    clock,
    freescout: {
      listCustomFields: async () => {
        await Promise.resolve();
        if (error !== null) {
          throw error;
        }
        return [{ id: 7, options: ['1'] }];
      },
    },
  });
  const ask = () => Promise.all([1, 2, 3].map(() => optionsOf(1, wanted)));

  expect(await ask()).toEqual([null, null, null]);
  error = new Error('a mistake of ours');
  await expect(ask()).rejects.toThrow('a mistake of ours');
  error = null;
  expect((await ask()).map((takes) => takes?.({ id: 7, value: '3' }))).toEqual([false, false, false]);
  error = fault;
  clock.advance(60 * 60_000);
  expect((await ask()).map((takes) => takes?.({ id: 7, value: '3' }))).toEqual([false, false, false]);
});
