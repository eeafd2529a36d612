import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { readMetrics, readReady } from '#infra/cli/statusApi.ts';
import type { Secrets } from '#shared/settings/secrets.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) {
    close();
  }
});

/** A deployment whose API answers everything with this. */
async function homeAnswering(status: number, body: string) {
  const server = createServer((_request, response) => void response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const address = server.address();
  const none = () => Promise.reject(new Error('not asked for'));
  const secrets: Secrets = {
    freescout: none,
    openai: none,
    channel: none,
    slack: none,
    status: async () => ({ token: 'token' }),
  };
  return { api: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, secrets };
}

describe('what /ready says', () => {
  it.each([
    [200, '{"status":"ready","mode":"guarded"}', { status: 'ready', mode: 'guarded', issues: [] }],
    [503, '{"status":"not_ready","mode":null,"issues":["x"]}', { status: 'not_ready', issues: ['x'] }],
  ])('is told for %i', async (status, body, expected) => {
    expect(await readReady(await homeAnswering(status, body))).toMatchObject(expected);
  });

  it.each([
    ['an answer for strangers', 200, '{"status":"ready"}', 'does not take the status token'],
    ['a bad answer for strangers', 503, '{"status":"not_ready"}', 'does not take the status token'],
    ['an error', 500, '{"message":"Internal Server Error"}', '/ready answered 500'],
    ["a gateway's own 503", 503, '{"message":"Service Unavailable"}', '/ready answered 503'],
    ['another program', 200, '<html>', '/ready answered 200'],
  ])('is not believed: %s', async (_, status, body, sentence) => {
    await expect(readReady(await homeAnswering(status, body))).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringContaining(sentence),
    });
  });
});

describe('what /metrics says', () => {
  it('is told for 200', async () => {
    expect(await readMetrics(await homeAnswering(200, '{"dead_letters":1}'))).toEqual({ dead_letters: 1 });
  });

  it.each([
    [401, '{"message":"the status token is missing or wrong"}', 'does not take the status token'],
    [500, '{"message":"Internal Server Error"}', '/metrics answered 500'],
    [404, '{"message":"Not Found"}', '/metrics answered 404'],
    [200, 'x', '/metrics answered 200'],
  ])('is not believed for %i', async (status, body, sentence) => {
    await expect(readMetrics(await homeAnswering(status, body))).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringContaining(sentence),
    });
  });

  it('is missed where nobody answers', async () => {
    await expect(
      readMetrics({ ...(await homeAnswering(200, '{}')), api: 'http://127.0.0.1:9' }),
    ).rejects.toThrow('does not answer');
  });
});
