import { describe, expect, it } from 'vitest';
import { permanent } from '#shared/failure/failure.ts';
import { type FreeScoutClient, FreeScoutFailure } from '#shared/freescout/freescoutClient.ts';
import {
  type Answerer,
  conversationJson,
  errorJson,
  fetchError,
  freescoutAnswering,
  htmlAnswer,
  jsonAnswer,
  nothing,
} from '#tests/support/fakeFreeScout.ts';

const write = (client: FreeScoutClient) =>
  client.addNote(7, { html: '<div>A note</div>', cc: [], imported: false });
const read = (client: FreeScoutClient) => client.listConversations({ page: 1 });

async function failureOf(promise: Promise<unknown>): Promise<FreeScoutFailure> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof FreeScoutFailure)) {
    throw new Error(`Expected a FreeScoutFailure, got ${String(thrown)}`);
  }
  return thrown;
}

describe('failures of a writing call', () => {
  const empty = () => new Response(null, { status: 201 });
  it.each<[string, Answerer, Partial<FreeScoutFailure>]>([
    [
      'a request that FreeScout refuses',
      () => jsonAnswer(400, errorJson('Error occurred', 'user')),
      { code: 'freescout-rejected', retryable: false, nothingWritten: true },
    ],
    [
      'a customer whom another request makes at the same moment',
      () => jsonAnswer(400, errorJson('Error occurred', 'emails')),
      { code: 'freescout-error', retryable: true, nothingWritten: true },
    ],
    [
      '422',
      () => jsonAnswer(422, errorJson('Error occurred')),
      { code: 'freescout-rejected', retryable: false, nothingWritten: true },
    ],
    [
      'a conversation that is not there',
      () => jsonAnswer(404, errorJson('Not Found')),
      { code: 'freescout-rejected', retryable: false, nothingWritten: true },
    ],
    [
      'no API module, in HTML',
      () => htmlAnswer(404),
      { code: 'freescout-error', retryable: true, nothingWritten: true },
    ],
    [
      'no API module, in JSON',
      () => jsonAnswer(404, { message: '' }),
      { code: 'freescout-error', retryable: true, nothingWritten: true },
    ],
    [
      'a wrong key',
      () => jsonAnswer(401, { message: 'Not Authorized' }),
      { code: 'freescout-unauthorized', retryable: true, nothingWritten: true },
    ],
    [
      'a firewall',
      () => htmlAnswer(403),
      { code: 'freescout-unauthorized', retryable: true, nothingWritten: true },
    ],
    [
      'a method it does not know',
      () => jsonAnswer(405, { message: '', trace: [] }),
      { code: 'freescout-error', retryable: true, nothingWritten: true },
    ],
    [
      'too much',
      () => htmlAnswer(413),
      { code: 'freescout-too-large', retryable: true, nothingWritten: true },
    ],
    [
      'too many calls',
      () => htmlAnswer(429, { 'Retry-After': '30' }),
      { code: 'freescout-error', retryable: true, nothingWritten: true, retryAfterSeconds: 30 },
    ],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { Location: 'https://elsewhere.example' } }),
      { code: 'freescout-error', retryable: true, nothingWritten: true },
    ],
    [
      'an internal error',
      () => jsonAnswer(500, { message: 'Server Error' }),
      { code: 'freescout-unanswered', retryable: true, nothingWritten: false },
    ],
    [
      'maintenance',
      () => htmlAnswer(503),
      { code: 'freescout-unanswered', retryable: true, nothingWritten: false },
    ],
    ['no Resource-ID', empty, { code: 'freescout-unanswered', retryable: true, nothingWritten: false }],
    [
      'a page instead of JSON',
      () => htmlAnswer(200),
      { code: 'freescout-unanswered', nothingWritten: false },
    ],
    [
      'a connection lost after sending',
      () => fetchError('ECONNRESET'),
      { code: 'freescout-unanswered', retryable: true, nothingWritten: false, status: null },
    ],
    [
      'a time limit passed',
      () => new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
      { code: 'freescout-unanswered', retryable: true, nothingWritten: false, status: null },
    ],
    [
      'a connection refused',
      () => fetchError('ECONNREFUSED', { syscall: 'connect' }),
      { code: 'freescout-unreachable', retryable: true, nothingWritten: true, status: null },
    ],
    [
      'a connection that times out before it stands',
      () => fetchError('ETIMEDOUT', { syscall: 'connect' }),
      { code: 'freescout-unreachable', nothingWritten: true },
    ],
    [
      'a connection that times out while it stands',
      () => fetchError('ETIMEDOUT', { syscall: 'read' }),
      { code: 'freescout-unanswered', nothingWritten: false },
    ],
    [
      'a name nobody has',
      () => fetchError('ENOTFOUND'),
      { code: 'freescout-unreachable', nothingWritten: true },
    ],
    [
      'a certificate that is not trusted',
      () => fetchError('DEPTH_ZERO_SELF_SIGNED_CERT'),
      { code: 'freescout-unreachable', nothingWritten: true },
    ],
  ])('%s', async (_, answer, expected) => {
    const { client, sent, clock } = freescoutAnswering(answer);
    expect(await failureOf(write(client))).toMatchObject(expected);
    expect(sent).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
  });

  it('names the parameters that are wrong and never quotes what was sent', async () => {
    const { client } = freescoutAnswering(() =>
      jsonAnswer(400, {
        message: 'Error occurred',
        _embedded: {
          errors: [
            { path: 'customer', message: 'Invalid email: lee@example.org', source: 'JSON' },
            { path: 'lee@example.org', message: 'odd', source: 'JSON' },
          ],
        },
      }),
    );
    const { message } = await failureOf(write(client));
    expect(message).toContain('because of customer.');
    expect(message).not.toContain('lee@');
  });

  it('is a FreeScoutFailure with nothing written when the key cannot be read', async () => {
    const { client, sent } = freescoutAnswering(nothing, {
      apiKey: async () => {
        throw permanent('secret-unreadable', 'No.');
      },
    });
    expect(await failureOf(write(client))).toMatchObject({
      code: 'secret-unreadable',
      retryable: false,
      nothingWritten: true,
    });
    expect(sent).toEqual([]);
  });

  it('says so when FreeScout is not configured', async () => {
    const { client, sent } = freescoutAnswering(nothing, { baseUrl: '' });
    expect(await failureOf(write(client))).toMatchObject({
      code: 'freescout-not-configured',
      nothingWritten: true,
    });
    expect(sent).toEqual([]);
  });
});

describe('a refused key', () => {
  it('is read again once, and a changed one is tried, for a write too', async () => {
    const { client, sent, log } = freescoutAnswering(
      ({ key }) =>
        key === 'new'
          ? jsonAnswer(201, { state: 'published' }, { 'Resource-ID': '31' })
          : jsonAnswer(401, { message: 'Not Authorized' }),
      { apiKey: async (options) => (options?.refresh ? 'new' : 'old') },
    );
    expect(await write(client)).toEqual({ threadId: 31 });
    expect(sent.map(({ key }) => key)).toEqual(['old', 'new']);
    expect(log.of('SECRET_REFRESHED')).toHaveLength(1);
  });

  it('is not tried again when it did not change', async () => {
    const { client, sent } = freescoutAnswering(() => jsonAnswer(401, { message: 'Not Authorized' }));
    expect((await failureOf(write(client))).code).toBe('freescout-unauthorized');
    expect(sent).toHaveLength(1);
  });
});

describe('a reading call', () => {
  const page = () =>
    jsonAnswer(200, { _embedded: { conversations: [conversationJson()] }, page: { totalPages: 1 } });

  it.each<[string, Answerer]>([
    ['an internal error', () => jsonAnswer(500, {})],
    ['a broken connection', () => fetchError('ECONNRESET')],
    ['a page instead of JSON', () => htmlAnswer(200)],
  ])('is repeated with growing waits after %s, and gives up after the last attempt', async (_, answer) => {
    const { client, sent, clock, metrics } = freescoutAnswering(answer);
    expect(await failureOf(read(client))).toMatchObject({ retryable: true, nothingWritten: true });
    expect(sent).toHaveLength(3);
    expect(clock.sleeps).toEqual([375, 750]);
    expect(metrics.total('FreeScoutCalls')).toBe(3);
    expect(metrics.total('FreeScoutFailures')).toBe(3);
  });

  it('goes on when FreeScout comes back', async () => {
    let calls = 0;
    const { client } = freescoutAnswering(() => {
      calls += 1;
      return calls === 1 ? htmlAnswer(503) : page();
    });
    expect((await read(client)).conversations).toHaveLength(1);
  });

  it('waits as long as FreeScout asks, if that is short', async () => {
    let calls = 0;
    const { client, clock } = freescoutAnswering(() => {
      calls += 1;
      return calls === 1 ? htmlAnswer(429, { 'Retry-After': '4' }) : page();
    });
    await read(client);
    expect(clock.sleeps).toEqual([4500]);
  });

  it('hands a long wait to the queue', async () => {
    const { client, sent } = freescoutAnswering(() => htmlAnswer(503, { 'Retry-After': '120' }));
    expect(await failureOf(read(client))).toMatchObject({ retryAfterSeconds: 120 });
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['a refused request', () => jsonAnswer(400, errorJson('Error occurred'))],
    ['a missing module', () => htmlAnswer(404)],
    ['JSON that is no list', () => jsonAnswer(200, { message: 'hello' })],
  ] satisfies [string, Answerer][])('is not repeated after %s', async (_, answer) => {
    const { client, sent } = freescoutAnswering(answer);
    await failureOf(read(client));
    expect(sent).toHaveLength(1);
  });
});

describe('the line of a call', () => {
  it('tells route and figures, never ids of people or text', async () => {
    const { client, log } = freescoutAnswering(() => jsonAnswer(201, {}, { 'Resource-ID': '31' }));
    await write(client);
    expect(log.of('FREESCOUT_CALL')).toEqual([
      {
        method: 'POST',
        route: '/conversations/{conversation}/threads',
        status: 201,
        attempt: 1,
        durationMs: 0,
        conversationId: 7,
      },
    ]);
  });
});
