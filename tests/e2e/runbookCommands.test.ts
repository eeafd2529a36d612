import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeSettings, parseSettings } from '#shared/settings/settings.ts';
import { type CloudFormation, startCloudFormation } from '#tests/support/cloudFormation.ts';
import { eventually, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

const projectRoot = join(import.meta.dirname, '../..');
const runbook = readFileSync(join(projectRoot, 'RUNBOOK.md'), 'utf8');

/** Fenced blocks of a language, each with the heading it stands under. */
function blocks(language: string): { readonly name: string; readonly code: string }[] {
  return [...runbook.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => {
    const before = runbook.slice(0, match.index);
    const heading = [...before.matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? '';
    return { name: `${heading} (line ${before.split('\n').length})`, code: match[1] ?? '' };
  });
}
const commands = blocks('bash');

/** What a machine has that this one may not have; each writes what it was called with. */
const programs: Readonly<Record<string, string>> = {
  journalctl: 'cat "$CSM_TEST_LOG"',
  docker: 'test "$1 $2" = "logs csm" && cat "$CSM_TEST_LOG"',
  aws: 'test $# -ge 2',
  sudo: 'exec "$@"',
  systemctl: 'test "$1 $2" = "restart csm"',
  'xdg-open': `exec node -e 'fetch(process.argv[1])' "$1"`,
  npx: 'case "$*" in "cdk synth"*) PATH=$(echo "$PATH" | cut -d: -f2-) exec node_modules/.bin/cdk synth --quiet --no-notices -o "$CSM_TEST_FOLDER/cdk.out" ;; "cdk deploy") ;; *) exit 9 ;; esac',
};

let system: RunningSystem;
let cloudFormation: CloudFormation;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'csm-runbook-'));
  system = await startSystem({
    settings: {
      freescout: { rateLimit: { maxRequests: 0 }, attachmentLimitMegabytes: 4 },
      openai: { rateLimit: { maxRequests: 0 } },
    },
    environment: { LOG_JSON: 'true' },
  });
  cloudFormation = await startCloudFormation('CustomerServiceManagement', system.dataDirectory);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\necho "$(basename "$0") $*" >> "$CSM_TEST_FOLDER/called"\n${script}\n`,
    );
    chmodSync(join(bin, name), 0o755);
  }
  await system.receiveMail(mail('Hal <hal@customer.test>', 'Where is my order'));
  for (const name of ['One', 'Two']) {
    await system.receiveMail(mail('News <news@shop.test>', `Newsletter ${name}`, true));
  }
  const find = (table: string, is: (item: Record<string, unknown>) => boolean) =>
    eventually(`an item of ${table}`, async () => (await system.rows(table)).find(is), system);
  const row = await find(
    'ProcessedMessages',
    ({ key, action }) => String(key).startsWith('gmail:') && action === 'create',
  );
  const filtered = await find('ProcessedMessages', ({ status }) => status === 'filtered');
  await find('BotDrafts', ({ item, state }) => item === 'live' && state === 'live');
  const event = await find('WebhookEvents', ({ event: name }) => name === 'convo.agent.reply.created');
  environment = {
    ...cloudFormation.environment,
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    CSM_DATA_DIR: system.dataDirectory,
    CSM_TEST_FOLDER: folder,
    CSM_TEST_LOG: join(folder, 'log'),
    MESSAGE: String(row.key).split(':')[2] ?? '',
    CONVERSATION: String(row.conversationId),
    FILTERED: String(filtered.key).split(':')[2] ?? '',
    EVENT: String(event.eventId),
    CUSTOMER: 'hal@customer.test',
    SECRET_STATUS: 'arn:status',
    SECRET_SLACK: 'arn:slack',
    FREESCOUT_URL: system.local.desk.url,
    FREESCOUT_KEY: system.local.desk.apiKey,
    FREESCOUT_WEBHOOK_SECRET: system.local.desk.webhookSecret,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: `${system.local.openai.url}/v1`,
    GMAIL_CLIENT_ID: 'id',
    GMAIL_CLIENT_SECRET: 'secret',
    GMAIL_ROOT_URL: `${system.local.gmail.url}/`,
    GOOGLE_TOKEN_URL: `${system.local.gmail.url}/token`,
  };
});
afterAll(async () => {
  cloudFormation.close();
  expect(await system.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const mail = (from: string, subject: string, isBulk = false) =>
  [
    `From: ${from}`,
    'To: support@example.com',
    `Subject: ${subject}`,
    `Message-ID: <${subject.replaceAll(' ', '-')}@customer.test>`,
    ...(isBulk
      ? ['List-Unsubscribe: <https://shop.test/u>', 'List-Id: <news.shop.test>', 'Precedence: bulk']
      : []),
    '',
    'Hello, it has not arrived. When will it come?',
    '',
  ].join('\r\n');

it('has commands under every alarm and in every part that tells what to do', () => {
  expect(commands.length).toBeGreaterThan(25);
  const alarms = [...runbook.matchAll(/^### (Alarm: .+)$/gm)].map((match) => match[1] ?? '');
  for (const alarm of alarms) {
    expect(commands.map(({ name }) => name)).toContainEqual(expect.stringContaining(`${alarm} (`));
  }
});

it.each(commands)('runs: $name', async ({ code }) => {
  // The command before may have queued work, with which this one would collide.
  await eventually(
    'nobody at work',
    async () =>
      (await system.rows('ProcessedMessages')).every(({ leaseOwner }) => leaseOwner === undefined) || null,
    system,
    60,
  );
  writeFileSync(join(folder, 'log'), system.output());
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', code], {
    cwd: projectRoot,
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (code.includes('request=')) {
    // The whole way of the message: the function that found it, and the worker.
    expect(stdout).toContain('"service":"conversation-worker"');
    expect(stdout).toContain(`"messageId":"${environment.MESSAGE}"`);
    expect(stdout).toContain('MAIL_CREATED');
  }
});

it('called the other programs as written', () => {
  const called = readFileSync(join(folder, 'called'), 'utf8');
  for (const name of Object.keys(programs)) {
    expect(`\n${called}`).toContain(`\n${name} `);
  }
  expect(existsSync(join(folder, 'customer.json'))).toBe(true);
});

describe('the settings it shows', () => {
  it.each(blocks('json'))('are taken: $name', ({ code }) => {
    expect(() => parseSettings(mergeSettings({}, JSON.parse(code)))).not.toThrow();
  });
});

describe('the names it tells', () => {
  it('are commands and options that exist', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['infra/cli/csm.ts', '--help'], {
      cwd: projectRoot,
    });
    const existing = [...stdout.matchAll(/^ {2}([a-z][a-z-]+)/gm)].map((match) => match[1] ?? '');
    const named = [...runbook.matchAll(/csm -- (?:--stack \w+ )?([a-z-]+)/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !existing.includes(name))).toEqual([]);
  });
});
