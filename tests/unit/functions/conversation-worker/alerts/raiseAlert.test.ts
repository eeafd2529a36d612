import { describe, expect, it } from 'vitest';
import { raiseAlert } from '#functions/conversation-worker/alerts/raiseAlert.ts';
import type { AlertKind } from '#shared/alerts/alertKinds.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { alertKey } from '#shared/store/keys.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const hour = 3_600_000;

/** A bench, and what raises an alert about the conversation of that number, which that address began. */
async function alertBench() {
  const bench = createWorkerBench();
  await bench.client.createConversation({
    mailboxId: 1,
    subject: 'Help',
    customer: { email: 'ida@one.test' },
    html: 'Help',
    attachments: [],
    cc: [],
    imported: true,
  });
  const like = await bench.client.getConversation(1);
  if (like === null) {
    throw new Error('There is no conversation.');
  }
  const raise = (id: number, email: string, alert: AlertKind = 'p0') => {
    const customer = { ...like.customer, email } as Conversation['customer'];
    const conversation = {
      ...like,
      id,
      customer,
      threads: like.threads.map((thread) => ({ ...thread, customer })),
    };
    return raiseAlert(bench.deps, conversation, { cause: 'written', requestId: 'r' }, alert);
  };
  return { ...bench, raise };
}

const single = (bench: Pick<WorkerBench, 'queue'>) =>
  bench.queue.jobs.flatMap(({ job }) => (job.kind === 'alert' ? [job.conversationId] : []));
const gathered = async (bench: Pick<WorkerBench, 'store'>) =>
  (await bench.store.ledger.listByStatus('filtered', { limit: 500, reason: 'gathered' })).map(
    ({ key }) => key,
  );

describe('alerts of one kind within an hour', () => {
  it('are told one by one up to ten, the others are gathered, and it begins anew with the hour', async () => {
    const bench = await alertBench();
    for (let id = 1; id <= 13; id += 1) {
      await bench.raise(id, `someone@${id}.example`);
    }
    expect(single(bench)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await gathered(bench)).toEqual([11, 12, 13].map((id) => alertKey(id, 'p0')));
    await bench.raise(14, 'someone@14.example', 'loop');
    bench.clock.advance(hour);
    await bench.raise(15, 'someone@15.example');
    expect(single(bench).slice(10)).toEqual([14, 15]);
  });

  it('about one flood leave room for what others write', async () => {
    const bench = await alertBench();
    for (let id = 1; id <= 110; id += 1) {
      await bench.raise(id, `z+${id}@one.test`);
    }
    await bench.raise(200, 'genuine@customer.example');
    expect(single(bench)).toEqual([1, 2, 3, 200]);
    expect(await gathered(bench)).toHaveLength(107);
  });

  it('stay what they are when they are raised again', async () => {
    const bench = await alertBench();
    for (let id = 1; id <= 5; id += 1) {
      await bench.raise(id, `z+${id}@one.test`);
    }
    for (let id = 1; id <= 5; id += 1) {
      await bench.raise(id, `z+${id}@one.test`);
    }
    expect([...new Set(single(bench))]).toEqual([1, 2, 3]);
    expect(await gathered(bench)).toEqual([4, 5].map((id) => alertKey(id, 'p0')));
  });
});
