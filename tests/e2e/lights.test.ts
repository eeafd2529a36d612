import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { readEnvironment } from '#infra/local/environment.ts';
import { type LocalSystem, startLocalSystem } from '#infra/local/localSystem.ts';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import { csm } from '#tests/support/csm.ts';

/** Each light is broken on purpose in one running system: `/ready` and `doctor` say what is wrong and what to do, until it is mended. */
let system: LocalSystem;
let dynamo: DynamoDBDocumentClient;
const directory = mkdtempSync(join(tmpdir(), 'csm-lights-'));

const readySchema = z.object({
  status: z.string(),
  issues: z.array(z.string()).default([]),
  conditions: z.array(z.string()).default([]),
});

beforeAll(async () => {
  system = await startLocalSystem({
    ...readEnvironment({
      CSM_PORT: '0',
      CSM_SAMPLES: 'off',
      CSM_GMAIL_POLL_SECONDS: '1',
      CSM_DESK_DELAY_FACTOR: '0.05',
      CSM_DATA_DIR: directory,
      CSM_SETTINGS: JSON.stringify({
        worker: { retryDelaysSeconds: [0, 0, 2, 2] },
        freescout: { rateLimit: { maxRequests: 0 }, attempts: 1, assignTo: 1 },
        openai: { rateLimit: { maxRequests: 0 } },
        gmail: { excludedLabels: ['No such label'] },
        alerts: { filteredDaily: false },
      }),
    }),
    output: () => {},
    report: () => {},
    onPartLost: () => {},
  });
  dynamo = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      endpoint: system.description.aws.dynamodb,
    }),
  );
});
afterAll(async () => {
  dynamo.destroy();
  await system.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function ready() {
  const answer = await fetch(`${system.description.api}/ready`, {
    headers: { authorization: `Bearer ${system.description.statusToken}`, 'cache-control': 'no-cache' },
  });
  return { code: answer.status, ...readySchema.parse(await answer.json()) };
}

const doctor = () => csm(['doctor', '--fetching-off'], { dataDirectory: directory });

function desk() {
  const { freescout } = system.standIns;
  if (freescout === undefined) {
    throw new Error('no stand-in');
  }
  return freescout.model;
}

/** `/ready` and `doctor` both say it. */
async function expectLight(condition: string, sentence: RegExp): Promise<void> {
  await expect
    .poll(async () => (await ready()).conditions, { timeout: 30_000, interval: 300 })
    .toContain(condition);
  expect((await ready()).issues).toContainEqual(expect.stringMatching(sentence));
  const { out } = await doctor();
  expect(out.split('\n').filter((line) => / ready: /.test(line))).toContainEqual(
    expect.stringMatching(new RegExp(sentence.source.replace(/^\^/, '(?:warn|FAIL)  ready: '))),
  );
}

async function expectDark(condition: string): Promise<void> {
  await expect
    .poll(async () => (await ready()).conditions, { timeout: 30_000, interval: 300 })
    .not.toContain(condition);
}

async function receive(subject: string) {
  await system.standIns.gmail?.insert({
    raw: composeMail({
      from: { email: 'customer@example.org', name: 'Customer' },
      to: [{ email: 'support@example.com' }],
      subject,
      text: `${subject}. I have waited for it for two weeks, please tell me where it is.`,
      messageId: `${subject.replaceAll(' ', '-')}@example.org`,
      date: new Date(),
    }),
  });
}

const conversationOf = (subject: string) =>
  [...desk().conversations.values()].find((conversation) => conversation.subject === subject);

const threadsOf = (subject: string, type: string, state = 'published') =>
  (desk().threadsOf.get(conversationOf(subject)?.id ?? 0) ?? []).filter(
    (thread) => thread.type === type && thread.state === state,
  );

it('label names that the account does not have', async () => {
  await expectLight(
    'LabelsUnknown',
    /^"support" has no Gmail label "No such label": mend gmail.excludedLabels/,
  );
  expect(await ready()).toMatchObject({ code: 200, status: 'degraded', conditions: ['LabelsUnknown'] });
});

it('a bot user and an assignee without access, or deleted', async () => {
  const kept = [...desk().users];
  for (const [id, user] of kept) {
    desk().users.set(id, { ...user, role: 'user', mailboxIds: [] });
  }
  await expectLight(
    'BotUserUnfit',
    /^bot user 2 has no access to mailbox 1 "Support" of FreeScout: give it under Manage/,
  );
  await expectLight('AssigneeUnfit', /^user 1 \(freescout.assignTo\) has no access to mailbox 1 "Support"/);
  for (const [id, user] of kept) {
    desk().users.set(id, { ...user, email: `${user.email}_deleted20261130120000` });
  }
  await expectLight('BotUserUnfit', /^bot user 2 was deleted in FreeScout: enter another one/);
  expect((await ready()).code).toBe(503);
  expect((await doctor()).code).toBe(1);
  for (const [id, user] of kept) {
    desk().users.set(id, user);
  }
  await expectDark('BotUserUnfit');
  await expectDark('AssigneeUnfit');
});

it('a mailbox that is another one now, or gone', async () => {
  const mailbox = desk().mailboxes.get(1);
  if (mailbox === undefined) {
    throw new Error('no mailbox');
  }
  desk().mailboxes.set(1, { ...mailbox, name: 'Billing', email: 'billing@example.com' });
  await expectLight(
    'MailboxRenamed',
    /^mailbox 1 of FreeScout is "Billing" with the address billing@example.com, .*enter the right mailboxId/,
  );
  desk().mailboxes.delete(1);
  await expectLight('MailboxGone', /^mailbox 1 does not exist in FreeScout: enter the mailbox of "support"/);
  expect((await ready()).code).toBe(503);
  desk().mailboxes.set(1, mailbox);
  await expectDark('MailboxGone');
});

it('four fifths of the budget', async () => {
  const put = (dayNano: number) => {
    const [day = ''] = new Date().toISOString().split('T');
    return dynamo.send(
      new PutCommand({
        TableName: z.string().parse(system.description.aws.tables.SystemState),
        Item: { key: 'meter', day, month: day.slice(0, 7), dayNano, monthNano: dayNano, draftsToday: 0 },
      }),
    );
  };
  await put(8.5e9);
  await expectLight('BudgetAlmostUsed', /^85 % of the budget of \$10 a day are used: .*raise openai.budget/);
  await put(0);
  await expectDark('BudgetAlmostUsed');
});

it('a quota that is used up, until the operator paid and a call is answered', async () => {
  const subject = 'Order without quota';
  system.standIns.openai?.faults.add({ status: 429, reason: 'insufficient_quota', times: 1000 });
  await receive(subject);
  await expectLight('OpenAIFailing', /^OpenAI: the quota is used up: pay, or raise the limit .*failed since/);
  const refused = await doctor();
  expect(refused.code).toBe(1);
  expect(refused.out).toMatch(/FAIL {2}OpenAI: gpt-5.6-luna \(it answers 429\): the quota is used up: pay/);
  await expect.poll(() => threadsOf(subject, 'note').length, { timeout: 30_000 }).toBe(1);
  expect(threadsOf(subject, 'note')[0]?.body).toContain('is not judged yet');
  system.standIns.openai?.faults.clear();
  const answered = await doctor();
  expect(answered.out).toContain('ok    OpenAI: answers, with gpt-5.6-luna');
  expect(answered.code).toBe(0);
  await expectDark('OpenAIFailing');
  await csm(['redrive'], { dataDirectory: directory });
  await expect.poll(() => threadsOf(subject, 'message', 'draft').length, { timeout: 30_000 }).toBe(1);
  expect(threadsOf(subject, 'note')).toHaveLength(2);
});

it('a key that is refused, until the worker is answered again', async () => {
  system.standIns.openai?.faults.add({ status: 401, times: 2 });
  await receive('Order with a refused key');
  await expect
    .poll(() => threadsOf('Order with a refused key', 'message', 'draft').length, { timeout: 30_000 })
    .toBe(1);
  await expectDark('OpenAIFailing');
  system.standIns.openai?.faults.add({ status: 401, times: 4 });
  expect((await doctor()).out).toMatch(/FAIL {2}OpenAI: gpt-5.6-luna \(it answers 401\): the key is refused/);
  system.standIns.openai?.faults.clear();
});

it('a message that failed for good', async () => {
  system.standIns.openai?.faults.add({ status: 400, reason: 'unsupported_value', times: 100 });
  await receive('Order that is refused');
  await expectLight('FailedForGood', /^1 row\(s\) failed for good and nothing repeats them: npm run csm/);
  system.standIns.openai?.faults.clear();
  expect((await csm(['replay', '--failed', '--yes'], { dataDirectory: directory })).err).toBe('');
  await expectDark('FailedForGood');
});

it('mail that FreeScout fetches too', async () => {
  const subject = 'Order fetched twice';
  await receive(subject);
  await expect.poll(() => threadsOf(subject, 'message', 'draft').length, { timeout: 30_000 }).toBe(1);
  fetchMail(desk(), 1, {
    messageId: 'Order-fetched-twice@example.org',
    from: { email: 'customer@example.org', name: 'Customer' },
    to: 'support@example.com',
    cc: [],
    subject,
    text: `${subject}. I have waited for it for two weeks, please tell me where it is.`,
    html: '',
    inReplyTo: null,
    references: [],
  });
  await expectLight(
    'DoubleFetching',
    /^FreeScout fetches mail that we bring in: conversation \d+ .*switch fetching off: Mailbox → Connection settings/,
  );
});

it('a table that takes no writes', async () => {
  const table = z.string().parse(system.description.aws.tables.WebhookEvents);
  await dynamo.send(new DeleteTableCommand({ TableName: table }));
  await expectLight(
    'TableUnwritable',
    /^table WebhookEvents cannot be written \(ResourceNotFoundException\)/,
  );
  expect((await ready()).code).toBe(503);
  expect((await doctor()).code).toBe(1);
});
