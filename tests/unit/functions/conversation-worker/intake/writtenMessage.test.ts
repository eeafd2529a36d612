import { describe, expect, it } from 'vitest';
import { createFreeScoutApp } from '#infra/standins/freescout/api.ts';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { conversationOf } from '#shared/jobs/jobs.ts';
import { messageKey, threadKey } from '#shared/store/keys.ts';
import { base64Part, buildMail, buildMultipart, textPart } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const hour = 60 * 60 * 1000;

/** As FreeScout dates: in whole seconds. */
const secondsOf = (date: Date) => date.toISOString().slice(0, 19);

interface Incoming {
  /** Size in bytes of each attachment. */
  readonly attachments?: Readonly<Record<string, number>>;
  readonly internalDate?: Date;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** All mails are of one Gmail thread: the first starts a conversation, the others are added to it. */
async function receive(bench: WorkerBench, id: string, incoming: Incoming = {}): Promise<void> {
  const { attachments = {}, internalDate, headers = {}, text = `Text of ${id}` } = incoming;
  const { type, body } = buildMultipart('mixed', [
    textPart(text),
    ...Object.entries(attachments).map(([name, size]) =>
      base64Part(
        { 'Content-Type': 'application/pdf', 'Content-Disposition': `attachment; filename="${name}"` },
        new Uint8Array(size),
      ),
    ),
  ]);
  bench.gmail.deliver({
    messageId: id,
    gmailThreadId: 't1',
    raw: buildMail(
      {
        To: 'support@example.com',
        'Message-ID': `<${id}@customer.example>`,
        'Content-Type': type,
        ...headers,
      },
      body,
    ),
    ...(internalDate === undefined ? {} : { internalDate }),
  });
  await bench.work({
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId: id,
    threadId: 't1',
    cause: 'poll',
    requestId: 'run-1',
  });
  await bench.drain();
}

/** The one conversation that mails started, and what the customer wrote there, oldest first. */
function written({ desk }: WorkerBench) {
  const conversations = [...desk.conversations.values()].filter(({ type }) => type === 'email');
  const [conversation] = conversations;
  if (conversation === undefined || conversations.length > 1) {
    throw new Error(`There are ${conversations.length} conversations.`);
  }
  const threads = desk.threadsOf.get(conversation.id) ?? [];
  return {
    conversation,
    messages: threads
      .filter(({ type }) => type === 'customer')
      .map((thread) => ({
        ...thread,
        body: thread.body ?? '',
        attached: thread.attachments.map(({ fileName }) => fileName),
      })),
  };
}

const named = (fileName: string, size: string) =>
  `[Attachment left in the mailbox, too large: ${fileName}, ${size}]`;

describe('attachments', () => {
  const settings = { freescout: { url: 'http://freescout.test', attachmentLimitMegabytes: 0.1 } };

  it('are passed on up to the limit for all of them, and the others are named with their size', async () => {
    const bench = createWorkerBench({ settings });
    const attachments = { 'a.pdf': 60_000, 'b.pdf': 50_000, 'c.pdf': 40_000, 'film.pdf': 1_240_000 };
    await receive(bench, 'm1', { attachments });
    await receive(bench, 'm2', { attachments });
    const { messages } = written(bench);
    expect(messages).toHaveLength(2);
    for (const { attached, body } of messages) {
      expect(attached).toEqual(['a.pdf', 'c.pdf']);
      expect(body).toContain(named('b.pdf', '50 kB'));
      expect(body).toContain(named('film.pdf', '1.2 MB'));
      expect(body.match(/left in the mailbox/g)).toHaveLength(2);
    }
  });

  it('are passed on to fifty, and the others are named with the true reason', async () => {
    const bench = createWorkerBench({ settings });
    const attachments = { 'film.pdf': 200_000 } as Record<string, number>;
    for (let at = 1; at <= 52; at += 1) {
      attachments[`${at}.pdf`] = 10;
    }
    await receive(bench, 'm1', { attachments });
    await receive(bench, 'm2', { attachments });
    for (const { attached, body } of written(bench).messages) {
      expect(attached).toEqual(Array.from({ length: 50 }, (_, at) => `${at + 1}.pdf`));
      expect(body).toContain(named('film.pdf', '200 kB'));
      expect(body).toContain('[Attachment left in the mailbox, more than 50: 51.pdf, 1 kB]');
      expect(body).toContain('[Attachment left in the mailbox, more than 50: 52.pdf, 1 kB]');
      expect(body.match(/left in the mailbox/g)).toHaveLength(3);
    }
  });

  it('that FreeScout finds too large are left out at once, all of them named', async () => {
    const bench = createWorkerBench({ settings });
    const attachments = { 'a.pdf': 10, 'film.pdf': 200_000 };
    bench.failNext('POST', /\/conversations$/, 413);
    await receive(bench, 'm1', { attachments });
    bench.failNext('POST', /\/threads$/, 413);
    await receive(bench, 'm2', { attachments });
    const { messages } = written(bench);
    expect(messages.map(({ attached }) => attached)).toEqual([[], []]);
    for (const [index, { body }] of messages.entries()) {
      expect(body).toContain(`Text of m${index + 1}`);
      expect(body).toContain(named('a.pdf', '1 kB'));
      expect(body).toContain(named('film.pdf', '200 kB'));
    }
  });
});

describe('a mail whose text alone FreeScout finds too large', () => {
  /** Large enough for a megabyte, the limit of a web server that nobody told otherwise. */
  const large = `First line of the matter\n${'A line with "quotes" & <signs>.\n'.repeat(50_000)}`;

  async function bringIn(id: string, bench: WorkerBench, attachments: Incoming['attachments'] = {}) {
    bench.failNext('POST', /\/(conversations|threads)$/, 413);
    if (Object.keys(attachments).length > 0) {
      bench.failNext('POST', /\/(conversations|threads)$/, 413);
    }
    await receive(bench, id, { text: large, attachments });
  }

  it.each([
    ['without attachments', {}],
    ['with attachments', { 'a.pdf': 10 }],
  ])('comes in with the beginning of its text, %s', async (_, attachments) => {
    const bench = createWorkerBench();
    await bringIn('m1', bench, attachments);
    await bringIn('m2', bench, attachments);
    const { messages } = written(bench);
    expect(messages).toHaveLength(2);
    for (const { body, attached } of messages) {
      expect(body).toContain('First line of the matter');
      expect(body).toContain("[Too large: this is the beginning of the mail's text;");
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(1_000_000);
      expect(Buffer.byteLength(body)).toBeGreaterThan(200_000);
      expect(attached).toEqual([]);
      expect(body.includes('a.pdf')).toBe(Object.keys(attachments).length > 0);
    }
    expect(await bench.store.ledger.get('gmail:support:m2')).toMatchObject({ status: 'success' });
  });
});

describe('a FreeScout that takes nothing for a while, not even the beginning of a text', () => {
  const forms = 3;

  it.each([
    ['that starts a conversation', [], 'm1'],
    ['that is added to one', ['m1'], 'm2'],
  ])('gets a mail %s again, once it takes it', async (_, earlier, id) => {
    const bench = createWorkerBench();
    for (const earlierId of earlier) {
      await receive(bench, earlierId);
    }
    for (let form = 0; form < forms; form += 1) {
      bench.failNext('POST', /\/(conversations|threads)$/, 413);
    }
    await receive(bench, id, { attachments: { 'a.pdf': 10 } });
    const key = messageKey('gmail', 'support', id);
    expect(await bench.store.ledger.get(key)).toMatchObject({
      status: 'failed',
      reason: 'freescout-too-large',
      retryable: true,
    });
    // What the queue does with it: in the group of its conversation, if it has one.
    const back = bench.queue.jobs.findLast(({ job }) => job.kind === 'incoming-message')?.job;
    const conversationId =
      earlier.length === 0 || back === undefined ? {} : { conversationId: conversationOf(back) };
    expect(
      await bench.work(
        {
          kind: 'incoming-message',
          channel: 'gmail',
          alias: 'support',
          messageId: id,
          threadId: 't1',
          cause: 'wake',
          requestId: 'run-2',
          ...conversationId,
        },
        { receiveCount: 2 },
      ),
    ).toEqual({ end: 'done' });
    const { messages } = written(bench);
    expect(messages.map(({ attached }) => attached)).toEqual([...earlier.map(() => []), ['a.pdf']]);
    expect(await bench.store.ledger.get(key)).toMatchObject({ status: 'success' });
  });

  it.each([
    ['tags', 'PUT', /\/tags$/],
    ['the note', 'POST', /\/threads$/],
  ])('gets %s again too', async (_, method, path) => {
    const bench = createWorkerBench();
    bench.failNext(method, path, 413);
    await receive(bench, 'm1');
    const row = await bench.store.ledger.get(threadKey(1, written(bench).messages[0]?.id ?? 0));
    expect(row).toMatchObject({ status: 'failed', reason: 'freescout-too-large', retryable: true });
  });
});

describe('the date of a mail', () => {
  const forged = { Date: 'Tue, 03 Nov 2026 10:00:00 +0000' };

  it('is the one at which Gmail received it, of the conversation and of every message, not its own', async () => {
    const bench = createWorkerBench();
    const now = bench.clock.now().getTime();
    const [first, second] = [new Date(now - 5 * hour), new Date(now - 3 * hour)];
    await receive(bench, 'm1', { internalDate: first, headers: forged });
    await receive(bench, 'm2', { internalDate: second, headers: forged });
    const { conversation, messages } = written(bench);
    expect(conversation.createdAt).toContain(secondsOf(first));
    expect(messages.map(({ createdAt }) => createdAt)).toEqual([
      expect.stringContaining(secondsOf(first)),
      expect.stringContaining(secondsOf(second)),
    ]);
  });
});

describe('a mail for a conversation that is spam', () => {
  it('is added, and leaves it spam and unjudged', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1');
    bench.desk.agent.setStatus(written(bench).conversation.id, 'spam', defaultAgent);
    const [asked, queued] = [bench.asked.length, bench.queue.jobs.length];
    await receive(bench, 'm2');
    const { conversation, messages } = written(bench);
    expect(messages).toHaveLength(2);
    expect(conversation.status).toBe('spam');
    expect(bench.queue.jobs.slice(queued).map(({ job }) => job.kind)).toEqual(['incoming-message']);
    expect(bench.asked).toHaveLength(asked);
    expect(await bench.store.ledger.get('gmail:support:m2')).toMatchObject({
      status: 'success',
      action: 'append',
      reason: 'spam',
    });
  });
});

describe('freescout.imported', () => {
  it.each([true, false])('%s is what FreeScout is told of new conversations alone', async (imported) => {
    const bench = createWorkerBench({ settings: { freescout: { url: 'http://freescout.test', imported } } });
    await receive(bench, 'm1');
    await receive(bench, 'm2');
    const { conversation, messages } = written(bench);
    expect([conversation.imported, ...messages.map((message) => message.imported)]).toEqual([
      imported,
      imported,
      false,
    ]);
  });

  it.each([true, false])('%s: a later message is imported only to be dated back', async (imported) => {
    const bench = createWorkerBench({ settings: { freescout: { url: 'http://freescout.test', imported } } });
    await receive(bench, 'm1');
    bench.clock.advance(hour);
    const internalDate = new Date(bench.clock.now().getTime() - hour / 2);
    await receive(bench, 'm2', { internalDate });
    expect(written(bench).messages[1]).toMatchObject({
      imported: true,
      createdAt: expect.stringContaining(secondsOf(internalDate)),
    });
  });
});

describe('a mail that comes in the very second in which an agent sends a draft', () => {
  it.each([false, true])(
    'swallows no reply (the later id is taken for the newer: %s)',
    async (newestIdFirst) => {
      const bench = createWorkerBench();
      bench.desk.switches.newestIdFirst = newestIdFirst;
      await receive(bench, 'm1');
      const { conversation } = written(bench);
      bench.clock.advance(60_000);
      const [draft] = (bench.desk.threadsOf.get(conversation.id) ?? []).filter(
        ({ state }) => state === 'draft',
      );
      await receive(bench, 'm2');
      bench.desk.agent.sendDraft(
        { conversationId: conversation.id, threadId: draft?.id ?? 0 },
        { user: defaultAgent },
      );
      bench.clock.advance(60_000);
      expect(bench.desk.mail).toMatchObject([{ threadId: draft?.id }]);
    },
  );
});

describe('our note about a message', () => {
  const noteAfter = async (bench: WorkerBench) =>
    (bench.desk.threadsOf.get(written(bench).conversation.id) ?? []).findLast(({ type }) => type === 'note');

  it('notifies agents where FreeScout was silent: in a new conversation', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1');
    expect(await noteAfter(bench)).toMatchObject({ imported: false });
  });

  it.each([
    ['a later message', { url: 'http://freescout.test' }],
    [
      'every message when new conversations are not silent',
      { url: 'http://freescout.test', imported: false },
    ],
  ])('notifies nobody where FreeScout has: %s', async (_, freescout) => {
    const bench = createWorkerBench({ settings: { freescout: { ...freescout, botUserId: 2 } } });
    await receive(bench, 'm1');
    expect(await noteAfter(bench)).toMatchObject({ imported: 'imported' in freescout });
    bench.clock.advance(60_000);
    await receive(bench, 'm2');
    const threads = bench.desk.threadsOf.get(written(bench).conversation.id) ?? [];
    const notes = threads.filter(({ type }) => type === 'note');
    // The judgement, and the suggestion that is no second draft.
    expect(notes.slice(1).map(({ imported }) => imported)).toEqual([true, true]);
  });

  it('stands before the draft, which it silences', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1');
    const { conversation } = written(bench);
    bench.desk.agent.reply(conversation.id, { user: defaultAgent, body: 'Here it is.', status: 'active' });
    bench.clock.advance(60_000);
    await receive(bench, 'm2');
    const threads = bench.desk.threadsOf.get(conversation.id) ?? [];
    expect(threads.slice(-3).map(({ type, state, imported }) => [type, state, imported])).toEqual([
      ['customer', 'published', false],
      ['note', 'published', true],
      ['message', 'draft', false],
    ]);
  });

  it('notifies nobody where FreeScout has: of the first answer in a conversation that an agent began', async () => {
    const bench = createWorkerBench();
    const begun = await createFreeScoutApp(bench.desk, { apiKey: 'agent', keptRequests: 9 }).request(
      'http://freescout.test/api/conversations',
      {
        method: 'POST',
        headers: { 'X-FreeScout-API-Key': 'agent', 'Content-Type': 'application/json' },
        body: JSON.stringify({
          type: 'email',
          mailboxId: 1,
          subject: 'Your order',
          customer: { email: 'ann@customer.example' },
          threads: [{ type: 'message', user: defaultAgent, text: '<div>It is on its way.</div>' }],
        }),
      },
    );
    expect(begun.status).toBe(201);
    const [reply] = bench.desk.threadsOf.get(written(bench).conversation.id) ?? [];
    bench.clock.advance(60_000);
    await receive(bench, 'm1', {
      headers: {
        From: 'ann@customer.example',
        'In-Reply-To': `<FS_reply-${reply?.id}-0000000000000000@example.com>`,
      },
    });
    expect(written(bench).messages).toMatchObject([{ imported: false }]);
    expect(await noteAfter(bench)).toMatchObject({ imported: true });
  });

  it.each([
    ['that somebody else brought in through the API', '<div>Hello?</div>'],
    ['whose row a restored ledger lacks', '<!-- csm:gmail:support:m9 --><div>Hello?</div>'],
  ])('notifies agents where nobody knows whether FreeScout did: of a message %s', async (_, html) => {
    const bench = createWorkerBench();
    await receive(bench, 'm1');
    const { id } = written(bench).conversation;
    bench.clock.advance(60_000);
    await bench.client.addCustomerMessage(id, {
      customer: { email: 'ann@customer.example' },
      html,
      cc: [],
      attachments: [],
      keepSpam: false,
    });
    await bench.work({ kind: 'conversation', conversationId: id, cause: 'webhook', requestId: 'request-1' });
    expect(await noteAfter(bench)).toMatchObject({ imported: false });
  });

  it('notifies agents where FreeScout was silent: of a later message that is dated back', async () => {
    const bench = createWorkerBench();
    await receive(bench, 'm1');
    bench.clock.advance(hour);
    await receive(bench, 'm2', { internalDate: new Date(bench.clock.now().getTime() - hour / 2) });
    expect(await noteAfter(bench)).toMatchObject({ imported: false });
  });
});
