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
