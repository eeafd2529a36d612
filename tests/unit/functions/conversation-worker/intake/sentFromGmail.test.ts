import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import { unansweredCustomerMessages } from '#shared/freescout/model.ts';
import { threadMapKey } from '#shared/store/keys.ts';
import { conversationPrompt } from '#shared/triage/conversationPrompt.ts';
import {
  base64Part,
  buildMail,
  buildMultipart,
  htmlPart,
  type MailBody,
  type MailHeaders,
  textPart,
} from '#tests/support/mailBuilder.ts';
import { createWorkerBench } from '#tests/support/workerBench.ts';

const thread = 'question';
const customer = 'Nina Noll <nina@customer.test>';
const account = 'Example Support <support@example.com>';

/** A worker, and a mailbox in which a customer asks and somebody answers from the account itself. */
function benchWithMailbox(options: Parameters<typeof createWorkerBench>[0] = {}) {
  const bench = createWorkerBench(options);
  const jobOf = (messageId: string, threadId = thread) => ({
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId,
    threadId,
    cause: 'poll',
    requestId: 'run-1',
  });
  const receive = async (
    messageId: string,
    {
      threadId = thread,
      labelIds = ['INBOX'],
      headers = {},
      body = `Text of ${messageId}.`,
    }: {
      readonly threadId?: string;
      readonly labelIds?: readonly string[];
      readonly headers?: MailHeaders;
      readonly body?: MailBody;
    } = {},
  ) => {
    bench.clock.advance(60_000);
    const raw = buildMail(
      { From: customer, To: account, 'Message-ID': `<${messageId}@mail.test>`, ...headers },
      body,
    );
    const internalDate = bench.deps.clock.now();
    bench.gmail.deliver({ messageId, gmailThreadId: threadId, labelIds, internalDate, raw });
    await bench.work(jobOf(messageId, threadId));
    await bench.drain();
  };
  const send = (
    messageId: string,
    { headers = {}, ...mail }: Parameters<typeof receive>[1] = {},
  ): Promise<void> =>
    receive(messageId, {
      labelIds: ['SENT'],
      headers: {
        From: account,
        To: customer,
        Subject: 'Re: Question',
        'In-Reply-To': '<m1@mail.test>',
        ...headers,
      },
      ...mail,
    });
  return {
    ...bench,
    jobOf,
    /** Two hours later, the gap check has found all there was. */
    async wakeLater(messageId: string) {
      bench.clock.advance(7_200_000);
      await bench.work({ ...jobOf(messageId), cause: 'wake' });
      await bench.drain();
    },
    receive,
    send,
    row: (messageId: string) => bench.store.ledger.get(`gmail:support:${messageId}`),
    notesOf: (messageId: string) =>
      [...bench.desk.threads.values()].filter(
        ({ type, body }) =>
          type === 'note' && markerNames(body ?? '').includes(`team:gmail:support:${messageId}`),
      ),
    drafts: () => [...bench.desk.threads.values()].filter(({ state }) => state === 'draft'),
    async unanswered(conversationId: number) {
      const conversation = await bench.client.getConversation(conversationId);
      return conversation === null ? null : unansweredCustomerMessages(conversation);
    },
  };
}

describe('an answer that a person sent from Gmail', () => {
  it('becomes one note that counts as the answer: the draft goes, and the next prompt has it', async () => {
    const test = benchWithMailbox({ mode: 'managed' });
    await test.receive('m1');
    expect(test.drafts()).toHaveLength(1);
    await test.send('m2', {
      body: 'Your parcel left today.\r\n\r\nOn Tue, Nina wrote:\r\n> Text of m1.\r\n',
    });
    expect(test.notesOf('m2')).toMatchObject([{ imported: true, conversationId: 1 }]);
    expect(test.notesOf('m2')[0]?.body).toContain('Example Support wrote:');
    expect(test.notesOf('m2')[0]?.body).not.toContain('Text of m1');
    expect(await test.row('m2')).toMatchObject({ status: 'success', action: 'note', reason: 'team' });
    expect(test.drafts()).toEqual([]);
    expect(await test.unanswered(1)).toEqual([]);

    await test.work(test.jobOf('m2'));
    await test.work({ ...test.jobOf('m2'), cause: 'wake' });
    await test.drain();
    expect(test.notesOf('m2')).toHaveLength(1);

    await test.receive('m3');
    const conversation = await test.client.getConversation(1);
    const bounds = { contextMessages: 10, contextCharacters: 10_000 };
    const prompt = conversation === null ? '' : conversationPrompt(conversation, bounds);
    expect(prompt).toMatch(/author="agent"[^>]*\n[^<]*Your parcel left today\.[^<]*\nMESSAGE>>>/);
    expect(await test.unanswered(1)).toMatchObject([{ body: expect.stringContaining('Text of m3') }]);
  });

  it('stands there as safe HTML of what was newly written, with the names of its files', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    const alternative = buildMultipart('alternative', [
      textPart('See <b>page 2</b>.\r\n\r\nOn Tue, Nina <nina@customer.test> wrote:\r\n> Old words\r\n'),
      htmlPart('<p onclick="x()">See page 2.</p>'),
    ]);
    const mixed = buildMultipart('mixed', [
      Buffer.concat([Buffer.from(`Content-Type: ${alternative.type}\r\n\r\n`), alternative.body]),
      base64Part(
        { 'Content-Type': 'application/pdf', 'Content-Disposition': 'attachment; filename="manual.pdf"' },
        'a file',
      ),
    ]);
    await test.send('m2', { headers: { 'Content-Type': mixed.type }, body: mixed.body });
    const body = test.notesOf('m2')[0]?.body ?? '';
    expect(body).toContain('See &lt;b&gt;page 2&lt;/b&gt;.');
    expect(body).toContain('Attachments, which are in the mailbox: manual.pdf');
    expect(body).not.toContain('Old words');
    expect(body).not.toContain('onclick');
  });

  it('counts for whoever it went to in the conversation, in cc too', async () => {
    const test = benchWithMailbox();
    await test.receive('m1', { headers: { Cc: 'otto@customer.test' } });
    await test.send('m2', { headers: { To: 'boss@elsewhere.test', Cc: 'Otto <OTTO@customer.test>' } });
    expect(test.notesOf('m2')).toHaveLength(1);
  });

  it('counts with the account itself on copy, too', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    await test.send('m2', { labelIds: ['SENT', 'INBOX', 'UNREAD'], headers: { Cc: account } });
    expect(test.notesOf('m2')).toHaveLength(1);
    expect(await test.unanswered(1)).toEqual([]);
  });

  it('follows its conversation to where people merged it', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    await test.receive('other', { threadId: 'other' });
    test.desk.agent.merge(2, 1, defaultAgent);
    await test.send('m2');
    expect(test.notesOf('m2')).toMatchObject([{ conversationId: 2 }]);
    expect(await test.row('m2')).toMatchObject({ action: 'note', conversationId: 2 });
  });

  it('is filtered with its reason when its conversation was deleted', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    test.desk.agent.trash(1, defaultAgent);
    await test.send('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'filtered', reason: 'conversation-gone' });
  });

  it('is filtered when it went to two whose conversations were both deleted', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    await test.receive('other', { headers: { From: 'otto@customer.test' } });
    test.desk.agent.trash(1, defaultAgent);
    test.desk.agent.trash(2, defaultAgent);
    await test.send('m2', { headers: { To: `${customer}, otto@customer.test` } });
    expect(await test.row('m2')).toMatchObject({ status: 'filtered', reason: 'conversation-gone' });
  });

  it('becomes a note of the conversation that is left of two whom it went to', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    await test.receive('other', { headers: { From: 'otto@customer.test' } });
    test.desk.agent.trash(1, defaultAgent);
    await test.send('m2', { headers: { To: `${customer}, otto@customer.test` } });
    expect(test.notesOf('m2')).toMatchObject([{ conversationId: 2 }]);
  });
});

describe('what was sent and answers no customer', () => {
  it.each<[string, MailHeaders]>([
    ['a reply of FreeScout', { 'Message-ID': '<FS_reply-7-0123456789abcdef@example.com>' }],
    [
      'a reply of FreeScout whose id Gmail replaced',
      { 'X-Google-Original-Message-ID': '<FS_reply-7-0123456789abcdef@example.com>' },
    ],
    ['a notification of FreeScout', { 'Message-ID': '<FS_notify-1-2-3@example.com>' }],
    ['a mail that FreeScout marked', { 'X-FreeScout-Mail-Type': 'customer.message' }],
    [
      'Gmail’s vacation responder',
      { 'Auto-Submitted': 'auto-replied', Precedence: 'bulk', 'X-Autoreply': 'yes' },
    ],
    ['an answer of a filter', { 'Auto-Submitted': 'auto-generated' }],
    ['a mailing', { Precedence: 'bulk' }],
    ['junk', { Precedence: 'junk' }],
    ['an answer that says so', { Precedence: 'auto_reply' }],
    ['an answer whose subject says so', { Subject: 'Out of office: Question' }],
    ['a note to ourselves', { To: account }],
    ['a form’s word of thanks, which answers no mail', { 'In-Reply-To': [] }],
    ['what comes back to somebody else', { 'Reply-To': 'form@visitor.test' }],
  ])('%s is filtered, for one read of the mail', async (_, headers) => {
    const test = benchWithMailbox();
    await test.receive('m1');
    const before = test.gmail.client.unitsSpent();
    await test.send('m2', { headers });
    expect(await test.row('m2')).toMatchObject({ status: 'filtered', reason: 'label:SENT' });
    expect(test.notesOf('m2')).toEqual([]);
    expect(await test.unanswered(1)).toHaveLength(1);
    expect(test.gmail.client.unitsSpent() - before).toBe(20);
  });

  it('went to somebody outside the conversation: the customer waits on', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    await test.send('m2', { headers: { To: 'supplier@elsewhere.test', Subject: 'Fwd: Question' } });
    expect(await test.row('m2')).toMatchObject({ status: 'deferred', reason: 'thread-pending' });
    await test.wakeLater('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'filtered', reason: 'label:SENT' });
    expect(test.notesOf('m2')).toEqual([]);
    expect(await test.unanswered(1)).toHaveLength(1);
  });

  it('does not mean an answer by hand to an automatic mail', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    await test.send('m2', { headers: { Subject: 'Re: Out of office', 'Auto-Submitted': 'no' } });
    expect(test.notesOf('m2')).toHaveLength(1);
  });

  it('lies in a thread of which nothing is known', async () => {
    const test = benchWithMailbox();
    await test.send('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'deferred', reason: 'thread-pending' });
    await test.wakeLater('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'filtered', reason: 'label:SENT' });
    expect(test.desk.conversations.size).toBe(0);
  });
});

describe('an answer to what a form passed on', () => {
  it('is a note of the conversation of the person who filled it in', async () => {
    const test = benchWithMailbox();
    const form = (person: string) => ({
      From: 'Shop <noreply@shop.test>',
      'Reply-To': `${person}@privat.test`,
    });
    await test.receive('m1', { headers: form('ola') });
    await test.receive('m2', { headers: form('kari') });
    await test.send('m3', { headers: { To: 'kari@privat.test', 'In-Reply-To': '<m2@mail.test>' } });
    expect(test.notesOf('m3')).toMatchObject([{ conversationId: 2 }]);
  });
});

describe('an answer to a message that is not in FreeScout yet', () => {
  it('waits for it, and becomes its note', async () => {
    const test = benchWithMailbox();
    test.failNext('POST', /\/conversations$/, 'refused');
    await test.receive('m1');
    expect(await test.row('m1')).toMatchObject({ status: 'failed', retryable: true });
    await test.send('m2');
    await test.send('m3');
    for (const id of ['m2', 'm3']) {
      expect(await test.row(id)).toMatchObject({ status: 'deferred', reason: 'thread-pending' });
    }
    await test.work(test.jobOf('m1'));
    for (const id of ['m2', 'm3']) {
      await test.work({ ...test.jobOf(id), cause: 'wake' });
      await test.drain();
      expect(test.notesOf(id)).toMatchObject([{ conversationId: 1 }]);
    }
    expect(await test.unanswered(1)).toEqual([]);
  });

  it('waits for the customer it went to, though another one of the thread is in FreeScout', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    // A stranger in the thread has a conversation of their own.
    test.failNext('POST', /\/conversations$/, 'refused');
    await test.receive('other', { headers: { From: 'otto@customer.test' } });
    await test.send('m2', { headers: { To: 'otto@customer.test' } });
    await test.wakeLater('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'deferred', reason: 'thread-pending' });
    await test.work({ ...test.jobOf('other'), cause: 'wake' });
    await test.drain();
    await test.work({ ...test.jobOf('m2'), cause: 'wake' });
    await test.drain();
    expect(test.notesOf('m2')).toMatchObject([{ conversationId: 2 }]);
  });

  it('goes where the customer began meanwhile, when it had been sent to the conversation of the thread', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    test.failNext('POST', /\/conversations$/, 'refused');
    await test.receive('other', { headers: { From: 'otto@customer.test' } });
    await test.send('m2', { headers: { To: 'otto@customer.test' } });
    await test.work({ ...test.jobOf('other'), cause: 'wake' });
    await test.drain();
    await test.work({ ...test.jobOf('m2'), conversationId: 1, cause: 'requeued' });
    await test.drain();
    expect(test.notesOf('m2')).toMatchObject([{ conversationId: 2 }]);
  });

  it('goes to the person of a form that came in meanwhile, when it had been sent to the conversation of the thread', async () => {
    const test = benchWithMailbox();
    await test.receive('m1');
    test.failNext('POST', /\/conversations$/, 'refused');
    await test.receive('form', {
      headers: { From: 'Shop <noreply@shop.test>', 'Reply-To': 'kari@privat.test' },
    });
    await test.send('m2', { headers: { To: 'kari@privat.test', 'In-Reply-To': '<form@mail.test>' } });
    await test.work({ ...test.jobOf('form'), cause: 'wake' });
    await test.drain();
    test.clock.advance(7_200_000);
    await test.work({ ...test.jobOf('m2'), conversationId: 1, cause: 'requeued' });
    await test.drain();
    expect(test.notesOf('m2')).toMatchObject([{ conversationId: 2 }]);
  });

  it('waits for a message that people just brought back', async () => {
    const test = benchWithMailbox();
    const key = 'gmail:support:m1';
    const outcome = { status: 'filtered', reason: 'label:SPAM' } as const;
    await test.store.ledger.settle([{ key, outcome, channelThreadId: thread }]);
    await test.store.ledger.reconsider(key, { was: 'label:SPAM', reason: 'relabelled' });
    await test.send('m2');
    await test.wakeLater('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'deferred', reason: 'thread-pending' });
  });

  it('is filtered when it never comes', async () => {
    const test = benchWithMailbox();
    test.failNext('POST', /\/conversations$/, 'refused');
    await test.receive('m1');
    await test.send('m2');
    await test.wakeLater('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'deferred', reason: 'thread-pending' });
    await test.store.ledger.giveUp('gmail:support:m1');
    await test.wakeLater('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'filtered', reason: 'label:SENT' });
  });

  it('does not wait for messages of other threads and accounts', async () => {
    const test = benchWithMailbox();
    const claim = { owner: 'another', leaseSeconds: 210, lastDelivery: false };
    await test.store.ledger.claim('gmail:support:m0', { ...claim, channelThreadId: 'other' });
    await test.store.ledger.claim('gmail:sales:m0', { ...claim, channelThreadId: thread });
    await test.send('m2');
    await test.wakeLater('m2');
    expect(await test.row('m2')).toMatchObject({ status: 'filtered' });
  });
});

it('decides by the labels that the poll found behind the names of the settings', async () => {
  const test = benchWithMailbox({ settings: { gmail: { requiredLabels: ['Tickets'] } } });
  const cursor = {
    ...{ account: 'support', historyId: '1', polledAt: null, gapCheckedAt: null, fault: null, missing: 0 },
    labels: { readAt: test.deps.clock.now().toISOString(), named: [{ name: 'Tickets', id: 'Label_1' }] },
  };
  await test.store.state.savePollCursor('gmail', cursor, 0);
  await test.receive('m1', { labelIds: ['INBOX'] });
  await test.receive('m2', { labelIds: ['INBOX', 'Label_1'], threadId: 'other' });
  expect(await test.row('m1')).toMatchObject({ status: 'filtered', reason: 'label-missing' });
  expect(await test.row('m2')).toMatchObject({ status: 'success' });
  expect(await test.store.threadMap.getAll([threadMapKey.thread('gmail', 'support', 'other')])).not.toEqual(
    new Map(),
  );
});
