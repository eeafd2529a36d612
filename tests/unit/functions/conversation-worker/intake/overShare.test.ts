import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { type IncomingMessageJob, messageGroupOf } from '#shared/jobs/jobs.ts';
import { messageKey } from '#shared/store/keys.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const hour = 3_600_000;
const settings = { limits: { messagesPerAddress: 2, messagesPerDomain: 3 } };

let mails = 0;

/** Brings a mail in. @returns its job where it waits behind the messages of others, else null. */
async function bringIn(
  bench: WorkerBench,
  from: string,
  cause: IncomingMessageJob['cause'] = 'poll',
): Promise<IncomingMessageJob | null> {
  mails += 1;
  const messageId = `m${mails}`;
  const headers = { From: from, To: 'support@example.com', 'Message-ID': `<${messageId}@customer.test>` };
  bench.gmail.deliver({ messageId, gmailThreadId: messageId, raw: buildMail(headers, 'Hello') });
  const queuedBefore = bench.queue.jobs.length;
  const job = {
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId,
    threadId: messageId,
  } as const;
  expect(await bench.work({ ...job, cause, requestId: 'r' })).toEqual({ end: 'done' });
  const [queued] = bench.queue.jobs.slice(queuedBefore).map(({ job: next }) => next);
  return queued?.kind === 'incoming-message' && 'overShare' in queued ? queued : null;
}

const tickets = (bench: WorkerBench) => bench.desk.conversations.size;

describe('a message of a sender over their share', () => {
  it('waits in one group with all such messages, and is a ticket when its turn comes', async () => {
    const bench = createWorkerBench({ settings });
    const waiting = [];
    for (let nth = 1; nth <= 5; nth += 1) {
      waiting.push(await bringIn(bench, `z+${nth}@one.test`));
    }
    expect(waiting.map((job) => job !== null && messageGroupOf(job))).toEqual([
      false,
      false,
      'over-share',
      'over-share',
      'over-share',
    ]);
    expect(tickets(bench)).toBe(2);
    await bringIn(bench, 'genuine@customer.example');
    expect(tickets(bench)).toBe(3);
    await bench.drain();
    await bench.drain();
    expect(tickets(bench)).toBe(6);
    for (const job of waiting) {
      const row = job && (await bench.store.ledger.get(messageKey('gmail', 'support', job.messageId)));
      expect(row?.status ?? 'success').toBe('success');
    }
  });

  it('keeps to a pace of its own, in its own group alone', async () => {
    const bench = createWorkerBench({ settings: { limits: { messagesPerAddress: 1 } } });
    let waits = 0;
    const overSharePace = {
      wait: async () => {
        waits += 1;
      },
    };
    await bringIn(bench, 'z@one.test');
    const job = await bringIn(bench, 'z@one.test');
    expect(waits).toBe(0);
    await bench.work(job, { deps: { overSharePace } });
    expect(waits).toBe(1);
    await bench.work({ ...job, conversationId: 1 }, { deps: { overSharePace } });
    expect(waits).toBe(1);
    expect(messageGroupOf({ ...job, conversationId: 1 } as IncomingMessageJob)).toBe('conversation:1');
  });

  it('is not asked of FreeScout before its turn', async () => {
    let isDown = false;
    const bench = createWorkerBench({
      settings: { limits: { messagesPerAddress: 1 } },
      faultOf: () => (isDown ? 500 : null),
    });
    await bringIn(bench, 'z@one.test');
    isDown = true;
    expect(await bringIn(bench, 'z+2@one.test')).not.toBeNull();
  });

  it('is counted once, however often its job comes', async () => {
    const bench = createWorkerBench({ settings });
    await bringIn(bench, 'z@one.test');
    const [first] = bench.queue.jobs;
    expect(first?.job.kind).toBe('conversation');
    const job = {
      kind: 'incoming-message',
      channel: 'gmail',
      alias: 'support',
      cause: 'poll',
      requestId: 'r',
    };
    for (let again = 0; again < 5; again += 1) {
      await bench.work({ ...job, messageId: `m${mails}`, threadId: `m${mails}` });
    }
    expect(await bringIn(bench, 'z@one.test')).toBeNull();
  });

  it('waits for those of others only within an hour, and not at all when the operator replays it', async () => {
    const bench = createWorkerBench({ settings: { limits: { messagesPerAddress: 1 } } });
    await bringIn(bench, 'z@one.test');
    expect(await bringIn(bench, 'z@one.test', 'replay')).toBeNull();
    bench.clock.advance(hour);
    expect(await bringIn(bench, 'z@one.test')).toBeNull();
  });

  it('waits for the domain, but for a customer whom the team has answered', async () => {
    const bench = createWorkerBench({ settings });
    await bringIn(bench, 'known@one.test');
    bench.desk.agent.reply(1, { user: defaultAgent, body: 'We look into it.', status: 'active' });
    bench.clock.advance(2 * hour);
    for (const name of ['a', 'b', 'c']) {
      expect(await bringIn(bench, `${name}@one.test`)).toBeNull();
    }
    expect(await bringIn(bench, 'd@one.test')).not.toBeNull();
    expect(await bringIn(bench, 'known@one.test')).toBeNull();
  });

  it('lets a flood of new names ask FreeScout of few senders a minute', async () => {
    const bench = createWorkerBench({ settings });
    let asked = 0;
    bench.deps.customers.isAnswered = async () => {
      asked += 1;
      return false;
    };
    for (let nth = 1; nth <= 40; nth += 1) {
      await bringIn(bench, `name${nth}@one.test`);
    }
    expect(asked).toBe(10);
  });

  it('is nobody’s at a public mail domain: sixty customers of one come in at once', async () => {
    const bench = createWorkerBench();
    for (let nth = 1; nth <= 60; nth += 1) {
      expect(await bringIn(bench, `customer${nth}@gmail.com`)).toBeNull();
    }
    expect(tickets(bench)).toBe(60);
  });
});
