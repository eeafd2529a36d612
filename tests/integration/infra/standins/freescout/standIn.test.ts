import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingMail } from '#infra/standins/freescout/records.ts';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';

const customer = { email: 'nina@example.org', firstName: 'Nina' };
const opening = {
  type: 'email',
  mailboxId: 1,
  subject: 'Help',
  customer,
  threads: [{ type: 'customer', text: 'Hi', customer }],
};
const note = { type: 'note', user: 2, text: 'x' };

let standIn: FreeScoutStandIn;
let sent: OutgoingMail[];

beforeEach(async () => {
  sent = [];
  standIn = await startFreeScoutStandIn({ delayFactor: 0.002, deliverToCustomer: (mail) => sent.push(mail) });
});
afterEach(() => standIn.close());

const call = (method: string, path: string, body?: unknown, signal?: AbortSignal) =>
  fetch(`${standIn.url}/api${path}`, {
    method,
    headers: { 'X-FreeScout-API-Key': standIn.apiKey, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });

describe('over HTTP', () => {
  it('serves the API, posts signed webhooks, and mails a sent draft', async () => {
    const received: { event: string; body: string }[] = [];
    const receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        received.push({ event: String(request.headers['x-freescout-event']), body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', () => resolve()));
    const address = receiver.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    standIn.registerWebhook(`http://127.0.0.1:${port}/hook`, ['convo.created']);

    expect((await call('POST', '/conversations', opening)).status).toBe(201);
    await call('POST', '/conversations/1/threads', { ...note, type: 'message', state: 'draft' });
    standIn.model.agent.sendDraft({ conversationId: 1, threadId: 2 }, { user: 1 });
    await expect.poll(() => sent.length).toBe(1);
    await expect.poll(() => received.map(({ event }) => event)).toEqual(['convo.created']);
    await new Promise((resolve) => receiver.close(resolve));
  });

  it('shows everything for inspection, drafts included', async () => {
    await call('POST', '/conversations', opening);
    await call('POST', '/conversations/1/threads', { ...note, type: 'message', state: 'draft' });
    const one = await (await fetch(`${standIn.url}/inspect/conversations/1`)).json();
    expect(one).toMatchObject({
      id: 1,
      draftCount: 1,
      threads: expect.arrayContaining([expect.objectContaining({ id: 2, state: 'draft', imported: false })]),
    });
    expect(await (await fetch(`${standIn.url}/inspect/conversations`)).json()).toHaveLength(1);
    expect((await fetch(`${standIn.url}/inspect/conversations/9`)).status).toBe(404);
    expect(await (await fetch(`${standIn.url}/inspect/mail`)).json()).toEqual([]);
  });

  it('hands out an attachment to whoever has the link, and to nobody else', async () => {
    await call('POST', '/conversations', opening);
    const answer = await call('POST', '/conversations/1/threads', {
      ...note,
      attachments: [{ fileName: 'a.txt', mimeType: 'text/plain', data: 'aGVsbG8=' }],
    });
    const fileUrl = /"fileUrl":"([^"]+)"/.exec(await answer.text())?.[1]?.replaceAll('\\/', '/') ?? '';
    expect(fileUrl.startsWith(standIn.url)).toBe(true);
    const file = await fetch(fileUrl);
    expect(await file.text()).toBe('hello');
    expect((await fetch(fileUrl.replace(/token=.*/, 'token=x'))).status).toBe(404);
  });

  it('refuses a port that is taken', async () => {
    const port = Number(new URL(standIn.url).port);
    await expect(startFreeScoutStandIn({ port })).rejects.toThrow('EADDRINUSE');
  });
});

describe('injected failures', () => {
  beforeEach(async () => {
    await call('POST', '/conversations', opening);
  });
  const threads = () => standIn.model.threadsOf.get(1)?.length;

  it('a status: nothing is written, and the next call is answered', async () => {
    standIn.model.faults.failNext({ method: 'POST', pathPattern: /\/threads$/, kind: 503 });
    expect((await call('GET', '/conversations/1')).status).toBe(200);
    const failed = await call('POST', '/conversations/1/threads', note);
    expect(failed.status).toBe(503);
    expect(failed.headers.get('retry-after')).toBe('1');
    expect(threads()).toBe(1);
    expect((await call('POST', '/conversations/1/threads', note)).status).toBe(201);
  });

  it('HTML instead of JSON, as often as asked', async () => {
    standIn.model.faults.failNext({ kind: 'html', times: 2 });
    for (const expected of ['text/html; charset=UTF-8', 'text/html; charset=UTF-8', 'application/json']) {
      expect((await call('GET', '/conversations/1')).headers.get('content-type')).toBe(expected);
    }
  });

  it('written but answered 500', async () => {
    standIn.model.faults.failNext({ kind: 'afterWrite5xx' });
    expect((await call('POST', '/conversations/1/threads', note)).status).toBe(500);
    expect(threads()).toBe(2);
  });

  it('written but without Resource-ID and body', async () => {
    standIn.model.faults.failNext({ kind: 'noResourceId' });
    const answer = await call('POST', '/conversations/1/threads', note);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('resource-id')).toBeNull();
    expect(await answer.text()).toBe('');
    expect(threads()).toBe(2);
  });

  it.each([
    ['timeout', 1],
    ['afterWriteTimeout', 2],
  ] as const)('%s: no answer', async (kind, count) => {
    standIn.model.faults.failNext({ kind });
    const before = standIn.model.requests.length;
    const caller = new AbortController();
    const answer = call('POST', '/conversations/1/threads', note, caller.signal);
    const unanswered = expect(answer).rejects.toThrow('abort');
    await expect.poll(() => standIn.model.requests.length).toBe(before + 1);
    caller.abort();
    await unanswered;
    expect(threads()).toBe(count);
  });

  it('a broken connection', async () => {
    standIn.model.faults.failNext({ kind: 'reset' });
    await expect(call('POST', '/conversations/1/threads', note)).rejects.toThrow();
    expect(threads()).toBe(1);
  });

  it('latency', async () => {
    standIn.model.faults.setLatency(80);
    const before = Date.now();
    await call('GET', '/conversations/1');
    expect(Date.now() - before).toBeGreaterThanOrEqual(75);
    standIn.model.faults.clear();
  });
});
