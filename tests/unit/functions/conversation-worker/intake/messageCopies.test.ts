import { describe, expect, it } from 'vitest';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import type { MessageKey } from '#shared/store/keys.ts';
import { madeUpChannel } from '#tests/support/madeUpChannel.ts';
import { createWorkerBench } from '#tests/support/workerBench.ts';

const nina: CustomerIdentity = {
  kind: 'email',
  address: 'nina@customer.example',
  name: null,
  verified: true,
};

/** Three ways in: `first` and `second` feed mailbox 1, `elsewhere` feeds mailbox 2. */
function benchWithChannels() {
  const sources = {
    first: madeUpChannel({ alias: 'first', mailboxId: 1 }),
    second: madeUpChannel({ alias: 'second', mailboxId: 1 }),
    elsewhere: madeUpChannel({ alias: 'elsewhere', mailboxId: 2 }),
  };
  const bench = createWorkerBench({
    settings: {
      channels: [
        { kind: 'gmail', alias: 'support', address: 'support@desk.example', mailboxId: 1 },
        { kind: 'gmail', alias: 'sales', address: 'sales@desk.example', mailboxId: 2 },
      ],
    },
    channels: (others) => sources.first.beside(sources.second.beside(sources.elsewhere.beside(others))),
  });
  const [support] = bench.desk.mailboxes.values();
  if (support !== undefined) {
    bench.desk.mailboxes.set(2, { ...support, id: 2, email: 'sales@desk.example' });
  }
  type Way = keyof typeof sources;
  const keyOf = (way: Way, messageId: string): MessageKey => `whatsapp:${way}:${messageId}`;
  return {
    ...bench,
    keyOf,
    arrive(
      way: Way,
      messageId: string,
      contentDigest = 'same',
      {
        target = null,
        idDigest = 'id',
      }: { readonly target?: number | null; readonly idDigest?: string } = {},
    ) {
      sources[way].receive(
        { messageId, threadId: messageId, target, text: 'Where is it?', receivedAt: bench.deps.clock.now() },
        nina,
        { digests: { idDigest, contentDigest } },
      );
      return bench.work(sources[way].jobOf(messageId));
    },
    again: (way: Way, messageId: string) => bench.work(sources[way].jobOf(messageId)),
    row: (way: Way, messageId: string) => bench.store.ledger.get(keyOf(way, messageId)),
    notes: (id: number) =>
      (bench.desk.threadsOf.get(id) ?? []).flatMap(({ type, body }) => (type === 'note' ? [body ?? ''] : [])),
    claim: (way: Way, messageId: string, lastDelivery = false) =>
      bench.store.ledger.claim(keyOf(way, messageId), { owner: 'other', leaseSeconds: 60, lastDelivery }),
  };
}

describe('a message whose id came in before', () => {
  it.each(['first', 'second'] as const)(
    'is one entry in one mailbox when it is a copy (by %s)',
    async (way) => {
      const test = benchWithChannels();
      await test.arrive('first', 'SM1');
      await test.arrive(way, 'SM2');
      await test.drain();
      expect(test.desk.conversations.size).toBe(1);
      expect(await test.row(way, 'SM2')).toMatchObject({ status: 'filtered', reason: 'double' });
    },
  );

  it('is an entry of its own when it differs, and its note names the first', async () => {
    const test = benchWithChannels();
    await test.arrive('first', 'SM1');
    await test.arrive('second', 'SM2', 'different');
    await test.drain();
    expect(await test.row('second', 'SM2')).toMatchObject({ status: 'success', conversationId: 2 });
    expect(test.notes(2)[0]).toContain('same Message-ID is in conversation 1');
    expect(test.notes(1).join()).not.toContain('conversation 2');
  });

  it('is an entry in each of two mailboxes, and each note names the other', async () => {
    const test = benchWithChannels();
    await test.arrive('first', 'SM1');
    await test.arrive('elsewhere', 'SM2');
    await test.drain();
    expect([...test.desk.conversations.values()].map(({ mailboxId }) => mailboxId)).toEqual([1, 2]);
    expect(test.notes(2)[0]).toContain('see conversation 1');
    expect(test.notes(1).at(-1)).toContain('conversation 2 there');
  });

  it('stays one entry however often its job comes', async () => {
    const test = benchWithChannels();
    await test.arrive('first', 'SM1');
    await test.arrive('second', 'SM2');
    await test.again('second', 'SM2');
    await test.again('first', 'SM1');
    expect(test.desk.conversations.size).toBe(1);
  });

  it('is brought in when the first was not: it was filtered, or failed for good', async () => {
    const test = benchWithChannels();
    const first = { key: test.keyOf('first', 'SM1'), contentDigest: 'same' };
    await test.store.state.enterMessage('id', 1, first);
    await test.store.ledger.settle([
      { key: first.key, outcome: { status: 'filtered', reason: 'label:SPAM' } },
    ]);
    await test.arrive('second', 'SM2');
    expect(await test.row('second', 'SM2')).toMatchObject({ status: 'success' });
    await test.arrive('first', 'SM3');
    expect(await test.row('first', 'SM3')).toMatchObject({ reason: 'double' });
  });

  it('waits while the first is brought in, and until it is known what the first has written', async () => {
    const test = benchWithChannels();
    const first = { key: test.keyOf('first', 'SM1'), contentDigest: 'same' };
    await test.store.state.enterMessage('id', 1, first);
    await test.claim('first', 'SM1');
    expect(await test.arrive('second', 'SM2')).toMatchObject({ end: 'back-to-queue' });
    await test.store.ledger.progress(first.key, 'other', {
      writeStartedAt: test.deps.clock.now().toISOString(),
    });
    await test.store.ledger.finish(first.key, 'other', {
      status: 'failed',
      reason: 'freescout-unanswered',
      retryable: true,
    });
    expect(await test.again('second', 'SM2')).toMatchObject({ end: 'back-to-queue' });
    expect(test.desk.conversations.size).toBe(0);
  });

  it('is one entry when both go on in one conversation, whose group works on neither yet', async () => {
    const test = benchWithChannels();
    await test.arrive('first', 'SM0', 'question', { idDigest: 'question' });
    await test.drain();
    await test.arrive('first', 'SM1', 'same', { target: 1 });
    await test.arrive('second', 'SM2', 'same', { target: 1 });
    await test.drain();
    const messages = (test.desk.threadsOf.get(1) ?? []).filter(({ type }) => type === 'customer');
    expect(messages).toHaveLength(2);
    const rows = [await test.row('first', 'SM1'), await test.row('second', 'SM2')];
    expect(rows.map((row) => row?.reason ?? row?.status).toSorted()).toEqual(['double', 'success']);
  });

  it('of two that come into two mailboxes at once, one waits for the other', async () => {
    const test = benchWithChannels();
    const elsewhere = { key: test.keyOf('elsewhere', 'SM1'), contentDigest: 'same' };
    await test.store.state.enterMessage('id', 2, elsewhere);
    await test.claim('elsewhere', 'SM1');
    expect(await test.arrive('second', 'SM2')).toMatchObject({ end: 'back-to-queue' });
    expect(await test.arrive('elsewhere', 'SM0')).toMatchObject({ end: 'back-to-queue' });
    const before = { key: test.keyOf('second', 'SM2'), contentDigest: 'same' };
    expect(before.key > elsewhere.key).toBe(true);
  });

  it('comes in all the same when the operator restores it', async () => {
    const test = benchWithChannels();
    await test.arrive('first', 'SM1');
    await test.arrive('second', 'SM2');
    await test.store.ledger.reopen(test.keyOf('second', 'SM2'), { ticketAnyway: true });
    await test.again('second', 'SM2');
    expect(await test.row('second', 'SM2')).toMatchObject({ status: 'success', conversationId: 2 });
  });
});
