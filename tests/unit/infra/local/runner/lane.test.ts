import { expect, it } from 'vitest';
import { openLane } from '#infra/local/runner/lane.ts';

/** Work that ends when the test says so. */
function works() {
  const begun: number[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  return {
    begun,
    ends,
    work: (number: number) => async () => {
      begun.push(number);
      const end = Promise.withResolvers<void>();
      ends.push(end);
      await end.promise;
      return number;
    },
  };
}

it('does so many things at a time, the others in the order they came, and takes no more than may wait', async () => {
  const { begun, ends, work } = works();
  const lane = openLane(2, 2);
  const results = [1, 2, 3, 4].map((number) => lane.run(work(number)));
  expect(lane.isFull()).toBe(true);
  expect(lane.run(work(5))).toBeUndefined();
  expect(begun).toEqual([1, 2]);
  ends[0]?.resolve();
  expect(await results[0]).toBe(1);
  await expect.poll(() => begun).toEqual([1, 2, 3]);
  expect(lane.isFull()).toBe(false);
  const last = lane.run(work(6));
  for (let next = 1; next < 5; next += 1) {
    await expect.poll(() => ends[next]).toBeDefined();
    ends[next]?.resolve();
  }
  expect(await Promise.all([...results, last])).toEqual([1, 2, 3, 4, 6]);
});

it('goes on after work that failed', async () => {
  const lane = openLane(1, 1);
  const failed = lane.run(() => Promise.reject(new Error('no')));
  const next = lane.run(async () => 'done');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('done');
  expect(await lane.run(async () => 'again')).toBe('again');
});
