import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readEnvironment } from '#infra/local/environment.ts';
import { type LocalSystem, startLocalSystem } from '#infra/local/localSystem.ts';
import { welcome } from '#infra/local/terminal/welcome.ts';
import { startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import { databaseVariables, removeTables, startDynoxide } from '#tests/support/dynoxide.ts';

const functionsFolder = join(import.meta.dirname, '../../../support/localRunner/functions');
const folder = mkdtempSync(join(tmpdir(), 'csm-systems-'));
const newDirectory = () => mkdtempSync(join(folder, 'one-'));
const lines: string[] = [];
const reports: string[] = [];

/** Tables in a database that stays. */
const tablesToRemove = new Set<string>();

const start = async (variables: Record<string, string>) => {
  const started = await startLocalSystem({
    ...readEnvironment({
      CSM_PORT: '0',
      CSM_SAMPLES: 'off',
      CSM_DESK_DELAY_FACTOR: '0',
      ...databaseVariables,
      ...variables,
    }),
    functionsFolder,
    output: (id, line) => lines.push(`${id} ${line}`),
    report: (id, sentence, code) => reports.push([id, code, sentence].join(': ')),
    onPartLost: (sentence) => reports.push(sentence),
  });
  const { dynamodb, tables } = started.description.aws;
  if (dynamodb === databaseVariables.DYNAMODB_ENDPOINT) {
    Object.values(tables).forEach((name) => void tablesToRemove.add(name));
  }
  return started;
};

const directory = newDirectory();
/** Once used by a system that is stopped. */
const usedDirectory = newDirectory();
let system: LocalSystem;

beforeAll(async () => {
  system = await start({
    CSM_DATA_DIR: directory,
    CSM_SETTINGS: '{"worker":{"maxConcurrency":3},"freescout":{"botUserId":7}}',
  });
});
afterAll(async () => {
  const { dynamodb } = system.description.aws;
  await system.stop();
  await removeTables(dynamodb, [...tablesToRemove]);
  rmSync(folder, { recursive: true, force: true });
});

const sentMail = (query: string) =>
  fetch(`${system.description.gmail.url}/gmail/v1/users/me/messages?labelIds=SENT&q=${query}`).then(
    (answer) => answer.json() as Promise<{ messages?: { id: string; threadId: string }[] }>,
  );

describe('local system', () => {
  it('describes itself in local.json, for this user alone', () => {
    const file = join(directory, 'local.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      pid: process.pid,
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      statusToken: expect.stringMatching(/^.{40,}$/),
      desk: {
        url: expect.stringMatching(/^http:/),
        apiKey: expect.stringMatching(/^[0-9a-f]{32}$/),
        webhookSecret: expect.stringMatching(/^.{16,}$/),
        external: false,
      },
      gmail: { url: expect.stringMatching(/^http:/), account: 'support@example.com', external: false },
      openai: { url: expect.stringMatching(/^http:/), external: false },
      alerts: {
        slack: expect.stringMatching(/^http:/),
        sns: expect.stringMatching(/^http:/),
      },
      aws: {
        dynamodb: expect.stringMatching(/^http:/),
        sqs: expect.stringMatching(/^http:/),
        queueUrl: expect.stringMatching(/\.fifo$/),
        deadLetterQueueUrl: expect.stringMatching(/\.fifo$/),
        alertTopicArn: expect.stringMatching(/^arn:aws:sns:/),
        tables: Object.fromEntries(
          ['ProcessedMessages', 'ThreadMap', 'BotDrafts', 'SystemState', 'WebhookEvents'].map((name) => [
            name,
            expect.stringContaining(name),
          ]),
        ),
      },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('gives the functions their settings, led to the stand-ins, and an environment that cannot reach AWS', async () => {
    const answer = await fetch(`${system.description.api}/health`);
    const { settings, environment } = (await answer.json()) as {
      settings: Record<string, unknown>;
      environment: Record<string, string>;
    };
    expect(settings).toMatchObject({
      worker: { maxConcurrency: 3 },
      freescout: { url: system.description.desk.url, botUserId: 7 },
      gmail: { rootUrl: `${system.description.gmail.url}/` },
      openai: { baseUrl: `${system.description.openai.url}/v1` },
    });
    expect(environment).toMatchObject({
      TABLE_SYSTEM_STATE: system.description.aws.tables.SystemState,
      JOBS_QUEUE_URL: system.description.aws.queueUrl,
      AWS_ENDPOINT_URL_DYNAMODB: system.description.aws.dynamodb,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_ENDPOINT_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
    });
    expect(environment).not.toHaveProperty('HOME');
  });

  it('polls Gmail at the interval of the environment and can do it at once', async () => {
    expect(await system.runNow('GmailPoll')).toEqual({ ok: true, result: null });
    await vi.waitFor(() => expect(lines).toContain('GmailPoll gmail-poll was called'), { timeout: 30_000 });
  });

  it('lets an agent’s reply land in Gmail as sent mail, and a customer’s answer join its thread', async () => {
    const { freescout } = system.standIns;
    const api = (path: string, body: unknown) =>
      fetch(`${system.description.desk.url}/api${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-freescout-api-key': system.description.desk.apiKey,
        },
        body: JSON.stringify(body),
      });
    const created = await api('/conversations', {
      type: 'email',
      mailboxId: 1,
      subject: 'Broken lamp',
      customer: { email: 'jo@customer.example' },
      threads: [{ type: 'customer', text: 'It is broken', customer: { email: 'jo@customer.example' } }],
    });
    const id = Number(created.headers.get('resource-id'));
    await vi.waitFor(() => expect(lines.join('\n')).toContain('"event":"convo.created"'), { timeout: 5000 });
    await api(`/conversations/${id}/threads`, { type: 'message', text: 'We are checking.', user: 1 });
    await vi.waitFor(async () => expect((await sentMail('broken')).messages).toHaveLength(1), {
      timeout: 5000,
    });
    const [sent] = (await sentMail('broken')).messages ?? [];

    const conversation = freescout?.model.conversations.get(id);
    if (freescout === undefined || conversation === undefined) {
      throw new Error('no conversation');
    }
    await freescout.customers.answer(conversation, 'Thank you');
    const inbox = await fetch(`${system.description.gmail.url}/gmail/v1/users/me/messages?labelIds=INBOX`);
    const { messages } = (await inbox.json()) as { messages: { threadId: string }[] };
    expect(messages.map((message) => message.threadId)).toEqual([sent?.threadId]);
  });

  it('runs beside another system, which it does not disturb', async () => {
    const other = await start({ CSM_DATA_DIR: usedDirectory });
    const placeOf = ({ dynamodb, tables }: LocalSystem['description']['aws']) =>
      `${dynamodb} ${tables.SystemState}`;
    expect(placeOf(other.description.aws)).not.toBe(placeOf(system.description.aws));
    await other.standIns.gmail?.insert({
      raw: composeMail({
        from: { email: 'a@b.example' },
        to: [],
        subject: 'x',
        text: 'x',
        messageId: 'x@b.example',
        date: new Date(),
      }),
    });
    await other.stop();
    expect(existsSync(join(other.dataDirectory, 'local.json'))).toBe(false);
    expect(existsSync(join(other.dataDirectory, 'pid.json'))).toBe(false);
    expect((await fetch(`${system.description.api}/health`)).status).toBe(200);
  });

  it('says which parts stand in beside a real FreeScout, and starts no Slack stand-in and no sample mails there', async () => {
    const desk = await startFreeScoutStandIn();
    const freescout = {
      FREESCOUT_URL: desk.url,
      FREESCOUT_KEY: desk.apiKey,
      FREESCOUT_WEBHOOK_SECRET: desk.webhookSecret,
      FREESCOUT_WEBHOOK_SECRET_PREVIOUS: 'the one in use till now',
    };
    reports.length = 0;
    const other = await start({
      ...freescout,
      CSM_DATA_DIR: newDirectory(),
      CSM_SAMPLES: 'on',
      OPENAI_API_KEY: 'k',
    });
    try {
      expect(reports).toEqual([
        'local system: STAND_INS_IN_USE: FreeScout is real, but stand-ins run for Gmail (no mail of customers comes in through it; set GMAIL_…).',
      ]);
      expect(other.description).toMatchObject({
        desk: { external: true },
        gmail: { external: false },
        openai: { external: true },
        alerts: { slack: null },
      });
      const { running } = other;
      expect(JSON.parse(running.secrets.get(running.stackOutput('SecretFreeScout') ?? ''))).toEqual({
        apiKey: desk.apiKey,
        webhookSecret: desk.webhookSecret,
        webhookSecretPrevious: 'the one in use till now',
      });
      expect(other.standIns.slack).toBeUndefined();
      expect(other.samplesArrive).toBe(false);
      const readiness = { status: 'ready', issues: [], conditions: [] } as const;
      expect(welcome(other, readiness)).not.toContain('Sample mails');
    } finally {
      await other.stop();
      await desk.close();
    }
    expect(welcome(system, { status: 'ready', issues: [], conditions: [] })).toContain('Slack');
  });

  it('lets through what the template lets through on AWS, refuses unsigned webhooks before their body, and tells of both in one line', async () => {
    reports.length = 0;
    const other = await start({
      CSM_DATA_DIR: newDirectory(),
      CSM_SETTINGS: '{"api":{"requestsPerSecond":1,"burst":3}}',
    });
    const { api } = other.description;
    try {
      const unsigned = connect({ port: Number(new URL(api).port), host: '127.0.0.1' });
      unsigned.write('POST /freescout HTTP/1.1\r\nHost: a\r\nContent-Length: 9900000\r\n\r\n');
      expect(await text(unsigned)).toMatch(/^HTTP\/1\.1 401 .*\{"message":"missing signature"\}$/s);
      const webhooks = await Promise.all(
        Array.from({ length: 10 }, () =>
          fetch(`${api}/freescout`, {
            method: 'POST',
            headers: { 'x-freescout-signature': `${'A'.repeat(27)}=` },
            body: '{}',
          }),
        ),
      );
      const statuses = webhooks.map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(3);
      // Each route has its own share.
      expect((await fetch(`${api}/health`)).status).toBe(200);
    } finally {
      await other.stop();
    }
    expect(reports.filter((report) => report.includes('REQUESTS_REFUSED'))).toEqual([
      expect.stringMatching(
        /^local system: REQUESTS_REFUSED: Refused in the last minute: 1 requests without a usable signature, \d requests above the throttle\.$/,
      ),
    ]);
  });

  it('leaves alone what others have in a database that it did not start itself', async () => {
    const database = await startDynoxide();
    onTestFinished(database.close);
    const client = new DynamoDBClient({
      endpoint: database.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const key = { key: { S: 'mine' } };
    const startThere = () => start({ CSM_DATA_DIR: newDirectory(), DYNAMODB_ENDPOINT: database.endpoint });
    const one = await startThere();
    const { tables } = one.description.aws;
    await client.send(new PutItemCommand({ TableName: tables.SystemState, Item: key }));
    const other = await startThere();
    const kept = await client.send(new GetItemCommand({ TableName: tables.SystemState, Key: key }));
    expect(kept.Item).toEqual(key);
    await Promise.all([one.stop(), other.stop()]);
    client.destroy();
  }, 120_000);

  it('refuses a directory that is in use, one of another account, taken ports and wrong settings, each in one line', async () => {
    const refusal = (variables: Record<string, string>) =>
      start(variables).then(
        () => 'started',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(await refusal({ CSM_DATA_DIR: directory })).toMatch(
      /^StartRefused: Another system \(process \d+\) runs in/,
    );
    const port = new URL(system.description.api).port;
    expect(await refusal({ CSM_DATA_DIR: usedDirectory, CSM_PORT: port })).toBe(
      `StartRefused: Port ${port} (API) is taken: set CSM_PORT to the first of four free ports.`,
    );
    expect(
      await refusal({
        CSM_DATA_DIR: usedDirectory,
        CSM_SETTINGS:
          '{"channels":[{"kind":"gmail","alias":"a","address":"other@example.com","mailboxId":1}]}',
      }),
    ).toMatch(/belongs to the mail of support@example\.com, not other@example\.com/);
    expect(
      await refusal({
        CSM_DATA_DIR: usedDirectory,
        FREESCOUT_URL: 'https://desk.example.com/',
        FREESCOUT_KEY: 'k',
        FREESCOUT_WEBHOOK_SECRET: 's',
        OPENAI_API_KEY: 'k',
      }),
    ).toMatch(/belongs to FreeScout the stand-in, not https:\/\/desk\.example\.com/);
    expect(
      await refusal({
        CSM_DATA_DIR: usedDirectory,
        CSM_SETTINGS: '{"worker":{"maxConcurrency":1},"nonsense":1}',
      }),
    ).toMatch(/^StartRefused: Wrong settings .*worker\.maxConcurrency.*nonsense/);
    expect(
      await refusal({
        CSM_DATA_DIR: usedDirectory,
        CSM_SETTINGS: '{"accounts":[{"alias":"support","gmailAddress":"support@example.com","mailboxId":1}]}',
      }),
    ).toBe(
      'StartRefused: Wrong settings (cdk.json with CSM_SETTINGS): accounts: is now "channels" (kind "gmail", "gmailAddress" is "address"); csm settings migrate prints the new text.',
    );
    expect(existsSync(join(usedDirectory, 'pid.json'))).toBe(false);
  });
});
