import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { base64Part, buildMail, buildMultipart, textPart } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

/** All mails are of one Gmail thread: the first starts a conversation, the others are added to it. */
function receive(bench: WorkerBench, messageId: string, attachments: readonly string[] = []) {
  const { type, body } = buildMultipart('mixed', [
    textPart(`Text of ${messageId}`),
    ...attachments.map((name) =>
      base64Part(
        { 'Content-Type': 'application/pdf', 'Content-Disposition': `attachment; filename="${name}"` },
        new Uint8Array(10),
      ),
    ),
  ]);
  const headers = {
    To: 'support@example.com',
    Cc: `${messageId}@others.example`,
    'Message-ID': `<${messageId}@customer.example>`,
    'Content-Type': type,
  };
  bench.gmail.deliver({ messageId, gmailThreadId: 't1', raw: buildMail(headers, body) });
  return {
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId,
    threadId: 't1',
    cause: 'poll',
    requestId: 'run-1',
  };
}

/** Works on the job, and on what it queues, until all is done, however often it comes back. */
async function bringIn(bench: WorkerBench, job: object): Promise<void> {
  let seen = bench.queue.jobs.length;
  const waiting: unknown[] = [job];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (let receiveCount = 1; (await bench.work(next, { receiveCount })).end !== 'done'; receiveCount += 1) {
      expect(receiveCount).toBeLessThan(5);
      bench.clock.advance(61_000);
    }
    waiting.push(...bench.queue.jobs.slice(seen).map((queued) => queued.job));
    seen = bench.queue.jobs.length;
  }
}

const threadsOf = ({ desk }: WorkerBench, type: string) =>
  (desk.threadsOf.get(1) ?? []).filter((thread) => thread.type === type);
const notesAbout = (bench: WorkerBench) =>
  threadsOf(bench, 'note').filter(({ body }) => body?.includes('csm:unfinished:'));
const conversationOf = ({ desk }: WorkerBench) => desk.conversations.get(1);
const status = (bench: WorkerBench) => conversationOf(bench)?.status;
const dies = (bench: WorkerBench, path: RegExp) =>
  bench.desk.faults.failNext({ kind: 'halfWritten', method: 'POST', pathPattern: path });

async function withClosedConversation(): Promise<WorkerBench> {
  const bench = createWorkerBench();
  await bringIn(bench, receive(bench, 'm1'));
  bench.clock.advance(60_000);
  bench.desk.agent.setStatus(1, 'closed', defaultAgent);
  bench.clock.advance(60_000);
  return bench;
}

describe('a mail in whose middle FreeScout stops', () => {
  it('re-opens the conversation it was added to, and is answered', async () => {
    const bench = await withClosedConversation();
    dies(bench, /\/threads$/);
    await bringIn(bench, receive(bench, 'm2'));
    expect(status(bench)).not.toBe('closed');
    expect(threadsOf(bench, 'customer')).toHaveLength(2);
    expect(notesAbout(bench)).toEqual([]);
    expect(await bench.store.ledger.get('gmail:support:m2')).toMatchObject({ action: 'append' });
    expect(bench.asked.filter((purpose) => purpose === 'triage')).toHaveLength(2);
  });

  it.each([
    ['marked as spam', (bench: WorkerBench) => bench.gmail.relabel('m1', ['SPAM'])],
    ['deleted for good', (bench: WorkerBench) => bench.gmail.remove('m1')],
  ])('is what came of it, also when it was %s before the next attempt', async (_, takeAway) => {
    const bench = createWorkerBench();
    const job = receive(bench, 'm1');
    bench.failNext('POST', /\/conversations$/, 'timeout-after');
    expect(await bench.work(job)).toMatchObject({ end: 'back-to-queue' });
    takeAway(bench);
    bench.clock.advance(120_000);
    await bringIn(bench, job);
    const row = { status: 'success', action: 'create', conversationId: 1 };
    expect(await bench.store.ledger.get('gmail:support:m1')).toMatchObject(row);
    await bringIn(bench, receive(bench, 'm2'));
    expect(threadsOf(bench, 'customer')).toHaveLength(2);
  });

  it('re-opens the conversation also when it was deleted at its source meanwhile', async () => {
    const bench = await withClosedConversation();
    const job = receive(bench, 'm2');
    await bench.work(job);
    dies(bench, /\/threads$/);
    const inGroup = { ...job, conversationId: 1, cause: 'requeued' };
    expect(await bench.work(inGroup)).toMatchObject({ end: 'back-to-queue' });
    bench.gmail.remove('m2');
    bench.clock.advance(120_000);
    await bringIn(bench, inGroup);
    expect(status(bench)).not.toBe('closed');
    expect(await bench.store.ledger.get('gmail:support:m2')).toMatchObject({ action: 'append' });
    expect(notesAbout(bench)).toEqual([]);
  });

  it('has its attachments named in one note, which keeps those on copy', async () => {
    const bench = await withClosedConversation();
    dies(bench, /\/threads$/);
    await bringIn(bench, receive(bench, 'm2', ['a.pdf', 'b.pdf']));
    expect(status(bench)).not.toBe('closed');
    const [note, ...more] = notesAbout(bench);
    expect(more).toEqual([]);
    expect(note?.body).toMatch(/may be missing here; they are in the mailbox:.*a\.pdf.*b\.pdf/);
    expect(conversationOf(bench)?.cc).toEqual(['m1@others.example', 'm2@others.example']);
  });

  it('has them named when it started the conversation', async () => {
    const bench = createWorkerBench();
    dies(bench, /\/conversations$/);
    await bringIn(bench, receive(bench, 'm1', ['a.pdf']));
    expect(bench.desk.conversations.size).toBe(1);
    expect(notesAbout(bench)).toHaveLength(1);
    expect(conversationOf(bench)?.cc).toEqual(['m1@others.example']);
    expect(await bench.store.ledger.get('gmail:support:m1')).toMatchObject({
      action: 'create',
      conversationId: 1,
    });
  });

  it('is noted once, although the note’s own answer is lost', async () => {
    const bench = await withClosedConversation();
    dies(bench, /\/threads$/);
    const job = receive(bench, 'm2', ['a.pdf']);
    expect(await bench.work(job)).toEqual({ end: 'done' });
    const moved = bench.queue.jobs.at(-1)?.job ?? {};
    expect(await bench.work(moved)).toMatchObject({ end: 'back-to-queue' });
    bench.failNext('POST', /\/threads$/, 'timeout-after');
    await bringIn(bench, moved);
    expect(notesAbout(bench)).toHaveLength(1);
    expect(status(bench)).not.toBe('closed');
  });

  it('stays in a conversation that somebody closed after it came', async () => {
    const bench = await withClosedConversation();
    dies(bench, /\/threads$/);
    await bench.work(receive(bench, 'm2'));
    const moved = bench.queue.jobs.at(-1)?.job ?? {};
    expect(await bench.work(moved)).toMatchObject({ end: 'back-to-queue' });
    bench.clock.advance(10_000);
    bench.desk.agent.setStatus(1, 'active', defaultAgent);
    bench.desk.agent.setStatus(1, 'closed', defaultAgent);
    await bringIn(bench, moved);
    expect(status(bench)).toBe('closed');
  });
});

describe('a mail whose write FreeScout finished and did not answer', () => {
  it('is adopted as it is, also one that was too large with its attachments', async () => {
    const bench = createWorkerBench();
    bench.failNext('POST', /\/conversations$/, 'timeout-after');
    await bringIn(bench, receive(bench, 'm1', ['a.pdf']));
    bench.failNext('POST', /\/threads$/, 413);
    bench.failNext('POST', /\/threads$/, '500-after');
    await bringIn(bench, receive(bench, 'm2', ['b.pdf']));
    expect(threadsOf(bench, 'customer')).toHaveLength(2);
    expect(notesAbout(bench)).toEqual([]);
    expect(bench.log.of('WRITE_FINISHED')).toEqual([]);
  });

  it('is adopted as it is when it had more attachments than go on', async () => {
    const bench = createWorkerBench();
    const many = Array.from({ length: 53 }, (_, at) => `${at}.pdf`);
    bench.failNext('POST', /\/conversations$/, 'timeout-after');
    await bringIn(bench, receive(bench, 'm1', many));
    bench.failNext('POST', /\/threads$/, 413);
    bench.failNext('POST', /\/threads$/, '500-after');
    await bringIn(bench, receive(bench, 'm2', many));
    expect(threadsOf(bench, 'customer').map(({ attachments }) => attachments.length)).toEqual([50, 0]);
    expect(notesAbout(bench)).toEqual([]);
    expect(bench.log.of('WRITE_FINISHED')).toEqual([]);
  });
});
