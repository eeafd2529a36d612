import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deskUnderTest } from '#tests/support/freescout/deskUnderTest.ts';

const customer = { email: 'nina@example.org', firstName: 'Nina' };
const opening = {
  type: 'email',
  mailboxId: 1,
  subject: 'Help / Hilfe für Zoë',
  customer,
  threads: [{ type: 'customer', text: 'Hi', customer }],
};

describe('webhooks', () => {
  it('are signed over the raw bytes, escaped as PHP does', async () => {
    const { call, clock, deliveries } = deskUnderTest({ webhookSecret: 'secret' });
    await call('POST', '/conversations', opening);
    clock.advance(1_000);
    const created = deliveries.find(({ event }) => event === 'convo.created');
    expect(created?.body).toContain('Help \\/ Hilfe f\\u00fcr Zo\\u00eb');
    expect(created?.headers['X-FreeScout-Signature']).toBe(
      createHmac('sha1', 'secret')
        .update(created?.body ?? '')
        .digest('base64'),
    );
  });

  it('come from our own writes too, imported or not', async () => {
    const { call, clock, deliveries } = deskUnderTest();
    await call('POST', '/conversations', { ...opening, imported: true });
    for (const thread of [
      { type: 'note', user: 2, text: 'x', imported: true },
      { type: 'message', state: 'draft', user: 2, text: 'x', status: 'active', imported: true },
      { type: 'customer', text: 'x', customer, imported: true },
    ]) {
      await call('POST', '/conversations/1/threads', thread);
    }
    clock.advance(60_000);
    expect(deliveries.map(({ event }) => event)).toEqual([
      'customer.created',
      'convo.created',
      'convo.note.created',
      'convo.customer.reply.created',
      'convo.agent.reply.created',
    ]);
  });

  it('carry the conversation as it was and the threads as they are at delivery', async () => {
    const { call, clock, deliveries } = deskUnderTest();
    await call('POST', '/conversations', opening);
    await call('POST', '/conversations/1/threads', { type: 'note', user: 2, text: 'Later' });
    clock.advance(1_000);
    const created = JSON.parse(deliveries.find(({ event }) => event === 'convo.created')?.body ?? '{}');
    expect(created).toMatchObject({ threadsCount: 0, preview: '' });
    expect(created._embedded.threads).toHaveLength(2);
  });

  it('are repeated with the same bytes up to ten times, ever more slowly, then dropped', async () => {
    let at: number[] = [];
    const { call, clock, deliveries } = deskUnderTest({
      answerWebhook: () => {
        at = [...at, clock.now().getTime()];
        return 503;
      },
    });
    await call('POST', '/customers', customer);
    clock.advance(3 * 3_600_000);
    expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(new Set(deliveries.map(({ body }) => body)).size).toBe(1);
    const minutes = at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 60_000);
    expect(minutes).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17]);
  });

  it('of a customer carry the customer’s id', async () => {
    const { call, clock, deliveries } = deskUnderTest();
    await call('POST', '/customers', customer);
    clock.advance(1_000);
    expect(JSON.parse(deliveries[0]?.body ?? '{}')).toMatchObject({ id: 1, firstName: 'Nina' });
  });

  it('go out twice when registered twice, and not after removal', async () => {
    const { call, clock, deliveries } = deskUnderTest();
    const body = { url: 'http://receiver.test/two', events: ['convo.created', 'convo.unknown'] };
    const answer = await call('POST', '/webhooks', body);
    expect(answer).toMatchObject({ status: 201, body: { events: ['convo.created'] } });
    expect((await call('POST', '/webhooks', { ...body, events: ['convo.unknown'] })).status).toBe(400);
    await call('POST', '/conversations', opening);
    clock.advance(1_000);
    expect(deliveries.filter(({ event }) => event === 'convo.created')).toHaveLength(2);
    expect((await call('DELETE', `/webhooks/${answer.resourceId}`)).status).toBe(204);
    await call('POST', '/conversations', opening);
    clock.advance(1_000);
    expect(deliveries.filter(({ event }) => event === 'convo.created')).toHaveLength(3);
  });
});
