import { beforeEach, describe, expect, it } from 'vitest';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import type { CustomerMail } from '#infra/standins/freescout/records.ts';
import { type DeskUnderTest, deskUnderTest } from '#tests/support/freescout/deskUnderTest.ts';

const customer = { email: 'nina@example.org', firstName: 'Nina' };
const html = '<div>Hi Nina &mdash; it&#39;s fixed.</div><!-- csm:9f3 --><div>Bye</div>';

let under: DeskUnderTest;
let id: number;
let threadId: number;

const get = async (conversation = id) => (await under.call('GET', `/conversations/${conversation}`)).body;
const events = () => under.deliveries.map(({ event }) => event);
const stored = () => under.desk.threads.get(threadId);
const draft = () => ({ conversationId: id, threadId });

beforeEach(async () => {
  under = deskUnderTest();
  id = Number(
    (
      await under.call('POST', '/conversations', {
        type: 'email',
        mailboxId: 1,
        subject: 'Help',
        customer,
        threads: [{ type: 'customer', text: '<div>Hi</div>', customer, cc: ['boss@example.org'] }],
      })
    ).resourceId,
  );
  under.clock.advance(60_000);
  const answer = await under.call('POST', `/conversations/${id}/threads`, {
    type: 'message',
    state: 'draft',
    user: 2,
    status: 'active',
    text: html,
    cc: ['boss@example.org'],
  });
  threadId = Number(answer.resourceId);
  under.clock.advance(60_000);
  under.deliveries.length = 0;
});

describe('opening a draft', () => {
  it('rewrites its HTML as the browser would after 12 s, and names the editor', () => {
    under.desk.agent.openDraft(draft(), 1);
    under.clock.advance(11_000);
    expect(stored()).toMatchObject({ body: html, editedByUserId: null });
    under.clock.advance(1_000);
    expect(stored()).toMatchObject({
      body: "<div>Hi Nina — it's fixed.</div><!-- csm:9f3 --><div>Bye</div>",
      editedByUserId: 1,
      editedAt: '2026-11-20T10:02:12Z',
      createdByUserId: 2,
    });
  });

  it.each([
    ['<P CLASS=a>x</P>', '<p class="a">x</p>'],
    ['a<br/>b&nbsp;c', 'a<br>b&nbsp;c'],
    ['<ul><li>one<li>two</ul>', '<ul><li>one</li><li>two</li></ul>'],
    ['1 &lt; 2 &amp; "3"', '1 &lt; 2 &amp; "3"'],
  ])('%s becomes %s', (before, after) => {
    under.desk.agent.saveDraft(draft(), { user: 1, body: before });
    under.desk.agent.openDraft(draft(), 1);
    under.clock.advance(12_000);
    expect(stored()?.body).toBe(after);
  });

  it('changes nothing when it was closed, or saved by hand, before that', () => {
    under.desk.agent.openDraft(draft(), 1)();
    under.clock.advance(60_000);
    expect(stored()?.body).toBe(html);
    under.desk.agent.openDraft(draft(), 1);
    under.desk.agent.saveDraft(draft(), { user: 1, body: '<p>mine &mdash;</p>' });
    under.clock.advance(60_000);
    expect(stored()?.body).toBe('<p>mine &mdash;</p>');
  });

  it('fires no event', () => {
    under.desk.agent.openDraft(draft(), 1);
    under.clock.advance(60_000);
    expect(events()).toEqual([]);
  });
});

describe('sending a draft', () => {
  it('keeps the id and source, takes a new time and the sender as author, and announces it 15 s later', async () => {
    under.desk.agent.sendDraft(draft(), { user: 1, body: '<div>Edited</div>' });
    under.clock.advance(2_000);
    expect(events()).toEqual(['convo.status', 'convo.assigned']);
    const conversation = await get();
    expect(conversation).toMatchObject({
      status: 'pending',
      assignee: { id: 1 },
      threadsCount: 2,
      cc: ['boss@example.org'],
    });
    expect(conversation._embedded.threads[0]).toMatchObject({
      id: threadId,
      state: 'published',
      body: '<div>Edited</div>',
      createdBy: { id: 1, type: 'user' },
      createdAt: '2026-11-20T10:02:00Z',
      source: { type: 'api', via: 'user' },
    });
    expect(under.desk.mail).toEqual([]);
    under.clock.advance(15_000);
    expect(events()).toEqual(['convo.status', 'convo.assigned', 'convo.agent.reply.created']);
    expect(under.desk.mail).toHaveLength(1);
  });

  it('mails customer and copies with an FS_reply id, and without In-Reply-To for a conversation born by API', () => {
    under.desk.agent.sendDraft(draft(), { user: 1 });
    under.clock.advance(15_000);
    expect(under.desk.mail).toMatchObject([
      {
        threadId,
        messageId: expect.stringMatching(new RegExp(`^FS_reply-${threadId}-[0-9a-f]{16}@example\\.com$`)),
        to: ['nina@example.org'],
        cc: ['boss@example.org'],
        subject: 'Re: Help',
        html: "<div>Hi Nina — it's fixed.</div><div>Bye</div>",
        text: "Hi Nina — it's fixed.\nBye",
        inReplyTo: null,
        references: [],
      },
    ]);
  });

  it('is refused a second time', () => {
    under.desk.agent.sendDraft(draft(), { user: 1 });
    expect(() => under.desk.agent.sendDraft(draft(), { user: 1 })).toThrow('already sent');
  });
});

describe('undo', () => {
  it('within 15 s makes it a draft again; the mail stays, the event does not', async () => {
    under.desk.agent.sendDraft(draft(), { user: 1 });
    under.clock.advance(14_000);
    under.desk.agent.undoSend(draft(), 1);
    under.clock.advance(60_000);
    expect(under.desk.mail).toEqual([]);
    expect(stored()).toMatchObject({ state: 'draft', createdByUserId: 1 });
    const last = under.deliveries.at(-1);
    expect(last?.event).toBe('convo.agent.reply.created');
    expect(last?.body).not.toContain(`"id":${threadId},"type":"message"`);
    expect(await get()).toMatchObject({
      customerWaitingSince: { latestReplyFrom: 'customer' },
      preview: 'Hi',
      threadsCount: 2,
    });
  });

  it('garbles the conversation’s copies, as FreeScout does', async () => {
    await under.call('POST', `/conversations/${id}/threads`, {
      type: 'customer',
      text: 'More',
      customer,
      cc: ['boss@example.org', 'vice@example.org'],
    });
    under.clock.advance(1_000);
    under.desk.agent.sendDraft(draft(), { user: 1, cc: ['boss@example.org', 'vice@example.org'] });
    expect(await get()).toMatchObject({ cc: ['boss@example.org', 'vice@example.org'] });
    under.desk.agent.undoSend(draft(), 1);
    expect(await get()).toMatchObject({ cc: ['[boss@example.org', 'vice@example.org]'] });
  });

  it('is refused after that, and to anyone but the sender', () => {
    under.desk.agent.sendDraft(draft(), { user: 1 });
    expect(() => under.desk.agent.undoSend(draft(), 2)).toThrow('can not be undone');
    under.clock.advance(16_000);
    expect(() => under.desk.agent.undoSend(draft(), 1)).toThrow('can not be undone');
  });

  it('shrinks with the delay factor', () => {
    under = deskUnderTest({ delayFactor: 0.1 });
    const thread = fetchMail(under.desk, 1, mail());
    under.clock.advance(1_000);
    under.desk.agent.reply(thread?.conversationId ?? 0, { user: 1, body: 'Gladly' });
    under.clock.advance(1_400);
    expect(under.desk.mail).toEqual([]);
    under.clock.advance(200);
    expect(under.desk.mail).toHaveLength(1);
  });
});

describe('other agent actions', () => {
  it('discarding deletes the row without an event', async () => {
    under.desk.agent.discardDraft(draft());
    under.clock.advance(60_000);
    expect(stored()).toBeUndefined();
    expect(events()).toEqual([]);
    expect(() => under.desk.agent.openDraft(draft(), 1)).toThrow('Thread not found');
  });

  it('an own reply is a new thread from the web, with the conversation’s copies', async () => {
    const reply = under.desk.agent.reply(id, { user: 1, body: '<div>Own words</div>' });
    expect(reply.id).not.toBe(threadId);
    under.clock.advance(15_000);
    expect(under.desk.mail).toMatchObject([{ threadId: reply.id, cc: ['boss@example.org'] }]);
    expect((await get())._embedded.threads[0]).toMatchObject({ source: { type: 'web', via: 'user' } });
    expect(stored()?.state).toBe('draft');
  });

  it('an own draft is invisible and silent', async () => {
    under.desk.agent.writeDraft(id, { user: 1, body: 'later' });
    under.clock.advance(60_000);
    expect((await get())._embedded.threads).toHaveLength(1);
    expect(events()).toEqual([]);
  });

  it('a note is announced at once and keeps status and copies', async () => {
    under.desk.agent.addNote(id, { user: 1, body: 'Called her' });
    under.clock.advance(1_000);
    expect(events()).toEqual(['convo.note.created']);
    expect(await get()).toMatchObject({ status: 'active', cc: ['boss@example.org'], preview: 'Called her' });
  });

  it('closing, re-opening, trashing and restoring are announced', () => {
    const { agent } = under.desk;
    agent.setStatus(id, 'closed', 1);
    agent.setStatus(id, 'closed', 1);
    agent.setStatus(id, 'active', 1);
    agent.trash(id, 1);
    agent.restore(id, 1);
    agent.deleteForever(id);
    under.clock.advance(1_000);
    expect(events()).toEqual([
      'convo.status',
      'convo.status',
      'convo.deleted',
      'convo.restored',
      'convo.deleted_forever',
    ]);
  });

  it('moving to another mailbox is announced', () => {
    under = deskUnderTest({
      mailboxes: [
        { id: 1, name: 'Support', email: 'support@example.com' },
        { id: 2, name: 'Sales', email: 'sales@example.com' },
      ],
    });
    fetchMail(under.desk, 1, mail());
    under.clock.advance(1_000);
    under.desk.agent.move(1, 2, 1);
    under.clock.advance(1_000);
    expect(events()).toEqual(['customer.created', 'convo.created', 'convo.moved']);
    expect(under.desk.conversations.get(1)).toMatchObject({ mailboxId: 2 });
  });

  it('a merge moves the threads with their ids and puts the source into the trash', async () => {
    fetchMail(under.desk, 1, mail());
    const other = under.desk.ids.conversation;
    const otherThread = under.desk.ids.thread;
    under.clock.advance(1_000);
    under.deliveries.length = 0;
    under.desk.agent.merge(id, other, 1);
    under.clock.advance(1_000);
    expect(await get(other)).toMatchObject({ state: 'deleted' });
    const ids = (await get())._embedded.threads.map((item: { id: number }) => item.id);
    expect(ids).toContain(otherThread);
    expect(events()).toEqual(['convo.deleted']);
  });
});

const mail = (more: Partial<CustomerMail> = {}): CustomerMail => ({
  messageId: 'one@example.org',
  from: { name: 'Max', email: 'max@example.org' },
  to: 'support@example.com',
  cc: [],
  subject: 'Offer',
  text: 'An offer, please',
  html: '<p>An offer, please</p>',
  inReplyTo: null,
  references: [],
  ...more,
});

describe('a mail that FreeScout fetched itself', () => {
  it('opens a conversation; the answer to it carries In-Reply-To and References', () => {
    const thread = fetchMail(under.desk, 1, mail());
    under.clock.advance(1_000);
    const conversationId = thread?.conversationId ?? 0;
    under.desk.agent.reply(conversationId, { user: 1, body: 'Gladly' });
    under.clock.advance(15_000);
    expect(under.desk.mail).toMatchObject([
      { conversationId, inReplyTo: 'one@example.org', references: ['one@example.org'] },
    ]);
  });

  it('joins the conversation whose reply it answers, keeps spam spam, and is taken once', () => {
    under.desk.agent.reply(id, { user: 1, body: 'Answer' });
    under.clock.advance(15_000);
    const inReplyTo = under.desk.mail[0]?.messageId ?? '';
    under.desk.agent.setStatus(id, 'spam', 1);
    const answer = mail({ from: { name: 'Nina', email: 'nina@example.org' }, inReplyTo });
    expect(fetchMail(under.desk, 1, answer)).toMatchObject({ conversationId: id });
    expect(fetchMail(under.desk, 1, answer)).toBeNull();
    expect(under.desk.conversations.get(id)).toMatchObject({ status: 'spam' });
  });

  it('on the same subject without header is a new conversation', () => {
    expect(fetchMail(under.desk, 1, mail({ subject: 'Re: Help' }))?.conversationId).not.toBe(id);
  });
});
