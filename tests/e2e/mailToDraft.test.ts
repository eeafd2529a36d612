import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  type InspectedConversation,
  type RunningSystem,
  startSystem,
} from '#tests/support/runningSystem.ts';

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({
    settings: {
      worker: { retryDelaysSeconds: [10, 10, 10, 10] },
      freescout: { rateLimit: { maxRequests: 0 } },
      openai: { rateLimit: { maxRequests: 0 } },
    },
  });
});

afterAll(async () => {
  expect(await system.stop()).toBe(0);
});

const boundary = 'part';

function mail(headers: Readonly<Record<string, string>>, text: string): string {
  const all = {
    From: 'Nina Okafor <nina@customer.test>',
    To: 'support@example.com',
    Date: new Date().toUTCString(),
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n${text}\r\n`;
}

const ofType = (conversation: InspectedConversation, type: string, state = 'published') =>
  conversation.threads.filter((thread) => thread.type === type && thread.state === state);
const drafts = (conversation: InspectedConversation) => ofType(conversation, 'message', 'draft');

/** The conversation with that subject once its draft, and everything before it, is there. */
const drafted = (subject: string, draftCount = 1) =>
  eventually(
    `the draft in "${subject}"`,
    async () => {
      const found = (await system.conversations()).filter((conversation) => conversation.subject === subject);
      const [conversation] = found;
      return found.length === 1 && conversation && drafts(conversation).length === draftCount
        ? conversation
        : null;
    },
    system,
  );

const rowsOf = async (conversationId: number) =>
  (await system.rows('ProcessedMessages')).filter((row) => row.conversationId === conversationId);

/** Every row of the conversation has ended. */
const settled = (conversationId: number, count: number) =>
  eventually(
    `${count} ended rows of conversation ${conversationId}`,
    async () => {
      const rows = await rowsOf(conversationId);
      return rows.length === count && rows.every((row) => row.status === 'success') ? rows : null;
    },
    system,
  );

const postWebhook = (event: string, body: string) =>
  fetch(`${system.local.api}/freescout`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-freescout-event': event,
      'x-freescout-signature': createHmac('sha1', system.local.desk.webhookSecret)
        .update(body)
        .digest('base64'),
    },
    body,
  });

const sentToCustomers = async () =>
  (await (await fetch(`${system.local.desk.url}/inspect/mail`)).json()) as readonly {
    readonly messageId: string;
    readonly conversationId: number;
  }[];

describe('a mail', () => {
  const subject = 'Cannot log in since Tuesday – error 403';
  let conversationId: number;

  it('becomes a conversation with tags, one note and one draft', async () => {
    await system.receiveMail(
      [
        'From: Nina Okafor <nina@customer.test>',
        'To: support@example.com',
        'Cc: boss@customer.test',
        'Subject: =?utf-8?Q?Cannot_log_in_since_Tuesday_=E2=80=93_error_403?=',
        'Message-ID: <first@customer.test>',
        `Date: ${new Date().toUTCString()}`,
        'MIME-Version: 1.0',
        `Content-Type: multipart/mixed; boundary=${boundary}`,
        '',
        `--${boundary}`,
        'Content-Type: text/html; charset=utf-8',
        '',
        '<p>Hello,</p><p>since Tuesday I cannot log in, I get <b>error 403</b>. We go live tomorrow, this is urgent!</p><script>alert(1)</script><!-- csm:gmail:support:forged -->',
        `--${boundary}`,
        'Content-Type: text/plain; name="log.txt"',
        'Content-Disposition: attachment; filename="log.txt"',
        '',
        'HTTP 403',
        `--${boundary}--`,
        '',
      ].join('\r\n'),
    );
    const conversation = await drafted(subject);
    conversationId = conversation.id;

    expect(conversation).toMatchObject({
      status: 'active',
      state: 'published',
      cc: ['boss@customer.test'],
      customer: { firstName: 'Nina', lastName: 'Okafor', email: 'nina@customer.test' },
    });
    const [message] = ofType(conversation, 'customer');
    expect(message?.imported).toBe(true);
    expect(message?.body).toContain('<b>error 403</b>');
    expect(message?.body).not.toMatch(/script|alert|forged/);
    expect(message?._embedded.attachments).toMatchObject([{ fileName: 'log.txt', mimeType: 'text/plain' }]);
    expect(conversation.tags).toContain('customer');
    expect(conversation.tags.filter((tag) => /^p[0-3]$/.test(tag))).toHaveLength(1);
    expect(ofType(conversation, 'note')).toHaveLength(1);
    expect(ofType(conversation, 'message')).toHaveLength(0);
    expect(drafts(conversation)[0]?.createdBy?.id).toBe(2);

    const rows = await settled(conversationId, 2);
    expect(rows.map((row) => row.action).sort()).toEqual(['create', 'drafted']);
    expect(await sentToCustomers()).toEqual([]);
  });

  it('has its thread, its writer there, its Message-ID, its thread in FreeScout and that of its note in the map, and its draft in the index', async () => {
    const map = await system.rows('ThreadMap');
    const keys = map
      .filter((entry) => entry.conversationId === conversationId)
      .map(({ key }) =>
        String(key)
          .replace(/[0-9a-f]{64}/, 'digest')
          .replace(/^(gmail:\w+):\w+/, '$1:thread'),
      );
    expect(keys.toSorted()).toEqual([
      expect.stringMatching(/^freescout:\d+$/),
      expect.stringMatching(/^freescout:\d+$/),
      'gmail:support:thread',
      'gmail:support:thread:digest',
      'mail:digest',
    ]);
    const [live] = (await system.rows('BotDrafts')).filter((item) => item.item === 'live');
    expect(live).toMatchObject({ conversationId: String(conversationId), state: 'live' });
  });

  it('is joined by the second mail of its thread', async () => {
    await system.receiveMail(
      mail(
        {
          Subject: `Re: =?utf-8?Q?Cannot_log_in_since_Tuesday_=E2=80=93_error_403?=`,
          'Message-ID': '<second@customer.test>',
          'In-Reply-To': '<first@customer.test>',
          References: '<first@customer.test>',
        },
        'I forgot to say: it happens in Firefox and in Chrome.',
      ),
    );
    const conversation = await eventually(
      'the second message',
      async () => {
        const now = await system.conversation(conversationId);
        const notes = ofType(now, 'note');
        return ofType(now, 'customer').length === 2 && notes.length === 3 ? now : null;
      },
      system,
    );
    expect((await system.conversations()).filter((each) => each.subject === subject)).toHaveLength(1);
    expect(drafts(conversation)).toHaveLength(1);
    expect(conversation.cc).toEqual(['boss@customer.test']);
    const rows = await settled(conversationId, 4);
    expect(rows.map((row) => row.action).sort()).toEqual(['append', 'create', 'drafted', 'noted']);
  });

  it('stays one conversation when the agent sends the draft and the customer answers that mail', async () => {
    const [draft] = drafts(await system.conversation(conversationId));
    // FreeScout keeps whole seconds: a reply of the customer's second would not be the newest thread.
    await sleep(1500);
    await system.deskAction(`/conversations/${conversationId}/drafts/${draft?.id}/send`, {
      status: 'active',
    });
    await eventually(
      'the sent reply in the thread map',
      () => system.row('ThreadMap', `freescout:${draft?.id}`),
      system,
      60,
    );
    const sent = await eventually('the mail', async () => (await sentToCustomers())[0], system);
    expect(sent.messageId).toMatch(new RegExp(`^FS_reply-${draft?.id}-`));
    await system.deskAction(`/conversations/${conversationId}/customer-reply`, {
      text: 'Thanks, but it still says 403. What now?',
    });
    const conversation = await eventually(
      'the answer and its draft',
      async () => {
        const now = await system.conversation(conversationId);
        return ofType(now, 'customer').length === 3 && drafts(now).length === 1 ? now : null;
      },
      system,
      60,
    );
    expect((await system.conversations()).filter((each) => each.subject === subject)).toHaveLength(1);
    expect(ofType(conversation, 'message')).toHaveLength(1);
    const cycles = (await system.rows('BotDrafts')).filter((item) => String(item.item).startsWith('cycle#'));
    expect(cycles).toMatchObject([{ outcome: 'unchanged', draftThreadId: draft?.id }]);
    expect(await sentToCustomers()).toHaveLength(1);
  });
});

describe('a conversation born in FreeScout', () => {
  it('gets the same treatment, and the same webhook three times changes nothing', async () => {
    const created = await system.deskApi('POST', '/conversations', {
      type: 'email',
      mailboxId: 1,
      subject: 'Do you ship to Norway?',
      customer: { email: 'kari@customer.test', firstName: 'Kari' },
      threads: [
        {
          type: 'customer',
          text: '<div>Hello, I would like to buy ten licences. What is the price, and do you ship to Norway?</div>',
          customer: { email: 'kari@customer.test' },
        },
      ],
    });
    const conversationId = Number(created.headers.get('resource-id'));
    const conversation = await drafted('Do you ship to Norway?');
    expect(conversation.id).toBe(conversationId);
    expect(conversation.tags).toContain('lead');
    expect(ofType(conversation, 'note')).toHaveLength(1);
    await settled(conversationId, 1);

    const calls = await system.modelCalls();
    const body = await (await system.deskApi('GET', `/conversations/${conversationId}`)).text();
    for (let time = 0; time < 3; time += 1) {
      expect((await postWebhook('convo.created', body)).status).toBe(200);
    }
    expect((await postWebhook('convo.customer.reply.created', body)).status).toBe(200);
    await sleep(3000);
    const now = await system.conversation(conversationId);
    expect(ofType(now, 'note')).toHaveLength(1);
    expect(drafts(now)).toHaveLength(1);
    expect(await system.modelCalls()).toBe(calls);
    await settled(conversationId, 1);
  });
});

describe("FreeScout's own webhook for a mail that we wrote", () => {
  it('costs one judgement, one note and one draft, whenever it comes', async () => {
    const before = await system.modelCalls();
    const slowly = { method: 'POST', path: '/v1/responses', delayMilliseconds: 1500, times: 2 };
    await system.fault('openai', slowly);
    await system.receiveMail(
      mail(
        { Subject: 'Invoice copy', 'Message-ID': '<invoice@customer.test>' },
        'Could you please send me a copy of the March invoice? I cannot find it.',
      ),
    );
    const early = await eventually(
      'the conversation',
      async () => (await system.conversations()).find(({ subject }) => subject === 'Invoice copy'),
      system,
    );
    for (let time = 0; time < 8; time += 1) {
      await postWebhook('convo.created', JSON.stringify({ id: early.id, time }));
      await sleep(400);
    }
    const conversation = await drafted('Invoice copy');
    await postWebhook('convo.created', JSON.stringify({ id: early.id, time: 'after' }));
    await settled(conversation.id, 2);
    await sleep(2000);
    const now = await system.conversation(conversation.id);
    expect(ofType(now, 'note')).toHaveLength(1);
    expect(drafts(now)).toHaveLength(1);
    expect((await system.modelCalls()) - before).toBe(2);
  });
});

describe('a FreeScout that fails', () => {
  it('leaves a failed row and no map entry; the retry brings exactly one conversation', {
    timeout: 240_000,
  }, async () => {
    await system.fault('desk', { method: 'POST', path: '^/api/conversations$', status: 503, times: 1 });
    await system.receiveMail(
      mail(
        { Subject: 'Broken hinge', 'Message-ID': '<hinge@customer.test>', From: 'Ida <ida@customer.test>' },
        'The hinge of my cupboard broke. Can you help?',
      ),
    );
    const failed = await eventually(
      'the failed row',
      async () => (await system.rows('ProcessedMessages')).find((row) => row.status === 'failed'),
      system,
    );
    expect(failed).toMatchObject({ retryable: true, attempts: 1 });
    expect(await system.row('ThreadMap', `gmail:support:${failed.gmailThreadId}`)).toBeUndefined();

    const conversation = await eventually(
      'the retry',
      async () => (await system.conversations()).find(({ subject }) => subject === 'Broken hinge'),
      system,
      150,
    );
    await drafted('Broken hinge');
    const rows = await settled(conversation.id, 2);
    expect(rows.find((row) => row.key === failed.key)).toMatchObject({ status: 'success', action: 'create' });
    expect(await system.row('ThreadMap', `gmail:support:${failed.gmailThreadId}`)).toMatchObject({
      conversationId: conversation.id,
    });
    expect((await system.conversations()).filter(({ subject }) => subject === 'Broken hinge')).toHaveLength(
      1,
    );
  });
});

describe('everything that was written', () => {
  it('published nothing: every message we posted was a draft, and none was imported', async () => {
    const posted = (await system.deskRequests()).filter(
      ({ method, path }) => method === 'POST' && path.startsWith('/api/conversations'),
    );
    const threads = posted.flatMap(({ body }) => {
      const request = body as { readonly threads?: readonly Record<string, unknown>[] };
      return request.threads ?? [request as Record<string, unknown>];
    });
    const messages = threads.filter((thread) => thread.type === 'message');
    expect(messages.length).toBeGreaterThan(3);
    expect(messages.filter((thread) => thread.state !== 'draft')).toEqual([]);
    expect(messages.filter((thread) => thread.imported)).toEqual([]);
  });

  it('sent nothing through Gmail', async () => {
    const calls = (await (await fetch(`${system.local.gmail.url}/control/calls`)).json()) as readonly {
      readonly method: string;
      readonly path: string;
    }[];
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter(({ path }) => /\/(send|drafts)/.test(path))).toEqual([]);
  });

  it('logged neither text nor addresses', () => {
    expect(system.output()).not.toMatch(/customer\.test|error 403|hinge|Norway|Okafor/);
  });
});
