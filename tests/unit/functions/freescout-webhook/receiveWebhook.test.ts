import { createHash, createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { receiveWebhook, type WebhookDependencies } from '#functions/freescout-webhook/receiveWebhook.ts';
import { retryable } from '#shared/failure/failure.ts';
import { proofSubject } from '#shared/freescout/proofConversations.ts';
import { conversationOf } from '#shared/jobs/jobs.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createInMemoryStore, type StoreOperation } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';
import { recordingQueue } from '#tests/support/recordingQueue.ts';

const secret = 'ebdc651671b3656441129dc26b6b4128';
const captures = new URL('../../../fixtures/freescout/webhooks/', import.meta.url);

const sign = (body: string | Uint8Array, key = secret) =>
  createHmac('sha1', key).update(body).digest('base64');

function receiver(over: Partial<WebhookDependencies> = {}, settings: object = {}) {
  const clock = manualClock();
  const store = createInMemoryStore({ clock });
  const queue = recordingQueue();
  const log = recordingLog();
  const deps: WebhookDependencies = {
    settings: parseSettings(settings),
    store,
    queue,
    secrets: async () => [secret],
    clock,
    log,
    measure: recordingMeasure().measure,
    ...over,
  };
  return {
    store,
    queue,
    log,
    async post(body: string | Uint8Array, headers: Record<string, string> = {}, requestId = 'request-1') {
      const rawBody = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      const answer = await receiveWebhook(deps, { requestId, headers, rawBody });
      return { ...answer, line: log.of('WEBHOOK_ANSWERED').at(-1), rawBody };
    },
  };
}

const signed = (body: string, event?: string) => ({
  'x-freescout-signature': sign(body),
  ...(event === undefined ? {} : { 'x-freescout-event': event }),
});

describe('captured webhooks', () => {
  const names = readdirSync(captures)
    .filter((name) => name.endsWith('.body.json'))
    .map((name) => name.replace('.body.json', ''));
  const actedOn = new Set(['convo.created', 'convo.customer.reply.created', 'convo.agent.reply.created']);

  it('are seven', () => {
    expect(names).toHaveLength(7);
  });

  it.each(names)('%s verifies and is handled by its event', async (name) => {
    const body = readFileSync(new URL(`${name}.body.json`, captures));
    const headers = JSON.parse(readFileSync(new URL(`${name}.headers.json`, captures), 'utf8'));
    const { post, queue, store } = receiver();
    const { statusCode, line } = await post(body, headers);

    const queued = actedOn.has(headers['x-freescout-event']);
    expect(statusCode).toBe(200);
    expect(line).toEqual({
      requestId: 'request-1',
      event: headers['x-freescout-event'],
      conversationId: queued ? 5 : null,
      size: body.byteLength,
      digest: createHash('sha256').update(body).digest('hex'),
      decision: queued ? 'queued' : 'ignored-event',
      status: 200,
    });
    expect(queue.jobs.map(({ job }) => job)).toEqual(
      queued ? [{ kind: 'conversation', conversationId: 5, cause: 'webhook', requestId: 'request-1' }] : [],
    );
    const kept = await store.webhookEvents.get('request-1');
    expect(kept && Buffer.from(kept.rawBody).equals(body)).toBe(queued ? true : null);
  });
});

describe('who sent it', () => {
  const body = '{"id":7}';

  it.each([
    ['a right signature', signed(body), 200, 'queued'],
    ['a right secret header', { 'x-webhook-secret': secret }, 200, 'queued'],
    ['a wrong signature', { 'x-freescout-signature': sign(body, 'other') }, 401, 'signature-wrong'],
    [
      'a wrong signature beside a right secret header',
      { 'x-freescout-signature': sign(body, 'other'), 'x-webhook-secret': secret },
      401,
      'signature-wrong',
    ],
    [
      'an empty signature beside a right secret header',
      { 'x-freescout-signature': '', 'x-webhook-secret': secret },
      401,
      'signature-wrong',
    ],
    ['a wrong secret header', { 'x-webhook-secret': `${secret}x` }, 401, 'signature-wrong'],
    ['neither header', {}, 401, 'signature-missing'],
  ])('%s', async (_name, headers, statusCode, decision) => {
    const { post, queue } = receiver();
    const answer = await post(body, headers);
    expect(answer.statusCode).toBe(statusCode);
    expect(answer.line).toMatchObject({ decision, status: statusCode });
    expect(queue.jobs).toHaveLength(statusCode === 200 ? 1 : 0);
  });

  it('is refused with 503 while no secret is configured', async () => {
    const { post } = receiver({ secrets: async () => [] });
    expect(await post(body, signed(body))).toMatchObject({
      statusCode: 503,
      line: { decision: 'no-secret' },
    });
  });

  it('is refused with 503 while the secret cannot be read', async () => {
    const { post } = receiver({
      secrets: () => Promise.reject(retryable('secret-unreadable', 'unreadable')),
    });
    expect(await post(body, signed(body))).toMatchObject({
      statusCode: 503,
      line: { decision: 'secret-unreadable' },
    });
  });

  it('may sign with either of two secrets during a rotation', async () => {
    const { post } = receiver({ secrets: async () => ['the-new-secret-key', secret] });
    expect((await post(body, signed(body))).statusCode).toBe(200);
    expect((await post(body, { 'x-freescout-signature': sign(body, 'the-new-secret-key') })).statusCode).toBe(
      200,
    );
    expect((await post(body, { 'x-webhook-secret': secret })).statusCode).toBe(200);
  });

  it('is checked over the raw bytes, also when they are no text', async () => {
    const raw = Uint8Array.of(0xff, 0xfe, 0x7b, 0x7d);
    const { post } = receiver();
    expect(await post(raw, { 'x-freescout-signature': sign(raw) })).toMatchObject({
      statusCode: 400,
      line: { decision: 'body-not-json' },
    });
  });

  it.each([
    ['a wrong signature', { 'x-freescout-signature': sign(body, 'other') }, {}],
    ['a wrong secret header', { 'x-webhook-secret': 'wrong' }, {}],
    ['neither header', {}, {}],
    ['no secret to check with', signed(body), { secrets: async () => [] }],
    [
      'a secret that cannot be read',
      signed(body),
      { secrets: () => Promise.reject(retryable('secret-unreadable', 'unreadable')) },
    ],
  ])('costs no request to a table when it is a stranger: %s', async (_name, headers, over) => {
    const asked: StoreOperation[] = [];
    const store = createInMemoryStore({
      clock: manualClock(),
      beforeEach: (operation) => {
        asked.push(operation);
      },
    });
    const { measure, total } = recordingMeasure();
    const { post } = receiver({ store, measure, ...over });
    await post(body, headers);
    expect(asked).toEqual([]);
    expect(total('WebhooksRefused')).toBe(1);
  });
});

describe('what it says', () => {
  it.each([
    ['convo.created', '{"id":7}', 200, 'queued'],
    ['convo.customer.reply.created', '{"id":7}', 200, 'queued'],
    ['convo.agent.reply.created', '{"id":7}', 200, 'queued'],
    ['convo.deleted', '{"id":7}', 200, 'queued'],
    ['convo.restored', '{"id":7}', 200, 'queued'],
    ['convo.moved', '{"id":7}', 200, 'queued'],
    [undefined, '{"conversation_id":7}', 200, 'queued'],
    [undefined, '{"id":"7"}', 200, 'queued'],
    ['convo.note.created', '{"id":7}', 200, 'ignored-event'],
    ['convo.status', '{"id":7}', 200, 'ignored-event'],
    ['customer.created', '{"id":7}', 200, 'ignored-event'],
    ['customer.updated', '[]', 200, 'ignored-event'],
    ['convo.deleted_forever', '', 200, 'ignored-event'],
    ['convo.created', '', 400, 'body-empty'],
    [undefined, '', 400, 'body-empty'],
    ['convo.created', 'no json', 400, 'body-not-json'],
    ['convo.created', '[]', 400, 'body-not-json'],
    ['convo.created', 'null', 400, 'body-not-json'],
    ['convo.created', '"text"', 400, 'body-not-json'],
    ['convo.created', '{}', 400, 'no-conversation-id'],
    ['convo.created', '{"id":0}', 400, 'no-conversation-id'],
    ['convo.created', '{"id":-4}', 400, 'no-conversation-id'],
    ['convo.created', '{"id":1.5}', 400, 'no-conversation-id'],
    ['convo.created', '{"id":true}', 400, 'no-conversation-id'],
    ['convo.created', '{"id":[7]}', 400, 'no-conversation-id'],
    ['convo.created', '{"id":"seven"}', 400, 'no-conversation-id'],
    ['convo.created', '{"id":99999999999999999999}', 400, 'no-conversation-id'],
  ])('%s with %s is answered %d (%s)', async (event, body, statusCode, decision) => {
    const { post, queue } = receiver();
    const answer = await post(body, signed(body, event));
    expect(answer.statusCode).toBe(statusCode);
    expect(answer.line).toMatchObject({
      decision,
      status: statusCode,
      event: event ?? null,
      size: body.length,
    });
    expect(queue.jobs.map(({ job }) => conversationOf(job))).toEqual(decision === 'queued' ? [7] : []);
  });

  it('is read even when it is too large, so that FreeScout need not repeat it', async () => {
    const body = JSON.stringify({ id: 7, filler: 'x'.repeat(1024 * 1024) });
    const { post, queue } = receiver();
    expect(await post(body, signed(body, 'convo.created'))).toMatchObject({
      statusCode: 413,
      line: { decision: 'queued-too-large', conversationId: 7 },
    });
    expect(queue.jobs).toHaveLength(1);
  });

  it('is refused when it is too large and nobody signed it', async () => {
    const body = JSON.stringify({ id: 7, filler: 'x'.repeat(1024 * 1024) });
    const { post, queue } = receiver();
    expect((await post(body)).statusCode).toBe(401);
    expect(queue.jobs).toHaveLength(0);
  });

  it('is refused as too large when it has no id either', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1);
    const { post } = receiver();
    expect(await post(body, signed(body))).toMatchObject({
      statusCode: 413,
      line: { decision: 'too-large' },
    });
  });
});

describe('the queue and the switches', () => {
  const body = '{"id":7}';

  it('answers 503 when the queue refuses, so that FreeScout tries again', async () => {
    const { post, queue } = receiver();
    queue.refuse();
    expect(await post(body, signed(body))).toMatchObject({
      statusCode: 503,
      line: { decision: 'queue-unavailable', conversationId: 7 },
    });
  });

  it('ignores webhooks that are switched off', async () => {
    const { post, queue, store } = receiver({}, { freescout: { webhookEnabled: false } });
    expect(await post(body, signed(body))).toMatchObject({
      statusCode: 200,
      line: { decision: 'ignored-disabled' },
    });
    expect(queue.jobs).toHaveLength(0);
    expect(await store.webhookEvents.get('request-1')).toBeNull();
  });

  it('gives the same bytes of one event the same deduplication id, and others another', async () => {
    const { post, queue } = receiver();
    await post(body, signed(body, 'convo.created'), 'a');
    await post(body, signed(body, 'convo.created'), 'b');
    await post(body, signed(body, 'convo.moved'), 'c');
    await post('{"id":7 }', signed('{"id":7 }', 'convo.created'), 'd');
    const ids = queue.jobs.map(({ deduplicationId }) => deduplicationId);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it('counts what FreeScout sent and what of it could not be taken, and nothing of strangers', async () => {
    const { post, store } = receiver();
    await post(body, signed(body), 'a');
    await post(body, {}, 'b');
    await post('', signed(''), 'c');
    expect((await store.state.counts()).webhooks).toEqual({
      received: 2,
      failed: 1,
      lastAt: '2026-11-20T12:00:00.000Z',
    });
  });

  it('takes the webhook of a trial for a sign that FreeScout reaches us, and for nothing else', async () => {
    const { post, queue, store } = receiver();
    const trial = JSON.stringify({ id: 7, type: 'phone', subject: proofSubject });
    for (const event of ['convo.created', 'convo.agent.reply.created']) {
      expect(await post(trial, signed(trial, event))).toMatchObject({
        statusCode: 200,
        line: { decision: 'proof' },
      });
    }
    expect(queue.jobs).toEqual([]);
    expect(await store.webhookEvents.get('request-1')).toBeNull();
    expect((await store.state.counts()).webhooks).toMatchObject({ received: 2, failed: 0 });
    expect((await post(trial, { 'x-freescout-signature': sign(trial, 'another') })).statusCode).toBe(401);
    expect((await store.state.counts()).webhooks.received).toBe(2);
  });

  it('queues what a customer wrote under the subject of a trial', async () => {
    const { post, queue } = receiver();
    const mailed = JSON.stringify({ id: 7, type: 'email', subject: proofSubject });
    expect((await post(mailed, signed(mailed, 'convo.created'))).line).toMatchObject({ decision: 'queued' });
    expect(queue.jobs).toHaveLength(1);
  });

  it('works on what an operator sent, and does not count it for FreeScout’s', async () => {
    const { post, queue, store } = receiver();
    await post(body, { ...signed(body, 'convo.created'), 'x-csm-sent-by-us': 'yes' });
    expect(queue.jobs).toHaveLength(1);
    expect((await store.state.counts()).webhooks).toEqual({ received: 0, failed: 0, lastAt: null });
  });

  it('answers all the same when counting and keeping fail', async () => {
    const clock = manualClock();
    const store = createInMemoryStore({
      clock,
      beforeEach: () => {
        throw retryable('store-contention', 'down');
      },
    });
    const { post, queue, log } = receiver({ store });
    expect((await post(body, signed(body))).statusCode).toBe(200);
    expect(queue.jobs).toHaveLength(1);
    expect(log.lines.map(({ code }) => code)).toEqual([
      'WEBHOOK_ANSWERED',
      'WEBHOOK_NOT_COUNTED',
      'WEBHOOK_NOT_KEPT',
    ]);
  });

  it('keeps nothing raw when that is switched off', async () => {
    const { post, store } = receiver({}, { webhook: { keepRawDays: 0 } });
    await post(body, signed(body));
    expect(await store.webhookEvents.get('request-1')).toBeNull();
  });
});
