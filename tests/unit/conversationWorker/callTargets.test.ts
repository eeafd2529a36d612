import { describe, expect, it } from 'vitest';
import { defaultBot } from '#infra/local/freescout/model.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const mailJob = {
  kind: 'gmail-message',
  account: 'support',
  messageId: 'm1',
  gmailThreadId: 't1',
  cause: 'poll',
  requestId: 'run-1',
};

/** A bench that writes down what it asks of FreeScout and of the model. */
function countingBench(freescout: object = {}) {
  const calls: string[] = [];
  const bench = createWorkerBench({
    settings: {
      freescout: { url: 'http://freescout.test', botUserId: defaultBot, attempts: 1, ...freescout },
    },
    faultOf: ({ method, path }) => {
      calls.push(`${method} ${path}`);
      return null;
    },
  });
  return { bench, calls };
}

async function bringIn(bench: WorkerBench, headers: MailHeaders = {}): Promise<void> {
  const { messageId, gmailThreadId } = mailJob;
  const raw = buildMail({ To: 'support@example.com', ...headers });
  bench.gmail.deliver({ messageId, gmailThreadId, raw });
  await bench.work(mailJob);
  await bench.drain();
}

describe('what a new mail asks of others', () => {
  it('is at most six calls to FreeScout, a judgement and a reply', async () => {
    const { bench, calls } = countingBench();
    await bringIn(bench);
    expect(bench.desk.threadsOf.get(1)?.map(({ type, state }) => `${type} ${state}`)).toEqual([
      'customer published',
      'note published',
      'message draft',
    ]);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(6);
    expect(bench.asked).toEqual(['triage', 'draft']);
  });

  it('is one call more with a custom field', async () => {
    const { bench, calls } = countingBench({ priorityFieldId: 3 });
    bench.desk.customFields.set(3, {
      id: 3,
      mailboxId: 1,
      name: 'Priority',
      type: 'singleline',
      options: {},
      required: false,
      sortOrder: 1,
    });
    await bringIn(bench);
    expect(
      calls.some((call) => call.includes('custom_fields')),
      calls.join('\n'),
    ).toBe(true);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(7);
  });

  it('is one call more with somebody to assign it to', async () => {
    const { bench, calls } = countingBench({ assignTo: 1 });
    await bringIn(bench);
    expect(bench.desk.conversations.get(1)?.assigneeId).toBe(1);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(7);
  });

  it('is nothing when the mail is filtered', async () => {
    const { bench, calls } = countingBench();
    await bringIn(bench, {
      From: 'News <no-reply@shop.example>',
      'List-Id': '<news.shop.example>',
      'List-Unsubscribe': '<https://shop.example/u>',
      Precedence: 'bulk',
    });
    expect(bench.log.of('MAIL_FILTERED')).toHaveLength(1);
    expect(calls).toEqual([]);
    expect(bench.asked).toEqual([]);
  });
});

describe('what a webhook asks of others', () => {
  it.each(['that echoes our own writing', 'that comes again'])('%s is one read', async (which) => {
    const { bench, calls } = countingBench();
    await bringIn(bench);
    const echo = { kind: 'conversation', conversationId: 1, cause: 'webhook', requestId: 'hook-1' };
    if (which === 'that comes again') {
      await bench.work(echo);
    }
    const [before, asked] = [calls.length, bench.asked.length];
    await bench.work(echo);
    expect(calls.slice(before)).toEqual(['GET /api/conversations/1']);
    expect(bench.asked).toHaveLength(asked);
  });
});
