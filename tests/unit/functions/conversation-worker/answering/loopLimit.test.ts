import { describe, expect, it } from 'vitest';
import { threadKey } from '#shared/store/keys.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import {
  createWorkerBench,
  judgement,
  type ModelAnswers,
  type WorkerBench,
} from '#tests/support/workerBench.ts';

/** A bench on which a sender's second mail within an hour is beyond the limit. */
function benchWithLimit(answers: ModelAnswers = {}, settings: object = {}): WorkerBench {
  return createWorkerBench({ answers, settings: { hygiene: { loopLimitPerHour: 1 }, ...settings } });
}

/** Brings a mail in, without the work on its conversation; every one has a thread of its own unless the test says otherwise. */
async function bringIn(bench: WorkerBench, messageId: string, text = 'Hello', threadId = messageId) {
  const headers = { To: 'support@example.com', 'Message-ID': `<${messageId}@customer.test>` };
  bench.gmail.deliver({ messageId, gmailThreadId: threadId, raw: buildMail(headers, text) });
  const job = { kind: 'incoming-message', channel: 'gmail', alias: 'support', messageId, threadId } as const;
  await bench.work({ ...job, cause: 'poll', requestId: 'r' });
}

async function receive(bench: WorkerBench, ...messageIds: readonly string[]): Promise<void> {
  for (const messageId of messageIds) {
    await bringIn(bench, messageId);
    await bench.drain();
  }
}

const allThreads = (bench: WorkerBench) => [...bench.desk.threadsOf.values()].flat();
const bodies = (bench: WorkerBench, type: 'note' | 'draft') =>
  allThreads(bench)
    .filter((thread) => (type === 'draft' ? thread.state === 'draft' : thread.type === 'note'))
    .map(({ body }) => body ?? '');
const burstNotes = (bench: WorkerBench) =>
  bodies(bench, 'note').filter((body) => body.includes('more than 1 messages within an hour'));
const alerts = (bench: WorkerBench) =>
  bench.queue.jobs.flatMap(({ job }) => (job.kind === 'alert' ? [`${job.alert} ${job.conversationId}`] : []));
const jobOf = (conversationId: number) => ({
  kind: 'conversation',
  conversationId,
  cause: 'webhook',
  requestId: 'again',
});
const newestThread = (bench: WorkerBench, id: number) => bench.desk.threadsOf.get(id)?.at(-1)?.id ?? 0;
const tagsOf = async (bench: WorkerBench, conversationId: number) =>
  (await bench.client.getConversation(conversationId))?.tags;

describe('mails beyond the loop limit', () => {
  it('get triage and tags, no draft, and one note for all of them, which names the limit', async () => {
    const bench = benchWithLimit();
    await receive(bench, 'm1', 'm2', 'm3', 'm4');
    expect(bench.asked).toEqual(['triage', 'draft', 'triage', 'triage', 'triage']);
    for (const id of [1, 2, 3, 4]) {
      expect(await tagsOf(bench, id)).toEqual(['customer', 'p2']);
    }
    expect(bodies(bench, 'draft')).toHaveLength(1);
    expect(bodies(bench, 'note')).toHaveLength(2);
    expect(burstNotes(bench)).toHaveLength(1);
    expect(alerts(bench)).toEqual(['loop 2']);
  });

  it('get a note again in the next hour', async () => {
    const bench = benchWithLimit();
    await receive(bench, 'm1', 'm2', 'm3');
    bench.clock.advance(60 * 60_000);
    await receive(bench, 'm4', 'm5', 'm6');
    expect(burstNotes(bench)).toHaveLength(2);
  });

  it('are searched for words: each gets the tags, and the threat is an alert of its own', async () => {
    const threat = { ...judgement, importance: 2, threatens: true };
    const bench = benchWithLimit({ triage: threat });
    await receive(bench, 'm1', 'm2');
    await bringIn(bench, 'm3', 'I call my lawyer.');
    await bench.drain();
    expect(await tagsOf(bench, 3)).toEqual(expect.arrayContaining(['p0', 'high-priority']));
    expect(alerts(bench)).toEqual(['loop 2', 'p0 3']);
    expect(burstNotes(bench)).toHaveLength(1);
  });

  it('are told of although the model may not be asked, and words set their tags', async () => {
    const bench = benchWithLimit({ triage: 'over-budget' });
    await receive(bench, 'm1');
    await bringIn(bench, 'm2', 'I call my lawyer.');
    await bench.drain();
    expect(await tagsOf(bench, 2)).toEqual(['p0', 'high-priority']);
    expect(alerts(bench)).toEqual(['loop 2', 'p0 2']);
  });

  it('get their one note although notes are off', async () => {
    const freescout = { url: 'http://freescout.test', botUserId: 2, attempts: 1, postNotes: false };
    const bench = benchWithLimit({}, { freescout });
    await receive(bench, 'm1', 'm2', 'm3');
    expect(bodies(bench, 'note')).toHaveLength(1);
    expect(burstNotes(bench)).toHaveLength(1);
  });

  it('get one note although the model refuses to judge a later one', async () => {
    const answers: { triage?: unknown } = {};
    const bench = benchWithLimit(answers);
    await receive(bench, 'm1', 'm2');
    const notes = bodies(bench, 'note').length;
    await bringIn(bench, 'm3');
    answers.triage = 'refused';
    await bench.work(jobOf(3), { receiveCount: 5 });
    expect(await bench.store.ledger.get(threadKey(3, newestThread(bench, 3)))).toMatchObject({
      retryable: false,
    });
    expect(bodies(bench, 'note')).toHaveLength(notes);
  });
});

describe('the note of a burst', () => {
  it.each<[string, (bench: WorkerBench) => void]>([
    ['the note itself fails', (bench) => bench.failNext('POST', /\/conversations\/2\/threads/, 500)],
    [
      'the model fails',
      (bench) =>
        bench.duringNext('triage', () => {
          throw new Error('crash');
        }),
    ],
  ])('is written by the retry: %s', async (_, breakIt) => {
    const bench = benchWithLimit();
    await receive(bench, 'm1');
    await bringIn(bench, 'm2');
    breakIt(bench);
    expect(await bench.work(jobOf(2))).toMatchObject({ end: 'back-to-queue' });
    await receive(bench, 'm3');
    expect(burstNotes(bench)).toHaveLength(1);
    expect(await bench.work(jobOf(2), { receiveCount: 2 })).toEqual({ end: 'done' });
    expect(burstNotes(bench)).toHaveLength(1);
    expect(new Set(alerts(bench))).toEqual(new Set(['loop 2']));
  });

  it('is written by the retry of a delivery that ended while it decided', async () => {
    const bench = benchWithLimit();
    await receive(bench, 'm1');
    await bringIn(bench, 'm2');
    const { store } = bench;
    const takeCalls: typeof store.state.takeCalls = async (...call) => {
      await store.state.takeCalls(...call);
      throw new Error('crash');
    };
    await bench.work(jobOf(2), { deps: { store: { ...store, state: { ...store.state, takeCalls } } } });
    expect(burstNotes(bench)).toEqual([]);
    expect(alerts(bench)).toEqual([]);
    await bench.work(jobOf(2), { receiveCount: 2 });
    expect(burstNotes(bench)).toHaveLength(1);
    expect(alerts(bench)).toEqual(['loop 2']);
  });

  it('is written by the newer mail when the work on the first failed and that one covers it', async () => {
    const bench = benchWithLimit();
    await receive(bench, 'm1');
    await bringIn(bench, 'm2', 'Hello', 't');
    bench.duringNext('triage', () => {
      throw new Error('crash');
    });
    await bench.work(jobOf(2));
    const [first] = bench.desk.threadsOf.get(2) ?? [];
    await bringIn(bench, 'm3', 'And more', 't');
    await bench.work(bench.queue.jobs.at(-1)?.job);
    await bench.drain();
    expect(await bench.store.ledger.get(threadKey(2, first?.id ?? 0))).toMatchObject({
      burst: 'first',
      action: 'covered',
    });
    expect(burstNotes(bench)).toHaveLength(1);
    expect(new Set(alerts(bench))).toEqual(new Set(['loop 2']));
  });

  it('is written once although the customer goes on while the model is at work', async () => {
    const bench = benchWithLimit();
    await receive(bench, 'm1');
    await bringIn(bench, 'm2', 'Hello', 't');
    bench.duringNext('triage', async () => {
      await bringIn(bench, 'm3', 'And more', 't');
      await bench.work(bench.queue.jobs.at(-1)?.job);
    });
    await bench.drain();
    expect(burstNotes(bench)).toHaveLength(1);
    expect(bodies(bench, 'note')).toHaveLength(2);
    expect(bodies(bench, 'draft')).toHaveLength(1);
  });
});
