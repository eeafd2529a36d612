import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { csm } from '#tests/support/csm.ts';
import { eventually, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

/** An API module too old to know the state of a thread publishes, and so mails, every draft. */
let desk: FreeScoutStandIn;
let system: RunningSystem;

const priority = {
  id: 7,
  mailboxId: 1,
  name: 'Priority',
  type: 'dropdown',
  options: { 1: 'p3', 2: 'p2', 3: 'p1', 4: 'p0' },
  required: false,
  sortOrder: 1,
} as const;

beforeAll(async () => {
  desk = await startFreeScoutStandIn({
    switches: { oldModule: true },
    delayFactor: 0.01,
    customFields: [priority],
  });
  system = await startSystem({
    settings: {
      freescout: { rateLimit: { maxRequests: 0 }, priorityFieldId: 7 },
      openai: { rateLimit: { maxRequests: 0 } },
    },
    environment: {
      FREESCOUT_URL: desk.url,
      FREESCOUT_KEY: desk.apiKey,
      FREESCOUT_WEBHOOK_SECRET: desk.webhookSecret,
      CSM_STAND_INS: 'allowed',
      LOG_JSON: 'true',
    },
  });
  desk.registerWebhook(`${system.local.api}/freescout`);
});
afterAll(async () => {
  expect(await system.stop()).toBe(0);
  await desk.close();
});

it('the start says, in JSON too, which parts stand in beside a real FreeScout', () => {
  const lines = system
    .output()
    .split('\n')
    .filter((line) => line.includes('STAND_INS_IN_USE'));
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      level: 'WARN',
      code: 'STAND_INS_IN_USE',
      timestamp: expect.any(String),
      service: 'local system',
      message: expect.stringMatching(/FreeScout is real, but stand-ins run for Gmail .* and OpenAI /),
    },
  ]);
});

const doctor = () => csm(['doctor', '--fetching-off'], { dataDirectory: system.dataDirectory });
const ready = async () =>
  (
    await fetch(`${system.local.api}/ready`, {
      headers: { authorization: `Bearer ${system.local.statusToken}`, 'cache-control': 'no-cache' },
    })
  ).json();

it('doctor refuses loudly a FreeScout that publishes drafts, with nobody mailed', async () => {
  const { code, out } = await doctor();
  expect(code).toBe(1);
  expect(out).toMatch(/FAIL {2}drafts stay drafts: REFUSED – .*It would MAIL drafts to customers/);
  expect(desk.model.mail).toEqual([]);
  expect([...desk.model.conversations.keys()]).toEqual([]);
  expect(await ready()).toMatchObject({
    status: 'not_ready',
    issues: expect.arrayContaining([expect.stringMatching(/^drafting stopped: /)]),
  });
});

it('no draft is written while it is stopped, but mail comes in', async () => {
  await system.receiveMail(
    'From: Gus <gus@customer.test>\r\nTo: support@example.com\r\nSubject: Stopped\r\nMessage-ID: <stopped@customer.test>\r\n\r\nWhere is my order? Please answer.\r\n',
  );
  const row = await eventually(
    'the end of the work',
    async () =>
      (await system.rows('ProcessedMessages')).find(
        ({ key, status }) => String(key).startsWith('freescout:') && status === 'success',
      ),
    system,
  );
  expect(row).toMatchObject({ action: 'no-draft', reason: 'drafts-stopped' });
  expect(desk.model.mail).toEqual([]);
});

it('only a passed proof ends the stop', async () => {
  expect((await doctor()).code).toBe(1);
  desk.model.switches.oldModule = false;
  const { code, out } = await doctor();
  expect(out).toContain('ok    drafts stay drafts');
  expect(code).toBe(0);
  expect(JSON.stringify(await ready())).not.toContain('drafting stopped');
  expect(desk.model.mail).toEqual([]);
});

it('doctor names the values that a dropdown of FreeScout lacks', async () => {
  desk.model.customFields.set(7, { ...priority, options: { 1: 'p3', 2: 'p2' } });
  const { code, out } = await doctor();
  expect(out).toContain(
    'warn  ready: custom field 7 in mailbox 1 is a dropdown without the options "4" (p0), "3" (p1): they are not written\n',
  );
  expect(code).toBe(0);
});

it('doctor tells when FreeScout fetches mail itself, whatever the operator says', async () => {
  await desk.customers.writeNew({
    name: 'Ida',
    email: 'ida@customer.test',
    to: 'support@example.com',
    subject: 'Fetched',
    text: 'Hello',
    cc: [],
  });
  const { code, out } = await doctor();
  expect(code).toBe(1);
  expect(out).toMatch(/FAIL {2}FreeScout's own fetching: FreeScout fetched a mail itself/);
});
