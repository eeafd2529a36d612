import { describe, expect, it } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { type Remark, type RemarkCode, remarkCodes } from '#shared/intake/remark.ts';
import { threadMapKey } from '#shared/store/keys.ts';
import { dayMilliseconds } from '#shared/time/durations.ts';
import { madeUpChannel } from '#tests/support/madeUpChannel.ts';
import { createWorkerBench } from '#tests/support/workerBench.ts';

const person = (address: string): CustomerIdentity => ({
  kind: 'email',
  address,
  name: null,
  verified: true,
});
const freescout = { url: 'http://freescout.test', botUserId: 2, attempts: 1 };
const nina = person('nina@customer.example');
const otto = person('otto@customer.example');

function benchWithChannel(options: Parameters<typeof createWorkerBench>[0] = {}) {
  const source = madeUpChannel();
  const bench = createWorkerBench({ ...options, channels: source.beside });
  const arrive = (
    identity: CustomerIdentity,
    messageId: string,
    more: { noDraft?: string; remarks?: readonly Remark[]; threadId?: string } = {},
  ) => {
    const { noDraft = null, remarks = [], threadId = messageId } = more;
    source.receive(
      { messageId, threadId, text: `Text of ${messageId}`, receivedAt: bench.deps.clock.now() },
      identity,
      { remarks, verdict: { kind: 'customer', noDraft } },
    );
    return bench.work(source.jobOf(messageId));
  };
  return {
    ...bench,
    arrive,
    async receive(...message: Parameters<typeof arrive>) {
      await arrive(...message);
      await bench.drain();
    },
    notes: (id: number) =>
      (bench.desk.threadsOf.get(id) ?? []).flatMap(({ type, body }) => (type === 'note' ? [body ?? ''] : [])),
    drafts: (id: number) => (bench.desk.threadsOf.get(id) ?? []).filter(({ state }) => state === 'draft'),
    tags: async (id: number) => (await bench.client.getConversation(id))?.tags,
  };
}

describe('a message in doubt', () => {
  it('is judged and tagged, gets no draft, and its note says why', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1', { noDraft: 'bulk' });
    expect(await test.tags(1)).toEqual(['doubtful', 'customer', 'p2']);
    expect(test.notes(1)).toEqual([expect.stringContaining('No draft: it looks like a mail to many.')]);
    expect(test.drafts(1)).toEqual([]);
    expect(test.asked).toEqual(['triage']);
  });

  it('keeps its tag where the model cannot judge it', async () => {
    const test = benchWithChannel({ answers: { triage: 'refused' } });
    await test.receive(nina, 'SM1', { noDraft: 'machine' });
    expect(await test.tags(1)).toContain('doubtful');
  });

  it('gets no late draft either', async () => {
    const test = benchWithChannel({
      settings: { followUps: { enabled: true, dryRun: false } },
    });
    await test.receive(nina, 'SM1', { noDraft: 'auto-generated' });
    test.clock.advance(30 * dayMilliseconds);
    await test.work({
      kind: 'conversation',
      conversationId: 1,
      step: 'follow-up',
      cause: 'follow-ups',
      requestId: 'request-1',
    });
    expect(test.drafts(1)).toEqual([]);
    expect(test.log.of('FOLLOW_UP_NOT_DUE')).toMatchObject([{ reason: 'no-draft-wanted' }]);
  });

  it('loses its tag when a person writes there, and that message gets a draft', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1', { noDraft: 'spam', threadId: 't' });
    await test.receive(nina, 'SM2', { threadId: 't' });
    expect(await test.tags(1)).not.toContain('doubtful');
    expect(test.drafts(1)).toHaveLength(1);
  });

  it('of a sender who writes too often is not tagged as doubtful', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1', { noDraft: 'loop' });
    expect(await test.tags(1)).toEqual(['customer', 'p2']);
    expect(test.drafts(1)).toEqual([]);
  });
});

describe('what a note says of how a message came in', () => {
  it.each(remarkCodes)('has words for %s', async (code) => {
    const test = benchWithChannel({ settings: { freescout: { ...freescout, postNotes: false } } });
    await test.receive(nina, 'SM1', {
      remarks: [{ code, address: 'forms@machine.example', conversationId: 77 }],
    });
    expect(test.notes(1)).toHaveLength(1);
    expect(test.notes(1)[0]).not.toContain('undefined');
  });

  it('leaves out what only a later release has words for', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1', { remarks: [{ code: 'of-a-later-release' as RemarkCode }] });
    expect(test.notes(1)).toHaveLength(1);
    expect(test.drafts(1)).toHaveLength(1);
  });

  it('names the machine that a form was written through', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1', {
      remarks: [{ code: 'written-through', address: 'forms@machine.example' }],
    });
    expect(test.notes(1)[0]).toContain('Written through forms@machine.example');
  });

  it('speaks of every message that waits, also of one that a newer one covers', async () => {
    const test = benchWithChannel();
    await test.arrive(nina, 'SM1', {
      remarks: [{ code: 'written-through', address: 'forms@machine.example' }],
      threadId: 't',
    });
    await test.receive(nina, 'SM2', { threadId: 't' });
    expect(test.notes(1).join()).toContain('forms@machine.example');
  });
});

describe('a message that speaks of another conversation', () => {
  const telling = [
    ['stranger-in-thread', 'whose sender has no part in it. It is conversation 2.'],
    ['same-mail-elsewhere', 'It is conversation 2 there.'],
  ] as const;

  it.each(telling)('is named there once, and names it: %s', async (code, words) => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    const before = test.notes(1).length;
    await test.receive(otto, 'SM2', { remarks: [{ code, conversationId: 1 }] });
    expect(test.notes(2)[0]).toContain('conversation 1');
    expect(test.notes(1).slice(before)).toEqual([expect.stringContaining(words)]);
    await test.receive(otto, 'SM3', { threadId: 'SM2' });
    await test.work({
      kind: 'conversation',
      conversationId: 1,
      relatedRowKey: 'whatsapp:phone:SM2',
      cause: 'written',
      requestId: 'request-1',
    });
    expect(test.notes(1).slice(before)).toHaveLength(1);
  });

  it('is not named in one that is spam', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    test.desk.agent.setStatus(1, 'spam', defaultAgent);
    const before = test.notes(1).length;
    await test.receive(otto, 'SM2', { remarks: [{ code: 'stranger-in-thread', conversationId: 1 }] });
    expect(test.notes(1)).toHaveLength(before);
  });

  it('is not named for a row that says nothing of this conversation', async () => {
    const test = benchWithChannel();
    await test.receive(nina, 'SM1');
    await test.receive(otto, 'SM2');
    const before = test.notes(1).length;
    for (const relatedRowKey of ['whatsapp:phone:SM2', 'whatsapp:phone:absent', 'no key']) {
      await test.work({
        kind: 'conversation',
        conversationId: 1,
        relatedRowKey,
        cause: 'written',
        requestId: 'request-1',
      });
    }
    expect(test.notes(1)).toHaveLength(before);
  });
});

it('every thread that a notification of FreeScout can name leads to its conversation', async () => {
  const test = benchWithChannel();
  await test.receive(nina, 'SM1');
  const note = await test.client.addNote(1, { html: '<div>From a colleague</div>', cc: [], imported: false });
  await test.work({ kind: 'conversation', conversationId: 1, cause: 'webhook', requestId: 'request-1' });
  const threads = (test.desk.threadsOf.get(1) ?? []).filter(({ state }) => state === 'published');
  expect(threads.map(({ type }) => type)).toEqual(expect.arrayContaining(['customer', 'note']));
  expect(threads.map(({ id }) => id)).toContain(note.threadId);
  const keys = threads
    .filter(({ type }) => type === 'customer' || type === 'note')
    .map(({ id }) => threadMapKey.freescoutThread(id));
  expect((await test.store.threadMap.getAll(keys)).size).toBe(keys.length);
});

it('the note of a message leads to its conversation at once', async () => {
  const test = benchWithChannel();
  await test.receive(nina, 'SM1');
  const note = (test.desk.threadsOf.get(1) ?? []).find(({ type }) => type === 'note');
  const key = threadMapKey.freescoutThread(note?.id ?? 0);
  expect((await test.store.threadMap.getAll([key])).get(key)).toBe(1);
});
