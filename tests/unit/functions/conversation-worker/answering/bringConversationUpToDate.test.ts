import { describe, expect, it } from 'vitest';
import { ComeBackLater, permanent, retryable } from '#shared/failure/failure.ts';
import { threadKey } from '#shared/store/keys.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const conversationJob = (conversationId: number, more: object = {}) => ({
  kind: 'conversation',
  conversationId,
  cause: 'webhook',
  requestId: 'request-1',
  ...more,
});

async function begin({ client }: WorkerBench, text = 'Please help'): Promise<number> {
  const { conversationId } = await client.createConversation({
    mailboxId: 1,
    subject: 'Help',
    customer: { email: 'nina@example.org' },
    html: `<div>${text}</div>`,
    cc: [],
    attachments: [],
    imported: true,
  });
  return conversationId;
}

describe('a conversation that cannot be read', () => {
  it('has a retryable reason in the ledger, also when that happened before and passed', async () => {
    const bench = createWorkerBench();
    const id = await begin(bench);
    const row = () => bench.store.ledger.get(threadKey(id, '-'));
    bench.failNext('GET', /conversations/, '500-before');
    expect(await bench.work(conversationJob(id))).toMatchObject({ end: 'back-to-queue' });
    expect(await row()).toMatchObject({ status: 'failed', retryable: true });
    await bench.work(conversationJob(id, { cause: 'wake', rowKey: threadKey(id, '-') }));

    bench.failNext('GET', /conversations/, '500-before');
    expect(await bench.work(conversationJob(id))).toMatchObject({ end: 'back-to-queue' });

    const later = threadKey(id, -2);
    expect(await bench.store.ledger.get(later)).toMatchObject({
      status: 'failed',
      retryable: true,
      reason: 'freescout-error',
    });
    expect(await row()).toMatchObject({ status: 'success', action: 'covered' });

    await bench.work(conversationJob(id, { cause: 'wake', rowKey: later }));
    expect(await bench.store.ledger.get(later)).toMatchObject({ status: 'success', action: 'covered' });
  });
});

describe('a step before the work on a message', () => {
  it('that fails for good has its reason in the ledger', async () => {
    const bench = createWorkerBench();
    const id = await begin(bench);
    const refused = permanent('freescout-rejected', 'Refused');
    const draftKeeper = { ...bench.deps.draftKeeper, observe: () => Promise.reject(refused) };
    expect(await bench.work(conversationJob(id), { deps: { draftKeeper } })).toEqual({ end: 'done' });
    expect(await bench.store.ledger.get(threadKey(id, '-'))).toMatchObject({
      status: 'failed',
      reason: 'freescout-rejected',
      retryable: false,
    });
  });

  it('that only has to wait leaves no row before the last delivery, and then one that is woken', async () => {
    const bench = createWorkerBench();
    const id = await begin(bench);
    const observe = () => Promise.reject(new ComeBackLater('undo-window', 20));
    const deps = { draftKeeper: { ...bench.deps.draftKeeper, observe } };
    const job = conversationJob(id);
    expect(await bench.work(job, { deps })).toEqual({ end: 'back-to-queue', seconds: 20 });
    expect(await bench.store.ledger.get(threadKey(id, '-'))).toBeNull();
    await bench.work(job, { deps, receiveCount: 5 });
    expect(await bench.store.ledger.get(threadKey(id, '-'))).toMatchObject({
      status: 'failed',
      reason: 'worker-stopped',
      retryable: true,
    });
  });
});

describe('a row that was woken', () => {
  it('ends when its message is no longer in the conversation', async () => {
    const bench = createWorkerBench();
    const id = await begin(bench);
    const key = threadKey(id, 999);
    await bench.store.ledger.claim(key, { owner: 'gone', leaseSeconds: 1, lastDelivery: false });
    bench.clock.advance(2 * 60 * 60 * 1000);

    await bench.work(conversationJob(id, { cause: 'wake', rowKey: key }));

    expect(await bench.store.ledger.get(key)).toMatchObject({ status: 'success', action: 'covered' });
  });

  it('ends when the conversation was moved to a mailbox that is not ours', async () => {
    const bench = createWorkerBench();
    const id = await begin(bench);
    const [thread] = (await bench.client.getConversation(id))?.threads ?? [];
    const key = threadKey(id, thread?.id ?? 0);
    await bench.store.ledger.claim(key, { owner: 'gone', leaseSeconds: 1, lastDelivery: false });
    bench.clock.advance(2 * 60 * 60 * 1000);
    const settings = { ...bench.deps.settings, channels: [] };

    await bench.work(conversationJob(id, { cause: 'wake', rowKey: key }), { deps: { settings } });

    expect(await bench.store.ledger.get(key)).toMatchObject({ status: 'success', action: 'covered' });
  });
});

describe('a conversation whose messages’ rows cannot be read', () => {
  it('has a retryable reason in the ledger: no message has a row yet that could keep it', async () => {
    const bench = createWorkerBench();
    const id = await begin(bench);
    const { ledger } = bench.store;
    const store = {
      ...bench.store,
      ledger: { ...ledger, getAll: () => Promise.reject(retryable('store-contention', 'Refused')) },
    };
    expect(await bench.work(conversationJob(id), { deps: { store } })).toMatchObject({
      end: 'back-to-queue',
    });
    const key = threadKey(id, '-');
    expect(await ledger.get(key)).toMatchObject({ status: 'failed', retryable: true });

    await bench.work(conversationJob(id, { cause: 'wake', rowKey: key }));
    expect(await ledger.get(key)).toMatchObject({ status: 'success', action: 'covered' });
    expect(bench.desk.threadsOf.get(id)?.filter(({ state }) => state === 'draft')).toHaveLength(1);
  });
});

describe('mail of an account that the settings no longer have', () => {
  it('has its reason in the ledger', async () => {
    const bench = createWorkerBench();
    const job = {
      kind: 'incoming-message',
      channel: 'gmail',
      alias: 'gone',
      messageId: 'm1',
      threadId: 't1',
    };
    await bench.work({ ...job, cause: 'poll', requestId: 'run-1' });
    expect(await bench.store.ledger.get('gmail:gone:m1')).toMatchObject({
      status: 'failed',
      reason: 'job-malformed',
      retryable: false,
    });
    expect(bench.log.of('JOB_FAILED_FOR_GOOD')).toMatchObject([{ account: 'gone', code: 'job-malformed' }]);
  });
});

describe('a trial of ours', () => {
  it('is passed by, and leaves no row', async () => {
    const bench = createWorkerBench();
    const { conversationId } = await bench.client.createProofConversation(1);
    await bench.client.reopen(conversationId);
    expect(await bench.work(conversationJob(conversationId))).toEqual({ end: 'done' });
    const { messages } = await bench.store.state.counts();
    expect(Object.values(messages).filter((count) => count > 0)).toEqual([]);
  });
});
