import { expect, it } from 'vitest';
import { createWorkerBench } from '#tests/support/workerBench.ts';

it('a self-check reports secrets and leaves no row', async () => {
  const bench = createWorkerBench({});
  let reports = 0;
  const deps = {
    reportSecrets: async () => {
      reports += 1;
    },
  };
  const job = { kind: 'self-check', cause: 'sweep', requestId: 'run-1' } as const;
  expect(await bench.work(job, { deps })).toEqual({ end: 'done' });
  expect(reports).toBe(1);
  expect(await bench.store.state.counts()).toMatchObject({ messages: { success: 0, processing: 0 } });
});
