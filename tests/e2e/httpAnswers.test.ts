import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem();
});

afterAll(async () => {
  expect(await system.stop()).toBe(0);
});

const call = (path: string, init: RequestInit = {}) => fetch(`${system.local.api}${path}`, init);

const webhook = (
  body: string | Uint8Array<ArrayBuffer>,
  contentType: string,
  signed: string | Uint8Array = body,
) =>
  call('/freescout', {
    method: 'POST',
    headers: {
      'content-type': contentType,
      // An event that needs nothing: only the signature is of interest.
      'x-freescout-event': 'convo.status',
      'x-freescout-signature': createHmac('sha1', system.local.desk.webhookSecret)
        .update(signed)
        .digest('base64'),
    },
    body,
  });

describe('every answer', () => {
  const token = () => ({ authorization: `Bearer ${system.local.statusToken}` });

  it.each<[string, () => Promise<Response>, number]>([
    ['/health', () => call('/health'), 200],
    ['/ready', () => call('/ready'), 200],
    ['/metrics for strangers', () => call('/metrics'), 401],
    ['/metrics', () => call('/metrics', { headers: token() }), 200],
    ['/metrics as text', () => call('/metrics', { headers: { ...token(), accept: 'text/plain' } }), 200],
    ['a webhook', () => webhook('{"id":7}', 'application/json'), 200],
    ['an unsigned webhook', () => call('/freescout', { method: 'POST', body: '{"id":7}' }), 401],
    ['a forged webhook', () => webhook('{"id":7}', 'application/json', '{"id":8}'), 401],
  ])('carries the security headers: %s', async (_, answered, status) => {
    const { status: answeredStatus, headers } = await answered();
    expect(answeredStatus).toBe(status);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });
});

describe('a webhook that the API hands over in base64, because its type is not text', () => {
  const body = new TextEncoder().encode('{"id":7,"subject":"Grüße \\u2019"}');

  it('is checked over the bytes that were sent', async () => {
    expect((await webhook(body, 'application/octet-stream')).status).toBe(200);
  });

  it('is refused when the signature is one of the base64 text', async () => {
    const encoded = Buffer.from(body).toString('base64');
    expect((await webhook(body, 'application/octet-stream', encoded)).status).toBe(401);
  });

  it('is checked over bytes that are no text at all', async () => {
    const bytes = new Uint8Array([0xff, 0xfe, 0x00, 0x7b]);
    expect((await webhook(bytes, 'application/octet-stream')).status).toBe(200);
  });
});
