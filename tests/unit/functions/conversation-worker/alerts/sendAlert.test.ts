import { describe, expect, it } from 'vitest';
import { workOnJob } from '#functions/conversation-worker/workOnJob.ts';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { undelivered } from '#shared/alerts/undelivered.ts';
import { alertKey } from '#shared/store/keys.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';
import { createWorkerBench } from '#tests/support/workerBench.ts';

const job = { kind: 'alert', conversationId: 1, alert: 'p0', cause: 'webhook', requestId: 'r' };
const key = alertKey(1, 'p0');

/** A channel that refuses so many times, then takes. */
function channel(name: AlertChannel['name'], refusals = 0) {
  const taken: Alert[] = [];
  let left = refusals;
  return {
    name,
    taken,
    async send(alert: Alert) {
      if (left > 0) {
        left -= 1;
        throw undelivered(name, 'it answered 500');
      }
      taken.push(alert);
    },
  };
}

function alertBench(channels: readonly AlertChannel[], settings: object = {}) {
  const bench = createWorkerBench({ settings });
  fetchMail(bench.desk, 1, {
    messageId: 'mail@customer.test',
    from: { name: 'Nina', email: 'nina@customer.test' },
    to: 'support@example.com',
    cc: [],
    subject: 'Lamp',
    text: 'It burns',
    html: '',
    inReplyTo: null,
    references: [],
  });
  let deliveries = 0;
  return {
    ...bench,
    send: (last = false) => {
      deliveries += 1;
      return workOnJob({ ...bench.deps, alertChannels: async () => channels }, JSON.stringify(job), {
        owner: `w${deliveries}`,
        receiveCount: last ? 5 : 1,
        last,
        timeLeftMilliseconds: () => 170_000,
      });
    },
    row: () => bench.store.ledger.get(key),
  };
}

describe('an alert job', () => {
  it('tells every channel once, however often it is delivered', async () => {
    const [slack, sns] = [channel('slack'), channel('sns')];
    const test = alertBench([slack, sns]);
    for (let time = 0; time < 3; time += 1) {
      expect(await test.send()).toEqual({ end: 'done' });
    }
    expect(slack.taken).toHaveLength(1);
    expect(sns.taken).toEqual(slack.taken);
    expect(slack.taken[0]?.text).toContain('http://freescout.test/conversation/1');
    expect(slack.taken[0]?.text).not.toMatch(/Lamp|burns|nina/);
    expect(await test.row()).toMatchObject({
      status: 'success',
      action: 'alerted',
      alertedBy: ['slack', 'sns'],
    });
  });

  it('repeats only the channel that failed', async () => {
    const [slack, sns] = [channel('slack', 2), channel('sns')];
    const test = alertBench([slack, sns]);
    expect(await test.send()).toMatchObject({ end: 'back-to-queue' });
    expect(await test.row()).toMatchObject({
      status: 'failed',
      reason: 'alert-undelivered',
      retryable: true,
      alertedBy: ['sns'],
    });
    await test.send();
    expect(await test.send(true)).toEqual({ end: 'done' });
    expect([slack.taken.length, sns.taken.length]).toEqual([1, 1]);
    expect(test.log.of('ALERT_FAILED')).toMatchObject([{ channel: 'slack' }, { channel: 'slack' }]);
    expect(test.log.of('ALERT_SENT')).toHaveLength(2);
  });

  it('carries the subject when the settings allow it', async () => {
    const slack = channel('slack');
    await alertBench([slack], { alerts: { includeSubject: true } }).send();
    expect(slack.taken[0]?.text).toContain('Subject: Lamp');
  });

  it('ends when no channel is configured', async () => {
    const test = alertBench([]);
    expect(await test.send()).toEqual({ end: 'done' });
    expect(await test.row()).toMatchObject({ status: 'filtered', reason: 'no-channel' });
  });

  it('ends when the conversation is gone', async () => {
    const slack = channel('slack');
    const test = alertBench([slack]);
    test.desk.agent.trash(1, defaultAgent);
    await test.send();
    expect(slack.taken).toEqual([]);
    expect(await test.row()).toMatchObject({ status: 'filtered', reason: 'gone' });
  });

  it('writes nothing into FreeScout', async () => {
    const test = alertBench([channel('slack')]);
    await test.send();
    expect(test.desk.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('a sender who writes more mails within an hour than the limit', () => {
  const loopAlerts = async (settings: object, gmailThreadOf = (_: string) => 't1') => {
    const bench = createWorkerBench({ settings: { hygiene: { loopLimitPerHour: 2 }, ...settings } });
    for (const messageId of ['m1', 'm2', 'm3', 'm4']) {
      const raw = buildMail({ To: 'support@example.com', 'Message-ID': `<${messageId}@customer.test>` });
      const gmailThreadId = gmailThreadOf(messageId);
      bench.gmail.deliver({ messageId, gmailThreadId, raw });
      await bench.work({
        kind: 'incoming-message',
        channel: 'gmail',
        alias: 'support',
        messageId,
        threadId: gmailThreadId,
        cause: 'poll',
        requestId: 'r',
      });
      await bench.drain();
    }
    return bench.queue.jobs.filter(({ job }) => job.kind === 'alert').map(({ job }) => job);
  };

  it('is told of once', async () => {
    expect(await loopAlerts({})).toMatchObject([{ alert: 'loop' }]);
  });

  it('is told of once although every mail starts a conversation', async () => {
    expect(await loopAlerts({}, (messageId) => `thread of ${messageId}`)).toMatchObject([{ alert: 'loop' }]);
  });

  it('is not told of when that is switched off', async () => {
    expect(await loopAlerts({ alerts: { loop: false } })).toEqual([]);
  });
});
