import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';
import { type SeparateStandIns, startSeparateStandIns } from '#tests/support/separateStandIns.ts';

let standIns: SeparateStandIns;
let latest: RunningSystem | undefined;
const folder = mkdtempSync(join(tmpdir(), 'csm-restored-'));
const dataDirectory = join(folder, 'data');
const backUp = join(folder, 'back-up');

beforeAll(async () => {
  standIns = await startSeparateStandIns();
});
afterAll(async () => {
  try {
    await latest?.stop();
  } finally {
    standIns.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

const start = async (): Promise<RunningSystem> => {
  latest = await startSystem({
    dataDirectory,
    settings: { freescout: { webhookEnabled: false } },
    environment: standIns.environment,
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
