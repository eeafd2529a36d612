import { networkInterfaces } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { type HttpApi, openHttpApi } from '#infra/local/runner/httpApi.ts';

let api: HttpApi | undefined;
afterEach(() => api?.close());

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.2', '127.0.0.2'],
  ['0.0.0.0', '127.0.0.1'],
  ...(hasIpv6
    ? [
        ['::', '127.0.0.1'],
        ['::1', '[::1]'],
      ]
    : []),
])('on %s it is reached at %s', async (host, name) => {
  api = await openHttpApi(0, { host });
  expect(new URL(api.url).hostname).toBe(name);
  // Nothing is served yet, but somebody is there.
  expect((await fetch(api.url)).status).toBe(503);
});

it('hands functions the network of a caller, not the address', async () => {
  api = await openHttpApi(0);
  const seen: unknown[] = [];
  api.serve('api', [
    {
      routeKey: 'GET /health',
      throttle: undefined,
      invoke: async (event) => {
        seen.push(event);
        return { ok: true, result: { statusCode: 200 } };
      },
    },
  ]);
  await fetch(`${api.url}/health`);
  expect(seen).toEqual([
    expect.objectContaining({
      requestContext: expect.objectContaining({ http: expect.objectContaining({ sourceIp: '127.0.0.0' }) }),
    }),
  ]);
});
