import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

const standInsSchema = z.object({
  desk: z.object({ url: z.url(), apiKey: z.string(), webhookSecret: z.string() }),
  gmail: z.object({ url: z.url(), tokenUrl: z.url(), refreshToken: z.string() }),
  openai: z.object({ baseUrl: z.url() }),
});

let standInProcess: ChildProcess;
let standIns: z.output<typeof standInsSchema>;
let latest: RunningSystem | undefined;
const folder = mkdtempSync(join(tmpdir(), 'csm-restored-'));
const dataDirectory = join(folder, 'data');
const backUp = join(folder, 'back-up');

beforeAll(async () => {
  standInProcess = spawn(process.execPath, [join(import.meta.dirname, '../support/standInProcess.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (standInProcess.stdout === null) {
    throw new Error('The stand-ins have no output.');
  }
  const [line] = await once(createInterface(standInProcess.stdout), 'line');
  standIns = standInsSchema.parse(JSON.parse(String(line)));
});
afterAll(async () => {
  try {
    await latest?.stop();
  } finally {
    standInProcess.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

const start = async (): Promise<RunningSystem> => {
  latest = await startSystem({
    dataDirectory,
    settings: { freescout: { webhookEnabled: false } },
    environment: {
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
  return latest;
};

const mail = (name: string, subject: string, answers?: string) =>
  [
    'From: Customer <customer@customer.test>',
    'To: support@example.com',
    `Subject: ${subject}`,
    `Message-ID: <${name}@customer.test>`,
    ...(answers === undefined ? [] : [`In-Reply-To: <${answers}@customer.test>`]),
    `Date: ${new Date().toUTCString()}`,
    '',
    `Hello, this is mail ${name}. When will it come?`,
    '',
  ].join('\r\n');

/** Until so many mails and the messages that they became are done with. */
const settled = (system: RunningSystem, mails: number) =>
  eventually(
    `${mails} mails that are done with`,
    async () => {
      const rows = await system.rows('ProcessedMessages');
      const done = (source: string) =>
        rows.filter(({ key, status }) => String(key).startsWith(`${source}:`) && status === 'success').length;
      return done('gmail') === mails && done('freescout') >= mails ? true : null;
    },
    system,
    60,
  );

it('brings in no mail a second time after a back-up from before it was put back', async () => {
  let system = await start();
  await system.receiveMail(mail('first', 'A lamp'));
  await settled(system, 1);
  expect(await system.stop()).toBe(0);
  cpSync(dataDirectory, backUp, { recursive: true });

  system = await start();
  await system.receiveMail(mail('second', 'A table'));
  await system.receiveMail(mail('third', 'Re: A lamp', 'first'));
  await settled(system, 3);
  const entries = async () =>
    (await system.conversations())
      .flatMap(({ subject, threads }) =>
        threads
          .filter(({ type }) => type === 'customer')
          .map(({ id, body }) => ({ subject, id, mail: /this is mail (\w+)/.exec(body ?? '')?.[1] })),
      )
      .sort((one, other) => one.id - other.id);
  const before = await entries();
  expect(before.map(({ subject, mail: name }) => `${name} in ${subject}`).sort()).toEqual([
    'first in A lamp',
    'second in A table',
    'third in A lamp',
  ]);
  const drafts = async () =>
    (await system.conversations()).map(({ subject, threads }) => ({
      subject,
      drafts: threads.filter(({ state }) => state === 'draft').map(({ id }) => id),
    }));
  const draftsBefore = await drafts();
  expect(draftsBefore.map(({ drafts: { length } }) => length)).toEqual([1, 1]);
  expect(await system.stop()).toBe(0);
  rmSync(dataDirectory, { recursive: true });
  cpSync(backUp, dataDirectory, { recursive: true });

  system = await start();
  await settled(system, 3);
  expect(await entries()).toEqual(before);
  expect(await drafts()).toEqual(draftsBefore);
  // Where later mail finds its conversation is known again.
  await system.receiveMail(mail('fourth', 'Re: A table', 'second'));
  await settled(system, 4);
  expect((await entries()).filter(({ subject }) => subject === 'A table')).toHaveLength(2);
  expect(await system.stop()).toBe(0);
}, 600_000);
