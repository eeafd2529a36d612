import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { mainEmail } from '#infra/standins/freescout/records.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const victim = 'victim@customer.example';
const mallory = 'mallory@evil.example';
/** What makes a mail a web form's: the person it names in Reply-To is its customer. */
const form = (from: string, person: string): MailHeaders => ({
  From: from,
  'Reply-To': person,
  'Auto-Submitted': 'auto-generated',
});

async function receive(
  bench: WorkerBench,
  id: string,
  gmailThreadId: string,
  headers: MailHeaders,
  account = 'support',
) {
  bench.gmail.deliver({
    messageId: id,
    gmailThreadId,
    raw: buildMail({ To: 'support@example.com', 'Message-ID': `<${id}@mail.example>`, ...headers }),
  });
  await bench.work({
    kind: 'incoming-message',
    channel: 'gmail',
    alias: account,
    messageId: id,
    threadId: gmailThreadId,
    cause: 'poll',
    requestId: 'run-1',
  });
  await bench.drain();
}

/** A conversation of the victim that an agent has answered; answers the Message-ID of that reply. */
async function answered(bench: WorkerBench): Promise<string> {
  await receive(bench, 'm1', 't1', { From: victim });
  const { conversationId } = (await bench.store.ledger.get('gmail:support:m1')) ?? {};
  const threadId = bench.desk.agent.reply(conversationId ?? 0, {
    user: defaultAgent,
    body: 'Here it is.',
    status: 'active',
  }).id;
  bench.clock.advance(60_000);
  await bench.work({
    kind: 'conversation',
    conversationId: conversationId ?? 0,
    cause: 'webhook',
    requestId: 'run-2',
  });
  return `<FS_reply-${threadId}-0000000000000000@example.com>`;
}

/** Conversations that mails started, as their agents see them. */
async function conversations({ desk, client }: WorkerBench) {
  const ids = [...desk.conversations.values()].filter(({ type }) => type === 'email').map(({ id }) => id);
  const read = await Promise.all(ids.map((id) => client.getConversation(id)));
  return read.map((conversation) => ({
    customer: conversation?.customer?.email,
    cc: conversation?.cc,
    writers: conversation?.threads
      .filter(({ type }) => type === 'customer')
      .map(({ customer }) => customer?.email),
  }));
}

describe('a mail that names a reply of ours', () => {
  it('joins the conversation when its sender is the customer there', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm2', 't2', { From: victim, 'In-Reply-To': await answered(bench) });
    expect(await conversations(bench)).toEqual([{ customer: victim, cc: [], writers: [victim, victim] }]);
  });

  it('joins the one in its own mailbox when the mail went to two of ours', async () => {
    const account = (alias: string, mailboxId: number) => ({
      kind: 'gmail',
      alias,
      address: `${alias}@example.com`,
      mailboxId,
    });
    const bench = createWorkerBench({ settings: { channels: [account('support', 1), account('sales', 2)] } });
    const first = bench.desk.mailboxes.get(1);
    if (first !== undefined) {
      bench.desk.mailboxes.set(2, { ...first, id: 2, email: 'sales@example.com' });
    }
    const twice = {
      From: victim,
      To: 'support@example.com, sales@example.com',
      'Message-ID': '<m1@mail.example>',
    };
    await receive(bench, 'm1', 't1', twice);
    await receive(bench, 's1', 't1', twice, 'sales');
    const reply = { user: defaultAgent, body: 'Here it is.', status: 'active' } as const;
    const { id: replyId } = bench.desk.agent.reply(1, reply);
    bench.clock.advance(60_000);
    await bench.work({ kind: 'conversation', conversationId: 1, cause: 'webhook', requestId: 'run-2' });
    await receive(bench, 'm2', 't2', {
      From: victim,
      'In-Reply-To': '<m1@mail.example>',
      References: `<m1@mail.example> <FS_reply-${replyId}-0000000000000000@example.com>`,
    });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([[victim, victim], [victim]]);
  });

  it.each([
    ['as Gmail found', 'mx.google.com; dmarc=pass header.from=example.com', [victim, victim]],
    ['as anybody can say', 'mx.google.com; dmarc=none header.from=example.com', [victim]],
  ])('joins it as the writer behind a group of ours only %s', async (_, result, writers) => {
    const group = 'info@example.com';
    const bench = createWorkerBench({
      settings: {
        channels: [
          {
            kind: 'gmail',
            alias: 'support',
            address: 'support@example.com',
            mailboxId: 1,
            ownAddresses: [group],
          },
        ],
      },
    });
    const reply = await answered(bench);
    await receive(bench, 'm2', 't2', {
      'Authentication-Results': result,
      From: `Victim via Info <${group}>`,
      'X-Original-From': victim,
      'X-Google-Group-Id': '1',
      'In-Reply-To': reply,
    });
    const [theirs, ...others] = await conversations(bench);
    expect(theirs).toEqual({ customer: victim, cc: [], writers });
    expect(others.map(({ customer }) => customer)).toEqual(writers.length === 2 ? [] : [victim]);
  });

  it.each([
    ['a person', mallory],
    ['a machine', 'forms@evil.example'],
  ])('never joins it for a Reply-To of that customer: from %s', async (_, from) => {
    const bench = createWorkerBench();
    const reply = await answered(bench);
    await receive(bench, 'm2', 't2', { From: from, 'Reply-To': victim, Cc: from, 'In-Reply-To': reply });
    const [theirs, other] = await conversations(bench);
    expect(theirs).toEqual({ customer: victim, cc: [], writers: [victim] });
    expect(other).toEqual({ customer: from, cc: [victim], writers: [from] });
    expect((await bench.store.ledger.get('gmail:support:m2'))?.related).toMatchObject({
      why: 'sender-has-no-part',
    });
  });

  it('is its sender’s when it joins, whomever it names in Reply-To', async () => {
    const bench = createWorkerBench();
    const reply = await answered(bench);
    await receive(bench, 'm2', 't2', { From: victim, 'Reply-To': mallory, 'In-Reply-To': reply });
    expect(await conversations(bench)).toEqual([
      { customer: victim, cc: [mallory], writers: [victim, victim] },
    ]);
  });
});

describe('a mail in the Gmail thread of a conversation', () => {
  it('is its sender’s, whomever it names in Reply-To', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { From: victim, Cc: 'helpdesk@customer.example' });
    await receive(bench, 'm2', 't1', {
      From: 'helpdesk@customer.example',
      'Reply-To': 'ticket-7@tickets.example',
      References: '<m1@mail.example>',
    });
    expect(await conversations(bench)).toEqual([
      {
        customer: 'helpdesk@customer.example',
        cc: ['ticket-7@tickets.example'],
        writers: [victim, 'helpdesk@customer.example'],
      },
    ]);
  });

  it.each([
    ['a machine', 'forms@shop.example', {}],
    ['one of our addresses', 'support@example.com', {}],
    [
      'one of our addresses with an id to keep Gmail from joining it',
      'support@example.com',
      { References: '<x@example.com>' },
    ],
  ])('starts a conversation of its own when it is a form that mails from %s', async (_, from, headers) => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { ...form(from, 'ann@customer.example'), ...headers });
    await receive(bench, 'm2', 't1', { ...form(from, 'bob@else.example'), ...headers });
    expect(await conversations(bench)).toEqual([
      { customer: 'ann@customer.example', cc: [], writers: ['ann@customer.example'] },
      { customer: 'bob@else.example', cc: [], writers: ['bob@else.example'] },
    ]);
  });

  it('is found by its answer to ours when it goes on what a form began, whoever else wrote through the form', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', form('forms@shop.example', victim));
    await receive(bench, 'm2', 't1', form('forms@shop.example', 'bob@else.example'));
    const replyTo = async (conversationId: number) => {
      const { id } = bench.desk.agent.reply(conversationId, {
        user: defaultAgent,
        body: 'Here it is.',
        status: 'active',
      });
      bench.clock.advance(60_000);
      await bench.work({ kind: 'conversation', conversationId, cause: 'webhook', requestId: 'run-2' });
      return `<FS_reply-${id}-0000000000000000@example.com>`;
    };
    const toVictim = await replyTo(1);
    const toBob = await replyTo(2);
    await receive(bench, 'm3', 't1', { From: 'bob@else.example', 'In-Reply-To': toBob });
    await receive(bench, 'm4', 't1', { From: victim, 'In-Reply-To': toVictim });
    await receive(bench, 'm5', 't1', { From: 'bob@else.example' });
    expect(await conversations(bench)).toEqual([
      { customer: victim, cc: [], writers: [victim, victim] },
      { customer: 'bob@else.example', cc: [], writers: Array(3).fill('bob@else.example') },
    ]);
  });

  it('starts one of its own when it is a form and the earlier form is not recorded yet', async () => {
    const bench = createWorkerBench();
    bench.failNext('POST', /\/conversations$/, 'timeout-after');
    await receive(bench, 'm1', 't1', form('forms@shop.example', 'ann@customer.example'));
    bench.clock.advance(120_000);
    await receive(bench, 'm2', 't1', form('forms@shop.example', 'bob@else.example'));
    expect((await conversations(bench)).map(({ customer }) => customer)).toEqual([
      'ann@customer.example',
      'bob@else.example',
    ]);
  });
});

describe('a mail that Gmail puts into the thread of somebody else', () => {
  const kari = 'kari@else.example';
  const remarks = [{ code: 'stranger-in-thread', conversationId: 1 }];

  it('starts a conversation of its own, which the next ones of its writer join, and leaves the thread to the other', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { From: victim });
    await receive(bench, 'm2', 't1', { From: kari });
    await receive(bench, 'm3', 't1', { From: victim });
    await receive(bench, 'm4', 't1', { From: kari });
    expect(await conversations(bench)).toEqual([
      { customer: victim, cc: [], writers: [victim, victim] },
      { customer: kari, cc: [], writers: [kari, kari] },
    ]);
    const rows = await Promise.all(
      (['m2', 'm4'] as const).map((id) => bench.store.ledger.get(`gmail:support:${id}`)),
    );
    expect(rows.map((row) => [row?.action, row?.remarks])).toEqual([
      ['create', remarks],
      ['append', undefined],
    ]);
  });

  it('joins it when its writer was copied in, or wrote there before', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { From: victim, Cc: kari });
    await receive(bench, 'm2', 't1', { From: kari });
    await receive(bench, 'm3', 't1', { From: kari });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([[victim, kari, kari]]);
  });

  it('joins what it answers instead, when its writer has a part there', async () => {
    const bench = createWorkerBench();
    const reply = await answered(bench);
    await receive(bench, 'k1', 't2', { From: kari });
    await receive(bench, 'm2', 't2', { From: victim, 'In-Reply-To': reply });
    await receive(bench, 'm3', 't2', { From: victim });
    await receive(bench, 'k2', 't2', { From: kari });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([
      [victim, victim, victim],
      [kari, kari],
    ]);
    expect((await bench.store.ledger.get('gmail:support:m2'))?.remarks).toBeUndefined();
  });

  it('goes where its writer answers, though they have a conversation in the thread too, which goes on there', async () => {
    const bench = createWorkerBench();
    const reply = await answered(bench);
    await receive(bench, 'm2', 't2', { From: victim });
    await receive(bench, 'm3', 't2', { From: victim, 'In-Reply-To': reply });
    await receive(bench, 'm4', 't2', { From: victim });
    const rows = await Promise.all(
      (['m2', 'm3', 'm4'] as const).map((id) => bench.store.ledger.get(`gmail:support:${id}`)),
    );
    expect(rows.map((row) => row?.conversationId)).toEqual([2, 1, 2]);
  });

  it('stays in its writer’s conversation of the thread when what it answers is none of theirs', async () => {
    const bench = createWorkerBench();
    const reply = await answered(bench);
    await receive(bench, 'k1', 't2', { From: kari });
    await receive(bench, 'k2', 't2', { From: kari, 'In-Reply-To': reply });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([[victim], [kari, kari]]);
  });

  it('joins the conversation that its writer began in it, of which FreeScout shows another address', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { From: victim });
    const customer = [...bench.desk.customers.values()].find((each) => mainEmail(each) === victim);
    customer?.emails.unshift({ id: 99, value: 'main@customer.example', type: 'work' });
    for (const conversation of bench.desk.conversations.values()) {
      conversation.customerEmail = 'main@customer.example';
    }
    await receive(bench, 'm2', 't1', { From: victim });
    expect((await conversations(bench)).map(({ writers }) => writers?.length)).toEqual([2]);
  });

  it('has one conversation even when the first mail of its writer was written and never recorded', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { From: victim });
    bench.failNext('POST', /\/conversations$/, 'timeout-after');
    await receive(bench, 'm2', 't1', { From: kari });
    bench.clock.advance(120_000);
    await receive(bench, 'm3', 't1', { From: kari });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([[victim], [kari, kari]]);
    const again = {
      kind: 'incoming-message',
      channel: 'gmail',
      alias: 'support',
      messageId: 'm2',
      threadId: 't1',
    };
    await bench.work({ ...again, conversationId: 1, cause: 'requeued', requestId: 'run-3' });
    await bench.drain();
    await receive(bench, 'm4', 't1', { From: victim });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([
      [victim, victim],
      [kari, kari],
    ]);
  });

  it('goes round no more when the conversation of its writer was deleted', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { From: victim });
    await receive(bench, 'm2', 't1', { From: kari });
    bench.desk.agent.trash(2, defaultAgent);
    await receive(bench, 'm3', 't1', { From: kari });
    await receive(bench, 'm4', 't1', { From: kari });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([
      [victim],
      [kari],
      [kari, kari],
    ]);
  });

  it('goes round no more when its conversation and that of its writer were both deleted', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1', 't1', { From: victim });
    await receive(bench, 'm2', 't1', { From: kari });
    bench.desk.agent.trash(1, defaultAgent);
    bench.desk.agent.trash(2, defaultAgent);
    await receive(bench, 'm3', 't1', { From: kari });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([[victim], [kari], [kari]]);
  });

  it.each([
    ['was deleted', {}],
    ['is too old for its subject', { Subject: 'Quite another matter' }],
  ])('goes round no more when what it answers %s', async (why, headers) => {
    const bench = createWorkerBench();
    const reply = await answered(bench);
    if (why === 'was deleted') {
      bench.desk.agent.trash(1, defaultAgent);
    } else {
      bench.clock.advance(400 * 24 * 3_600_000);
    }
    await receive(bench, 'k1', 't2', { From: kari, ...headers });
    await receive(bench, 'm2', 't2', { From: victim, 'In-Reply-To': reply, ...headers });
    await receive(bench, 'm3', 't2', { From: victim, ...headers });
    expect((await conversations(bench)).map(({ writers }) => writers)).toEqual([
      [victim],
      [kari],
      [victim, victim],
    ]);
  });
});
