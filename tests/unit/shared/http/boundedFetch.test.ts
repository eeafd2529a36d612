import { describe, expect, it } from 'vitest';
import { boundedFetch, redirectNotFollowed } from '#shared/http/boundedFetch.ts';

/** A body of that many chunks with 1000 bytes each, made only when it is asked for. */
function chunks(count: number) {
  const seen = { made: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        seen.made += 1;
        controller.enqueue(new Uint8Array(1000).fill(32));
        if (seen.made === count) {
          controller.close();
        }
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, seen };
}

const answering =
  (body: ReadableStream<Uint8Array<ArrayBuffer>> | null, init: ResponseInit = {}): typeof fetch =>
  async () =>
    new Response(body, init);

describe('an answer', () => {
  it('of just the size that is taken is read whole', async () => {
    const { body } = chunks(10);
    const answer = await boundedFetch(
      10_000,
      answering(body, { headers: { 'X-Its': 'own' } }),
    )('http://a.test');
    expect([answer.status, answer.headers.get('X-Its')]).toEqual([200, 'own']);
    expect((await answer.text()).length).toBe(10_000);
  });

  it('that is larger fails while it is read, and no more of it is asked for', async () => {
    const { body, seen } = chunks(1_000_000);
    const answer = await boundedFetch(10_000, answering(body))('http://a.test');
    await expect(answer.text()).rejects.toMatchObject({ name: 'AnswerTooLarge' });
    expect(seen.made).toBeLessThan(15);
    expect(seen.cancelled).toBe(true);
  });

  it('that is an error is cut there: its status says what matters', async () => {
    const { body, seen } = chunks(1_000_000);
    const answer = await boundedFetch(10_000, answering(body, { status: 502 }))('http://a.test');
    expect(answer.status).toBe(502);
    expect((await answer.text()).length).toBe(10_000);
    expect(seen.made).toBeLessThan(15);
    await expect.poll(() => seen.cancelled).toBe(true);
  });

  it('with a status that HTTP does not know is none, and is let go', async () => {
    const { body, seen } = chunks(1_000_000);
    const odd: typeof fetch = async () => Object.defineProperty(new Response(body), 'status', { value: 999 });
    await expect(boundedFetch(10_000, odd)('http://a.test')).rejects.toThrow(TypeError);
    await expect.poll(() => seen.cancelled).toBe(true);
    expect(seen.made).toBeLessThan(2);
  });

  it.each([204, 304])('without a body (%i) has none', async (status) => {
    const answer = await boundedFetch(10, answering(null, { status }))('http://a.test');
    expect([answer.status, await answer.text()]).toEqual([status, '']);
  });
});

describe('a redirect', () => {
  it('comes back as it is, and its body is not read', async () => {
    const { body, seen } = chunks(1_000_000);
    const asked: unknown[] = [];
    const through: typeof fetch = async (_input, init) => {
      asked.push(init);
      return new Response(body, { status: 307, headers: { Location: 'https://b.test/' } });
    };
    const answer = await boundedFetch(10, through)('http://a.test', { method: 'POST', redirect: 'follow' });
    expect([answer.status, answer.headers.get('Location')]).toEqual([307, 'https://b.test/']);
    expect(await answer.text()).toBe('');
    expect(asked).toEqual([{ method: 'POST', redirect: 'manual' }]);
    expect(seen).toEqual({ made: 0, cancelled: true });
  });

  it.each([
    ['https://name:s3cret@b.test:8443/path?key=s3cret#s3cret', ' to b.test:8443'],
    ['/only/a/path?key=s3cret', ''],
    ['mailto:s3cret@b.test', ''],
    ['http://[', ''],
    [null, ''],
  ])('to %s is told with its host alone', (location, where) => {
    const headers = new Headers(location === null ? {} : { Location: location });
    expect(redirectNotFollowed(headers)).toBe(`a redirect${where}, which is not followed`);
  });
});
