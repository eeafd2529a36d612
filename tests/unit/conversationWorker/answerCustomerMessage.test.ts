import { describe, expect, it } from 'vitest';
import { threadKey } from '#shared/store/keys.ts';
import { createWorkerBench } from '#tests/support/workerBench.ts';

describe('a message that the model refuses to judge', () => {
  it('is tried a few times, then told to the agents once and never paid for again by itself', async () => {
    const bench = createWorkerBench({ answers: { triage: 'refused' } });
    const { conversationId, threadId } = await bench.client.createConversation({
      mailboxId: 1,
      subject: 'Help',
      customer: { email: 'nina@example.org' },
      html: '<div>My lawyer will be in touch about this chargeback</div>',
      cc: [],
      attachments: [],
      imported: true,
    });
    const key = threadKey(conversationId, threadId ?? 0);
    const job = { kind: 'conversation', conversationId, cause: 'webhook', requestId: 'request-1' };
    for (let receiveCount = 1; receiveCount < 5; receiveCount += 1) {
      expect(await bench.work(job, { receiveCount })).toMatchObject({ end: 'back-to-queue' });
      expect(await bench.store.ledger.get(key)).toMatchObject({ status: 'failed', retryable: true });
    }

    expect(await bench.work(job, { receiveCount: 5 })).toEqual({ end: 'done' });

    expect(await bench.store.ledger.get(key)).toMatchObject({
      status: 'failed',
      retryable: false,
      reason: 'openai-answer-unusable',
    });
    const conversation = await bench.client.getConversation(conversationId);
    const notes = conversation?.threads.filter(({ type }) => type === 'note') ?? [];
    expect(notes.map(({ body }) => body)).toEqual([expect.stringContaining('could not judge')]);
    expect(conversation?.tags).toContain('p0');
    expect(bench.asked).toHaveLength(5);
  });
});

describe('a conversation that an agent moves to another mailbox while the model is at work', () => {
  it('gets no draft there; the job comes back and looks again', async () => {
    const bench = createWorkerBench();
    const { conversationId } = await bench.client.createConversation({
      mailboxId: 1,
      subject: 'Help',
      customer: { email: 'nina@example.org' },
      html: '<div>Please help</div>',
      cc: [],
      attachments: [],
      imported: true,
    });
    const { model } = bench.deps;
    const deps = {
      model: {
        ask: (...asked: Parameters<typeof model.ask>) => {
          const record = bench.desk.conversations.get(conversationId);
          if (record !== undefined && asked[0].purpose === 'draft') {
            record.mailboxId = 2;
          }
          return model.ask(...asked);
        },
      } as typeof model,
    };
    const job = { kind: 'conversation', conversationId, cause: 'webhook', requestId: 'request-1' };

    expect(await bench.work(job, { deps })).toEqual({ end: 'back-to-queue', seconds: 10 });
    expect(await bench.work(job)).toEqual({ end: 'done' });

    expect(bench.desk.threadsOf.get(conversationId)?.filter(({ state }) => state === 'draft')).toEqual([]);
  });
});
