import { describe, expect, it } from 'vitest';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const mailJob = {
  kind: 'incoming-message',
  channel: 'gmail',
  alias: 'support',
  messageId: 'm1',
  threadId: 't1',
  cause: 'poll',
  requestId: 'run-1',
};

/** Google found that the sender's domain sent the mail, as it does with most. */
const proven = { 'Authentication-Results': 'mx.google.com; dmarc=pass header.from=customer.example' };

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

async function bringIn(bench: WorkerBench, headers: MailHeaders = {}, number = 1): Promise<void> {
  const [messageId, gmailThreadId] = [`m${number}`, `t${number}`];
  const raw = buildMail({ To: 'support@example.com', ...headers });
  bench.gmail.deliver({ messageId, gmailThreadId, raw });
  await bench.work({ ...mailJob, messageId, threadId: gmailThreadId });
  await bench.drain();
}

describe('what a new mail asks of others', () => {
  it('is at most six calls to FreeScout, a judgement and a reply', async () => {
    const { bench, calls } = countingBench();
    await bringIn(bench, proven);
    expect(bench.desk.threadsOf.get(1)?.map(({ type, state }) => `${type} ${state}`)).toEqual([
      'customer published',
      'note published',
      'message draft',
    ]);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(6);
    expect(bench.asked).toEqual(['triage', 'draft']);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['', { 1: 'p3', 2: 'p2', 3: 'p1', 4: 'p0' }, ['PUT /api/conversations/2/custom_fields']],
    [' and none with one that lacks the value', { 1: 'p3' }, []],
  ])('is one call more with a custom field%s, once its options are known', async (_, options, ofField) => {
    const { bench, calls } = countingBench({ priorityFieldId: 3 });
    const field = { id: 3, mailboxId: 1, name: 'Priority', required: false, sortOrder: 1 };
    bench.desk.customFields.set(3, { ...field, type: 'dropdown', options });
    await bringIn(bench);
    expect(calls).toContain('GET /api/mailboxes/1/custom_fields');
    const before = calls.length;

    await bringIn(bench, { From: 'Lee <lee@example.net>', 'Message-ID': '<other@example.net>' }, 2);

    const second = calls.slice(before);
    expect(second.filter((call) => call.includes('custom_fields'))).toEqual(ofField);
    expect(second.length, second.join('\n')).toBeLessThanOrEqual(6 + ofField.length);
  });

  it('is one call more for the users, once, when nothing proves who sent it', async () => {
    const { bench, calls } = countingBench();
    await bringIn(bench);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(7);
    await bringIn(bench, { 'Message-ID': '<other@customer.example>' }, 2);
    expect(calls.filter((call) => call === 'GET /api/users')).toHaveLength(1);
  });

  it('is one call more with somebody to assign it to', async () => {
    const { bench, calls } = countingBench({ assignTo: 1 });
    await bringIn(bench, proven);
    expect(bench.desk.conversations.get(1)?.assigneeId).toBe(1);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(7);
  });

  it('is nothing when the mail is filtered', async () => {
    const { bench, calls } = countingBench();
    await bringIn(bench, { 'Auto-Submitted': 'auto-replied' });
    expect(bench.log.of('MAIL_FILTERED')).toHaveLength(1);
    expect(calls).toEqual([]);
    expect(bench.asked).toEqual([]);
  });

  it('is whether the sender is a customer when the mail is bulk', async () => {
    const { bench, calls } = countingBench();
    await bringIn(bench, {
      From: 'News <no-reply@shop.example>',
      'List-Id': '<news.shop.example>',
      'List-Unsubscribe': '<https://shop.example/u>',
      Precedence: 'bulk',
    });
    expect(bench.log.of('MAIL_FILTERED')).toHaveLength(1);
    expect(calls).toHaveLength(1);
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
