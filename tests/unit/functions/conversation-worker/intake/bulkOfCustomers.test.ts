import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { doubtfulTag } from '#shared/triage/buckets.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const newsletter: MailHeaders = {
  'List-Id': '<news.customer.example>',
  'List-Unsubscribe': '<https://customer.example/u>',
  Precedence: 'bulk',
};

function receive(bench: WorkerBench, messageId: string, headers: MailHeaders = {}) {
  const raw = buildMail({
    To: 'support@example.com',
    'Message-ID': `<${messageId}@customer.example>`,
    ...headers,
  });
  bench.gmail.deliver({ messageId, gmailThreadId: messageId, raw });
  return bench.work({
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId,
    threadId: messageId,
    cause: 'poll',
    requestId: 'run-1',
  });
}

/** A conversation of the sender, and then the bulk mail. Its row in the ledger. */
async function bulkAfter(prepare: (bench: WorkerBench) => unknown, headers: MailHeaders = {}) {
  const bench = createWorkerBench();
  await receive(bench, 'm1', headers);
  await prepare(bench);
  await receive(bench, 'm2', newsletter);
  return bench.store.ledger.get('gmail:support:m2');
}

const filtered = { status: 'filtered', reason: 'bulk' };
const ticketed = { noDraft: 'bulk' };

describe('bulk', () => {
  it('of somebody who has no conversation is filtered', async () => {
    expect(await bulkAfter(() => {}, { From: 'Bob <bob@else.example>' })).toMatchObject(filtered);
  });

  it('of somebody who has a conversation becomes a ticket', async () => {
    expect(await bulkAfter(() => {})).toMatchObject(ticketed);
  });

  it('of somebody whose only conversation is in doubt is filtered, until an agent answered it', async () => {
    const tagAsDoubtful = ({ client }: WorkerBench) => client.setTags(1, [doubtfulTag]);
    expect(await bulkAfter(tagAsDoubtful)).toMatchObject(filtered);
    const tagAndAnswer = async (bench: WorkerBench) => {
      await tagAsDoubtful(bench);
      bench.desk.agent.reply(1, { user: defaultAgent, body: 'Here it is.', status: 'active' });
      bench.clock.advance(60_000);
    };
    expect(await bulkAfter(tagAndAnswer)).toMatchObject(ticketed);
  });

  it('of somebody whose only conversation is spam, or deleted, is filtered', async () => {
    const markAsSpam = ({ desk }: WorkerBench) => desk.agent.setStatus(1, 'spam', defaultAgent);
    expect(await bulkAfter(markAsSpam)).toMatchObject(filtered);
    const remove = ({ desk }: WorkerBench) => desk.agent.trash(1, defaultAgent);
    expect(await bulkAfter(remove)).toMatchObject(filtered);
  });

  it('waits while FreeScout cannot be asked', async () => {
    const bench = createWorkerBench();
    bench.failNext('GET', /conversations/, 503);
    expect(await receive(bench, 'm1', newsletter)).toMatchObject({ end: 'back-to-queue' });
    expect((await bench.store.ledger.get('gmail:support:m1'))?.status).not.toBe('filtered');
  });
});
