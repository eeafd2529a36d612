import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalDescription } from '#infra/local/localDescription.ts';
import { isRunning, type ProcessIdentity } from '#infra/local/processes.ts';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { databaseVariables, removeTables } from '#tests/support/dynoxide.ts';

const root = join(import.meta.dirname, '../../../..');
/** Whether a system starts its database itself. */
const ofItsOwn = databaseVariables.DYNAMODB_ENDPOINT === undefined;
const folder = mkdtempSync(join(tmpdir(), 'csm-restart-'));
const children = new Set<ChildProcess>();
let freescout: FreeScoutStandIn;

beforeAll(async () => {
  freescout = await startFreeScoutStandIn();
});
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
  }
  await freescout.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (file: string, variables: Record<string, string>) => {
  const child = spawn(process.execPath, [join(root, file)], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      children.delete(child);
      resolve(code);
    });
  });
  return { child, ended };
};

async function startSystem(directory: string, variables: Record<string, string>) {
  const { child, ended } = run('tests/support/localRunner/startSystem.ts', {
    CSM_PORT: '0',
    CSM_SAMPLES: 'off',
    CSM_DATA_DIR: directory,
    ...databaseVariables,
    ...variables,
  });
  const errors = text(child.stderr);
  await Promise.race([
    new Promise((resolve) => child.stdout.once('data', resolve)),
    ended.then(async () => Promise.reject(new Error(await errors))),
  ]);
  const description: LocalDescription = JSON.parse(readFileSync(join(directory, 'local.json'), 'utf8'));
  // Absent when the database was not started by it.
  const { dynamodb }: { dynamodb?: ProcessIdentity } = JSON.parse(
    readFileSync(join(directory, 'pid.json'), 'utf8'),
  );
  const client = new DynamoDBClient({
    endpoint: description.aws.dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const tableName = description.aws.tables.SystemState;
  const key = { key: { S: 'seen' } };
  return {
    child,
    ended,
    databaseRuns: () => (dynamodb === undefined ? undefined : isRunning(dynamodb)),
    leave: () => removeTables(description.aws.dynamodb, Object.values(description.aws.tables)),
    remember: () => client.send(new PutItemCommand({ TableName: tableName, Item: key })),
    remembers: async () =>
      (await client.send(new GetItemCommand({ TableName: tableName, Key: key }))).Item !== undefined,
  };
}

describe('starting again', () => {
  it('keeps the tables of a real FreeScout through a kill, and ends the database the kill left behind', async () => {
    const directory = mkdtempSync(join(folder, 'one-'));
    const real = {
      FREESCOUT_URL: freescout.url,
      FREESCOUT_KEY: freescout.apiKey,
      FREESCOUT_WEBHOOK_SECRET: freescout.webhookSecret,
      CSM_STAND_INS: 'allowed',
    };
    const first = await startSystem(directory, real);
    await first.remember();
    first.child.kill('SIGKILL');
    await first.ended;
    expect(first.databaseRuns()).toBe(ofItsOwn ? true : undefined);

    const second = await startSystem(directory, real);
    expect(first.databaseRuns()).toBe(ofItsOwn ? false : undefined);
    expect(await second.remembers()).toBe(true);

    const asked = Date.now();
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(second.databaseRuns()).toBe(ofItsOwn ? false : undefined);
    expect(existsSync(join(directory, 'local.json'))).toBe(false);
    expect(existsSync(join(directory, 'pid.json'))).toBe(false);
    await second.leave();
  }, 120_000);

  it('empties the tables with the FreeScout stand-in, whose conversations begin anew', async () => {
    const directory = mkdtempSync(join(folder, 'one-'));
    const first = await startSystem(directory, {});
    await first.remember();
    expect(await first.remembers()).toBe(true);
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await startSystem(directory, {});
    expect(await second.remembers()).toBe(false);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    await second.leave();
  }, 120_000);
});

describe('npm start', () => {
  it('ends with code 1 and one line when it cannot start', async () => {
    const { child, ended } = run('infra/local/start.ts', { CSM_PORT: 'many', CSM_SAMPLES: 'perhaps' });
    const [errors, code] = await Promise.all([text(child.stderr), ended]);
    expect(code).toBe(1);
    expect(errors).toBe('Cannot start: CSM_PORT must be a port number; CSM_SAMPLES must be on or off\n');
  });

  // Ctrl-C reaches the whole process group; an order to stop only the process itself.
  it.each([
    ['SIGINT', 0],
    ['SIGINT', 300],
    ['SIGINT', 1000],
    ['SIGINT', 2000],
    ['SIGTERM', 500],
  ] as const)(
    'is stopped by %s %d ms into its start, quietly and with all that it started',
    async (signal, delay) => {
      const directory = mkdtempSync(join(folder, 'early-'));
      const child = spawn(process.execPath, [join(root, 'infra/local/start.ts')], {
        env: {
          PATH: process.env.PATH,
          CSM_PORT: '0',
          CSM_SAMPLES: 'off',
          CSM_DATA_DIR: directory,
          ...databaseVariables,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      children.add(child);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const errors = text(child.stderr);
      let said = '';
      const begun = new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk) => {
          said += chunk;
          resolve();
        });
      });
      await begun;
      await sleep(delay);
      process.kill(signal === 'SIGINT' ? -(child.pid ?? 0) : (child.pid ?? 0), signal);

      expect(await ended).toBe(0);
      children.delete(child);
      expect(await errors).toBe('');
      expect(said).toMatch(
        /^Starting …\n(Stopped before everything had started\.\n|[\s\S]*\nStopping: [^\n]*\n)$/,
      );
      expect(processesWith(`CSM_DATA_DIR=${directory}`)).toEqual([]);
      expect(existsSync(join(directory, 'pid.json'))).toBe(false);
    },
    60_000,
  );
});

/** Command lines of the processes that run in an environment with that variable. */
function processesWith(variable: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const variables = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        return variables.includes(variable) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8')] : [];
      } catch {
        // It has ended meanwhile, or belongs to somebody else.
        return [];
      }
    });
}
