import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import { unansweredCustomerMessages } from '#shared/freescout/model.ts';
import { threadKey } from '#shared/store/keys.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { type MadeUpMessage, madeUpChannel } from '#tests/support/madeUpChannel.ts';
import { createWorkerBench } from '#tests/support/workerBench.ts';

const nina: CustomerIdentity = {
  kind: 'phone',
  number: '+491701234567',
  name: 'Nina Noll',
  verified: true,
};
const pia: CustomerIdentity = { kind: 'phone', number: '+491707654321', name: null, verified: true };
const otto: CustomerIdentity = {
  kind: 'email',
  address: 'otto@customer.example',
  name: 'Otto',
  verified: true,
};

function benchWithChannel() {
  const source = madeUpChannel();
  const bench = createWorkerBench({ channels: source.beside });
  const received = (messageId: string, more: Partial<MadeUpMessage> = {}): MadeUpMessage => ({
    messageId,
    threadId: nina.kind === 'phone' ? nina.number.slice(1) : '',
    text: `Text of ${messageId}`,
    receivedAt: bench.deps.clock.now(),
    ...more,
  });
  return {
    ...bench,
    source,
    async receive(identity: CustomerIdentity, messageId: string, more: Partial<MadeUpMessage> = {}) {
      source.receive(received(messageId, more), identity);
      await bench.work(source.jobOf(messageId));
      await bench.drain();
    },
    async receiveFromTeam(messageId: string, more: Partial<MadeUpMessage> = {}) {
      source.receiveFromTeam({ ...received(messageId, more), author: 'Tom' });
      await bench.work(source.jobOf(messageId));
      await bench.drain();
    },
    row: (messageId: string) => bench.store.ledger.get(`whatsapp:phone:${messageId}`),
    /** Conversations with what customers wrote there, by the numbers and addresses of who wrote it. */
    written: () =>
      [...bench.desk.conversations.values()].map(({ id, type, customerId }) => ({
        id,
        type,
        customer: peopleOf(bench.desk.customers.get(customerId)),
        messages: (bench.desk.threadsOf.get(id) ?? [])
          .filter((thread) => thread.type === 'customer')
          .map((thread) => peopleOf(bench.desk.customers.get(thread.createdByCustomerId ?? 0))),
      })),
    notes: (id: number) => (bench.desk.threadsOf.get(id) ?? []).filter(({ type }) => type === 'note'),
  };
}

function peopleOf(
  customer: { readonly phones: readonly string[]; readonly emails: readonly { value: string }[] } | undefined,
): string {
  return [...(customer?.phones ?? []), ...(customer?.emails ?? []).map(({ value }) => value)].join(' ');
}

describe('a message of a person with a number', () => {
  it('starts a chat of that person, and the next of its thread is added to it', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    await test.receive(nina, 'SM2');
    expect(test.written()).toEqual([
      {
        id: 1,
        type: 'chat',
        customer: '+491701234567',
        messages: ['+491701234567', '+491701234567'],
      },
    ]);
    expect(test.desk.customers.get(1)).toMatchObject({ firstName: 'Nina', lastName: 'Noll' });
    expect(await test.row('SM1')).toMatchObject({ status: 'success', action: 'create', conversationId: 1 });
    expect(await test.row('SM2')).toMatchObject({ status: 'success', action: 'append', conversationId: 1 });
    expect(test.source.acknowledged).toEqual(new Set(['SM1', 'SM2']));
  });

  it('is judged, and gets a draft that is addressed to nobody', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    const threads = test.desk.threadsOf.get(1) ?? [];
    expect(threads.filter(({ state }) => state === 'draft')).toMatchObject([{ type: 'message', to: [] }]);
    const message = threads.find(({ type }) => type === 'customer');
    expect(await test.store.ledger.get(threadKey(1, message?.id ?? 0))).toMatchObject({ action: 'drafted' });
  });

  it('is named by the number where the channel tells no name', async () => {
    const test = benchWithChannel();
    await test.receive(pia, 'SM1');
    expect(test.desk.customers.get(1)).toMatchObject({ firstName: '+491707654321', lastName: null });
  });

  it('is never revived into a conversation of its own: its thread has no subject', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    test.clock.advance(400 * 86_400_000);
    await test.receive(nina, 'SM2');
    expect(test.written()).toHaveLength(1);
  });

  it('is adopted after an answer that was lost, without an address that nobody needs there', async () => {
    const test = benchWithChannel();
    test.failNext('POST', /\/conversations$/, 'timeout-after');
    await test.receive(nina, 'SM1');
    test.clock.advance(120_000);
    await test.receive(nina, 'SM1');
    expect(test.written()).toMatchObject([{ messages: ['+491701234567'] }]);
    expect(await test.row('SM1')).toMatchObject({ status: 'success', action: 'create' });
    expect(test.log.of('WRITE_FINISHED')).toEqual([]);
  });

  it('of which an older ledger knows nothing is found among the conversations of its number', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    test.clock.advance(86_400_000);
    const store = createInMemoryStore({ clock: test.deps.clock });
    const job = { ...test.source.jobOf('SM1'), cause: 'replay' };
    await test.work(job, { deps: { store } });
    expect(await store.ledger.get('whatsapp:phone:SM1')).toMatchObject({
      status: 'success',
      action: 'create',
      conversationId: 1,
    });
    expect(test.written()).toMatchObject([{ messages: ['+491701234567'] }]);
  });

  it('goes where people merged its conversation to', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    await test.receive(nina, 'SM2', { threadId: 'other' });
    test.desk.agent.merge(2, 1, defaultAgent);
    await test.receive(nina, 'SM3');
    expect(await test.row('SM3')).toMatchObject({ action: 'append', conversationId: 2 });
  });

  it('has no part in a conversation because of what it says that it answers', async () => {
    const test = benchWithChannel();
    await test.receive(otto, 'SM1', { threadId: 'otto' });
    const thread = test.desk.threadsOf.get(1)?.find(({ type }) => type === 'customer');
    await test.store.threadMap.putAll([{ key: `freescout:${thread?.id ?? 0}`, conversationId: 1 }]);
    const message = { messageId: 'SM2', threadId: 'nina', text: 'x', receivedAt: test.deps.clock.now() };
    test.source.receive(message, nina, { answers: [`freescout:${thread?.id ?? 0}`] });
    await test.work(test.source.jobOf('SM2'));
    expect(test.written()).toMatchObject([{ type: 'email' }, { type: 'chat', customer: '+491701234567' }]);
    expect(await test.row('SM2')).toMatchObject({
      related: { conversationId: 1, why: 'sender-has-no-part' },
    });
  });
});

describe('a message of any channel', () => {
  it('joins the conversation that it was written in, whatever its thread, which stays where it is', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    await test.receive(otto, 'SM2', { threadId: 'otto' });
    await test.receive(otto, 'SM3', { target: 2 });
    await test.receive(nina, 'SM4');
    expect(test.written().map(({ messages }) => messages)).toEqual([
      ['+491701234567', '+491701234567'],
      ['otto@customer.example', 'otto@customer.example'],
    ]);
  });

  it('starts a conversation of its own when the one it was written in is gone', async () => {
    const test = benchWithChannel();
    await test.receive(otto, 'SM1', { target: 99 });
    expect(test.written()).toMatchObject([{ type: 'email', messages: ['otto@customer.example'] }]);
  });

  it.each([
    ['is filtered when the channel says so', { kind: 'filtered', reason: 'bulk' }],
    [
      'is filtered when it reports about nothing that is known',
      { kind: 'report', reason: 'bulk', about: [] },
    ],
  ] as const)('%s, unless the operator restored it', async (_, verdict) => {
    const test = benchWithChannel();
    const message = { messageId: 'SM1', threadId: 'nina', text: 'x', receivedAt: test.deps.clock.now() };
    test.source.receive(message, nina, { verdict });
    await test.work(test.source.jobOf('SM1'));
    expect(await test.row('SM1')).toMatchObject({ status: 'filtered', reason: 'bulk' });
    await test.store.ledger.reopen('whatsapp:phone:SM1', { ticketAnyway: true });
    await test.work({ ...test.source.jobOf('SM1'), cause: 'replay' });
    expect(await test.row('SM1')).toMatchObject({ status: 'success', action: 'create' });
  });

  it('gets no draft where the channel gives a reason', async () => {
    const test = benchWithChannel();
    const message = { messageId: 'SM1', threadId: 'nina', text: 'x', receivedAt: test.deps.clock.now() };
    test.source.receive(message, nina, { verdict: { kind: 'customer', noDraft: 'loop' } });
    await test.work(test.source.jobOf('SM1'));
    await test.drain();
    expect(test.desk.threadsOf.get(1)?.filter(({ state }) => state === 'draft')).toEqual([]);
  });

  it('is filtered when it is gone at its source, and fails with its reason when its channel is', async () => {
    const test = benchWithChannel();
    await test.work(test.source.jobOf('SM1'));
    expect(await test.row('SM1')).toMatchObject({ status: 'filtered', reason: 'gone' });
    await test.work({ ...test.source.jobOf('SM2'), alias: 'left' });
    expect(await test.store.ledger.get('whatsapp:left:SM2')).toMatchObject({
      status: 'failed',
      reason: 'job-malformed',
      retryable: false,
    });
  });
});

describe('a message of the team from elsewhere', () => {
  it('becomes one silent note of the conversation of its thread, which is looked at again', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    await test.receiveFromTeam('SM2');
    const written = test.notes(1).filter(({ body }) => body?.includes('Text of SM2'));
    expect(written).toMatchObject([{ imported: true, body: expect.stringContaining('Tom wrote:') }]);
    expect(markerNames(written[0]?.body ?? '')).toEqual(['team:whatsapp:phone:SM2']);
    expect(test.written()).toMatchObject([{ messages: ['+491701234567'] }]);
    expect(await test.row('SM2')).toMatchObject({
      status: 'success',
      action: 'note',
      reason: 'team',
      conversationId: 1,
      threadId: written[0]?.id,
    });
    const after = test.queue.jobs.findLastIndex(({ job }) => job.kind === 'incoming-message');
    expect(test.queue.jobs.slice(after + 1).map(({ job }) => job)).toMatchObject([
      { kind: 'conversation', conversationId: 1, cause: 'written' },
    ]);
  });

  it('becomes a note of the conversation that it was written for, whatever its thread', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    await test.receive(otto, 'SM2', { threadId: 'otto' });
    await test.receiveFromTeam('SM3', { target: 2 });
    expect(test.notes(1).filter(({ body }) => body?.includes('SM3'))).toEqual([]);
    expect(await test.row('SM3')).toMatchObject({ action: 'note', conversationId: 2 });
  });

  it.each([30_000, 3_600_000])(
    'is no answer to what the customer wrote after it, brought in %i ms later',
    async (lateMilliseconds) => {
      const test = benchWithChannel();
      await test.receive(nina, 'SM1');
      test.clock.advance(60_000);
      const receivedAt = test.deps.clock.now();
      test.clock.advance(5_000);
      await test.receive(nina, 'SM3');
      test.clock.advance(lateMilliseconds);
      await test.receiveFromTeam('SM2', { receivedAt });
      const read = await test.client.getConversation(1);
      expect(read === null ? null : unansweredCustomerMessages(read)).toMatchObject([
        { body: expect.stringContaining('Text of SM3') },
      ]);
    },
  );

  it('stands where it came in when it is brought in late', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    test.clock.advance(60_000);
    const receivedAt = test.deps.clock.now();
    test.clock.advance(3_600_000);
    await test.receiveFromTeam('SM2', { receivedAt });
    const note = test.notes(1).find(({ body }) => body?.includes('SM2'));
    expect(note?.createdAt).toContain(receivedAt.toISOString().slice(0, 19));
  });

  it.each([['timeout-after'], ['500-after']] as const)(
    'is noted once when the answer is lost (%s)',
    async (fault) => {
      const test = benchWithChannel();
      await test.receive(nina, 'SM1');
      test.failNext('POST', /\/threads$/, fault);
      await test.receiveFromTeam('SM2');
      test.clock.advance(120_000);
      await test.work({ ...test.source.jobOf('SM2'), conversationId: 1 });
      expect(test.notes(1).filter(({ body }) => body?.includes('SM2'))).toHaveLength(1);
      expect(await test.row('SM2')).toMatchObject({ status: 'success', action: 'note', reason: 'team' });
    },
  );

  it('is noted once when the ledger was lost', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    await test.receiveFromTeam('SM2');
    const store = createInMemoryStore({ clock: test.deps.clock });
    const job = { ...test.source.jobOf('SM2'), cause: 'replay', conversationId: 1 };
    await test.work(job, { deps: { store } });
    expect(test.notes(1).filter(({ body }) => body?.includes('SM2'))).toHaveLength(1);
    expect(await store.ledger.get('whatsapp:phone:SM2')).toMatchObject({ action: 'note', reason: 'team' });
  });

  it('finds the conversation whose beginning was never recorded', async () => {
    const test = benchWithChannel();
    test.failNext('POST', /\/conversations$/, 'timeout-after');
    await test.receive(nina, 'SM1');
    test.clock.advance(120_000);
    await test.receiveFromTeam('SM2');
    expect(await test.row('SM2')).toMatchObject({ action: 'note', conversationId: 1 });
  });

  it('waits where no conversation is known, until the customer’s message has been found', async () => {
    const test = benchWithChannel();
    const receivedAt = test.deps.clock.now();
    await test.receiveFromTeam('SM2', { receivedAt });
    expect(await test.row('SM2')).toMatchObject({ status: 'deferred', reason: 'thread-pending' });
    test.clock.advance(3_600_000);
    await test.receive(nina, 'SM1', { receivedAt: new Date(receivedAt.getTime() - 1000) });
    await test.work({ ...test.source.jobOf('SM2'), cause: 'wake' });
    await test.drain();
    expect(await test.row('SM2')).toMatchObject({ action: 'note', conversationId: 1 });
    const read = await test.client.getConversation(1);
    expect(read === null ? null : unansweredCustomerMessages(read)).toEqual([]);
  });

  it('is filtered with its reason where no conversation is known in the end, or it is gone', async () => {
    const test = benchWithChannel();
    await test.receiveFromTeam('SM1', { receivedAt: new Date(test.deps.clock.now().getTime() - 5_400_000) });
    expect(await test.row('SM1')).toMatchObject({ status: 'filtered', reason: 'no-conversation' });
    await test.receiveFromTeam('SM2', { target: 99 });
    expect(await test.row('SM2')).toMatchObject({ status: 'filtered', reason: 'conversation-gone' });
    expect(test.desk.conversations.size).toBe(0);
  });
});
