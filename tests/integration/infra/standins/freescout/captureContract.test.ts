import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { signWebhook } from '#infra/standins/freescout/webhooks.ts';
import { type Answer, type DeskUnderTest, deskUnderTest } from '#tests/support/freescout/deskUnderTest.ts';

/*
 * Plays the recorded story again, at the recorded times and with the recorded ids, and compares byte by byte. The recordings come
 * from FreeScout 1.8.235 with API & Webhooks 1.0.87; see tests/fixtures/freescout/README.md.
 */

const fixtures = new URL('../../../../fixtures/freescout/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8');
const answerOf = (name: string) => {
  const [statusLine = '', ...headers] = read(`api/${name}.headers.txt`).trim().split(/\r?\n/);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(
      headers.map((line) => line.split(': ')).map(([key = '', value = '']) => [key.toLowerCase(), value]),
    ),
  };
};
const webhookSecret = 'ebdc651671b3656441129dc26b6b4128';

const nina = { email: 'nina@example.org', firstName: 'Nina', lastName: 'Okafor' };
const question =
  '<div>Hello,<br>since Tuesday I can’t log in: <b>error 403</b>.<br>We go live tomorrow, please help!</div>';
const opening = {
  type: 'email',
  mailboxId: 1,
  subject: 'Can’t log in since Tuesday',
  customer: nina,
  threads: [{ type: 'customer', text: question, customer: nina, cc: ['boss@example.org'] }],
};
const cc = ['boss@example.org'];

describe('the stand-in plays the recorded story', () => {
  let story: DeskUnderTest;
  const answers = new Map<string, Answer>();

  beforeAll(async () => {
    story = deskUnderTest({ start: '2026-11-20T15:06:00Z', webhookSecret });
    const { desk, clock, call } = story;
    Object.assign(desk.ids, { conversation: 3, thread: 10, customer: 3, email: 3 });
    const at = (time: string) => clock.advanceTo(`2026-11-20T${time}Z`);

    at('15:06:25');
    await call('POST', '/conversations', opening);
    at('15:06:48');
    await call('POST', '/conversations', opening);
    at('15:06:53');
    await call('POST', '/conversations/5/threads', {
      type: 'note',
      user: 2,
      text: '<div>Classified: customer, importance 9</div>',
      cc,
    });
    at('15:06:56');
    await call('POST', '/conversations/5/threads', {
      type: 'message',
      state: 'draft',
      user: 2,
      status: 'active',
      text: '<div>Hi Nina,</div><div><br></div><div>We are looking into it.</div>',
      cc,
    });
    at('15:07:16');
    await call('POST', '/conversations/5/threads', {
      type: 'customer',
      text: '<div>Any news? — Nina</div>',
      customer: nina,
      cc,
    });
    at('15:07:20');
    await call('PUT', '/conversations/5', { byUser: 1, status: 'pending', assignTo: 1 });
    at('15:08:10');
    desk.agent.sendDraft(
      { conversationId: 5, threadId: 14 },
      {
        user: 1,
        body: '<div>Hi Nina,</div><div><br></div><div>We are checking the 403 right now. I will call you within the hour.</div>',
      },
    );
    at('15:08:51');
    answers.set('get-conversation', await call('GET', '/conversations/5?embed=threads,tags'));
    answers.set(
      'list-by-customer-with-threads',
      await call('GET', '/conversations?customerEmail=nina@example.org&embed=threads'),
    );
    answers.set(
      'create-note',
      await call('POST', '/conversations/5/threads', {
        type: 'note',
        user: 2,
        text: '<div>Second note</div>',
        cc,
      }),
    );
    answers.set(
      'create-draft',
      await call('POST', '/conversations/5/threads', {
        type: 'message',
        state: 'draft',
        status: 'active',
        user: 2,
        text: '<div>Hi Nina,</div><div><br></div><div>It is fixed now.</div>',
        cc,
      }),
    );
    answers.set(
      'create-conversation',
      await call('POST', '/conversations', {
        type: 'email',
        mailboxId: 1,
        subject: 'Invoice copy',
        customer: { email: 'lee@example.org', firstName: 'Lee' },
        threads: [
          {
            type: 'customer',
            text: '<div>Please send the March invoice.</div>',
            customer: { email: 'lee@example.org' },
          },
        ],
      }),
    );
    answers.set(
      'create-note-without-user',
      await call('POST', '/conversations/5/threads', { type: 'note', text: 'x' }),
    );
    answers.set('update-status-without-user', await call('PUT', '/conversations/5', { status: 'closed' }));
    answers.set('not-found', await call('GET', '/conversations/4711'));
    answers.set(
      'unauthorized',
      await call('GET', '/conversations', undefined, { 'X-FreeScout-API-Key': 'wrong' }),
    );
    answers.set('set-tags', await call('PUT', '/conversations/6/tags', { tags: ['P0', 'Lead'] }));
    answers.set('list-tags', await call('GET', '/tags'));
    answers.set('put-thread-not-allowed', await call('PUT', '/conversations/5/threads/19', { text: 'x' }));
    clock.advance(60_000);
  });

  const webhooks = readdirSync(new URL('webhooks/', fixtures)).filter((name) => name.endsWith('.body.json'));

  it('knows all seven recorded deliveries', () => {
    expect(webhooks).toHaveLength(7);
  });

  it.each(webhooks)('%s: same bytes, same event, same signature', (name) => {
    const body = read(`webhooks/${name}`);
    const headers: Record<string, string> = JSON.parse(
      read(`webhooks/${name.replace('.body.', '.headers.')}`),
    );
    expect(signWebhook(body, webhookSecret)).toBe(headers['x-freescout-signature']);
    const delivered = story.deliveries.find((delivery) => delivery.body === body);
    expect(delivered?.headers).toMatchObject({
      'Content-Type': headers['content-type'],
      'X-FreeScout-Event': headers['x-freescout-event'],
      'X-FreeScout-Signature': headers['x-freescout-signature'],
    });
  });

  it('delivers them in the recorded order', () => {
    const bodies = story.deliveries.map(({ body }) => body);
    const positions = webhooks.map((name) => bodies.indexOf(read(`webhooks/${name}`)));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  it.each([
    'get-conversation',
    'list-by-customer-with-threads',
    'create-note',
    'create-draft',
    'create-conversation',
    'create-note-without-user',
    'update-status-without-user',
    'not-found',
    'unauthorized',
    'set-tags',
    'list-tags',
  ])('%s: same status, headers and bytes', (name) => {
    const answer = answers.get(name);
    const recorded = answerOf(name);
    expect(answer?.status).toBe(recorded.status);
    expect(answer?.contentType).toBe(recorded.headers['content-type']);
    expect(answer?.resourceId ?? undefined).toBe(recorded.headers['resource-id']);
    expect(answer?.text).toBe(read(`api/${name}.body.json`));
  });

  it('answers a change of a thread with 405 and a body that is JSON only in name', () => {
    const answer = answers.get('put-thread-not-allowed');
    const recorded = answerOf('put-thread-not-allowed');
    expect(answer?.status).toBe(recorded.status);
    expect(answer?.contentType).toBe(recorded.headers['content-type']);
    expect(answer?.text).toContain('<div>');
  });
});

describe('lists have the recorded shape', () => {
  it.each([
    ['list-mailboxes', '/mailboxes'],
    ['list-users', '/users'],
    ['list-conversations', '/conversations?embed=tags&pageSize=2'],
  ])('%s', async (name, path) => {
    const { call } = deskUnderTest();
    for (const email of ['mark@example.org', 'zoe@example.org', 'kim@example.org']) {
      await call('POST', '/conversations', {
        ...opening,
        customer: { email },
        assignTo: email === 'zoe@example.org' ? 2 : null,
        threads: [{ type: 'customer', text: 'Hi', customer: { email } }],
      });
    }
    await call('PUT', '/conversations/2/tags', { tags: ['p0', 'lead'] });
    const answer = await call('GET', path);
    expect(answer.status).toBe(answerOf(name).status);
    const recorded: { page: { size: number } } = JSON.parse(read(`api/${name}.body.json`));
    expect(shapeOf(answer.body)).toEqual(shapeOf(recorded));
    expect(answer.body.page.size).toBe(recorded.page.size);
  });
});

/** Every path to a value that occurs, in order, so that missing, extra and reordered keys show. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    return [...new Set(value.flatMap((item) => shapeOf(item, `${path}[]`)))];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => shapeOf(item, `${path}.${key}`));
  }
  return [path];
}
