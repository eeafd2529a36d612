import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEnvironment } from '#infra/local/environment.ts';
import { type LocalSystem, startLocalSystem } from '#infra/local/localSystem.ts';

/** An API module that does not know the `state` of a thread sends what was meant as a draft. */
let system: LocalSystem;
const dataDirectory = mkdtempSync(join(tmpdir(), 'csm-old-module-'));

beforeAll(async () => {
  system = await startLocalSystem({
    ...readEnvironment({
      CSM_PORT: '0',
      CSM_DATA_DIR: dataDirectory,
      CSM_SAMPLES: 'off',
      CSM_GMAIL_POLL_SECONDS: '1',
      CSM_DESK_DELAY_FACTOR: '0.05',
    }),
    output: () => undefined,
    report: () => undefined,
    onPartLost: () => undefined,
  });
});

afterAll(async () => {
  await system.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
});

async function until<Found>(what: string, find: () => Found | undefined): Promise<Found> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    const found = find();
    if (found !== undefined) {
      return found;
    }
    await sleep(100);
  }
  throw new Error(`Waited in vain for ${what}.`);
}

it('gets no draft at all, while mail still becomes conversations with tags and a note', async () => {
  const { freescout, gmail } = system.standIns;
  if (freescout === undefined || gmail === undefined) {
    throw new Error('The stand-ins are not running.');
  }
  const desk = freescout.model;
  desk.switches.oldModule = true;
  for (const number of [1, 2]) {
    await gmail.insert({
      raw: Buffer.from(
        `From: Nina <nina${number}@customer.test>\r\nTo: support@example.com\r\nSubject: Question ${number}\r\nMessage-ID: <${number}@customer.test>\r\n\r\nI cannot log in, error 403. Can you help?\r\n`,
      ),
    });
    const conversation = await until(`conversation ${number}`, () =>
      [...desk.conversations.values()].find(({ subject }) => subject === `Question ${number}`),
    );
    await until(`the note of conversation ${number}`, () =>
      [...desk.threads.values()].find(
        (thread) => thread.conversationId === conversation.id && thread.type === 'note',
      ),
    );
  }
  await sleep(3000);

  const trials = desk.requests.filter(
    ({ method, body }) => method === 'POST' && (body as { type?: unknown } | null)?.type === 'message',
  );
  // One trial, in a conversation that nobody can be mailed from, and never again.
  expect(trials).toHaveLength(1);
  expect(trials[0]?.body).toMatchObject({ type: 'message', state: 'draft' });
  expect(desk.mail).toEqual([]);
  const customers = [...desk.conversations.values()].filter(({ subject }) => subject?.startsWith('Question'));
  expect(customers).toHaveLength(2);
  for (const { id } of customers) {
    const messages = [...desk.threads.values()].filter(
      (thread) => thread.conversationId === id && thread.type === 'message',
    );
    expect(messages).toEqual([]);
  }

  const { api, statusToken } = system.description;
  const headers = { authorization: `Bearer ${statusToken}`, 'cache-control': 'no-cache' };
  const ready = await fetch(`${api}/ready`, { headers });
  expect(ready.status).toBe(503);
  expect(JSON.stringify(await ready.json())).toMatch(/drafting stopped/);
  expect((await fetch(`${api}/ready`)).status).toBe(503);
});
