import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

const mailCount = 100;
/** Kills come when so many conversations are there: the queue is full, workers are busy. */
const killedAt = [20, 60] as const;

const standInsSchema = z.object({
  desk: z.object({ url: z.url(), apiKey: z.string(), webhookSecret: z.string() }),
  gmail: z.object({ url: z.url(), tokenUrl: z.url(), refreshToken: z.string() }),
  openai: z.object({ baseUrl: z.url() }),
});

let standInProcess: ChildProcess;
let standIns: z.output<typeof standInsSchema>;
let dataDirectory: string;
let port: number;

beforeAll(async () => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'csm-killed-'));
  port = await freePort();
  standInProcess = spawn(process.execPath, [join(import.meta.dirname, '../support/standInProcess.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (standInProcess.stdout === null) {
    throw new Error('The stand-ins have no output.');
  }
  const [line] = await once(createInterface(standInProcess.stdout), 'line');
  standIns = standInsSchema.parse(JSON.parse(String(line)));
}, 60_000);
afterAll(() => {
  standInProcess.kill();
  rmSync(dataDirectory, { recursive: true, force: true });
});

const start = (): Promise<RunningSystem> =>
  startSystem({
    dataDirectory,
    settings: {
      freescout: { rateLimit: { maxRequests: 0 } },
      openai: { rateLimit: { maxRequests: 0 } },
      worker: { retryDelaysSeconds: [1, 1, 1, 1] },
    },
    environment: {
      CSM_PORT: String(port),
      FREESCOUT_URL: standIns.desk.url,
      FREESCOUT_KEY: standIns.desk.apiKey,
      FREESCOUT_WEBHOOK_SECRET: standIns.desk.webhookSecret,
      GMAIL_CLIENT_ID: 'id',
      GMAIL_CLIENT_SECRET: 'secret',
      GMAIL_REFRESH_TOKEN: standIns.gmail.refreshToken,
      GMAIL_ROOT_URL: standIns.gmail.url,
      GOOGLE_TOKEN_URL: standIns.gmail.tokenUrl,
      OPENAI_API_KEY: 'stand-in',
      OPENAI_BASE_URL: standIns.openai.baseUrl,
    },
  });

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
      async () => ((await system.conversations()).length >= count ? true : null),
      system,
      120,
    );
    await system.kill();
    expect((await system.conversations()).length).toBeLessThan(mailCount);
    system = await start();
  }
  await eventually(
    'a draft in every conversation, and the end of all work',
    async () => {
      const conversations = await system.conversations();
      const rows = await system.rows('ProcessedMessages');
      const drafted = conversations.filter(({ threads }) => threads.some(({ state }) => state === 'draft'));
      return drafted.length >= mailCount && rows.every(({ status }) => status === 'success') ? true : null;
    },
    system,
    240,
  );

  const conversations = await system.conversations();
  expect(conversations.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
  for (const { subject, threads } of conversations) {
    const count = (type: string, state: string) =>
      threads.filter((thread) => thread.type === type && thread.state === state).length;
    expect({
      subject,
      mails: count('customer', 'published'),
      notes: threads.filter(({ type, body }) => type === 'note' && body?.includes('csm:note:')).length,
      drafts: count('message', 'draft'),
      sent: count('message', 'published'),
    }).toEqual({ subject, mails: 1, notes: 1, drafts: 1, sent: 0 });
  }
  const mailRows = (await system.rows('ProcessedMessages')).filter(({ key }) =>
    String(key).startsWith('gmail:'),
  );
  expect(mailRows).toHaveLength(mailCount);
  expect(await (await fetch(`${standIns.desk.url}/inspect/mail`)).json()).toEqual([]);
  expect(await system.stop()).toBe(0);
}, 600_000);

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
