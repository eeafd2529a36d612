import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { threadKey } from '#shared/store/keys.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const hour = 3_600_000;
const limits = { messagesPerAddress: 2, messagesPerDomain: 3 };

let mails = 0;

async function receive(bench: WorkerBench, from: string, text = 'Hello', threadId?: string): Promise<void> {
  mails += 1;
  const messageId = `m${mails}`;
  const headers = { From: from, To: 'support@example.com', 'Message-ID': `<${messageId}@customer.test>` };
  const gmailThreadId = threadId ?? messageId;
  bench.gmail.deliver({ messageId, gmailThreadId, raw: buildMail(headers, text) });
  await bench.work({
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId,
    threadId: gmailThreadId,
    cause: 'poll',
    requestId: 'r',
  });
  await bench.drain();
}

const conversationJob = (conversationId: number, cause: string) => ({
  kind: 'conversation',
  conversationId,
  cause,
  requestId: cause,
});
const draftsAsked = (bench: WorkerBench) => bench.asked.filter((purpose) => purpose === 'draft').length;
const rowOf = (bench: WorkerBench, id: number) =>
  bench.store.ledger.get(threadKey(id, bench.desk.threadsOf.get(id)?.[0]?.id ?? 0));
const notesOf = (bench: WorkerBench, id: number) =>
  (bench.desk.threadsOf.get(id) ?? []).filter(({ type }) => type === 'note').map(({ body }) => body ?? '');

describe('the share of a sender', () => {
  it('bounds judgements and drafts of an address, whatever its tag; what is beyond it is ticketed, noted and waits', async () => {
    const bench = createWorkerBench({ settings: { limits } });
    for (let nth = 1; nth <= 5; nth += 1) {
      await receive(bench, `Z+${nth}@One.test`);
    }
    expect(bench.asked).toEqual(['triage', 'draft', 'triage', 'draft']);
    expect(bench.desk.conversations.size).toBe(5);
    for (const id of [3, 4, 5]) {
      expect(await rowOf(bench, id)).toMatchObject({
        status: 'deferred',
        reason: 'share',
        conversationId: id,
      });
      expect(notesOf(bench, id)).toEqual([expect.stringContaining('used up what one sender gets')]);
    }
  });

  it('bounds a domain beyond its addresses, and spares the customer whom the team has answered', async () => {
    const bench = createWorkerBench({ settings: { limits } });
    await receive(bench, 'known@one.test');
    bench.desk.agent.reply(1, { user: defaultAgent, body: 'We look into it.', status: 'active' });
    bench.clock.advance(24 * hour);
    for (const name of ['a', 'b', 'c', 'd']) {
      await receive(bench, `${name}@${name}.one.test`);
    }
    expect(draftsAsked(bench)).toBe(1 + limits.messagesPerDomain);
    await receive(bench, 'known@one.test');
    expect(draftsAsked(bench)).toBe(2 + limits.messagesPerDomain);
  });

  it('is one of an address alone at a public mail domain: sixty customers of one within an hour all get drafts', async () => {
    const bench = createWorkerBench();
    for (let nth = 1; nth <= 60; nth += 1) {
      await receive(bench, `customer${nth}@gmail.com`);
      bench.clock.advance(hour / 60);
    }
    expect(draftsAsked(bench)).toBe(60);
  });

  it('is one of ten drafts a day for an address, and of twenty for a domain, unless the settings say otherwise', async () => {
    const bench = createWorkerBench({ settings: { hygiene: { loopLimitPerHour: 1000 } } });
    for (let nth = 1; nth <= 15; nth += 1) {
      await receive(bench, `z+${nth}@one.test`);
    }
    expect(draftsAsked(bench)).toBe(10);
    for (let nth = 1; nth <= 15; nth += 1) {
      await receive(bench, `y${nth}@one.test`);
    }
    expect(draftsAsked(bench)).toBe(20);
  });

  it('of 0 is none', async () => {
    const bench = createWorkerBench({
      settings: { limits: { messagesPerAddress: 0, messagesPerDomain: 0 } },
    });
    for (let nth = 1; nth <= 25; nth += 1) {
      await receive(bench, `z+${nth}@one.test`);
    }
    expect(draftsAsked(bench)).toBe(25);
  });

  it('is not used up by repeated attempts for one message, and comes anew with the day', async () => {
    const bench = createWorkerBench({ settings: { limits } });
    await receive(bench, 'z@one.test');
    bench.failNext('POST', /\/conversations\/2\/threads/, 500);
    await receive(bench, 'z@one.test');
    for (let attempt = 2; attempt <= 4; attempt += 1) {
      await bench.work(conversationJob(2, 'webhook'), { receiveCount: attempt });
    }
    expect(await rowOf(bench, 2)).toMatchObject({ status: 'success', action: 'drafted' });
    await receive(bench, 'z@one.test');
    expect(await rowOf(bench, 3)).toMatchObject({ status: 'deferred', reason: 'share' });
    await bench.work(conversationJob(3, 'webhook'));
    expect(notesOf(bench, 3)).toHaveLength(1);
    bench.clock.advance(24 * hour);
    await bench.work(conversationJob(3, 'wake'));
    expect(await rowOf(bench, 3)).toMatchObject({ status: 'success', action: 'drafted' });
  });

  it('gives way to the operator who replays a message', async () => {
    const bench = createWorkerBench({ settings: { limits: { messagesPerAddress: 1 } } });
    await receive(bench, 'z@one.test');
    await receive(bench, 'z@one.test');
    await bench.work(conversationJob(2, 'replay'));
    expect(await rowOf(bench, 2)).toMatchObject({ status: 'success', action: 'drafted' });
  });

  it('keeps no escalation word unseen: tags and alert come without the model', async () => {
    const bench = createWorkerBench({ settings: { limits: { messagesPerAddress: 1 } } });
    await receive(bench, 'z+1@one.test');
    await receive(bench, 'z+2@one.test', 'I call my lawyer.');
    expect(bench.asked).toEqual(['triage', 'draft']);
    expect((await bench.client.getConversation(2))?.tags).toEqual(['p0', 'high-priority']);
    expect(bench.queue.jobs).toContainEqual(
      expect.objectContaining({
        job: expect.objectContaining({ kind: 'alert', alert: 'p0', conversationId: 2 }),
      }),
    );
  });
});
