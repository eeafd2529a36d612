import { beforeEach, describe, expect, it } from 'vitest';
import { type DeskUnderTest, deskUnderTest } from '#tests/support/freescout/deskUnderTest.ts';

const customer = { email: 'nina@example.org', firstName: 'Nina' };
let under: DeskUnderTest;
const list = async () => (await under.call('GET', '/conversations/1/drafts')).body._embedded.drafts;
const put = (body: unknown, thread = 2) => under.call('PUT', `/conversations/1/drafts/${thread}`, body);

beforeEach(async () => {
  under = deskUnderTest({ switches: { companionModule: true } });
  await under.call('POST', '/conversations', {
    type: 'email',
    mailboxId: 1,
    subject: 'Help',
    customer,
    threads: [{ type: 'customer', text: 'Hi', customer }],
  });
  under.clock.advance(1_000);
  await under.call('POST', '/conversations/1/threads', {
    type: 'message',
    state: 'draft',
    user: 2,
    status: 'active',
    text: '<div>Hello</div>',
    cc: ['boss@example.org'],
  });
});

describe('the companion module’s routes', () => {
  it('introduce themselves, with the same key as the API', async () => {
    expect((await under.call('GET', '/csm')).body).toEqual({ module: 'CsmDrafts', version: '1.0.0' });
    expect((await under.call('GET', '/csm', undefined, { 'X-FreeScout-API-Key': 'x' })).status).toBe(401);
  });

  it('list every draft, whoever wrote it', async () => {
    under.desk.agent.writeDraft(1, { user: 1, body: 'mine' });
    expect(await list()).toEqual([
      {
        id: 2,
        body: '<div>Hello</div>',
        to: ['nina@example.org'],
        cc: ['boss@example.org'],
        createdBy: { id: 2, type: 'user', firstName: 'Bot', lastName: 'Assistant', email: 'bot@example.com' },
        editedBy: null,
        editedAt: null,
        createdAt: '2026-11-20T10:00:01Z',
        updatedAt: '2026-11-20T10:00:01Z',
        version: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      expect.objectContaining({ id: 3, createdBy: expect.objectContaining({ id: 1 }) }),
    ]);
    expect((await under.call('GET', '/conversations/9/drafts')).status).toBe(404);
  });

  it('replace an untouched draft once per version', async () => {
    const [{ version }] = await list();
    const change = { text: '<div>Better</div>', user: 2, ifVersion: version };
    expect((await put(change)).status).toBe(204);
    expect((await list())[0]).toMatchObject({ id: 2, body: '<div>Better</div>', cc: ['boss@example.org'] });
    const stale = await put(change);
    expect(stale).toMatchObject({ status: 412, body: { version: (await list())[0].version } });
    expect((await put({ ...change, ifVersion: stale.body.version, cc: [] })).status).toBe(204);
    expect((await list())[0]).toMatchObject({ cc: [] });
  });

  it('refuse a draft that a human has opened long enough to save it', async () => {
    const [{ version }] = await list();
    under.desk.agent.openDraft({ conversationId: 1, threadId: 2 }, 1);
    under.clock.advance(12_000);
    expect((await put({ text: 'x', user: 2, ifVersion: version })).status).toBe(412);
    expect((await list())[0]).toMatchObject({ body: '<div>Hello</div>', editedBy: { id: 1 } });
  });

  it('refuse what is sent (409), gone (404), someone else’s (403) or incomplete (400)', async () => {
    const [{ version }] = await list();
    const change = { text: 'x', user: 2, ifVersion: version };
    expect((await put({ ...change, user: 1 })).status).toBe(403);
    expect((await put({ ...change, text: ' ' })).body._embedded.errors[0].path).toBe('text');
    expect((await put(change, 77)).status).toBe(404);
    under.desk.agent.sendDraft({ conversationId: 1, threadId: 2 }, { user: 1 });
    expect((await put(change)).status).toBe(409);
    under.desk.agent.undoSend({ conversationId: 1, threadId: 2 }, 1);
    expect((await put(change)).status).toBe(403);
    under.desk.agent.discardDraft({ conversationId: 1, threadId: 2 });
    expect((await put(change)).status).toBe(404);
  });

  it.each(['query', 'body'])('withdraw an untouched draft, parameters in the %s', async (place) => {
    const [{ version }] = await list();
    const remove = (ifVersion: string) =>
      place === 'query'
        ? under.call('DELETE', `/conversations/1/drafts/2?user=2&ifVersion=${ifVersion}`)
        : under.call('DELETE', '/conversations/1/drafts/2', { user: 2, ifVersion });
    expect((await remove('old')).status).toBe(412);
    expect((await remove(version)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect((await remove(version)).status).toBe(404);
  });
});
