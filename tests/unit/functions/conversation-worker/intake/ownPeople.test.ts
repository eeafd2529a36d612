import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

async function receive(bench: WorkerBench, id: string, headers: MailHeaders, body?: string) {
  const raw = buildMail(
    { To: 'support@example.com', 'Message-ID': `<${id}@mail.example>`, ...headers },
    body,
  );
  bench.gmail.deliver({ messageId: id, gmailThreadId: id, raw });
  await bench.work({
    kind: 'incoming-message',
    channel: 'gmail',
    alias: 'support',
    messageId: id,
    threadId: id,
    cause: 'poll',
    requestId: 'run-1',
  });
  await bench.drain();
  return bench.store.ledger.get(`gmail:support:${id}`);
}

/** An agent whose address in FreeScout is at a domain that is none of ours. */
function agentOf({ desk }: WorkerBench) {
  const user = desk.users.get(defaultAgent);
  if (user !== undefined) {
    user.email = 'Ada@Agency.example';
  }
  return {
    From: 'Ada Admin <ada@agency.example>',
    proof: { 'Authentication-Results': 'mx.google.com; dmarc=pass header.from=agency.example' },
  };
}

const conversationsOf = ({ desk }: WorkerBench) =>
  [...desk.conversations.values()].filter(({ type }) => type === 'email');

describe('the answer of a user of FreeScout to a notification', () => {
  it('becomes a note of the conversation that it told of, and answers nobody', async () => {
    const bench = createWorkerBench();
    const { From, proof } = agentOf(bench);
    const first = await receive(bench, 'm1', {});
    const answer = { 'In-Reply-To': `<FS_notify-${first?.threadId}-${defaultAgent}-1793700000@example.com>` };
    const row = await receive(bench, 'm2', { From, ...proof, ...answer }, 'Send him a new one.');
    expect(row).toMatchObject({ status: 'success', action: 'note', conversationId: first?.conversationId });
    expect(conversationsOf(bench)).toHaveLength(1);
    const note = bench.desk.threads.get(row?.threadId ?? 0);
    expect(note?.type).toBe('note');
    expect(note?.body).toContain('The customer did not get this');
    expect(note?.body).toContain('Send him a new one.');
  });

  it('finds the conversation also by a thread that FreeScout made when it was assigned', async () => {
    const bench = createWorkerBench();
    const { From, proof } = agentOf(bench);
    const first = await receive(bench, 'm1', {});
    const conversationId = first?.conversationId ?? 0;
    await bench.client.assign(conversationId, defaultAgent);
    const made = bench.desk.threadsOf.get(conversationId)?.find(({ type }) => type === 'lineitem');
    const answer = { 'In-Reply-To': `<FS_notify-${made?.id}-${defaultAgent}-1793700000@example.com>` };
    const row = await receive(bench, 'm2', { From, ...proof, ...answer }, 'Send him a new one.');
    expect(row).toMatchObject({ status: 'success', action: 'note', conversationId });
  });

  it('is a ticket without a draft when nothing proves who sent it', async () => {
    const bench = createWorkerBench();
    const { From } = agentOf(bench);
    const first = await receive(bench, 'm1', {});
    const answer = { 'In-Reply-To': `<FS_notify-${first?.threadId}-${defaultAgent}-1793700000@example.com>` };
    const row = await receive(bench, 'm2', { From, ...answer });
    expect(row).toMatchObject({ action: 'create', noDraft: 'unproven-own' });
    const drafts = bench.desk.threadsOf
      .get(row?.conversationId ?? 0)
      ?.filter(({ state }) => state === 'draft');
    expect(drafts).toEqual([]);
  });
});

it('a forward by a user of FreeScout is a conversation of its author, with a draft to them alone', async () => {
  const bench = createWorkerBench();
  const { From, proof } = agentOf(bench);
  const text =
    '---------- Forwarded message ---------\nFrom: Ola <ola@privat.example>\nDate: Mon, 30 Nov 2026\nSubject: Lamp\nTo: <x@y.example>\n\nThe lamp is broken.';
  const row = await receive(
    bench,
    'm1',
    { From, ...proof, Cc: 'boss@y.example', Subject: 'Fwd: Lamp' },
    text,
  );
  const conversation = await bench.client.getConversation(row?.conversationId ?? 0);
  expect(conversation).toMatchObject({ customer: { email: 'ola@privat.example' }, cc: [] });
  expect(row?.remarks).toMatchObject([{ code: 'forwarded-by' }]);
  const draft = bench.desk.threadsOf.get(conversation?.id ?? 0)?.find(({ state }) => state === 'draft');
  expect(draft?.cc).toEqual([]);
});
