import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type HttpApi,
  type HttpApiOptions,
  type HttpRoute,
  openHttpApi,
} from '#infra/local/runner/httpApi.ts';
import type { Attack } from '#tests/load/attacks.ts';

const megabyte = 1024 * 1024;
const limit = 10 * megabyte;

let api: HttpApi | undefined;
const sockets: Socket[] = [];
let invoked: APIGatewayProxyEventV2[] = [];
let reported: string[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.destroy();
  }
  await api?.close();
  api = undefined;
});

const answering: HttpRoute['invoke'] = async (event) => {
  invoked.push(event as APIGatewayProxyEventV2);
  return { ok: true, result: { statusCode: 200, body: 'ok' } };
};

/** An API with a route that takes posts and one that tells the health. */
async function open(
  options: Omit<HttpApiOptions, 'report'> = {},
  post: Partial<HttpRoute> = {},
  health: Partial<HttpRoute> = {},
) {
  invoked = [];
  reported = [];
  api = await openHttpApi(0, { ...options, report: (sentence) => reported.push(sentence) });
  api.serve('api', [
    { routeKey: 'POST /in', invoke: answering, ...post },
    {
      routeKey: 'GET /health',
      invoke: async () => ({ ok: true, result: { statusCode: 200, body: 'healthy' } }),
      ...health,
    },
  ]);
  return api;
}

/** A connection that sends what it is told; what came back so far, and when it was closed. */
function talk() {
  const socket = connect({ port: Number(new URL(api?.url ?? '').port), host: '127.0.0.1' });
  sockets.push(socket);
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += text;
  });
  // What counts is what came back before.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    socket,
    closed,
    received: () => received,
    status: () => Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0),
    send: (...parts: (string | Buffer)[]) => {
      for (const part of parts) {
        socket.write(part);
      }
    },
  };
}

const head = (...headers: string[]) => ['POST /in HTTP/1.1', 'Host: a', ...headers, '', ''].join('\r\n');
const chunk = (bytes: Buffer | string) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${api?.url}/in`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
const health = async () => (await fetch(`${api?.url}/health`)).status;

describe('a body', () => {
  it('that says it is too large is refused before any of it came, and the connection ends', async () => {
    await open();
    const sender = talk();
    sender.send(head(`Content-Length: ${limit + 1}`));
    await sender.closed;
    expect(sender.status()).toBe(413);
    expect(sender.received()).toContain('{"message":"Request Entity Too Large"}');
    expect(invoked).toEqual([]);
  });

  it('that does not say its length is counted, and the connection ends in the middle of it', async () => {
    await open();
    const sender = talk();
    sender.send(head('Transfer-Encoding: chunked'));
    for (let sent = 0; sent < 11; sent += 1) {
      sender.send(chunk(Buffer.alloc(megabyte)));
    }
    await sender.closed;
    expect(sender.status()).toBe(413);
    expect(invoked).toEqual([]);
  });

  it('of the largest size passes, with its length and without', async () => {
    await open();
    expect((await post(Buffer.alloc(limit))).status).toBe(200);
    const sender = talk();
    sender.send(head('Transfer-Encoding: chunked', 'Connection: close'));
    for (let sent = 0; sent < 10; sent += 1) {
      sender.send(chunk(Buffer.alloc(megabyte)));
    }
    sender.send('0\r\n\r\n');
    await sender.closed;
    expect(sender.status()).toBe(200);
    expect(invoked.map(({ body }) => Buffer.from(body ?? '', 'base64').length)).toEqual([limit, limit]);
  });

  it.each([
    ['to no route', 'POST /nothing HTTP/1.1', 404, '{"message":"Not Found"}'],
    ['of a GET', 'GET /health HTTP/1.1', 200, 'healthy'],
  ])('%s is not waited for', async (_, line, status, answer) => {
    await open();
    const sender = talk();
    sender.send(`${line}\r\nHost: a\r\nContent-Length: 1000\r\n\r\n`);
    await sender.closed;
    expect(sender.status()).toBe(status);
    expect(sender.received()).toContain(answer);
  });

  it('is not waited for when the headers give the request away', async () => {
    await open({
      refusedUnread: (routeKey, headers) =>
        routeKey === 'POST /in' && headers['x-signature'] === undefined
          ? { statusCode: 401, headers: { 'x-own': 'yes' }, body: 'unsigned' }
          : undefined,
    });
    const sender = talk();
    sender.send(head('Content-Length: 1000'));
    await sender.closed;
    expect(sender.status()).toBe(401);
    expect(sender.received()).toMatch(/x-own: yes.*unsigned$/s);
    expect(invoked).toEqual([]);
    expect((await post('{}', { 'x-signature': 's' })).status).toBe(200);
  });

  it('that is refused while it comes leaves its sender time to read why', async () => {
    await open({ bounds: { lingerMilliseconds: 2000 } });
    const attack: Attack = {
      name: 'posts to no route',
      path: '/nothing',
      signature: 'none',
      sending: { kind: 'body', bytes: 9_900_000, chunkBytes: 65_536 },
      connections: 40,
      connectionsInAll: 40,
      seconds: 20,
      sparesGenuine: true,
      memoryFactor: 1,
    };
    // In a process of its own: what shares a loop with the server is never in the middle of sending when it answers.
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(import.meta.dirname, '../../../load/attacker.ts'),
      new URL(api?.url ?? '').port,
      JSON.stringify(attack),
    ]);
    expect(JSON.parse(stdout)).toEqual({ 404: 40 });
  });

  it('is asked for only when it is wanted', async () => {
    await open();
    const unwanted = talk();
    unwanted.send(head(`Content-Length: ${limit + 1}`, 'Expect: 100-continue'));
    await unwanted.closed;
    expect(unwanted.status()).toBe(413);
    const wanted = talk();
    wanted.send(head('Content-Length: 2', 'Expect: 100-continue', 'Connection: close'));
    await expect.poll(() => wanted.status()).toBe(100);
    wanted.send('{}');
    await wanted.closed;
    expect(wanted.received()).toContain('HTTP/1.1 200 OK');
  });

  it('that is compressed is handed on as it came, whatever it would inflate to', async () => {
    await open();
    const bomb = gzipSync(Buffer.alloc(100 * megabyte));
    expect(
      (await post(bomb, { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status,
    ).toBe(200);
    const [event] = invoked;
    expect(event?.headers['content-encoding']).toBe('gzip');
    expect(event?.isBase64Encoded).toBe(true);
    expect(Buffer.from(event?.body ?? '', 'base64').equals(bomb)).toBe(true);
  });
});

describe('what is held at a time', () => {
  /** Holds every post until the test lets it go. */
  const holding = () => {
    const gone = Promise.withResolvers<void>();
    const invoke: HttpRoute['invoke'] = async (event) => {
      invoked.push(event as APIGatewayProxyEventV2);
      await gone.promise;
      return { ok: true, result: { statusCode: 200, body: 'ok' } };
    };
    return { invoke, letGo: () => gone.resolve() };
  };

  it('are few large bodies: the next is refused, a small one passes beside them, and one passes once they are done', async () => {
    const { invoke, letGo } = holding();
    await open({ bounds: { bodyBytes: 5 * megabyte, atATime: 10 } }, { invoke });
    const first = post(Buffer.alloc(4 * megabyte));
    await expect.poll(() => invoked.length).toBe(1);
    const second = await post(Buffer.alloc(2 * megabyte));
    expect([second.status, await second.json()]).toEqual([503, { message: 'Service Unavailable' }]);
    const small = post(Buffer.alloc(megabyte / 2));
    await expect.poll(() => invoked.length).toBe(2);
    letGo();
    expect([(await first).status, (await small).status]).toEqual([200, 200]);
    expect((await post(Buffer.alloc(4 * megabyte))).status).toBe(200);
  });

  it('counts a large body whole while it is still coming, and no longer once its sender went away', async () => {
    await open({ bounds: { bodyBytes: 5 * megabyte } });
    const slow = talk();
    slow.send(head(`Content-Length: ${4 * megabyte}`, 'Expect: 100-continue'));
    // Now it is being read.
    await expect.poll(() => slow.status()).toBe(100);
    expect((await post(Buffer.alloc(2 * megabyte))).status).toBe(503);
    slow.socket.destroy();
    await expect.poll(async () => (await post(Buffer.alloc(2 * megabyte))).status).toBe(200);
  });

  it('counts a large body without a length as the largest one', async () => {
    const { invoke, letGo } = holding();
    await open({ bounds: { bodyBytes: limit + megabyte } }, { invoke });
    const first = talk();
    first.send(head('Transfer-Encoding: chunked', 'Connection: close'));
    first.send(chunk(Buffer.alloc(2 * megabyte)), '0\r\n\r\n');
    await expect.poll(() => invoked.length).toBe(1);
    expect((await post(Buffer.alloc(2 * megabyte))).status).toBe(503);
    const small = post('{}');
    await expect.poll(() => invoked.length).toBe(2);
    letGo();
    expect((await small).status).toBe(200);
    await first.closed;
    expect(first.status()).toBe(200);
  });

  it('counts what a chunk takes besides its bytes', async () => {
    await open({ bounds: { bodyBytes: 2 * megabyte } });
    const sender = talk();
    sender.send(head('Transfer-Encoding: chunked'), Buffer.from('1\r\na\r\n'.repeat(20_000)));
    await sender.closed;
    expect(sender.status()).toBe(503);
  });

  it('are few events of a route, and some that wait; the rest is refused, other routes are not', async () => {
    const { invoke, letGo } = holding();
    await open({ bounds: { atATime: 2, inLine: 3 } }, { invoke });
    const posts = Array.from({ length: 5 }, () => post('{}'));
    await expect.poll(async () => (await post('{}')).status).toBe(503);
    expect(invoked).toHaveLength(2);
    expect(await health()).toBe(200);
    letGo();
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });
});

it('above its throttle a route answers 429, and the others go on', async () => {
  await open({}, { throttle: { ratePerSecond: 0.001, burst: 2 } });
  const answers = [await post('{}'), await post('{}'), await post('{}')];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(await answers[2]?.json()).toEqual({ message: 'Too Many Requests' });
  expect(await health()).toBe(200);
  expect(invoked).toHaveLength(2);
});

it('what is refused by its headers does not count towards the throttle', async () => {
  await open(
    { refusedUnread: (_, headers) => (headers['x-signature'] ? undefined : { statusCode: 401, body: '' }) },
    { throttle: { ratePerSecond: 0.001, burst: 1 } },
  );
  for (let times = 0; times < 5; times += 1) {
    expect((await post('{}')).status).toBe(401);
  }
  expect((await post('{}', { 'x-signature': 's' })).status).toBe(200);
});

describe('a sender that does not go on', () => {
  const bounds = { headMilliseconds: 300, requestMilliseconds: 600 };

  it.each([
    ['says nothing', ''],
    ['stops in its head', 'POST /in HT'],
    ['stops in its body', head('Content-Length: 1000')],
    ['stops in its body in chunks', head('Transfer-Encoding: chunked')],
  ])('and %s is given up', async (_, sent) => {
    await open({ bounds });
    const sender = talk();
    sender.send(sent);
    await sender.closed;
    expect(invoked).toEqual([]);
    expect(await health()).toBe(200);
  });

  it('is given up too when it sends a byte now and then', async () => {
    await open({ bounds });
    const sender = talk();
    sender.send(head('Content-Length: 1000'));
    const timer = setInterval(() => sender.send('a'), 50);
    await sender.closed;
    clearInterval(timer);
    expect(invoked).toEqual([]);
  });

  it('does not hold up the end', async () => {
    const { close } = await open();
    const senders = [talk(), talk(), talk()];
    senders[0]?.send(head('Content-Length: 1000'));
    senders[1]?.send('POST /in HT');
    await Promise.all(senders.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    // Until what they sent has arrived.
    await health();
    await close();
    await Promise.all(senders.map(({ closed }) => closed));
  });
});

describe('more connections than are kept', () => {
  it('push out those that wait for longest, and the newest is answered', async () => {
    await open({ bounds: { idleSockets: 20 } });
    const idle = Array.from({ length: 60 }, () => talk());
    // The last of them is still open; the first ones are not.
    await Promise.all(idle.slice(0, 39).map(({ closed }) => closed));
    expect(await health()).toBe(200);
    expect(idle.at(-1)?.socket.destroyed).toBe(false);
  });

  it('push out those that were answered for longest', async () => {
    await open({ bounds: { idleSockets: 20 } });
    const kept: ReturnType<typeof talk>[] = [];
    for (let count = 0; count < 30; count += 1) {
      const sender = talk();
      sender.send('GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
      await expect.poll(() => sender.status(), { interval: 5 }).toBe(200);
      kept.push(sender);
    }
    // Long before an unused connection ends by itself.
    await expect
      .poll(() => kept.slice(0, 9).every(({ socket }) => socket.destroyed), { timeout: 3000 })
      .toBe(true);
    expect(kept.at(-1)?.socket.destroyed).toBe(false);
  });

  it('push out the body that is awaited for longest', async () => {
    await open({ bounds: { sendingSockets: 5 } });
    const slow = Array.from({ length: 8 }, () => talk());
    for (const { send } of slow) {
      send(head('Content-Length: 1000'));
    }
    await Promise.all(slow.slice(0, 3).map(({ closed }) => closed));
    expect((await post('{}')).status).toBe(200);
    expect(slow.at(-1)?.socket.destroyed).toBe(false);
  });

  it('do not push out one whose request is worked on', async () => {
    const done = Promise.withResolvers<void>();
    await open(
      { bounds: { idleSockets: 3 } },
      {
        invoke: async (event) => {
          invoked.push(event as APIGatewayProxyEventV2);
          await done.promise;
          return { ok: true, result: { statusCode: 200, body: 'ok' } };
        },
      },
    );
    const first = post('{}');
    await expect.poll(() => invoked.length).toBe(1);
    const idle = Array.from({ length: 10 }, () => talk());
    await Promise.all(idle.slice(0, 6).map(({ closed }) => closed));
    done.resolve();
    expect((await first).status).toBe(200);
  });
});

it('tells in one sentence what was refused', async () => {
  await open({ bounds: { reportMilliseconds: 500 } }, { throttle: { ratePerSecond: 0.001, burst: 1 } });
  await Promise.all(Array.from({ length: 20 }, () => post('{}')));
  await fetch(`${api?.url}/nothing`);
  await expect.poll(() => reported).toEqual(['Refused in the last minute: 19 requests above the throttle.']);
  await sleep(600);
  expect(reported).toHaveLength(1);
});
