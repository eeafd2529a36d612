import { beforeEach, describe, expect, it } from 'vitest';
import { type DeskUnderTest, deskUnderTest } from '#tests/support/freescout/deskUnderTest.ts';

const customer = { email: 'nina@example.org', firstName: 'Nina' };
const draft = { type: 'message', state: 'draft', user: 2, status: 'active', text: '<div>Hello</div>' };
const note = { type: 'note', user: 2, text: '<div>Note</div>' };
const question = { type: 'customer', text: '<div>Hi</div>', customer };

let under: DeskUnderTest;

const opening = (more: Record<string, unknown> = {}, thread: Record<string, unknown> = {}) => ({
  type: 'email',
  mailboxId: 1,
  subject: 'Help',
  customer,
  threads: [{ ...question, ...thread }],
  ...more,
});
const open = async (more = {}, thread = {}): Promise<number> =>
  Number((await under.call('POST', '/conversations', opening(more, thread))).resourceId);
const thread = (id: number, body: unknown) => under.call('POST', `/conversations/${id}/threads`, body);
const get = async (id: number) => (await under.call('GET', `/conversations/${id}?embed=threads,tags`)).body;
const events = () => under.deliveries.map(({ event }) => event);

beforeEach(() => {
  under = deskUnderTest();
});

describe('drafts', () => {
  it('answers draft, hides the draft from GET, and moves latestReplyFrom to user', async () => {
    const id = await open();
    under.clock.advance(60_000);
    const answer = await thread(id, draft);
    expect(answer).toMatchObject({
      status: 201,
      resourceId: '2',
      body: { state: 'draft', to: ['nina@example.org'] },
    });
    const conversation = await get(id);
    expect(conversation._embedded.threads.map((item: { id: number }) => item.id)).toEqual([1]);
    expect(conversation).toMatchObject({
      threadsCount: 1,
      customerWaitingSince: { latestReplyFrom: 'user', time: '2026-11-20T10:01:00Z' },
    });
  });

  it('claims 15 s later that an agent replied, and mails nobody', async () => {
    const id = await open();
    await thread(id, draft);
    under.clock.advance(15_500);
    expect(events()).not.toContain('convo.agent.reply.created');
    under.clock.advance(1_000);
    expect(events().filter((event) => event === 'convo.agent.reply.created')).toHaveLength(1);
    expect(under.desk.mail).toEqual([]);
  });

  it('makes the conversation pending when no status is sent, also for a draft', async () => {
    const id = await open();
    await thread(id, { ...draft, status: undefined });
    expect(await get(id)).toMatchObject({ status: 'pending' });
  });

  it('stores an unknown state as published, and so mails it', async () => {
    const id = await open();
    under.clock.advance(1_000);
    expect((await thread(id, { ...draft, state: 'drafty' })).body.state).toBe('published');
    under.clock.advance(15_000);
    expect(under.desk.mail).toMatchObject([{ to: ['nina@example.org'], subject: 'Re: Help' }]);
  });

  it('publishes every message when the module is too old to know state', async () => {
    under = deskUnderTest({ switches: { oldModule: true } });
    const id = await open();
    expect((await thread(id, draft)).body.state).toBe('published');
    under.clock.advance(15_000);
    expect(under.desk.mail).toHaveLength(1);
  });

  it('in a phone conversation without an address has nobody to go to', async () => {
    const { body } = await under.call('POST', '/conversations', {
      ...opening({ type: 'phone', customer: { phone: '0151 000', firstName: 'Proof' } }),
      threads: [note],
    });
    expect(body).toMatchObject({ type: 'phone', threadsCount: 0, customer: { email: '' } });
    const answer = await thread(body.id, draft);
    expect(answer.body).toMatchObject({ state: 'draft', to: [] });
    expect((await get(body.id))._embedded.threads).toHaveLength(1);
    expect((await under.call('DELETE', `/conversations/${body.id}`)).status).toBe(204);
    expect((await under.call('GET', `/conversations/${body.id}`)).status).toBe(404);
    under.clock.advance(60_000);
    expect(under.desk.mail).toEqual([]);
  });

  it('in a chat is mailed to nobody when a human sends it, and stays a message', async () => {
    const customer = { phone: '+491701234567', firstName: 'Nina' };
    const { body } = await under.call(
      'POST',
      '/conversations',
      opening({ type: 'chat', customer }, { customer }),
    );
    expect(body).toMatchObject({ type: 'chat', threadsCount: 1, customer: { email: '' } });
    const made = await thread(body.id, draft);
    expect(made.body).toMatchObject({ state: 'draft', to: [] });
    under.clock.advance(1_000);
    under.desk.agent.sendDraft({ conversationId: body.id, threadId: made.body.id }, { user: 1 });
    under.clock.advance(60_000);
    const [sent] = (await get(body.id))._embedded.threads;
    expect(sent).toMatchObject({ id: made.body.id, type: 'message', state: 'published', to: [] });
    expect(under.desk.mail).toEqual([]);
    expect(events()).toContain('convo.agent.reply.created');
  });

  it('that was imported is silently never mailed when a human sends it', async () => {
    const id = await open();
    under.clock.advance(1_000);
    const { body } = await thread(id, { ...draft, imported: true });
    under.clock.advance(1_000);
    under.desk.agent.sendDraft({ conversationId: id, threadId: body.id }, { user: 1 });
    under.clock.advance(60_000);
    expect(under.desk.mail).toEqual([]);
    expect(events()).toContain('convo.agent.reply.created');
  });
});

describe('copies', () => {
  it.each([
    ['note', note],
    ['draft', draft],
    ['customer message', question],
  ])('are cleared by a %s without cc', async (_name, body) => {
    const id = await open({}, { cc: ['boss@example.org'] });
    expect(await get(id)).toMatchObject({ cc: ['boss@example.org'] });
    await thread(id, body);
    expect(await get(id)).toMatchObject({ cc: [] });
  });

  it('stay when they are sent again', async () => {
    const id = await open({}, { cc: ['boss@example.org'] });
    await thread(id, { ...note, cc: ['Boss@Example.org'] });
    expect(await get(id)).toMatchObject({ cc: ['boss@example.org'] });
  });

  it('become an object when an address was repeated or unusable', async () => {
    const id = await open();
    const { body } = await thread(id, {
      ...note,
      cc: ['nobody', 'a@example.org', 'a@example.org', 'b@example.org'],
    });
    expect(body.cc).toEqual({ 1: 'a@example.org', 3: 'b@example.org' });
    expect((await get(id)).cc).toEqual({ 1: 'a@example.org', 3: 'b@example.org' });
  });
});

describe('customer threads', () => {
  it.each(['closed', 'spam', 'pending'])(
    're-open a %s conversation when no status is sent',
    async (status) => {
      const id = await open({ status });
      await thread(id, question);
      expect(await get(id)).toMatchObject({ status: 'active', folderId: 1 });
    },
  );

  it('keep spam when spam is sent', async () => {
    const id = await open({ status: 'spam' });
    await thread(id, { ...question, status: 'spam' });
    expect(await get(id)).toMatchObject({ status: 'spam' });
  });

  it('bring a deleted conversation back', async () => {
    const id = await open();
    under.desk.agent.trash(id, 1);
    expect(await get(id)).toMatchObject({ state: 'deleted' });
    expect((await thread(id, question)).status).toBe(201);
    expect(await get(id)).toMatchObject({ state: 'published' });
  });

  it('announce no status change when they re-open', async () => {
    const id = await open({ status: 'closed' });
    await thread(id, question);
    under.clock.advance(60_000);
    expect(events()).toContain('convo.customer.reply.created');
    expect(events()).not.toContain('convo.status');
  });

  it('point the conversation to their sender', async () => {
    const id = await open();
    await thread(id, { ...question, customer: { email: 'other@example.org' } });
    expect(await get(id)).toMatchObject({ customer: { email: 'other@example.org' } });
    const list = (await under.call('GET', '/conversations?customerEmail=other@example.org')).body;
    expect(list.page.totalElements).toBe(1);
  });
});

describe('a customer named on a note or draft', () => {
  it('becomes the customer of the conversation, but the search address stays', async () => {
    const id = await open();
    await thread(id, { ...note, customer: { email: 'other@example.org' } });
    expect(await get(id)).toMatchObject({ customer: { email: 'other@example.org' } });
    const list = async (email: string) =>
      (await under.call('GET', `/conversations?customerEmail=${email}`)).body.page.totalElements;
    expect(await list('nina@example.org')).toBe(1);
    expect(await list('other@example.org')).toBe(0);
  });
});

describe('conversations of a number', () => {
  it.each([
    ['+491701234567', true],
    ['+49 170 1234567', true],
    ['1701234567', true],
    ['00491701234567', false],
    ['01701234567', false],
  ])('are found by the digits that FreeScout stored: %s %s', async (asked, isFound) => {
    const customer = { phone: '+491701234567', firstName: 'Nina' };
    await under.call('POST', '/conversations', opening({ type: 'chat', customer }, { customer }));
    const { body } = await under.call('GET', `/conversations?customerPhone=${encodeURIComponent(asked)}`);
    expect(body._embedded.conversations).toHaveLength(isFound ? 1 : 0);
  });

  it('are of two customers when two requests at once name the new number', async () => {
    const customer = { phone: '+491701234567', firstName: 'Nina' };
    const body = opening({ type: 'chat', customer }, { customer });
    await Promise.all([
      under.call('POST', '/conversations', body),
      under.call('POST', '/conversations', body),
    ]);
    const owners = [...under.desk.customers.values()].filter(({ phones }) => phones.includes(customer.phone));
    expect(owners.length).toBeGreaterThan(1);
    const { status } = await under.call('POST', '/conversations', body);
    expect(status).toBe(201);
  });
});

describe('two requests at once that name the same new customer', () => {
  const both = (email: string) => {
    const body = opening({ customer: { email } }, { customer: { email } });
    return Promise.all([
      under.call('POST', '/conversations', body),
      under.call('POST', '/conversations', body),
    ]);
  };

  it('give one of them a customer without an address, although the message has the right one', async () => {
    const [first, second] = await both('nina@example.org');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body.customer).toMatchObject({ id: 1, email: 'nina@example.org' });
    expect(second.body.customer).toMatchObject({ id: 2, email: '' });
    expect(second.body._embedded.threads[0].customer).toMatchObject({ id: 1, email: 'nina@example.org' });
    const { status } = await under.call('PUT', '/conversations/2', { byUser: 2, customerId: 1 });
    expect(status).toBe(204);
    expect((await get(2)).customer).toMatchObject({ id: 1, email: 'nina@example.org' });
  });

  it('or have one refused, with nothing written', async () => {
    await both('nina@example.org');
    await under.call('POST', '/conversations', opening({ customer: { email: 'otto@example.org' } }));
    const [first, second] = await both('pia@example.org');
    expect([first.status, second.status]).toEqual([201, 400]);
    expect(second.body._embedded.errors).toEqual([
      { path: 'emails', message: 'Customers with such email(s) already exist', source: 'JSON' },
    ]);
    expect(under.desk.conversations.size).toBe(4);
  });
});

describe('a request that dies between a message and its conversation', () => {
  const file = { fileName: `${'\u6f22'.repeat(146)}.pdf`, mimeType: 'application/pdf', data: 'aGVsbG8=' };

  it('of a file name that is too long leaves a closed conversation closed, its cc as it was, and no attachments', async () => {
    const id = await open({}, { cc: ['x@example.org'] });
    await under.call('PUT', `/conversations/${id}`, { byUser: 1, status: 'closed' });
    under.clock.advance(60_000);
    const told = events().length;
    const answer = await thread(id, {
      ...question,
      cc: ['new@example.org'],
      attachments: [{ ...file, fileName: 'first.txt' }, file],
    });
    expect(answer.status).toBe(500);
    const conversation = await get(id);
    expect(conversation).toMatchObject({
      status: 'closed',
      cc: ['x@example.org'],
      closedAt: '2026-11-20T10:00:00Z',
      customerWaitingSince: { time: '2026-11-20T10:01:00Z', latestReplyFrom: 'customer' },
    });
    expect(conversation._embedded.threads[0]).toMatchObject({
      type: 'customer',
      _embedded: { attachments: [] },
    });
    under.clock.advance(60_000);
    expect(events()).toHaveLength(told);
  });

  it('leaves a new conversation with its message and nothing else', async () => {
    under.desk.faults.failNext({ kind: 'halfWritten' });
    const answer = await under.call(
      'POST',
      '/conversations',
      opening({}, { attachments: [{ ...file, fileName: 'a.txt' }] }),
    );
    expect(answer.status).toBe(500);
    expect(await get(1)).toMatchObject({
      status: 'active',
      createdBy: null,
      cc: [],
      _embedded: { threads: [{ type: 'customer', _embedded: { attachments: [] } }] },
    });
    under.clock.advance(60_000);
    expect(events()).toEqual(['customer.created']);
  });
});

describe('customerEmail', () => {
  it('matches only the main address of a customer', async () => {
    const id = await open();
    const { customer: person } = await get(id);
    await under.call('PUT', `/customers/${person.id}`, { emails_add: ['second@example.org'] });
    await open({ customer: { email: 'second@example.org' } }, { customer: { email: 'second@example.org' } });
    const list = async (email: string) =>
      (await under.call('GET', `/conversations?customerEmail=${email}`)).body.page.totalElements;
    expect(await list('second@example.org')).toBe(0);
    expect(await list('NINA@example.org')).toBe(2);
  });
});

describe('times and order', () => {
  it('honours createdAt on imported threads only', async () => {
    const id = await open();
    const createdAt = '2026-11-01T08:00:00Z';
    expect((await thread(id, { ...question, createdAt })).body.createdAt).toBe('2026-11-20T10:00:00Z');
    expect((await thread(id, { ...question, createdAt, imported: true })).body.createdAt).toBe(createdAt);
  });

  it('lists threads newest createdAt first, whatever their ids', async () => {
    const id = await open();
    under.clock.advance(60_000);
    await thread(id, note);
    await thread(id, { ...question, imported: true, createdAt: '2026-11-20T09:00:00Z' });
    expect((await get(id))._embedded.threads.map((item: { id: number }) => item.id)).toEqual([2, 1, 3]);
  });

  it('leaves the order within one second open', async () => {
    const id = await open();
    await thread(id, note);
    const order = async () => (await get(id))._embedded.threads.map((item: { id: number }) => item.id);
    expect(await order()).toEqual([1, 2]);
    under.desk.switches.newestIdFirst = true;
    expect(await order()).toEqual([2, 1]);
  });

  it('swallows an agent’s mail when the newest thread is imported and dated into the future', async () => {
    const id = await open();
    await thread(id, { ...question, imported: true, createdAt: '2026-11-21T09:00:00Z' });
    under.desk.agent.reply(id, { user: 1, body: '<div>Answer</div>' });
    under.clock.advance(60_000);
    expect(under.desk.mail).toEqual([]);
  });

  it.each([
    ['swallows an agent’s mail', true, 0],
    ['mails an agent’s draft', false, 1],
  ])('%s when a message of the same second is imported: %s', async (_, imported, mails) => {
    const id = await open();
    const { body } = await thread(id, draft);
    await thread(id, { ...question, imported });
    under.desk.agent.sendDraft({ conversationId: id, threadId: body.id }, { user: 1 });
    under.clock.advance(60_000);
    expect(under.desk.mail).toHaveLength(mails);
  });

  it('mails an agent’s reply when the imported thread is older', async () => {
    const id = await open(
      { imported: true, createdAt: '2026-11-20T09:00:00Z' },
      { createdAt: '2026-11-20T09:00:00Z' },
    );
    under.desk.agent.reply(id, { user: 1, body: '<div>Answer</div>' });
    under.clock.advance(60_000);
    expect(under.desk.mail).toHaveLength(1);
  });
});

describe('coercions', () => {
  it('reads an unknown thread type as a customer message', async () => {
    const id = await open();
    expect((await thread(id, { type: 'reply', text: 'x' })).body).toMatchObject({ type: 'customer' });
  });

  it('reads an unknown status as active and an unknown conversation type as email', async () => {
    const id = await open({ status: 'open', type: 'letter' });
    expect(await get(id)).toMatchObject({ status: 'active', type: 'email' });
    await under.call('PUT', `/conversations/${id}`, { byUser: 1, status: 'closed' });
    await under.call('PUT', `/conversations/${id}`, { byUser: 1, status: 'open' });
    expect(await get(id)).toMatchObject({ status: 'active' });
  });

  it('trims every text and turns an empty one into null', async () => {
    const id = await open({ subject: '  ' });
    expect(await get(id)).toMatchObject({ subject: '' });
    expect((await thread(id, { ...note, text: '  x ' })).body.body).toBe('x');
    expect((await thread(id, { ...note, text: '  ' })).body.body).toBeNull();
  });
});

describe('PUT /conversations/{id}', () => {
  it('applies keys in their order and keeps what came before an error', async () => {
    const id = await open();
    const answer = await under.call('PUT', `/conversations/${id}`, {
      byUser: 1,
      assignTo: 2,
      mailboxId: 99,
      status: 'closed',
    });
    expect(answer).toMatchObject({ status: 400, body: { _embedded: { errors: [{ path: 'mailboxId' }] } } });
    expect(await get(id)).toMatchObject({ status: 'active', assignee: { id: 2 } });
  });

  it('writes line items and events only for real changes', async () => {
    const id = await open();
    const change = { byUser: 1, status: 'closed', assignTo: 2 };
    await under.call('PUT', `/conversations/${id}`, change);
    await under.call('PUT', `/conversations/${id}`, change);
    under.clock.advance(60_000);
    expect(events().filter((event) => event === 'convo.status' || event === 'convo.assigned')).toEqual([
      'convo.status',
      'convo.assigned',
    ]);
    const conversation = await get(id);
    expect(conversation).toMatchObject({
      closedBy: 1,
      closedByUser: { id: 1 },
      closedAt: '2026-11-20T10:00:00Z',
    });
    expect(
      conversation._embedded.threads.filter(({ type }: { type: string }) => type === 'lineitem'),
    ).toHaveLength(2);
  });

  it('unassigns without an event', async () => {
    const id = await open({ assignTo: 2 });
    await under.call('PUT', `/conversations/${id}`, { byUser: 1, assignTo: null });
    under.clock.advance(60_000);
    expect(await get(id)).toMatchObject({ assignee: null });
    expect(events()).not.toContain('convo.assigned');
  });
});

describe('tags and custom fields', () => {
  it('replace the whole list in lower case, without event or updatedAt', async () => {
    const id = await open();
    under.clock.advance(60_000);
    const before = events().length;
    await under.call('PUT', `/conversations/${id}/tags`, { tags: ['P0', ' Lead '] });
    await under.call('PUT', `/conversations/${id}/tags`, { tags: ['VIP', 'p0'] });
    const conversation = await get(id);
    expect(conversation._embedded.tags.map(({ name }: { name: string }) => name)).toEqual(['p0', 'vip']);
    expect(conversation.updatedAt).toBe('2026-11-20T10:00:00Z');
    under.clock.advance(60_000);
    expect(events()).toHaveLength(before);
    expect((await under.call('GET', '/conversations?tag=VIP')).body.page.totalElements).toBe(1);
    expect((await under.call('GET', '/conversations?tag=lead')).body.page.totalElements).toBe(0);
  });

  it('answer 400 without their module', async () => {
    under = deskUnderTest({ switches: { tagsModule: false, customFieldsModule: false } });
    const id = await open();
    for (const [path, body] of [
      ['tags', { tags: [] }],
      ['custom_fields', { customFields: [] }],
    ] as const) {
      expect((await under.call('PUT', `/conversations/${id}/${path}`, body)).status).toBe(400);
    }
    expect((await get(id))._embedded).not.toHaveProperty('tags');
  });

  it('show a dropdown’s value as option id with its text, and skip unknown fields', async () => {
    under = deskUnderTest({
      customFields: [
        {
          id: 7,
          mailboxId: 1,
          name: 'Priority',
          type: 'dropdown',
          options: { 1: 'P0', 2: 'P1' },
          required: false,
          sortOrder: 1,
        },
      ],
    });
    const id = await open();
    await under.call('PUT', `/conversations/${id}/custom_fields`, {
      customFields: [
        { id: 7, value: '2' },
        { id: 99, value: 'x' },
      ],
    });
    expect((await get(id)).customFields).toEqual([{ id: 7, name: 'Priority', value: '2', text: 'P1' }]);
    await under.call('PUT', `/conversations/${id}/custom_fields`, { customFields: [{ id: 7, value: '3' }] });
    expect((await get(id)).customFields).toEqual([{ id: 7, name: 'Priority', value: '3', text: '' }]);
  });
});

describe('lists', () => {
  it('hold closed, spam and deleted conversations unless asked otherwise', async () => {
    await open({ status: 'closed' });
    await open({ status: 'spam' });
    under.desk.agent.trash(await open(), 1);
    await open();
    const ids = async (query: string) =>
      (await under.call('GET', `/conversations?sortOrder=asc${query}`)).body._embedded.conversations.map(
        ({ id }: { id: number }) => id,
      );
    expect(await ids('')).toEqual([1, 2, 3, 4]);
    expect(await ids('&status=active,pending&state=published')).toEqual([4]);
    expect(await ids('&state=deleted')).toEqual([3]);
    expect(await ids('&query=nothing&per_page=1')).toEqual([1, 2, 3, 4]);
  });

  it('come in pages, with threads only when asked', async () => {
    for (let count = 0; count < 3; count += 1) {
      await open();
    }
    const first = (await under.call('GET', '/conversations?pageSize=2')).body;
    expect(first.page).toEqual({ size: 2, totalElements: 3, totalPages: 2, number: 1 });
    expect(first._embedded.conversations[0]._embedded).toEqual({ threads: [] });
    const second = (await under.call('GET', '/conversations?pageSize=2&page=2&embed=threads')).body;
    expect(second._embedded.conversations).toHaveLength(1);
    expect(second._embedded.conversations[0]._embedded.threads).toHaveLength(1);
  });

  it('filter by change since, and sort by it', async () => {
    const first = await open();
    under.clock.advance(3_600_000);
    await open();
    await thread(first, note);
    const list = (
      await under.call('GET', '/conversations?updatedSince=2026-11-20T10:30:00Z&sortField=updatedAt')
    ).body;
    expect(list.page.totalElements).toBe(2);
    const created = (await under.call('GET', '/conversations?createdSince=2026-11-20T10:30:00Z')).body;
    expect(created.page.totalElements).toBe(1);
  });
});

describe('embed', () => {
  it('turns threads off unless it names them', async () => {
    const id = await open();
    const threads = async (query: string) =>
      (await under.call('GET', `/conversations/${id}${query}`)).body._embedded.threads.length;
    expect(await threads('')).toBe(1);
    expect(await threads('?embed=tags')).toBe(0);
    expect(await threads('?embed=threads,tags')).toBe(1);
  });
});

describe('attachments', () => {
  it('are stored from base64, listed with a link that needs no login; broken ones are skipped', async () => {
    const id = await open();
    const { body } = await thread(id, {
      ...question,
      attachments: [
        { fileName: 'a b.txt', mimeType: 'text/plain', data: 'aGVsbG8=' },
        { fileName: 'broken.txt', mimeType: 'text/plain', data: '!!!' },
        { fileName: 'nothing.txt' },
      ],
    });
    expect(body._embedded.attachments).toEqual([
      {
        id: 1,
        fileName: 'a_b.txt',
        fileUrl: expect.stringMatching(/\/storage\/attachment\/1\/a_b\.txt\?id=1&token=[0-9a-f]{64}$/),
        mimeType: 'text/plain',
        size: 5,
      },
    ]);
  });

  it('above the size limit are refused with 413, before anything is written', async () => {
    under = deskUnderTest({ maxBodyBytes: 2_000 });
    const id = await open();
    const answer = await thread(id, { ...question, text: 'x'.repeat(3_000) });
    expect(answer.status).toBe(413);
    expect((await get(id))._embedded.threads).toHaveLength(1);
  });
});

describe('errors', () => {
  it.each([
    ['no threads', { threads: [] }, 'threads'],
    ['threads not a list', { threads: 'x' }, 'threads'],
    ['unknown mailbox', { mailboxId: 9 }, 'mailboxId'],
    ['unusable address', { customer: { email: 'nobody' } }, 'emails'],
    ['neither name nor address', { customer: {} }, 'customer.first_name'],
    ['note without user', { threads: [{ type: 'note', text: 'x' }] }, 'user'],
  ])('%s: 400 and no conversation', async (_name, more, path) => {
    const answer = await under.call('POST', '/conversations', opening(more));
    expect(answer.status).toBe(400);
    expect(answer.body._embedded.errors[0].path).toBe(path);
    expect(under.desk.conversations.size).toBe(0);
  });

  it('broken JSON counts as empty input', async () => {
    const answer = await under.call('POST', '/conversations', '{broken');
    expect(answer.body._embedded.errors[0].message).toBe('`subject` parameter is required');
  });

  it.each([
    ['GET', '/csm'],
    ['GET', '/conversations/1/drafts'],
    ['GET', '/conversations/1/threads/1'],
    ['PATCH', '/conversations/1/threads/1'],
    ['DELETE', '/conversations'],
    ['GET', '/webhooks'],
    ['GET', '/nothing'],
  ])('%s %s is 405, with or without a key', async (method, path) => {
    await open();
    expect((await under.call(method, path)).status).toBe(405);
    expect((await under.call(method, path, undefined, { 'X-FreeScout-API-Key': '' })).status).toBe(405);
    const html = await under.call(method, path, undefined, { Accept: '*/*' });
    expect(html).toMatchObject({ status: 405, contentType: 'text/html; charset=UTF-8' });
  });
});

describe('DELETE /conversations/{id}', () => {
  it('is for good and announced', async () => {
    const id = await open();
    expect((await under.call('DELETE', `/conversations/${id}`)).status).toBe(204);
    expect((await under.call('GET', `/conversations/${id}`)).status).toBe(404);
    expect((await thread(id, note)).status).toBe(404);
    under.clock.advance(60_000);
    expect(events()).toContain('convo.deleted_forever');
  });

  it.each([
    ['at once when a customer began the conversation', 'customer', 1_000],
    ['15 seconds later when a note began it', 'note', 16_000],
  ])('announces that it was created all the same, %s', async (_when, type, milliseconds) => {
    const customer = { phone: '000735928140662', firstName: 'Trial' };
    const made = await under.call('POST', '/conversations', {
      type: 'phone',
      mailboxId: 1,
      subject: 'Trial',
      customer,
      threads: [{ type, text: 'x', ...(type === 'customer' ? { customer } : { user: 2 }) }],
      status: 'closed',
      imported: true,
    });
    expect(made.body).toMatchObject({ status: 'closed', customer: { email: '' } });
    await under.call('DELETE', `/conversations/${made.resourceId}`);
    const created = () => under.deliveries.find(({ event }) => event === 'convo.created');
    under.clock.advance(milliseconds - 1);
    expect(created()).toBeUndefined();
    under.clock.advance(1);
    expect(JSON.parse(created()?.body ?? '')).toMatchObject({
      id: Number(made.resourceId),
      type: 'phone',
      subject: 'Trial',
      _embedded: { threads: [] },
    });
  });
});

describe('recorded traffic', () => {
  it('keeps method, path, query and body of every API request', async () => {
    const id = await open();
    await thread(id, draft);
    await under.call('GET', '/conversations?status=active');
    expect(under.desk.requests).toMatchObject([
      { method: 'POST', path: '/api/conversations', status: 201 },
      { method: 'POST', path: `/api/conversations/${id}/threads`, body: { state: 'draft' }, status: 201 },
      { method: 'GET', path: '/api/conversations', query: { status: 'active' }, body: null, status: 200 },
    ]);
  });
});
