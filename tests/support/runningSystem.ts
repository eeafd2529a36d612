import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

const projectRoot = join(import.meta.dirname, '../..');

const localSchema = z.object({
  pid: z.int(),
  api: z.url(),
  statusToken: z.string(),
  desk: z.object({
    url: z.url(),
    apiKey: z.string(),
    webhookSecret: z.string(),
    external: z.boolean(),
  }),
  gmail: z.object({ url: z.url(), account: z.string(), external: z.boolean() }),
  openai: z.object({ url: z.url(), external: z.boolean() }),
  alerts: z.object({ slack: z.url().nullable(), sns: z.url() }),
  aws: z.object({
    dynamodb: z.url(),
    sqs: z.url(),
    queueUrl: z.url(),
    deadLetterQueueUrl: z.url(),
    alertTopicArn: z.string(),
    tables: z.record(z.string(), z.string()),
  }),
});
type Local = z.infer<typeof localSchema>;

const personSchema = z.object({
  id: z.int(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  email: z.string(),
});

const inspectedThreadSchema = z.object({
  id: z.int(),
  type: z.string(),
  state: z.string(),
  status: z.string(),
  body: z.string().nullable(),
  cc: z.array(z.string()),
  imported: z.boolean(),
  createdBy: personSchema.nullable(),
  createdAt: z.string(),
  _embedded: z.object({
    attachments: z.array(z.object({ fileName: z.string(), mimeType: z.string(), size: z.int() })),
  }),
});

const inspectedSchema = z.object({
  id: z.int(),
  subject: z.string(),
  status: z.string(),
  state: z.string(),
  mailboxId: z.int(),
  cc: z.array(z.string()),
  customer: personSchema.nullable(),
  tags: z.array(z.string()),
  threads: z.array(inspectedThreadSchema),
});
export type InspectedConversation = z.infer<typeof inspectedSchema>;

/** The whole system as `npm start` runs it, driven over HTTP only. */
export interface RunningSystem {
  readonly local: Local;
  readonly dataDirectory: string;
  /** What it printed so far. */
  output(): string;
  /**
   * Puts a mail into the Gmail account.
   *
   * @param threadId - the Gmail thread it comes into; without one Gmail's rule decides.
   */
  receiveMail(
    raw: string | Uint8Array,
    labelIds?: readonly string[],
    threadId?: string,
  ): Promise<{ readonly id: string; readonly threadId: string }>;
  /** A person sends a mail from the Gmail account itself. */
  sendFromGmail(raw: string, threadId: string): Promise<void>;
  /** A person changes the labels of a mail in Gmail. */
  relabelMail(
    id: string,
    labels: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ): Promise<void>;
  conversations(): Promise<readonly InspectedConversation[]>;
  conversation(id: number): Promise<InspectedConversation>;
  /** Sends a form of the desk page, as the agent or as the customer. */
  deskAction(
    path: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<{ readonly threadId?: number | undefined; readonly messageId?: string | undefined }>;
  /** A call to the help desk's API, as somebody else's program would make it. */
  deskApi(method: string, path: string, body?: unknown): Promise<Response>;
  /** Requests that the help desk's API got so far. */
  deskRequests(): Promise<
    readonly { readonly method: string; readonly path: string; readonly body: unknown }[]
  >;
  modelCalls(): Promise<number>;
  /** Makes the next calls of a part fail. */
  fault(part: 'desk' | 'gmail' | 'openai' | 'slack', fault: Readonly<Record<string, unknown>>): Promise<void>;
  row(table: string, key: string): Promise<Record<string, unknown> | undefined>;
  rows(table: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends it at once, in the middle of whatever it does; what it started may stay behind. */
  kill(): Promise<void>;
  /** Ends it as Ctrl-C would and tells its exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts the system in a process of its own, in a new data folder, on free ports, without sample mails.
 *
 * @throws with everything it printed when it is not ready in time.
 */
export async function startSystem(
  options: {
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly environment?: Readonly<Record<string, string>>;
    /** One that exists already, which stays afterwards; a new one when absent. */
    readonly dataDirectory?: string;
  } = {},
): Promise<RunningSystem> {
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), 'csm-system-'));
  const child = spawn(process.execPath, ['infra/local/start.ts'], {
    cwd: projectRoot,
    env: {
      ...process.env,
      CSM_PORT: '0',
      CSM_DATA_DIR: dataDirectory,
      CSM_SAMPLES: 'off',
      CSM_GMAIL_POLL_SECONDS: '1',
      CSM_DESK_DELAY_FACTOR: '0.05',
      CSM_SETTINGS: JSON.stringify(options.settings ?? {}),
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  const local = await whenReady(child, join(dataDirectory, 'local.json'), () => printed);
  const dynamo = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: local.aws.dynamodb,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  );
  const tableName = (table: string) => {
    const name = local.aws.tables[table];
    if (name === undefined) {
      throw new Error(`local.json names no table ${table}`);
    }
    return name;
  };
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const json = async (url: string): Promise<unknown> => (await fetch(url)).json();
  const gmail = async (path: string, body: unknown): Promise<unknown> => {
    const answer = await fetch(`${local.gmail.url}/gmail/v1/users/me${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) {
      throw new Error(`The Gmail stand-in answered ${answer.status}: ${await answer.text()}`);
    }
    return answer.json();
  };
  return {
    local,
    dataDirectory,
    output: () => printed,
    receiveMail: async (raw, labelIds = ['INBOX', 'UNREAD'], threadId) =>
      z
        .object({ id: z.string(), threadId: z.string() })
        .parse(await gmail('/messages', { raw: Buffer.from(raw).toString('base64url'), labelIds, threadId })),
    sendFromGmail: async (raw, threadId) => {
      await gmail('/messages/send', { raw: Buffer.from(raw).toString('base64url'), threadId });
    },
    relabelMail: async (id, { add = [], remove = [] }) => {
      await gmail(`/messages/${id}/modify`, { addLabelIds: add, removeLabelIds: remove });
    },
    conversations: async () =>
      z.array(inspectedSchema).parse(await json(`${local.desk.url}/inspect/conversations`)),
    conversation: async (id) =>
      inspectedSchema.parse(await json(`${local.desk.url}/inspect/conversations/${id}`)),
    async deskAction(path, form = {}) {
      const answer = await fetch(`${local.desk.url}${path}`, {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
      if (!answer.ok) {
        throw new Error(`The desk answered ${answer.status} to ${path}: ${await answer.text()}`);
      }
      return z
        .object({ threadId: z.int().optional(), messageId: z.string().optional() })
        .parse(await answer.json());
    },
    deskApi: (method, path, body) =>
      fetch(`${local.desk.url}/api${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'x-freescout-api-key': local.desk.apiKey },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    deskRequests: async () =>
      z
        .array(z.object({ method: z.string(), path: z.string(), body: z.unknown() }))
        .parse(await json(`${local.desk.url}/inspect/requests`)),
    modelCalls: async () =>
      z.array(z.unknown()).parse(await json(`${local.openai.url}/control/calls`)).length,
    async fault(part, fault) {
      const url = part === 'slack' ? local.alerts.slack : local[part].url;
      const answer = await fetch(`${url}/control/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fault),
      });
      if (!answer.ok) {
        throw new Error(`The ${part} stand-in refused the fault: ${await answer.text()}`);
      }
    },
    row: async (table, key) =>
      (await dynamo.send(new GetCommand({ TableName: tableName(table), Key: { key }, ConsistentRead: true })))
        .Item,
    rows: async (table) => (await dynamo.send(new ScanCommand({ TableName: tableName(table) }))).Items ?? [],
    async kill() {
      dynamo.destroy();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      dynamo.destroy();
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      if (isRunning()) {
        child.kill('SIGTERM');
        await ended;
      }
      const localFileLeft = existsSync(join(dataDirectory, 'local.json'));
      if (options.dataDirectory === undefined) {
        rmSync(dataDirectory, { recursive: true, force: true });
      }
      if (localFileLeft) {
        throw new Error('local.json was left behind');
      }
      return child.exitCode;
    },
  };
}

async function whenReady(child: ChildProcess, file: string, printed: () => string): Promise<Local> {
  for (let waited = 0; waited < 150_000; waited += 100) {
    const local = existsSync(file) ? localSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
    // One that a killed system left behind names another process.
    if (local !== null && local.pid === child.pid) {
      return local;
    }
    if (child.exitCode !== null) {
      break;
    }
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error(`The system did not start:\n${printed()}`);
}

/**
 * Asks until the answer is not null.
 *
 * @throws with what was waited for, and what the system printed.
 */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | null | undefined>,
  system: RunningSystem,
  seconds = 30,
): Promise<Answer> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const answer = await ask();
    if (answer !== null && answer !== undefined) {
      return answer;
    }
    await sleep(100);
  }
  throw new Error(
    `Waited ${seconds} s in vain for ${what}. The system printed:\n${system.output().slice(-6000)}`,
  );
}
