import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { markerFor, teamMarkerOf } from '#shared/drafts/markers.ts';
import { messageKey, threadKey } from '#shared/store/keys.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const mailJob = (messageId: string, threadId: string, more: object = {}) => ({
  kind: 'incoming-message',
  channel: 'gmail',
  alias: 'support',
  messageId,
  threadId,
  cause: 'poll',
  requestId: 'run-1',
  ...more,
});

function receive(
  bench: WorkerBench,
  messageId: string,
  gmailThreadId: string,
  headers: Record<string, string> = {},
) {
  const raw = buildMail({
    To: 'support@example.com',
    'Message-ID': `<${messageId}@customer.example>`,
    ...headers,
  });
  bench.gmail.deliver({ messageId, gmailThreadId, raw });
  return mailJob(messageId, gmailThreadId);
}

const emailConversations = ({ desk }: WorkerBench) =>
  [...desk.conversations.values()].filter(({ type }) => type === 'email');

describe('two mails of one Gmail thread that were handed over together', () => {
  it('start one conversation when the one they belong to is gone for good', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1'));
    const [first] = emailConversations(bench);
    // Both are on their way into the conversation's group when it is deleted.
    await bench.work(receive(bench, 'm2', 't1'));
    await bench.work(receive(bench, 'm3', 't1'));
    bench.desk.conversations.delete(first?.id ?? 0);
    bench.desk.threadsOf.delete(first?.id ?? 0);

    await bench.drain();

    expect(emailConversations(bench)).toHaveLength(1);
    const [second] = emailConversations(bench);
    const texts = bench.desk.threadsOf.get(second?.id ?? 0)?.filter(({ type }) => type === 'customer');
    expect(texts).toHaveLength(2);
  });

  it('start one conversation when the thread was silent for long and has a new subject', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1'));
    await bench.drain();
    bench.clock.advance(100 * 24 * 60 * 60 * 1000);
    await bench.work(receive(bench, 'm2', 't1', { Subject: 'Something new' }));
    await bench.work(receive(bench, 'm3', 't1', { Subject: 'Something new' }));

    await bench.drain();

    expect(emailConversations(bench)).toHaveLength(2);
  });
});

describe('our own addresses with an addition', () => {
  it.each([
    ['support+x@example.com', 'filtered'],
    ['Support+X@Example.com', 'filtered'],
    ['support@example.com', 'filtered'],
    ['ann+x@customer.example', 'success'],
    ['supporter@example.com', 'success'],
    ['support@other.test', 'success'],
  ])('a mail from %s is %s', async (from, status) => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1', { From: `Somebody <${from}>` }));
    const reason = status === 'filtered' ? { reason: 'own' } : {};
    expect(await bench.store.ledger.get(messageKey('gmail', 'support', 'm1'))).toMatchObject({
      status,
      ...reason,
    });
    expect(emailConversations(bench)).toHaveLength(status === 'filtered' ? 0 : 1);
  });

  it('are never copied: not of a new mail, not of a further one, not of the conversation', async () => {
    const bench = createWorkerBench();
    const headers = { To: 'support+a@example.com, bob+x@else.example', Cc: 'Support+B@Example.com' };
    await bench.work(receive(bench, 'm1', 't1', { ...headers, 'Reply-To': 'support+c@example.com' }));
    await bench.drain();
    const [conversation] = emailConversations(bench);
    const cc = async () => (await bench.client.getConversation(conversation?.id ?? 0))?.cc;
    expect(await cc()).toEqual(['bob+x@else.example']);
    await bench.client.addNote(conversation?.id ?? 0, {
      html: '<div>x</div>',
      cc: ['bob+x@else.example', 'Support+D@example.com'],
      imported: false,
    });
    await bench.work(receive(bench, 'm2', 't1', { Cc: 'support+e@example.com, eve@else.example' }));
    await bench.drain();
    expect(await cc()).toEqual(['bob+x@else.example', 'eve@else.example']);
  });
});

describe('a report about a mail', () => {
  it('is quoted in a note whose end is a whole character', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1'));
    const raw = buildMail(
      {
        From: 'Mail Delivery Subsystem <mailer-daemon@customer.example>',
        To: 'support@example.com',
        'Message-ID': '<report@customer.example>',
        'In-Reply-To': '<m1@customer.example>',
        Subject: 'Undelivered Mail Returned to Sender',
        'Content-Type': 'text/plain; charset=utf-8',
      },
      `The following message was not delivered: <m1@customer.example>.\nA${'😀'.repeat(1_000)}`,
    );
    bench.gmail.deliver({ messageId: 'm2', gmailThreadId: 't2', raw });
    await bench.work(mailJob('m2', 't2'));
    await bench.drain();
    const [conversation] = emailConversations(bench);
    const notes =
      bench.desk.threadsOf.get(conversation?.id ?? 0)?.filter(({ type }) => type === 'note') ?? [];
    const report = notes.find(({ body }) => body?.includes('A report about a mail'));
    expect(report?.body).toMatch(/😀 …<\/div>$/u);
    expect(report?.body).not.toContain('\ufffd');
  });
});

describe('a mail that waited in Gmail while an agent answered an earlier one', () => {
  const user = defaultAgent;

  it.each(['sent from FreeScout', 'that is a team message'])(
    'is judged and gets a draft, and counts as written after that reply (%s)',
    async (reply) => {
      const bench = createWorkerBench();
      await bench.work(receive(bench, 'm1', 't1'));
      await bench.drain();
      const [conversation] = emailConversations(bench);
      const conversationId = conversation?.id ?? 0;
      bench.clock.advance(5 * 60_000);
      const late = receive(bench, 'm2', 't1');
      bench.clock.advance(25 * 60_000);
      if (reply === 'sent from FreeScout') {
        bench.desk.agent.reply(conversationId, { user, body: '<div>By hand</div>', status: 'closed' });
      } else {
        const html = `<div>Sent elsewhere</div>${markerFor(teamMarkerOf('gmail:support:sent'))}`;
        await bench.client.addNote(conversationId, { html, cc: [], imported: true });
      }
      bench.clock.advance(30 * 60_000);

      await bench.work(late);
      await bench.drain();

      const threadId = (await bench.store.ledger.get('gmail:support:m2'))?.threadId ?? 0;
      expect(await bench.store.ledger.get(threadKey(conversationId, threadId))).toMatchObject({
        status: 'success',
        action: 'drafted',
      });
    },
  );

  it('keeps its own date when nobody answered since', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1'));
    await bench.drain();
    const [conversation] = emailConversations(bench);
    bench.clock.advance(60_000);
    bench.desk.agent.reply(conversation?.id ?? 0, { user, body: '<div>By hand</div>' });
    bench.clock.advance(60_000);
    const late = receive(bench, 'm2', 't1');
    const date = bench.clock.now().toISOString().slice(0, 19);
    bench.clock.advance(30 * 60_000);

    await bench.work(late);
    await bench.drain();

    const threadId = (await bench.store.ledger.get('gmail:support:m2'))?.threadId ?? 0;
    expect(bench.desk.threads.get(threadId)?.createdAt).toContain(date);
  });
});

describe('a web form that mails from our own address', () => {
  const form = { From: 'Shop <support@example.com>', 'Reply-To': 'Ann <ann@customer.example>' };

  it('becomes a ticket of the person who filled it in, with nobody on cc', async () => {
    const bench = createWorkerBench();
    await bench.work(
      receive(bench, 'm1', 't1', { ...form, To: 'support@example.com, boss@customer.example' }),
    );
    const [ticket] = emailConversations(bench);
    const conversation = await bench.client.getConversation(ticket?.id ?? 0);
    expect(conversation?.customer?.email).toBe('ann@customer.example');
    expect(conversation?.cc).toEqual([]);
    expect(await bench.store.ledger.get('gmail:support:m1')).toMatchObject({
      noDraft: null,
      remarks: [{ code: 'written-through', address: 'support@example.com' }],
    });
  });
});

describe('a sender who writes more mails within an hour than the limit', () => {
  it('gets no draft from the first mail beyond it on', async () => {
    const bench = createWorkerBench({ settings: { hygiene: { loopLimitPerHour: 2 } } });
    for (const id of ['m1', 'm2', 'm3']) {
      await bench.work(receive(bench, id, id));
    }
    const rows = await bench.store.ledger.getAll(['gmail:support:m2', 'gmail:support:m3']);
    expect([...rows.values()].map(({ noDraft }) => noDraft)).toEqual([null, 'loop']);
  });
});

describe('a mail that is replayed minutes after it failed', () => {
  it('moves into its conversation’s group again, past the queue’s memory of the first time', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1'));
    const second = receive(bench, 'm2', 't1');
    await bench.work(second);
    await bench.work({ ...second, cause: 'replay', requestId: 'csm-1' });
    const requeued = bench.queue.jobs.filter(({ job }) => job.cause === 'requeued');
    expect(new Set(requeued.map(({ deduplicationId }) => deduplicationId)).size).toBe(2);
  });
});

describe('a mail of which an older ledger, put back, knows nothing', () => {
  const day = 24 * 60 * 60 * 1000;
  const report = {
    From: 'MAILER-DAEMON@mx.example',
    'Auto-Submitted': 'auto-replied',
    'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
  };

  /** Works on it with a store that has neither rows nor mappings. */
  async function again(bench: WorkerBench, messageId: string, cause: string): Promise<LedgerRow | null> {
    const store = createInMemoryStore({ clock: bench.deps.clock });
    await store.state.intakeSince(new Date(bench.deps.clock.now().getTime() - 30 * day), null);
    const end = await bench.work(mailJob(messageId, 't1', { cause }), { deps: { store } });
    expect(end).toEqual({ end: 'done' });
    return store.ledger.get(`gmail:support:${messageId}`);
  }
  const threads = ({ desk }: WorkerBench) =>
    [...desk.threadsOf.values()].flat().filter(({ type }) => type === 'customer' || type === 'note');

  it.each(['back-fill', 'gap-check', 'wake', 'replay'])(
    'is found by its marker when a %s names it, whether it started a conversation or went into one',
    async (cause) => {
      const bench = createWorkerBench();
      await bench.work(receive(bench, 'm1', 't1'));
      await bench.work(receive(bench, 'm2', 't1'));
      await bench.drain();
      bench.clock.advance(3 * day);
      const before = threads(bench).map(({ id }) => id);
      const [conversation] = emailConversations(bench);
      const first = await bench.store.ledger.get('gmail:support:m1');

      expect(await again(bench, 'm1', cause)).toMatchObject({
        status: 'success',
        action: 'create',
        conversationId: conversation?.id,
        noDraft: first?.noDraft,
      });
      expect(await again(bench, 'm2', cause)).toMatchObject({
        status: 'success',
        action: 'append',
        conversationId: conversation?.id,
      });
      expect(threads(bench).map(({ id }) => id)).toEqual(before);
      expect(emailConversations(bench)).toHaveLength(1);
    },
  );

  /** Works on it, and on what that queues, with a store that knows which conversations there are, but has no rows. */
  async function againInItsConversation(bench: WorkerBench, messageId: string): Promise<LedgerRow | null> {
    const { threadMap } = bench.store;
    const store = { ...createInMemoryStore({ clock: bench.deps.clock }), threadMap };
    await store.state.intakeSince(new Date(bench.deps.clock.now().getTime() - 30 * day), null);
    const job = mailJob(messageId, messageId === 'm2' ? 't1' : 't2', { cause: 'gap-check' });
    await bench.work(job, { deps: { store } });
    await bench.work(bench.queue.jobs.at(-1)?.job, { deps: { store } });
    return store.ledger.get(`gmail:support:${messageId}`);
  }

  it('is found in its conversation when its sender is not, or no longer, the customer there', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1', { Cc: 'otto@customer.example' }));
    await bench.work(receive(bench, 'm2', 't1', { From: 'Otto <otto@customer.example>' }));
    await bench.work(receive(bench, 'm3', 't1'));
    await bench.drain();
    const before = threads(bench).map(({ id }) => id);

    expect(await againInItsConversation(bench, 'm2')).toMatchObject({
      status: 'success',
      action: 'append',
      conversationId: 1,
    });
    expect(threads(bench).map(({ id }) => id)).toEqual(before);
    expect(emailConversations(bench)).toHaveLength(1);
  });

  it('is found as the note that a report became', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1'));
    const headers = {
      ...report,
      'In-Reply-To': '<m1@customer.example>',
      References: '<m1@customer.example>',
    };
    await bench.work(receive(bench, 'r1', 't2', headers));
    await bench.drain();
    const before = threads(bench).map(({ id }) => id);
    expect(await bench.store.ledger.get('gmail:support:r1')).toMatchObject({ action: 'note' });

    expect(await againInItsConversation(bench, 'r1')).toMatchObject({ status: 'success', action: 'note' });
    expect(threads(bench).map(({ id }) => id)).toEqual(before);
  });

  it('is looked for among the conversations of its sender, and not in all that there are', async () => {
    const bench = createWorkerBench();
    const message = { html: '', cc: [], attachments: [], imported: true, mailboxId: 1, subject: 'Other' };
    for (let number = 0; number < 220; number += 1) {
      const email = number < 20 ? 'nina@customer.example' : 'omar@customer.example';
      await bench.client.createConversation({ ...message, customer: { email } });
    }
    const pages: unknown[] = [];
    const freescout: typeof bench.client = {
      ...bench.client,
      listConversations: (query) => {
        pages.push([query.customerEmail, query.page]);
        return bench.client.listConversations(query);
      },
    };
    const from = (name: string) => ({ From: `${name} <${name}@customer.example>` });
    const work = (next: object) => bench.work({ ...next, cause: 'back-fill' }, { deps: { freescout } });
    await work(receive(bench, 'm1', 't1', from('nina')));
    await work(receive(bench, 'm2', 't2', from('omar')));
    expect(pages).toEqual([
      ['nina@customer.example', 1],
      ['omar@customer.example', 1],
      ['omar@customer.example', 2],
      ['omar@customer.example', 3],
    ]);
  });

  it('is brought in when nothing of it is there', async () => {
    const bench = createWorkerBench();
    receive(bench, 'm1', 't1');
    expect(await again(bench, 'm1', 'gap-check')).toMatchObject({ status: 'success', action: 'create' });
  });

  it('costs a search; a mail that history names costs none', async () => {
    const bench = createWorkerBench();
    let lists = 0;
    const freescout: typeof bench.client = {
      ...bench.client,
      listConversations: (query) => {
        lists += 1;
        return bench.client.listConversations(query);
      },
    };
    await bench.work(receive(bench, 'm1', 't1'), { deps: { freescout } });
    expect(lists).toBe(0);
    await bench.work({ ...receive(bench, 'm2', 't2'), cause: 'back-fill' }, { deps: { freescout } });
    expect(lists).toBe(1);
  });
});

describe('a mail of which the ledger was made to forget', () => {
  const day = 24 * 60 * 60 * 1000;
  const forgetting = () => createWorkerBench({ settings: { ledger: { keepDays: 150 } } });
  const threads = ({ desk }: WorkerBench) => [...desk.threadsOf.values()].flat().length;

  it.each(['back-fill', 'gap-check', 'wake', 'replay'])(
    'is not written a second time when a %s names it, whether or not its row is deleted yet',
    async (cause) => {
      const bench = forgetting();
      await bench.work(receive(bench, 'm1', 't1'));
      await bench.drain();
      const { length } = bench.asked;
      const before = threads(bench);
      bench.clock.advance(150 * day);
      const key = 'gmail:support:m1';
      expect(await bench.store.ledger.get(key)).toBeNull();
      await bench.work(mailJob('m1', 't1', { cause }));
      await bench.drain();

      // What DynamoDB leaves once it has deleted both tables' items; the start of intake is in another one.
      const store = {
        ...createInMemoryStore({ clock: bench.deps.clock, keepDays: 150 }),
        state: bench.store.state,
      };
      await bench.work(mailJob('m1', 't1', { cause }), { deps: { store } });
      // Whoever replays a message by hand means it: then the marker in FreeScout tells that it is there.
      const status = cause === 'replay' ? 'success' : 'filtered';
      expect(await store.ledger.get(key)).toMatchObject({ status });
      expect(threads(bench)).toBe(before);
      expect(bench.asked).toHaveLength(length);
    },
  );

  it('gets no second draft in FreeScout, whose conversation somebody touches long after', async () => {
    const bench = forgetting();
    await bench.work(receive(bench, 'm1', 't1'));
    await bench.drain();
    const { length } = bench.asked;
    expect(length).toBeGreaterThan(0);
    const conversationId = emailConversations(bench)[0]?.id;
    const job = { kind: 'conversation', conversationId, cause: 'webhook', requestId: 'r' };
    bench.clock.advance(150 * day);
    // The settings say nothing of a retention any more, and the rows have gone by the one that was.
    const { settings } = createWorkerBench().deps;
    const store = { ...createInMemoryStore({ clock: bench.deps.clock }), state: bench.store.state };
    await bench.work(job, { deps: { store, settings } });
    expect(bench.asked).toHaveLength(length);
  });

  it('leads the next mail of a thread in use to its conversation, however long ago that began', async () => {
    const bench = forgetting();
    for (const messageId of ['m1', 'm2', 'm3']) {
      await bench.work(receive(bench, messageId, 't1'));
      await bench.drain();
      bench.clock.advance(100 * day);
    }
    expect(emailConversations(bench)).toHaveLength(1);
  });
});
