import { describe, expect, it } from 'vitest';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import {
  conversationJson,
  errorJson,
  freescoutAnswering,
  htmlAnswer,
  jsonAnswer,
  nothing,
} from '#tests/support/fakeFreeScout.ts';

const written = (id: number, body: unknown = {}) => jsonAnswer(201, body, { 'Resource-ID': String(id) });
const customer = { email: 'lee@example.org', firstName: 'Lee', lastName: '' };

describe('reading', () => {
  it('asks for threads and tags, and knows a conversation that is gone', async () => {
    const { client, sent } = freescoutAnswering(() => jsonAnswer(404, errorJson('Not Found')));
    expect(await client.getConversation(7)).toBeNull();
    expect(sent[0]).toMatchObject({ method: 'GET', path: '/api/conversations/7', key: 'key' });
    expect(sent[0]?.query.get('embed')).toBe('threads,tags');
  });

  it('does not take a missing API module for a missing conversation', async () => {
    for (const answer of [htmlAnswer(404), jsonAnswer(404, { message: '' })]) {
      const { client } = freescoutAnswering(() => answer);
      await expect(client.getConversation(7)).rejects.toMatchObject({
        code: 'freescout-error',
        retryable: true,
      });
    }
  });

  it('reads a cc list from which FreeScout dropped an address, which it answers as an object', async () => {
    const { client } = freescoutAnswering(() =>
      jsonAnswer(200, conversationJson({ cc: { '0': 'a@example.org', '2': 'b@example.org' } })),
    );
    expect((await client.getConversation(7))?.cc).toEqual(['a@example.org', 'b@example.org']);
  });

  it('lists with every parameter in FreeScout’s own words', async () => {
    const { client, sent } = freescoutAnswering(() =>
      jsonAnswer(200, { _embedded: { conversations: [conversationJson()] }, page: { totalPages: 3 } }),
    );
    const page = await client.listConversations({
      mailboxIds: [1, 2],
      statuses: ['active', 'pending'],
      state: 'published',
      customerEmail: 'lee+x@example.org',
      customerPhone: '+491701234567',
      updatedSince: new Date('2026-11-20T10:00:00.900Z'),
      embed: ['threads', 'tags'],
      sort: { field: 'updatedAt', order: 'asc' },
      page: 2,
      pageSize: 50,
    });
    expect(page).toMatchObject({ totalPages: 3, conversations: [{ id: 7 }] });
    expect(Object.fromEntries(sent[0]?.query ?? [])).toEqual({
      mailboxId: '1,2',
      status: 'active,pending',
      state: 'published',
      customerEmail: 'lee+x@example.org',
      customerPhone: '+491701234567',
      updatedSince: '2026-11-20T10:00:00Z',
      embed: 'threads,tags',
      sortField: 'updatedAt',
      sortOrder: 'asc',
      page: '2',
      pageSize: '50',
    });
  });

  it.each([
    ['as it is when it is small', 0, [50]],
    ['in pages of ten when that is too much at once', 20, [50, 10, 10, 10, 10, 10]],
    ['one by one around what is large, and once each', 2, [50, 10, 2, 2, 2, 2, 2, 10, 2, 2, 2, 2, 2]],
  ])('lists a page %s', async (_, smallUpTo, firstSizes) => {
    const all = Array.from({ length: 73 }, (_each, index) => index + 1);
    const tooMuch = ' '.repeat(40_000_001);
    const { client, sent } = freescoutAnswering(({ query }) => {
      const [page, size] = [Number(query.get('page')), Number(query.get('pageSize') ?? 50)];
      const ids = all.slice((page - 1) * size, page * size);
      const answer = JSON.stringify({
        _embedded: { conversations: ids.map((id) => conversationJson({ id })) },
        page: { totalPages: Math.ceil(all.length / size) },
      });
      return new Response(smallUpTo === 0 || size <= smallUpTo ? answer : `${answer}${tooMuch}`);
    });
    const first = await client.listConversations({ page: 1 });
    expect(first.totalPages).toBe(2);
    expect(first.conversations.map(({ id }) => id)).toEqual(all.slice(0, 50));
    const sizes = sent.map(({ query }) => Number(query.get('pageSize') ?? 50));
    expect(sizes.slice(0, firstSizes.length)).toEqual(firstSizes);
    const second = await client.listConversations({ page: 2 });
    expect(second.totalPages).toBe(2);
    expect(second.conversations.map(({ id }) => id)).toEqual(all.slice(50));
  });

  it('gives up on a conversation that is too much by itself, and asks for it once', async () => {
    const { client, sent } = freescoutAnswering(() => new Response(' '.repeat(40_000_001)));
    await expect(client.listConversations({ page: 1, pageSize: 1 })).rejects.toMatchObject({
      code: 'freescout-error',
      retryable: true,
    });
    expect(sent).toHaveLength(1);
  });

  it('reads all pages of mailboxes and users', async () => {
    const { client } = freescoutAnswering(({ path, query }) => {
      const id = Number(query.get('page'));
      return jsonAnswer(200, {
        _embedded: path.endsWith('users')
          ? { users: [{ id, firstName: 'Ada', lastName: null, email: `u${id}@example.org` }] }
          : { mailboxes: [{ id, name: 'Support', email: `m${id}@example.org` }] },
        page: { totalPages: 2 },
      });
    });
    expect(await client.listUsers()).toEqual([
      { id: 1, name: 'Ada', email: 'u1@example.org' },
      { id: 2, name: 'Ada', email: 'u2@example.org' },
    ]);
    expect((await client.listMailboxes()).map(({ id }) => id)).toEqual([1, 2]);
  });
});

describe('writing', () => {
  const attachment = { fileName: 'a.bin', mimeType: 'application/x', content: new Uint8Array([0, 255, 7]) };

  it('creates a conversation from a mail', async () => {
    const { client, sent } = freescoutAnswering(() => written(9, conversationJson()));
    const created = await client.createConversation({
      mailboxId: 1,
      subject: 'Invoice',
      customer,
      html: '<div>Hello</div>',
      cc: ['Boss@example.org', ' boss@example.org ', ''],
      attachments: [attachment],
      imported: true,
      createdAt: new Date('2026-11-20T11:00:00.700Z'),
    });
    expect(created).toEqual({ conversationId: 9, threadId: 20, customerHasAddress: true });
    expect(sent[0]).toMatchObject({ method: 'POST', path: '/api/conversations' });
    expect(sent[0]?.body).toEqual({
      type: 'email',
      mailboxId: 1,
      subject: 'Invoice',
      customer: { email: 'lee@example.org', firstName: 'Lee' },
      imported: true,
      createdAt: '2026-11-20T11:00:00Z',
      threads: [
        {
          type: 'customer',
          text: '<div>Hello</div>',
          customer: { email: 'lee@example.org', firstName: 'Lee' },
          cc: ['Boss@example.org'],
          imported: true,
          createdAt: '2026-11-20T11:00:00Z',
          attachments: [{ fileName: 'a.bin', mimeType: 'application/x', data: 'AP8H' }],
        },
      ],
    });
  });

  it.each([
    [{ phone: '+491701234567', firstName: 'Nina', lastName: 'Noll' }, 'Nina'],
    [{ phone: '+491701234567', lastName: 'Noll' }, '+491701234567'],
  ])('creates a chat for a customer with a number, who needs a first name: %j', async (caller, firstName) => {
    const answer = conversationJson({ type: 'chat', customer: { id: 6, email: '' } });
    const { client, sent } = freescoutAnswering(() => written(9, answer));
    const created = await client.createConversation({
      mailboxId: 1,
      subject: 'A question',
      customer: caller,
      html: '<div>Hello</div>',
      cc: [],
      attachments: [],
      imported: true,
    });
    expect(created).toMatchObject({ conversationId: 9, customerHasAddress: true });
    const stored = { phone: '+491701234567', firstName, lastName: 'Noll' };
    expect(sent[0]?.body).toMatchObject({ type: 'chat', customer: stored, threads: [{ customer: stored }] });
    await client.addCustomerMessage(9, {
      customer: caller,
      html: '',
      cc: [],
      attachments: [],
      keepSpam: false,
    });
    expect(sent[1]?.body).toMatchObject({ type: 'customer', customer: stored });
  });

  it('does without the thread’s id when the answer does not carry the conversation', async () => {
    const { client } = freescoutAnswering(
      () => new Response(null, { status: 201, headers: { 'Resource-ID': '9' } }),
    );
    expect(
      await client.createConversation({
        mailboxId: 1,
        subject: '',
        customer,
        html: '',
        cc: [],
        attachments: [],
        imported: true,
      }),
    ).toEqual({ conversationId: 9, threadId: null, customerHasAddress: true });
  });

  it.each(['', null])('tells that FreeScout made a customer without an address (%j)', async (email) => {
    const { client } = freescoutAnswering(() => written(9, conversationJson({ customer: { id: 6, email } })));
    const mail = { mailboxId: 1, subject: '', customer, html: '', cc: [], attachments: [], imported: true };
    expect(await client.createConversation(mail)).toMatchObject({ customerHasAddress: false });
  });

  it.each([
    ['eleven minutes ago', '2026-11-20T11:49:00Z', true],
    ['nine minutes ago', '2026-11-20T11:51:00Z', false],
    ['in the future', '2026-11-20T13:00:00Z', false],
  ])('backdates a message only when it is safely past: %s', async (_, instant, isSent) => {
    const { client, sent } = freescoutAnswering(() => written(21));
    await client.addCustomerMessage(7, {
      customer,
      html: 'x',
      cc: [],
      attachments: [],
      keepSpam: false,
      createdAt: new Date(instant),
    });
    expect(sent[0]?.body).toEqual({
      type: 'customer',
      text: 'x',
      customer: { email: 'lee@example.org', firstName: 'Lee' },
      cc: [],
      imported: isSent,
      ...(isSent ? { createdAt: instant } : {}),
    });
  });

  it('sends no half characters, which PHP cannot read', async () => {
    const { client, sent } = freescoutAnswering(() => jsonAnswer(201, {}, { 'Resource-ID': '9' }));
    await client.addNote(7, { html: `<div>${'😀'.slice(0, 1)}</div>`, cc: [], imported: false });
    expect(sent[0]?.body).toMatchObject({ text: '<div>\ufffd</div>' });
  });

  it('keeps spam spam only when told', async () => {
    const { client, sent } = freescoutAnswering(() => written(21));
    await client.addCustomerMessage(7, {
      customer,
      html: 'x',
      cc: ['a@example.org'],
      attachments: [],
      keepSpam: true,
    });
    expect(sent[0]?.body).toMatchObject({ type: 'customer', status: 'spam', cc: ['a@example.org'] });
  });

  it('writes notes as the bot, with cc and without a status', async () => {
    const { client, sent } = freescoutAnswering(() => written(22));
    expect(await client.addNote(7, { html: '<div>n</div>', cc: ['a@example.org'], imported: false })).toEqual(
      {
        threadId: 22,
      },
    );
    expect(sent[0]?.body).toEqual({ type: 'note', text: '<div>n</div>', user: 2, cc: ['a@example.org'] });
  });

  it('marks a note as imported when it is to notify nobody', async () => {
    const { client, sent } = freescoutAnswering(() => written(22));
    await client.addNote(7, { html: '<div>n</div>', cc: [], imported: true });
    expect(sent[0]?.body).toMatchObject({ type: 'note', imported: true });
  });

  it.each([
    ['draft', { state: 'draft' }],
    ['published', { state: 'published' }],
    ['not told', {}],
  ])('writes a draft and passes on what FreeScout stored: %s', async (state, body) => {
    const { client, sent } = freescoutAnswering(() => written(23, body));
    expect(await client.createDraftReply(7, { html: 'd', cc: ['a@example.org'], status: 'pending' })).toEqual(
      {
        threadId: 23,
        state,
      },
    );
    expect(sent[0]?.body).toEqual({
      type: 'message',
      state: 'draft',
      text: 'd',
      user: 2,
      status: 'pending',
      cc: ['a@example.org'],
    });
  });

  it.each([
    ['assigns', (client: FreeScoutClient) => client.assign(7, 3), { assignTo: 3 }],
    ['re-opens', (client: FreeScoutClient) => client.reopen(7), { status: 'active' }],
    ['sets the customer', (client: FreeScoutClient) => client.setCustomer(7, 5), { customerId: 5 }],
  ])('%s as the bot', async (_, change, body) => {
    const { client, sent } = freescoutAnswering(nothing);
    await change(client);
    expect(sent).toMatchObject([
      { method: 'PUT', path: '/api/conversations/7', body: { byUser: 2, ...body } },
    ]);
    expect(Object.keys(sent[0]?.body ?? {})).toHaveLength(2);
  });
});

describe('parts that may be absent', () => {
  it('replaces tags, or says that their module is not there', async () => {
    const present = freescoutAnswering(nothing);
    expect(await present.client.setTags(7, ['lead', 'p1'])).toBe('done');
    expect(present.sent[0]).toMatchObject({
      method: 'PUT',
      path: '/api/conversations/7/tags',
      body: { tags: ['lead', 'p1'] },
    });
    const absent = freescoutAnswering(() =>
      jsonAnswer(400, errorJson('Tags module is not installed or not activated')),
    );
    expect(await absent.client.setTags(7, ['lead'])).toBe('module-absent');
  });

  it('sets custom fields, or says that their module is not there', async () => {
    const absent = freescoutAnswering(() =>
      jsonAnswer(400, errorJson('Custom Fields module is not installed or not activated')),
    );
    expect(await absent.client.setCustomFields(7, [{ id: 1, value: '4' }])).toBe('module-absent');
    expect(absent.sent[0]).toMatchObject({
      path: '/api/conversations/7/custom_fields',
      body: { customFields: [{ id: 1, value: '4' }] },
    });
  });

  it('does not take another refusal for a missing module', async () => {
    const { client } = freescoutAnswering(() => jsonAnswer(400, errorJson('Error occurred', 'tags')));
    await expect(client.setTags(7, ['lead'])).rejects.toMatchObject({ code: 'freescout-rejected' });
  });

  it.each([
    ['405 of the API module', () => jsonAnswer(405, { message: '' })],
    ['404 in JSON', () => jsonAnswer(404, { message: '' })],
    ['404 in HTML', () => htmlAnswer(404)],
  ])('knows that the companion module is not installed by %s', async (_, answer) => {
    const { client } = freescoutAnswering(answer);
    expect(await client.companionVersion()).toBeNull();
    expect(await client.listDrafts(7)).toBeNull();
  });

  it('lists drafts', async () => {
    const { client } = freescoutAnswering(({ path }) =>
      path.endsWith('/csm')
        ? jsonAnswer(200, { module: 'CsmDrafts', version: '1.0.0' })
        : jsonAnswer(200, {
            _embedded: {
              drafts: [
                {
                  id: 30,
                  body: '<div>d</div>',
                  to: ['lee@example.org'],
                  cc: [],
                  createdBy: { id: 2, type: 'user' },
                  editedBy: null,
                  editedAt: null,
                  createdAt: '2026-11-20T10:00:00Z',
                  version: 'v1',
                },
              ],
            },
          }),
    );
    expect(await client.companionVersion()).toBe('1.0.0');
    expect(await client.listDrafts(7)).toEqual([
      {
        id: 30,
        body: '<div>d</div>',
        to: ['lee@example.org'],
        cc: [],
        createdByUserId: 2,
        editedByUserId: null,
        editedAt: null,
        createdAt: Date.parse('2026-11-20T10:00:00Z'),
        version: 'v1',
      },
    ]);
  });

  it.each([
    [403, 'not-ours'],
    [404, 'gone'],
    [409, 'no-longer-a-draft'],
    [412, 'changed'],
  ])('tells what became of a change: %d is %s', async (status, outcome) => {
    const { client, sent } = freescoutAnswering(() => jsonAnswer(status, errorJson('No')));
    expect(await client.replaceDraft(7, 30, { html: 'new', cc: [], ifVersion: 'v1' })).toBe(outcome);
    expect(await client.withdrawDraft(7, 30, 'v1')).toBe(outcome);
    expect(sent).toMatchObject([
      {
        method: 'PUT',
        path: '/api/conversations/7/drafts/30',
        body: { text: 'new', cc: [], user: 2, ifVersion: 'v1' },
      },
      { method: 'DELETE', path: '/api/conversations/7/drafts/30', body: { user: 2, ifVersion: 'v1' } },
    ]);
  });

  it('does not take a firewall’s 403 for a draft of somebody else', async () => {
    const { client } = freescoutAnswering(() => htmlAnswer(403));
    await expect(client.withdrawDraft(7, 30, 'v1')).rejects.toMatchObject({ code: 'freescout-unauthorized' });
  });
});

describe('the trial conversation', () => {
  const proof = (email: string) => conversationJson({ type: 'phone', customer: { id: 8, email } });

  it('is by phone, with a customer without an e-mail address, and stands in no list of open ones', async () => {
    const { client, sent } = freescoutAnswering(({ method }) =>
      method === 'DELETE' ? nothing() : written(40, proof('')),
    );
    expect(await client.createProofConversation(1)).toEqual({ conversationId: 40 });
    expect(sent[0]?.body).toMatchObject({
      type: 'phone',
      mailboxId: 1,
      status: 'closed',
      customer: { phone: '000735928140662', firstName: 'Automatic check' },
      imported: true,
      threads: [{ type: 'customer', imported: true, cc: [] }],
    });
    await client.deleteProofConversation(40);
    expect(sent[1]).toMatchObject({ method: 'DELETE', path: '/api/conversations/40' });
  });

  it('is deleted at once when its customer turns out to have an address', async () => {
    const { client, sent } = freescoutAnswering(({ method }) =>
      method === 'DELETE' ? nothing() : written(40, proof('someone@example.org')),
    );
    await expect(client.createProofConversation(1)).rejects.toMatchObject({ retryable: true });
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'POST', 'DELETE']);
  });

  it('gets another customer when people gave the usual one an address', async () => {
    let made = 0;
    const { client, sent } = freescoutAnswering(({ method }) => {
      if (method === 'DELETE') {
        return nothing();
      }
      made += 1;
      return written(39 + made, proof(made === 1 ? 'someone@example.org' : ''));
    });
    expect(await client.createProofConversation(1)).toEqual({ conversationId: 41 });
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/conversations',
      'DELETE /api/conversations/40',
      'POST /api/conversations',
    ]);
    expect(sent[2]?.body).toMatchObject({ customer: { phone: '000500000000000' } });
  });

  it('is the only thing that can be deleted, and only once', async () => {
    const { client, sent } = freescoutAnswering(({ method }) =>
      method === 'DELETE' ? nothing() : written(40, proof('')),
    );
    await expect(client.deleteProofConversation(7)).rejects.toThrow('it stays');
    await client.createProofConversation(1);
    await client.deleteProofConversation(40);
    await expect(client.deleteProofConversation(40)).rejects.toThrow('it stays');
    expect(sent.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });
});
