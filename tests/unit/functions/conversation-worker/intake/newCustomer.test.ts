import { describe, expect, it } from 'vitest';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

/** A mail in a Gmail thread of its own; answers its job. */
function receive(bench: WorkerBench, messageId: string, from = 'Nina <nina@customer.example>') {
  const raw = buildMail({
    From: from,
    To: 'support@example.com',
    'Message-ID': `<${messageId}@customer.example>`,
  });
  bench.gmail.deliver({ messageId, gmailThreadId: messageId, raw });
  return {
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId,
    threadId: messageId,
    cause: 'poll',
    requestId: 'run-1',
  };
}

const conversations = ({ desk }: WorkerBench) =>
  [...desk.conversations.values()]
    .filter(({ type }) => type === 'email')
    .map(({ id, customerId, customerEmail }) => ({
      id,
      customerEmail,
      addresses: desk.customers.get(customerId)?.emails.map(({ value }) => value),
    }));

const nina = { customerEmail: 'nina@customer.example', addresses: ['nina@customer.example'] };

/** A client in whose place FreeScout hears of the same customer in another request first, at the same moment. */
function overtaken({ client }: WorkerBench): FreeScoutClient {
  return {
    ...client,
    createConversation: async (conversation) => {
      const [, ours] = await Promise.all([
        client.createConversation({ ...conversation, html: '<div>By somebody else</div>' }),
        client.createConversation(conversation),
      ]);
      return ours;
    },
  };
}

describe('mails of one new customer that several workers bring in at once', () => {
  it('each start a conversation of that customer', async () => {
    const bench = createWorkerBench();
    let jobs = ['m1', 'm2', 'm3', 'm4'].map((id) => receive(bench, id));
    for (let receiveCount = 1; jobs.length > 0; receiveCount += 1) {
      const ends = await Promise.all(jobs.map((job) => bench.work(job, { receiveCount })));
      jobs = jobs.filter((_, index) => ends[index]?.end !== 'done');
      bench.clock.advance(60_000);
      expect(receiveCount).toBeLessThan(5);
    }
    expect(conversations(bench)).toMatchObject([nina, nina, nina, nina]);
    expect(bench.desk.customers.size).toBe(1);
  });

  it('wait for a worker that stopped no longer than its turn', async () => {
    const bench = createWorkerBench();
    const first = receive(bench, 'm1');
    // The answer is lost, so FreeScout may be at it still.
    bench.failNext('POST', /\/conversations$/, 'timeout-after');
    expect(await bench.work(first)).toMatchObject({ end: 'back-to-queue' });
    const second = receive(bench, 'm2');
    expect(await bench.work(second)).toMatchObject({ end: 'back-to-queue', seconds: 60 });
    bench.clock.advance(210_000);
    expect(await bench.work(second)).toEqual({ end: 'done' });
    expect(await bench.work(first)).toEqual({ end: 'done' });
    expect(conversations(bench)).toMatchObject([nina, nina]);
  });

  it('do not wait for one that FreeScout refused', async () => {
    const bench = createWorkerBench();
    bench.failNext('POST', /\/conversations$/, 401);
    expect(await bench.work(receive(bench, 'm1'))).toMatchObject({ end: 'back-to-queue' });
    expect(await bench.work(receive(bench, 'm2'))).toEqual({ end: 'done' });
  });
});

describe('a mail whose customer FreeScout makes in another request at that moment', () => {
  it('is tried again when FreeScout refuses it', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm0', 'Otto <otto@customer.example>'));
    const job = receive(bench, 'm1');
    const end = await bench.work(job, { deps: { freescout: overtaken(bench) } });
    expect(end).toMatchObject({ end: 'back-to-queue' });
    expect(await bench.store.ledger.get('gmail:support:m1')).toMatchObject({
      status: 'failed',
      reason: 'freescout-error',
      retryable: true,
    });
    expect(await bench.work(job)).toEqual({ end: 'done' });
    expect(conversations(bench)).toMatchObject([{}, nina, nina]);
  });

  it('gets its customer when FreeScout gave it one without an address', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1'), { deps: { freescout: overtaken(bench) } });
    expect(conversations(bench)).toMatchObject([nina, { customerEmail: '', addresses: [] }]);
    const moved = bench.queue.jobs.at(-1)?.job;
    expect(moved).toMatchObject({ kind: 'incoming-message', conversationId: 2, cause: 'requeued' });
    expect(await bench.work(moved)).toMatchObject({ end: 'back-to-queue' });
    bench.clock.advance(60_000);
    expect(await bench.work(moved, { receiveCount: 2 })).toEqual({ end: 'done' });
    expect(conversations(bench)).toMatchObject([nina, nina]);
    expect(await bench.store.ledger.get('gmail:support:m1')).toMatchObject({
      status: 'success',
      action: 'create',
      conversationId: 2,
    });
    expect(bench.log.of('WRITE_FINISHED')).toMatchObject([{ reasons: 'customer' }]);
  });
});

describe('a mail to a conversation', () => {
  it('takes a turn only when its sender is not the customer there', async () => {
    const bench = createWorkerBench();
    const turns: string[] = [];
    const { state } = bench.store;
    const store = {
      ...bench.store,
      state: {
        ...state,
        acquireSenderLock: (...of: Parameters<typeof state.acquireSenderLock>) => {
          turns.push(of[1]);
          return state.acquireSenderLock(...of);
        },
      },
    };
    const work = (job: object) => bench.work(job, { deps: { store } });
    await work(receive(bench, 'm1'));
    await work({ ...receive(bench, 'm2'), conversationId: 1 });
    await work({ ...receive(bench, 'm3', 'Otto <otto@customer.example>'), conversationId: 1 });
    expect(turns).toEqual(['gmail:support:m1', 'gmail:support:m3']);
  });
});
