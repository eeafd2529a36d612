import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type LocalOptions, readEnvironment } from '#infra/local/environment.ts';
import { type LocalSystem, startLocalSystem } from '#infra/local/localSystem.ts';
import { fetchMail } from '#infra/standins/freescout/fetchedMail.ts';
import { signWebhook } from '#infra/standins/freescout/webhooks.ts';
import { composeMail } from '#infra/standins/gmail/composeMail.ts';

const access = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

const readySchema = z.object({
  status: z.string(),
  mode: z.string().nullable().optional(),
  issues: z.array(z.string()).optional(),
});

/** When the answer was found; everybody is told. */
const checked = { checkedAt: expect.stringMatching(/^\d{4}-.*Z$/), ageSeconds: expect.any(Number) };

interface Scene {
  readonly system: LocalSystem;
  readonly dynamo: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

async function start(settings: Record<string, unknown>, options: Partial<LocalOptions> = {}): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'csm-ready-'));
  const lines: string[] = [];
  const system = await startLocalSystem({
    ...readEnvironment({
      CSM_PORT: '0',
      CSM_SAMPLES: 'off',
      CSM_GMAIL_POLL_SECONDS: '1',
      CSM_DESK_DELAY_FACTOR: '0.05',
      CSM_DATA_DIR: directory,
      CSM_SETTINGS: JSON.stringify(settings),
    }),
    ...options,
    output: (id, line) => lines.push(`${id} ${line}`),
    report: (id, sentence) => lines.push(`${id}: ${sentence}`),
    onPartLost: (sentence) => lines.push(sentence),
  });
  const dynamo = DynamoDBDocumentClient.from(
    new DynamoDBClient({ ...access, endpoint: system.description.aws.dynamodb }),
  );
  const sqs = new SQSClient({
    ...access,
    endpoint: system.description.aws.sqs,
    useQueueUrlAsEndpoint: false,
  });
  return {
    system,
    dynamo,
    sqs,
    lines,
    stop: async () => {
      dynamo.destroy();
      sqs.destroy();
      await system.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function get({ system }: Scene, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${system.description.api}${path}`, { headers });
}

function authorized({ system }: Scene): Record<string, string> {
  return { authorization: `Bearer ${system.description.statusToken}`, 'cache-control': 'no-cache' };
}

async function ready(scene: Scene) {
  let answer = await get(scene, '/ready', authorized(scene));
  // The route lets through so many a second, whoever asks.
  while (answer.status === 429) {
    await sleep(250);
    answer = await get(scene, '/ready', authorized(scene));
  }
  return { code: answer.status, ...readySchema.parse(await answer.json()) };
}

async function metrics(scene: Scene): Promise<Record<string, unknown>> {
  return z
    .record(z.string(), z.unknown())
    .parse(await (await get(scene, '/metrics', authorized(scene))).json());
}

/** The answer once its issues are the expected ones; fails with the last answer. */
async function readyOnce(
  scene: Scene,
  expected: { readonly code: number; readonly issues: readonly unknown[] },
) {
  let answer = await ready(scene);
  for (
    let tries = 0;
    tries < 60 && (answer.code !== expected.code || (answer.issues ?? []).length !== expected.issues.length);
    tries += 1
  ) {
    await sleep(250);
    answer = await ready(scene);
  }
  expect(answer).toMatchObject({ code: expected.code });
  expect(answer.issues ?? []).toEqual(expected.issues);
}

function tableOf({ system }: Scene, name: string): string {
  return z.string().parse(system.description.aws.tables[name]);
}

describe('a system in which nothing is configured', () => {
  let scene: Scene;
  beforeAll(async () => {
    // As it is deployed: no address, and every secret as its template made it. So nobody outside is called.
    scene = await start(
      {},
      {
        freescout: { url: '', apiKey: '', webhookSecret: '', webhookSecretPrevious: '' },
        openai: { apiKey: '', baseUrl: undefined },
        gmail: {
          credentials: { clientId: '', clientSecret: '', refreshToken: '' },
          ...{ rootUrl: undefined, tokenUrl: undefined },
        },
      },
    );
  });
  afterAll(() => scene.stop());

  it('names every fault at once', async () => {
    expect(await ready(scene)).toEqual({
      code: 503,
      status: 'not_ready',
      mode: null,
      issues: [
        'FREESCOUT_URL not configured (settings: freescout.url)',
        'FREESCOUT_KEY not configured (FreeScout secret: apiKey)',
        'FREESCOUT_WEBHOOK_SECRET not configured (FreeScout secret: webhookSecret)',
        'OPENAI_API_KEY not configured (OpenAI secret: apiKey)',
        'Gmail account "support" not configured (its Gmail secret: clientId, clientSecret, refreshToken)',
        '"support" has the example address support@example.com: enter the address that customers write to (channels)',
        'drafts speak for "our company": enter its name in persona.company, and what it does in persona.about',
      ],
    });
  });

  it('tells strangers nothing but that it is not ready, and is healthy all the same', async () => {
    const stranger = await get(scene, '/ready');
    expect([stranger.status, await stranger.json()]).toEqual([503, { status: 'not_ready', ...checked }]);
    const wrong = await get(scene, '/ready', { authorization: 'Bearer wrong' });
    expect([wrong.status, await wrong.json()]).toEqual([503, { status: 'not_ready', ...checked }]);
    expect((await get(scene, '/metrics')).status).toBe(401);
    const health = await get(scene, '/health');
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'ok', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
  });

  it('answers webhooks with 503, also while the secret is too short', async () => {
    const post = () =>
      fetch(`${scene.system.description.api}/freescout`, {
        method: 'POST',
        headers: { 'x-freescout-signature': signWebhook('{"id":1}', 'the secret of FreeScout') },
        body: '{"id":1}',
      });
    expect((await post()).status).toBe(503);
    putSecret(scene, 'FreeScout', { apiKey: '', webhookSecret: 'short', webhookSecretPrevious: '' });
    expect((await post()).status).toBe(503);
    await expect
      .poll(async () => (await ready(scene)).issues, { timeout: 60_000, interval: 2000 })
      .toContain('FREESCOUT_WEBHOOK_SECRET is shorter than 16 characters (FreeScout secret: webhookSecret)');
  });
});

function putSecret({ system }: Scene, name: string, value: Record<string, string>): void {
  system.running.secrets.put(
    z.string().parse(system.running.stackOutput(`Secret${name}`)),
    JSON.stringify(value),
  );
}

describe('a system that works', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await start({
      worker: { retryDelaysSeconds: [0, 0, 0, 0], maxConcurrency: 10 },
      freescout: {
        rateLimit: { maxRequests: 0 },
        attempts: 1,
        assignTo: 5,
        priorityFieldId: 7,
      },
      openai: { rateLimit: { maxRequests: 0 } },
      limits: { draftsPerDay: 0, messagesPerAddress: 0, messagesPerDomain: 0 },
      // Its row would be counted beside those of mails.
      alerts: { filteredDaily: false },
      // The throttle of the defaults would turn some of hundreds of webhooks away.
      api: { requestsPerSecond: 10_000, burst: 10_000 },
    });
  });
  afterAll(() => scene.stop());

  const desk = () => {
    const { freescout } = scene.system.standIns;
    if (freescout === undefined) {
      throw new Error('no stand-in');
    }
    return freescout.model;
  };

  it('is ready', async () => {
    await readyOnce(scene, { code: 200, issues: [] });
    expect(await ready(scene)).toEqual({ code: 200, status: 'ready', mode: 'guarded' });
    const stranger = await get(scene, '/ready');
    expect([stranger.status, await stranger.json()]).toEqual([200, { status: 'ready', ...checked }]);
  });

  it('gives the same answer for half a minute unless it is asked anew', async () => {
    await ready(scene);
    const user = desk().users.get(2);
    desk().users.delete(2);
    try {
      const kept = await get(scene, '/ready', {
        authorization: `Bearer ${scene.system.description.statusToken}`,
      });
      expect(kept.status).toBe(200);
      expect((await get(scene, '/ready', { 'cache-control': 'no-cache' })).status).toBe(200);
      expect((await ready(scene)).code).toBe(503);
    } finally {
      if (user !== undefined) {
        desk().users.set(2, user);
      }
    }
  });

  it('looks at FreeScout once for a hundred strangers who ask at the same time', async () => {
    await readyOnce(scene, { code: 200, issues: [] });
    await scene.dynamo.send(
      new UpdateCommand({
        TableName: tableOf(scene, 'SystemState'),
        Key: { key: 'readiness' },
        UpdateExpression: 'SET lookedAt = lookedAt - :past',
        ExpressionAttributeValues: { ':past': 45_000 },
      }),
    );
    const looks = () => desk().requests.filter(({ path }) => path === '/api/users').length;
    const before = looks();
    const answers = await Promise.all(Array.from({ length: 100 }, () => get(scene, '/ready')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    const ages = await Promise.all(
      answers
        .filter(({ ok }) => ok)
        .map(async (answer) => z.object({ ageSeconds: z.number() }).parse(await answer.json()).ageSeconds),
    );
    expect(looks() - before).toBe(1);
    // Those who did not look themselves were told how old their answer is.
    expect(ages.some((age) => age >= 45)).toBe(true);
    expect(ages.some((age) => age < 45)).toBe(true);
  });

  it('tells mailboxes, the bot and the assignee that do not exist, all at once', async () => {
    const kept = { users: [...desk().users], mailboxes: [...desk().mailboxes] };
    desk().users.clear();
    desk().mailboxes.clear();
    // Without the mailbox its fields cannot be listed either; that is no fault of the module.
    const { code, issues } = await ready(scene);
    for (const [id, user] of kept.users) {
      desk().users.set(id, user);
    }
    for (const [id, mailbox] of kept.mailboxes) {
      desk().mailboxes.set(id, mailbox);
    }
    expect(code).toBe(503);
    expect(issues).toEqual([
      'mailbox 1 does not exist in FreeScout: enter the mailbox of "support" as its mailboxId (channels)',
      'bot user 2 does not exist in FreeScout: enter another one in freescout.botUserId',
      'user 5 (freescout.assignTo) does not exist in FreeScout: enter another one in freescout.assignTo',
    ]);
    await readyOnce(scene, { code: 200, issues: [] });
  });

  it.each<[string, number | 'html' | 'reset', string]>([
    [
      'without the API module',
      404,
      "FreeScout's API module answers 404: not installed or inactive (Manage → Modules → API & Webhooks), or freescout.url is wrong",
    ],
    [
      'with a page in its place',
      'html',
      "FreeScout's API module answers with a page that is not its own: not installed or inactive, or freescout.url is wrong",
    ],
    [
      'that refuses the key',
      401,
      'FreeScout refuses FREESCOUT_KEY (401): put the key of its API & Webhooks page into the FreeScout secret',
    ],
    ['that is down', 'reset', 'FreeScout does not answer: check freescout.url and that FreeScout is up'],
    ['that fails', 500, 'FreeScout answers 500'],
  ])('names a FreeScout %s once', async (_, kind, issue) => {
    desk().faults.failNext({ kind, times: 1000, pathPattern: /^\/api\/(mailboxes|users|tags|csm)/ });
    const answer = await ready(scene);
    desk().faults.clear();
    expect(answer).toMatchObject({ code: 503, issues: [issue] });
  });

  it('tells that the webhook points elsewhere, where FreeScout can tell', async () => {
    const registered = [...desk().webhooks];
    desk().webhooks.clear();
    expect(await ready(scene)).toMatchObject({ code: 200 });
    desk().switches.webhookList = true;
    expect(await ready(scene)).toMatchObject({
      code: 503,
      issues: [
        `webhook of FreeScout points elsewhere: none of its 0 webhooks leads to ${scene.system.description.api}/freescout`,
      ],
    });
    for (const [id, webhook] of registered) {
      desk().webhooks.set(id, { ...webhook, events: ['convo.created'] });
    }
    expect(await ready(scene)).toMatchObject({
      code: 503,
      issues: [
        'webhook of FreeScout lacks the events convo.customer.reply.created, convo.agent.reply.created',
      ],
    });
    for (const [id, webhook] of registered) {
      desk().webhooks.set(id, webhook);
    }
    await readyOnce(scene, { code: 200, issues: [] });
    desk().switches.webhookList = false;
  });

  it('is degraded without the Tags and the Custom Fields module', async () => {
    desk().switches.tagsModule = false;
    desk().switches.customFieldsModule = false;
    expect(await ready(scene)).toMatchObject({
      code: 200,
      status: 'degraded',
      issues: [
        'the Tags module of FreeScout is absent: conversations get no tags',
        'the Custom Fields module of FreeScout is absent: the fields of the settings stay empty',
      ],
    });
    const stranger = await get(scene, '/ready');
    expect([stranger.status, await stranger.json()]).toEqual([200, { status: 'degraded', ...checked }]);
    desk().switches.tagsModule = true;
    desk().switches.customFieldsModule = true;
  });

  it('is degraded by a dropdown that lacks values of the settings, each of which it names', async () => {
    const field = desk().customFields.get(7);
    if (field === undefined) {
      throw new Error('no field');
    }
    desk().customFields.set(7, { ...field, options: { 1: 'Low', 2: 'High' } });
    expect(await ready(scene)).toMatchObject({
      code: 200,
      status: 'degraded',
      issues: [
        'custom field 7 in mailbox 1 is a dropdown without the options "4" (p0), "3" (p1): they are not written',
      ],
    });
    desk().customFields.set(7, field);
    await readyOnce(scene, { code: 200, issues: [] });
  });

  it('tells that Gmail refused the refresh token', async () => {
    const { gmail } = scene.system.standIns;
    gmail?.setRevoked(true);
    gmail?.expireTokens();
    await readyOnce(scene, {
      code: 503,
      issues: [
        expect.stringMatching(
          /^Gmail refused the refresh token of "support" \(invalid_grant\): connect the account again with /,
        ),
      ],
    });
    gmail?.setRevoked(false);
    await readyOnce(scene, { code: 200, issues: [] });
  });

  it('is degraded when no poll has succeeded for ten minutes', async () => {
    scene.system.standIns.gmail?.faults.add({ status: 500, times: 100_000 });
    await expect.poll(async () => (await cursor(scene)).fault, { timeout: 20_000 }).toBe('gmail-unreachable');
    await scene.dynamo.send(
      new UpdateCommand({
        TableName: tableOf(scene, 'SystemState'),
        Key: { key: 'gmail-cursor#support' },
        UpdateExpression: 'SET polledAt = :at',
        ExpressionAttributeValues: { ':at': new Date(Date.now() - 11 * 60_000).toISOString() },
      }),
    );
    expect(await ready(scene)).toMatchObject({
      code: 200,
      status: 'degraded',
      issues: ['no poll of "support" has succeeded for 10 minutes: gmail-unreachable'],
    });
    scene.system.standIns.gmail?.faults.clear();
    await readyOnce(scene, { code: 200, issues: [] });
  });

  it('counts exactly, right after 200 mails and 200 webhooks side by side', {
    timeout: 240_000,
  }, async () => {
    const { gmail } = scene.system.standIns;
    const before = z
      .looseObject({ webhooks_received: z.number(), webhooks_failed: z.number() })
      .parse(await metrics(scene));
    const deliveriesBefore = desk().deliveries.length;
    await Promise.all([
      ...Array.from({ length: 200 }, (_, index) =>
        gmail?.insert({
          raw: composeMail({
            from: { email: `customer${index}@example.org`, name: `Customer ${index}` },
            to: [{ email: 'support@example.com' }],
            subject: `Order ${index} has not arrived`,
            text: `Where is my order ${index}? I have waited for two weeks.`,
            messageId: `order-${index}@example.org`,
            date: new Date(),
          }),
        }),
      ),
      postWebhooks(scene, 200),
    ]);
    const statuses = async () =>
      (await itemsOf(scene, 'ProcessedMessages')).map(({ status }) => String(status));
    const tally = (all: readonly string[], status: string) => all.filter((each) => each === status).length;
    await expect
      .poll(async () => tally(await statuses(), 'success'), { timeout: 220_000, interval: 500 })
      .toBe(400);
    const rows = await statuses();
    const figures = await metrics(scene);
    const drafts = (await itemsOf(scene, 'BotDrafts')).filter(({ item }) => item === 'live');
    const mapped = (await itemsOf(scene, 'ThreadMap')).filter(
      ({ conversationId }) => conversationId !== undefined,
    );
    const delivered = desk().deliveries.length - deliveriesBefore;
    expect(drafts.length).toBeGreaterThan(100);
    expect(figures).toMatchObject({
      db_messages_by_status: {
        success: 400,
        filtered: tally(rows, 'filtered'),
        failed: 0,
        deferred: 0,
        processing: 0,
      },
      db_bot_drafts: drafts.length,
      bot_drafts_by_state: { live: drafts.length, creating: 0, sent: 0, replaced: 0, gone: 0 },
      db_thread_mappings: mapped.length,
      // Fifty of the two hundred were forged: what a stranger sends is not written down.
      webhooks_failed: before.webhooks_failed,
      dead_letters: 0,
      missing: 0,
    });
    expect(rows).toHaveLength(400 + tally(rows, 'filtered'));
    // FreeScout calls the webhook too, and keeps the newest 500 deliveries for us to count.
    expect(delivered).toBeGreaterThan(0);
    expect(figures.webhooks_received).toBeGreaterThanOrEqual(before.webhooks_received + 150);
    const text = await (await get(scene, '/metrics', { ...authorized(scene), accept: 'text/plain' })).text();
    expect(text).toContain('csm_messages{status="success"} 400\n');
    expect(text).toContain(`csm_bot_drafts{state="live"} ${drafts.length}\n`);
  });

  it('shows the whole way of a mail and of a webhook under one id', () => {
    const lines = scene.lines.flatMap((line) => {
      const json = line.slice(line.indexOf('{'));
      try {
        return [
          z
            .looseObject({ code: z.string(), requestId: z.string(), service: z.string() })
            .parse(JSON.parse(json)),
        ];
      } catch {
        return [];
      }
    });
    const created = lines.find(({ code }) => code === 'MAIL_CREATED');
    const way = lines.filter(({ requestId }) => requestId === created?.requestId);
    expect(way.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['POLL_DONE', 'JOB_STARTED', 'FREESCOUT_CALL', 'MAIL_CREATED', 'JOB_DONE']),
    );
    expect(new Set(way.map(({ service }) => service))).toEqual(
      new Set(['gmail-poll', 'conversation-worker']),
    );
    const queued = lines.find(({ code, decision }) => code === 'WEBHOOK_ANSWERED' && decision === 'queued');
    const hook = lines.filter(({ requestId }) => requestId === queued?.requestId);
    expect(hook.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['WEBHOOK_ANSWERED', 'JOB_STARTED', 'FREESCOUT_CALL', 'JOB_DONE']),
    );
  });

  it('notices that FreeScout fetches the same address', async () => {
    fetchMail(desk(), 1, {
      messageId: 'order-0@example.org',
      from: { email: 'customer0@example.org', name: 'Customer 0' },
      to: 'support@example.com',
      cc: [],
      subject: 'Order 0 has not arrived',
      text: 'Where is my order 0? I have waited for two weeks.',
      html: '',
      inReplyTo: null,
      references: [],
    });
    await expect
      .poll(() => scene.lines.filter((line) => line.includes('"MAIL_FETCHED_TWICE"')), { timeout: 30_000 })
      .toHaveLength(1);
    const done = async () =>
      (await itemsOf(scene, 'ProcessedMessages')).filter(({ status }) => status === 'success');
    await expect.poll(done, { timeout: 60_000 }).toHaveLength(401);
  });

  it('tells operators by Slack of webhooks with a wrong signature', { timeout: 150_000 }, async () => {
    const posted = () =>
      (scene.system.standIns.slack?.messages ?? []).filter((text) =>
        text.startsWith('Alarm WebhookSignatures'),
      );
    await expect.poll(posted, { timeout: 130_000, interval: 1000 }).toHaveLength(1);
    expect(posted()[0]).toContain('RUNBOOK.md, section "Alarm: WebhookSignatures"');
  });

  it('is degraded by an old job, dead letters, missing messages and a budget that is used up, all at once', async () => {
    await scene.sqs.send(
      new SendMessageCommand({
        QueueUrl: scene.system.description.aws.queueUrl,
        MessageBody: 'no job',
        MessageGroupId: 'broken',
        MessageDeduplicationId: 'broken',
      }),
    );
    await expect.poll(async () => (await metrics(scene)).dead_letters, { timeout: 30_000 }).toBe(1);
    const anHourAgo = new Date(Date.now() - 3_600_000 + 30_000).toISOString();
    const put = (table: string, Item: Record<string, unknown>) =>
      scene.dynamo.send(new PutCommand({ TableName: tableOf(scene, table), Item }));
    await put('ProcessedMessages', {
      key: 'gmail:support:stuck',
      status: 'processing',
      listedStatus: 'processing',
      statusAt: anHourAgo,
      firstSeenAt: anHourAgo,
      attempts: 1,
      version: 1,
    });
    const spendAll = () => {
      const [day = ''] = new Date().toISOString().split('T');
      const spent = { dayNano: 10e9, monthNano: 10e9, draftsToday: 1 };
      return put('SystemState', { key: 'meter', day, month: day.slice(0, 7), ...spent });
    };
    await spendAll();
    await put('SystemState', {
      key: 'sweep-cursor',
      listedAt: new Date().toISOString(),
      ranAt: new Date().toISOString(),
      failedWokenAt: new Date().toISOString(),
      missing: 3,
    });
    let answer = await ready(scene);
    if (!answer.issues?.some((issue) => issue.startsWith('the budget'))) {
      // The day ended in between.
      await spendAll();
      answer = await ready(scene);
    }
    expect(answer).toMatchObject({ code: 200, status: 'degraded' });
    expect(answer.issues).toEqual([
      '1 job(s) failed five times and wait in the dead-letter queue',
      expect.stringMatching(/^the oldest job is (59|60) minutes old$/),
      'the budget is used up ($10 a day): 0 conversation(s) wait for it',
      '3 message(s) were missing and only found by a gap check',
      expect.stringMatching(/^FreeScout fetches mail that we bring in: conversation \d+ /),
    ]);
  });

  it('is not ready once drafting is stopped and a table is gone, and says what else is wrong after that', async () => {
    await scene.dynamo.send(
      new PutCommand({
        TableName: tableOf(scene, 'SystemState'),
        Item: {
          key: 'draft-proof',
          state: 'stopped',
          url: scene.system.settings.freescout.url,
          at: new Date().toISOString(),
          reason: 'FreeScout stored a trial draft as "published"',
        },
      }),
    );
    await scene.dynamo.send(new DeleteTableCommand({ TableName: tableOf(scene, 'WebhookEvents') }));
    const { code, issues } = await ready(scene);
    expect(code).toBe(503);
    expect(issues?.slice(0, 3)).toEqual([
      'table WebhookEvents cannot be written (ResourceNotFoundException)',
      'drafting stopped: FreeScout stored a trial draft as "published"; run doctor once FreeScout is mended',
      '1 job(s) failed five times and wait in the dead-letter queue',
    ]);
  });
});

async function cursor(scene: Scene): Promise<{ readonly fault: unknown }> {
  const item = (await itemsOf(scene, 'SystemState')).find(({ key }) => key === 'gmail-cursor#support');
  return { fault: item?.fault };
}

async function itemsOf(scene: Scene, table: string): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await scene.dynamo.send(
      new ScanCommand({
        TableName: tableOf(scene, table),
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

/** Events that ask for nothing, every fourth with a wrong signature, as many side by side as the API takes beside FreeScout's own. */
async function postWebhooks(scene: Scene, count: number): Promise<void> {
  const atOnce = 50;
  for (let sent = 0; sent < count; sent += atOnce) {
    await Promise.all(
      Array.from({ length: atOnce }, (_, index) =>
        postWebhook(scene, sent + index, (sent + index) % 4 === 0),
      ),
    );
  }
}

/** An event that asks for nothing, genuine or with a wrong signature. */
async function postWebhook({ system }: Scene, index: number, forged: boolean): Promise<void> {
  const body = JSON.stringify({ id: index + 1 });
  const secret = forged ? 'somebody else' : system.description.desk.webhookSecret;
  const answer = await fetch(`${system.description.api}/freescout`, {
    method: 'POST',
    headers: {
      'x-freescout-event': 'convo.note.created',
      'x-freescout-signature': signWebhook(body, secret),
    },
    body,
  });
  expect(answer.status).toBe(forged ? 401 : 200);
}
