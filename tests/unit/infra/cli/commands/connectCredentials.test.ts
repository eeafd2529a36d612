import { expect, it } from 'vitest';
import { putSecretOfStack } from '#infra/cli/commands/connectCredentials.ts';
import { recordingQueue } from '#tests/support/recordingQueue.ts';

it('a secret that was filled in is looked at by the worker after that', async () => {
  const queue = recordingQueue();
  const put: unknown[] = [];
  const putSecret = async (name: string, values: object) => {
    put.push([name, values, queue.jobs.length]);
  };
  await putSecretOfStack({ putSecret, queue }, { name: 'OpenAI', values: { apiKey: 'sk-1' } });
  expect(put).toEqual([['OpenAI', { apiKey: 'sk-1' }, 0]]);
  expect(queue.jobs.map(({ job }) => job)).toEqual([
    { kind: 'self-check', cause: 'connect', requestId: expect.stringMatching(/^connect-[0-9a-f-]{36}$/) },
  ]);
});
