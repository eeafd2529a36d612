import { describe, expect, it } from 'vitest';
import type { AlertKind } from '#shared/alerts/alertKinds.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { undelivered } from '#shared/alerts/undelivered.ts';
import { alertKey, digestKey, messageKey } from '#shared/store/keys.ts';
import { dayMilliseconds, hourMilliseconds } from '#shared/time/durations.ts';
import { createWorkerBench, type WorkerBench } from '#tests/support/workerBench.ts';

const key = digestKey('filtered', '2026-11-20');
const job = { kind: 'digest', digest: 'filtered', day: '2026-11-20', cause: 'sweep', requestId: 'r' };

/** Two mails are filtered on the day of the digest, one on the day before and one on the day after. */
async function digestBench({ refusals = 0, configured = true } = {}) {
  const bench = createWorkerBench();
  const taken: Alert[] = [];
  let left = refusals;
  const channel = {
    name: 'slack' as const,
    async send(alert: Alert) {
      if (left > 0) {
        left -= 1;
        throw undelivered('slack', 'it answered 500');
      }
      taken.push(alert);
    },
  };
  let mails = 0;
  const filter = (reason: string) => {
    mails += 1;
    return bench.store.ledger.settle([
      { key: messageKey('gmail', 'support', `m${mails}`), outcome: { status: 'filtered', reason } },
    ]);
  };
  bench.clock.advance(-12 * hourMilliseconds);
  await filter('spam');
  bench.clock.advance(12 * hourMilliseconds);
  await filter('bulk');
  await filter('own');
  await filter('auto-reply');
  bench.clock.advance(dayMilliseconds);
  await filter('bulk');
  return {
    ...bench,
    taken,
    send: (sent: object = job) =>
      bench.work(sent, { deps: { alertChannels: async () => (configured ? [channel] : []) } }),
  };
}

describe('the line of an hour', () => {
  const gathered = { ...job, digest: 'gathered', day: '2026-11-20T10' };
  const gather = (bench: WorkerBench, ids: readonly number[], alert: AlertKind = 'p0') =>
    bench.store.ledger.settle(
      ids.map((id) => ({ key: alertKey(id, alert), outcome: { status: 'filtered', reason: 'gathered' } })),
    );

  it('tells once of the gathered alerts of that hour alone, and names their conversations up to a bound', async () => {
    const test = await digestBench();
    test.clock.advance(-dayMilliseconds - hourMilliseconds);
    await gather(test, [900]);
    test.clock.advance(hourMilliseconds);
    await gather(
      test,
      Array.from({ length: 24 }, (_, index) => index + 1),
    );
    await gather(test, [24], 'loop');
    test.clock.advance(hourMilliseconds);
    await gather(test, [901]);
    await test.send(gathered);
    await test.send(gathered);
    expect(test.taken.map(({ title }) => title)).toEqual(['25 more alerts like those of 10:00 UTC']);
    const [text = ''] = test.taken.map((alert) => alert.text);
    expect(text).toContain('24 urgent, 1 of a sender who writes too often');
    expect(text.match(/http:\/\/freescout\.test\/conversation\/\d+$/gm)).toHaveLength(20);
    expect(text).toContain('And 4 more conversations.');
    expect(text).not.toMatch(/conversation\/90/);
  });

  it('is tried again where a channel did not take it', async () => {
    const test = await digestBench({ refusals: 1 });
    test.clock.advance(-dayMilliseconds);
    await gather(test, [1]);
    expect(await test.send(gathered)).toMatchObject({ end: 'back-to-queue' });
    expect(await test.send(gathered)).toEqual({ end: 'done' });
    expect(test.taken).toHaveLength(1);
  });
});

describe('the line of a day', () => {
  it('counts what was filtered on that day alone, and is sent once', async () => {
    const test = await digestBench();
    await test.send();
    await test.send();
    expect(test.taken.map(({ text }) => text.split('\n')[0])).toEqual([
      '2 filtered on 2026-11-20 (UTC): 1 auto-reply, 1 bulk.',
    ]);
    expect(await test.store.ledger.get(key)).toMatchObject({ status: 'success', action: 'alerted' });
  });

  it('is tried again where a channel did not take it', async () => {
    const test = await digestBench({ refusals: 1 });
    expect(await test.send()).toMatchObject({ end: 'back-to-queue' });
    expect(await test.send()).toEqual({ end: 'done' });
    expect(test.taken).toHaveLength(1);
  });

  it('waits for no operator where there is nobody to tell', async () => {
    const test = await digestBench({ configured: false });
    await test.send();
    expect(await test.store.ledger.get(key)).toMatchObject({ status: 'success', reason: 'no-channel' });
  });

  it('is not sent of a day without filtered mail', async () => {
    const test = await digestBench();
    await test.work({ ...job, day: '2026-11-10' });
    expect(test.taken).toEqual([]);
    expect(await test.store.ledger.get(digestKey('filtered', '2026-11-10'))).toMatchObject({
      reason: 'nothing-to-tell',
    });
  });
});
