import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import {
  askReady,
  type LocalReadiness,
  readinessAfterStart,
  tellWhenBetter,
} from '#infra/local/readiness.ts';

const ready: LocalReadiness = { status: 'ready', issues: [], conditions: [] };
const degraded: LocalReadiness = { status: 'degraded', issues: ['a label'], conditions: ['LabelsUnknown'] };
const notReady: LocalReadiness = { status: 'not_ready', issues: ['a key'], conditions: ['NotConfigured'] };

/** Gives the answers one after the other, the last one for ever. */
function answers(...given: readonly LocalReadiness[]) {
  let asked = 0;
  return {
    ask: async () => {
      asked += 1;
      return given[Math.min(asked, given.length) - 1] ?? ready;
    },
    asked: () => asked,
  };
}

const never = new AbortController().signal;

describe('the readiness after a start', () => {
  it('is told as soon as the system is ready', async () => {
    const { ask, asked } = answers(notReady, degraded, ready);
    const wait = { ask, graceMilliseconds: 10_000, everyMilliseconds: 1, giveUp: never };
    expect(await readinessAfterStart(wait)).toEqual(ready);
    expect(asked()).toBe(3);
  });

  it('is what was found last when the time is over', async () => {
    const { ask, asked } = answers(notReady, degraded);
    const wait = { ask, graceMilliseconds: 50, everyMilliseconds: 10, giveUp: never };
    expect(await readinessAfterStart(wait)).toEqual(degraded);
    expect(asked()).toBeLessThanOrEqual(6);
  });

  it('is waited for no longer once the start is given up', async () => {
    const { ask, asked } = answers(notReady);
    const wait = { ask, graceMilliseconds: 60_000, everyMilliseconds: 30_000 };
    const giveUp = AbortSignal.timeout(20);
    expect(await readinessAfterStart({ ...wait, giveUp })).toEqual(notReady);
    expect(asked()).toBe(2);
  });

  it('is asked with the token, with checks that run now or not', async () => {
    const asked: (readonly (string | undefined)[])[] = [];
    const server = createServer(({ url, headers }, response) => {
      asked.push([url, headers.authorization, headers['cache-control']]);
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...notReady, mode: null }));
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = z.object({ port: z.int() }).parse(server.address());
    const local = { api: `http://127.0.0.1:${port}`, statusToken: 'token' };
    expect(await askReady(local, { fresh: true, giveUp: never })).toEqual(notReady);
    expect(await askReady(local, { fresh: false, giveUp: never })).toEqual(notReady);
    expect(asked).toEqual([
      ['/ready', 'Bearer token', 'no-cache'],
      ['/ready', 'Bearer token', undefined],
    ]);
  });

  it('is not ready while nobody answers', async () => {
    const local = { api: 'http://127.0.0.1:9', statusToken: 'token' };
    expect(await askReady(local, { fresh: true, giveUp: never })).toEqual({
      status: 'not_ready',
      issues: ['/ready does not answer: look for errors of the function Status'],
      conditions: ['LooksSilent'],
    });
  });
});

describe('a system that was not ready', () => {
  const tellOf = async (first: LocalReadiness, ...later: readonly LocalReadiness[]) => {
    const told: LocalReadiness[] = [];
    const { ask, asked } = answers(...later);
    await tellWhenBetter(first, {
      ask,
      everyMilliseconds: 1,
      giveUp: never,
      tell: (readiness) => void told.push(readiness),
    });
    return { told, asked: asked() };
  };

  it('tells once whenever it has got better, until it is ready', async () => {
    expect((await tellOf(notReady, notReady, degraded, degraded, ready)).told).toEqual([degraded, ready]);
    expect((await tellOf(degraded, notReady, notReady, ready)).told).toEqual([ready]);
  });

  it('is not asked again once it is ready', async () => {
    expect(await tellOf(ready)).toEqual({ told: [], asked: 0 });
  });

  it('tells nothing once the stop was asked for', async () => {
    const told: LocalReadiness[] = [];
    const stopping = new AbortController();
    const ask = async () => {
      stopping.abort();
      return ready;
    };
    await tellWhenBetter(notReady, {
      ...{ ask, everyMilliseconds: 1, giveUp: stopping.signal },
      tell: (readiness) => void told.push(readiness),
    });
    expect(told).toEqual([]);
  });
});
