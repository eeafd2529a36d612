import { beforeEach, describe, expect, it } from 'vitest';
import { customerSide } from '#infra/standins/freescout/customerSide.ts';
import { createDeskPage } from '#infra/standins/freescout/desk/page.ts';
import type { CustomerMail } from '#infra/standins/freescout/records.ts';
import { type DeskUnderTest, deskUnderTest } from '#tests/support/freescout/deskUnderTest.ts';

const customer = { email: 'nina@example.org', firstName: 'Nina' };
let under: DeskUnderTest;
let submitted: CustomerMail[];
let page: ReturnType<typeof createDeskPage>;

beforeEach(async () => {
  under = deskUnderTest();
  submitted = [];
  page = createDeskPage(
    under.desk,
    customerSide(under.desk, (mail) => void submitted.push(mail)),
    1,
  );
  await under.call('POST', '/conversations', {
    type: 'email',
    mailboxId: 1,
    subject: 'Help <now>',
    customer,
    threads: [
      {
        type: 'customer',
        text: '<p onclick="steal()">Hi <b>there</b></p>&nbsp;&amp;&nbsp;co<script>steal()</script><img src="https://spy.example/x.gif">',
        customer,
        cc: ['boss@example.org'],
      },
    ],
  });
  under.clock.advance(1_000);
  await under.call('POST', '/conversations/1/threads', {
    type: 'message',
    state: 'draft',
    user: 2,
    status: 'active',
    text: '<div>Hello</div><!-- csm:1 -->',
    cc: ['boss@example.org'],
  });
  await under.call('PUT', '/conversations/1/tags', { tags: ['lead', 'p0'] });
});

const show = async (path: string) => {
  const response = await page.fetch(new Request(`http://desk.test${path}`));
  return { status: response.status, text: await response.text(), headers: response.headers };
};
const post = async (
  path: string,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
) => {
  const response = await page.fetch(
    new Request(`http://desk.test${path}`, { method: 'POST', body: new URLSearchParams(form), headers }),
  );
  return { status: response.status, location: response.headers.get('location'), text: await response.text() };
};
const stored = (threadId = 2) => under.desk.threads.get(threadId);

describe('the list', () => {
  it('shows tags, status and that a draft is ready, and explains the flow', async () => {
    const { text } = await show('/');
    for (const words of ['Help &lt;now&gt;', 'Draft ready', '>lead<', '>p0<', '>active<', 'You send']) {
      expect(text).toContain(words);
    }
    expect(text).toMatch(/<div class="preview">Hi there +&amp; co<\/div>/);
  });

  it('keeps closed conversations apart', async () => {
    await post('/conversations/1/status', { status: 'closed' });
    expect((await show('/')).text).toContain('No open conversations');
    expect((await show('/?show=closed')).text).toContain('Help &lt;now&gt;');
  });
});

describe('a conversation', () => {
  it('marks the draft as not sent and shows nothing that could run or spy', async () => {
    const { text, headers } = await show('/conversations/1');
    expect(text).toContain('Draft – not sent');
    expect(text).toContain('Hi <b>there</b>');
    expect(text).not.toMatch(/steal|spy\.example/);
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it('opens the editor with the stored HTML, marker and all', async () => {
    expect((await show('/conversations/1?edit=2')).text).toContain(
      '&lt;div&gt;Hello&lt;/div&gt;&lt;!-- csm:1 --&gt;</textarea>',
    );
  });

  it('shows a dropdown’s value by its option’s name, and one that is no option as empty', async () => {
    const field = { mailboxId: 1, required: false, sortOrder: 1 } as const;
    const options = { 1: 'Low', 2: 'High' };
    under.desk.customFields.set(7, { ...field, id: 7, name: 'Priority', type: 'dropdown', options });
    under.desk.customFields.set(8, { ...field, id: 8, name: 'Order', type: 'singleline', options: {} });
    const put = (value: string) =>
      under.call('PUT', '/conversations/1/custom_fields', {
        customFields: [7, 8].map((id) => ({ id, value })),
      });
    await put('2');
    expect((await show('/conversations/1')).text).toContain('<dt>Priority</dt><dd>High</dd>');
    await put('3');
    const { text } = await show('/conversations/1');
    expect(text).toContain('<dt>Priority</dt><dd></dd>');
    expect(text).toContain('<dt>Order</dt><dd>3</dd>');
  });

  it('is found at the address that FreeScout gives it', async () => {
    expect(await show('/conversation/1')).toMatchObject({
      status: 200,
      text: (await show('/conversations/1')).text,
    });
  });

  it('that does not exist is 404', async () => {
    expect((await show('/conversations/9')).status).toBe(404);
    expect((await show('/conversation/9')).status).toBe(404);
  });
});

describe('the agent’s forms', () => {
  it('store an edit byte for byte', async () => {
    const body = '<p  class=x>Caf\u00e9 &mdash; &nbsp;ok</p>\r\n<!-- csm:1 --><P>Two';
    await post('/conversations/1/drafts/2/save', { body });
    expect(stored()).toMatchObject({ body, state: 'draft', editedByUserId: 1, cc: ['boss@example.org'] });
  });

  it('take back the line ends that a browser changed on the way', async () => {
    await post('/conversations/1/drafts/2/save', {
      lineEnds: 'browser',
      body: '<div>a</div>\r\n<div>b</div>',
    });
    expect(stored()?.body).toBe('<div>a</div>\n<div>b</div>');
  });

  it('change nothing where the text is the stored one, and say so', async () => {
    const unchanged = { ...stored() };
    under.clock.advance(60_000);
    const saved = await post('/conversations/1/drafts/2/save', { body: '<div>Hello</div><!-- csm:1 -->' });
    expect((await show(saved.location ?? '')).text).toContain('Nothing was changed');
    expect(stored()).toEqual(unchanged);
    await post('/conversations/1/drafts/2/save', { body: '<div>Hello you</div>' });
    const again = await post('/conversations/1/drafts/2/save', { body: '<div>Hello you</div>' });
    expect((await show(again.location ?? '')).text).toContain('The draft is saved. It is now yours');
  });

  it('change nothing either where only the line ends of the browser differ', async () => {
    const draft = stored();
    if (draft !== undefined) {
      draft.body = '<div>a</div>\r\n<div>b</div>';
    }
    await post('/conversations/1/drafts/2/save', {
      lineEnds: 'browser',
      body: '<div>a</div>\r\n<div>b</div>',
    });
    expect(stored()).toMatchObject({ body: '<div>a</div>\r\n<div>b</div>', editedByUserId: null });
  });

  it('send, undo and discard a draft', async () => {
    const sent = await post('/conversations/1/drafts/2/send', { body: '<div>Edited</div>' });
    expect(sent).toMatchObject({ status: 303, location: '/conversations/1#thread-2' });
    expect(stored()).toMatchObject({ state: 'published', body: '<div>Edited</div>', createdByUserId: 1 });
    expect((await show('/conversations/1')).text).toContain('Your reply leaves in');
    await post('/conversations/1/drafts/2/undo');
    expect(stored()).toMatchObject({ state: 'draft' });
    await post('/conversations/1/drafts/2/discard');
    expect(stored()).toBeUndefined();
    under.clock.advance(60_000);
    expect(under.desk.mail).toEqual([]);
  });

  it('write notes, replies and own drafts from plain text', async () => {
    await post('/conversations/1/notes', { text: 'a < b\n\nc' });
    expect(stored(3)).toMatchObject({ type: 'note', body: '<div>a &lt; b</div><div><br></div><div>c</div>' });
    await post('/conversations/1/replies', { text: 'Done', status: 'closed' });
    expect(stored(4)).toMatchObject({ type: 'message', state: 'published', sourceType: 'web' });
    expect(under.desk.conversations.get(1)).toMatchObject({ status: 'closed', assigneeId: 1 });
    await post('/conversations/1/drafts', { body: '<div>later</div>' });
    expect(stored(5)).toMatchObject({ state: 'draft', createdByUserId: 1 });
  });

  it('assign, trash, restore and merge', async () => {
    await post('/conversations/1/assign', { assignee: '2' });
    expect(under.desk.conversations.get(1)).toMatchObject({ assigneeId: 2 });
    await post('/conversations/1/trash');
    expect(under.desk.conversations.get(1)).toMatchObject({ state: 'deleted' });
    await post('/conversations/1/restore');
    expect(under.desk.conversations.get(1)).toMatchObject({ state: 'published' });
    await under.call('POST', '/conversations', {
      type: 'email',
      mailboxId: 1,
      subject: 'Second',
      customer,
      threads: [{ type: 'customer', text: 'Hi', customer }],
    });
    await post('/conversations/2/merge', { source: '1' });
    expect(stored()).toMatchObject({ conversationId: 2 });
    expect(under.desk.conversations.get(1)).toMatchObject({ state: 'deleted' });
  });

  it('say what was refused: in words to a browser, as 409 to a caller', async () => {
    await post('/conversations/1/drafts/2/send');
    const again = await post('/conversations/1/drafts/2/send');
    expect(again.location).toContain('problem=Message%20has%20been%20already%20sent');
    expect((await show(again.location ?? '')).text).toContain('Message has been already sent');
    const { body = '' } = stored() ?? {};
    expect((await post('/conversations/1/drafts/2/save', { body: body ?? '' })).location).toContain(
      'problem=',
    );
    const asked = await post('/conversations/1/drafts/9/send', {}, { Accept: 'application/json' });
    expect(asked).toMatchObject({ status: 409, text: '{"message":"Thread not found"}' });
    const noted = await post('/conversations/1/notes', { text: 'x' }, { Accept: 'application/json' });
    expect(JSON.parse(noted.text)).toEqual({ threadId: expect.any(Number) });
  });

  it('are not taken from other sites', async () => {
    const foreign = await post('/conversations/1/drafts/2/send', {}, { 'Sec-Fetch-Site': 'cross-site' });
    expect(foreign.status).toBe(403);
    expect(stored()).toMatchObject({ state: 'draft' });
  });
});

describe('the customer’s forms', () => {
  it('hand a new mail in, without touching the desk', async () => {
    await post('/customer-mails', {
      name: 'Max',
      email: 'Max@Example.org',
      subject: 'Offer',
      text: 'An offer,\r\nplease',
      cc: 'a@example.org, nobody',
    });
    expect(submitted).toEqual([
      {
        messageId: expect.stringMatching(/@example\.org$/),
        from: { name: 'Max', email: 'max@example.org' },
        to: 'support@example.com',
        cc: ['a@example.org'],
        subject: 'Offer',
        text: 'An offer,\nplease',
        html: '<div>An offer,</div><div>please</div>',
        inReplyTo: null,
        references: [],
      },
    ]);
    expect(under.desk.conversations.size).toBe(1);
  });

  it('answer the agent’s mail with its FS_reply id, quoting it', async () => {
    await post('/conversations/1/drafts/2/send');
    under.clock.advance(15_000);
    const { messageId } = under.desk.mail[0] ?? {};
    await post('/conversations/1/customer-reply', { text: 'Thanks' });
    expect(submitted).toMatchObject([
      {
        from: { name: 'Nina', email: 'nina@example.org' },
        subject: 'Re: Help <now>',
        cc: ['boss@example.org'],
        inReplyTo: messageId,
        references: [messageId],
      },
    ]);
    expect(submitted[0]?.text).toMatch(/^Thanks\n\nOn .* wrote:\n\n> Hello/);
  });

  it('write again in the thread of the customer’s own mail before any answer', async () => {
    await post('/customer-mails', {
      name: 'Nina',
      email: customer.email,
      subject: 'Help <now>',
      text: 'First',
    });
    await post('/conversations/1/customer-reply', { text: 'Any news?' });
    expect(submitted[1]).toMatchObject({
      text: 'Any news?',
      inReplyTo: submitted[0]?.messageId,
      references: [submitted[0]?.messageId],
    });
  });

  it('offer examples', async () => {
    expect((await show('/customer-mails/new?example=outage')).text).toContain(
      'Checkout is down since this morning',
    );
  });

  it('without Gmail are fetched by the help desk itself', async () => {
    page = createDeskPage(under.desk, customerSide(under.desk), 1);
    await post('/customer-mails', {
      name: 'Max',
      email: 'max@example.org',
      subject: 'Offer',
      text: 'Please',
    });
    expect(under.desk.conversations.get(2)).toMatchObject({ subject: 'Offer', sourceType: 'email' });
  });
});
