import { describe, expect, it } from 'vitest';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const mailJob = (messageId: string, gmailThreadId: string, more: object = {}) => ({
  kind: 'gmail-message',
  account: 'support',
  messageId,
  gmailThreadId,
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

describe('a web form that mails from our own address', () => {
  const form = { From: 'Shop <support@example.com>', 'Reply-To': 'Ann <ann@customer.example>' };

  it('is not ticketed unless the settings say so', async () => {
    const bench = createWorkerBench();
    await bench.work(receive(bench, 'm1', 't1', form));
    expect(emailConversations(bench)).toEqual([]);
    expect(await bench.store.ledger.get('gmail:support:m1')).toMatchObject({
      status: 'filtered',
      reason: 'own',
    });
  });

  it('becomes a ticket of the person who filled it in, with nobody of ours on cc', async () => {
    const bench = createWorkerBench({ settings: { hygiene: { ticketWebForms: true } } });
    await bench.work(
      receive(bench, 'm1', 't1', { ...form, To: 'support@example.com, boss@customer.example' }),
    );
    const [ticket] = emailConversations(bench);
    const conversation = await bench.client.getConversation(ticket?.id ?? 0);
    expect(conversation?.customer?.email).toBe('ann@customer.example');
    expect(conversation?.cc).toEqual(['boss@customer.example']);
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
    const moved = bench.queue.jobs.filter(({ job }) => job.cause === 'moved');
    expect(new Set(moved.map(({ deduplicationId }) => deduplicationId)).size).toBe(2);
  });
});
