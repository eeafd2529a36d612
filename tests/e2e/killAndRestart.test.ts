import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  eventually,
  type InspectedConversation,
  type RunningSystem,
  startSystem,
} from '#tests/support/runningSystem.ts';
import { type SeparateStandIns, startSeparateStandIns } from '#tests/support/separateStandIns.ts';

const mailCount = 100;
/** Kills come when so many conversations are there: the queue is full, workers are busy. */
const killedAt = [20, 60] as const;

let standIns: SeparateStandIns;
let dataDirectory: string;
let port: number;
let latest: RunningSystem | undefined;

beforeAll(async () => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'csm-killed-'));
  port = await firstOfFourFreePorts();
  standIns = await startSeparateStandIns();
});
afterAll(async () => {
  try {
    await latest?.stop();
  } finally {
    standIns.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
});

const start = async (): Promise<RunningSystem> => {
  latest = await startSystem({
    dataDirectory,
    settings: {
      freescout: { rateLimit: { maxRequests: 0 } },
      openai: { rateLimit: { maxRequests: 0 } },
      worker: { retryDelaysSeconds: [1, 1, 1, 1] },
      // A draft that a kill broke off counts too.
      limits: { draftsPerDay: 0, messagesPerAddress: 0, messagesPerDomain: 0 },
    },
    environment: { CSM_PORT: String(port), ...standIns.environment },
  });
  return latest;
};

const subjects = Array.from({ length: mailCount }, (_, index) => `Order ${1000 + index} is missing`);
const mailWith = (subject: string) =>
  [
    `From: Customer <${subject.replaceAll(/\W+/g, '-').toLowerCase()}@customer.test>`,
    'To: support@example.com',
    `Subject: ${subject}`,
    `Message-ID: <${subject.replaceAll(/\W+/g, '-')}@customer.test>`,
    `Date: ${new Date().toUTCString()}`,
    '',
    'Hello, it has not arrived. When will it come? Please answer me.',
    '',
  ].join('\r\n');

/** Those that mails became; a kill can leave the conversation of the trial that drafts stay drafts. */
const orders = async (running: RunningSystem) =>
  (await running.conversations()).filter(({ subject }) => subject.startsWith('Order '));

/** Drafts, and notes that carry what could not be proven to be no draft yet: killed right before it writes one. */
const offersIn = ({ threads }: InspectedConversation) =>
  threads.filter(
    ({ type, state, body }) => state === 'draft' || (type === 'note' && body?.includes('csm:suggestion:')),
  );

it(`brings in each of ${mailCount} mails exactly once, killed in the middle and started again`, async () => {
  let system = await start();
  await fetch(`${standIns.desk.url}/api/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-freescout-api-key': standIns.desk.apiKey },
    body: JSON.stringify({
      url: `http://127.0.0.1:${port}/freescout`,
      events: ['convo.created', 'convo.customer.reply.created', 'convo.agent.reply.created'],
    }),
  });
  for (const subject of subjects) {
    await system.receiveMail(mailWith(subject));
  }
  for (const count of killedAt) {
    await eventually(
      `${count} conversations`,
      async () => ((await orders(system)).length >= count ? true : null),
      system,
      120,
    );
    await system.kill();
    expect((await orders(system)).length).toBeLessThan(mailCount);
    system = await start();
  }
  await eventually(
    'an offer in every conversation, and the end of all work',
    async () => {
      const offered = (await orders(system)).filter((conversation) => offersIn(conversation).length > 0);
      const rows = await system.rows('ProcessedMessages');
      const ended = rows.every(({ status }) => status === 'success');
      return offered.length >= mailCount && ended ? true : null;
    },
    system,
    240,
  );

  const conversations = await orders(system);
  expect(conversations.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
  for (const conversation of conversations) {
    const { subject, threads } = conversation;
    const count = (type: string, state: string) =>
      threads.filter((thread) => thread.type === type && thread.state === state).length;
    expect({
      subject,
      mails: count('customer', 'published'),
      notes: threads.filter(({ type, body }) => type === 'note' && body?.includes('csm:note:')).length,
      offers: offersIn(conversation).length,
      sent: count('message', 'published'),
    }).toEqual({ subject, mails: 1, notes: 1, offers: 1, sent: 0 });
  }
  const drafted = conversations.filter(({ threads }) => threads.some(({ state }) => state === 'draft'));
  expect(drafted.length).toBeGreaterThan(mailCount / 2);
  const mailRows = (await system.rows('ProcessedMessages')).filter(({ key }) =>
    String(key).startsWith('gmail:'),
  );
  expect(mailRows.map(({ status }) => status)).toEqual(Array(mailCount).fill('success'));
  expect(await (await fetch(`${standIns.desk.url}/inspect/mail`)).json()).toEqual([]);
  expect(await system.stop()).toBe(0);
}, 600_000);

/**
 * Below those that the machine gives away by itself, so that nobody gets one of them between a kill and the next start. The system
 * uses four in a row.
 */
async function firstOfFourFreePorts(): Promise<number> {
  for (;;) {
    const first = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all([0, 1, 2, 3].map((offset) => isFree(first + offset)));
    if (free.every(Boolean)) {
      return first;
    }
  }
}

function isFree(candidate: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(candidate, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
