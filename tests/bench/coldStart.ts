import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { buildFunction } from '#infra/bundle/buildFunction.ts';
import { BUDGETS, BUNDLING } from '#infra/bundle/bundling.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { scratchFolder } from './benchSystem.ts';
import { ratios, type Spread, spreadOf } from './statistics.ts';

const PROJECT_ROOT = join(import.meta.dirname, '../..');
const ROUNDS = 20;

/** Functions that read Gmail; they are built the naive way too. */
const READS_GMAIL = ['gmail-poll', 'conversation-worker'];

/** Node's modules that anything needs that makes an HTTPS call and signs it. */
const NETWORK_MODULES = ['node:https', 'node:crypto', 'node:zlib', 'node:stream', 'node:fs/promises'];

export interface ColdStart {
  readonly name: string;
  readonly bytes: number;
  readonly budgetBytes: number | null;
  /** Milliseconds from the start of a process until its end, with the bundle loaded. */
  readonly process: Spread;
  /** Milliseconds that loading the bundle took in it. */
  readonly load: Spread;
  /** Process time over that of the empty handler beside it. */
  readonly overEmpty: Spread;
  /** Size and load time of the naive build over this one's; null: not built that way. */
  readonly naive: { readonly bytes: number; readonly load: Spread; readonly loadRatio: Spread } | null;
}

interface Timings {
  readonly process: number[];
  readonly load: number[];
}

/** Builds every function and loads each in 20 fresh processes, one after the other in turn, so that all meet the same machine. */
export async function measureColdStart(): Promise<readonly ColdStart[]> {
  const folder = scratchFolder('cold-start');
  try {
    const files = await buildAll(folder);
    const timings = new Map<string, Timings>(
      [...files.keys()].map((name) => [name, { process: [], load: [] }]),
    );
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [name, { file }] of files) {
        const timed = await timeLoad(file);
        // The first round only warms the file cache.
        if (round > 0) {
          timings.get(name)?.process.push(timed.process);
          timings.get(name)?.load.push(timed.load);
        }
      }
    }
    return results(files, timings);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Files = ReadonlyMap<string, { readonly file: string; readonly bytes: number }>;

async function buildAll(folder: string): Promise<Files> {
  const files = new Map<string, { file: string; bytes: number }>();
  const settings = JSON.stringify(parseSettings({ freescout: { url: 'https://desk.example.com' } }));
  const write = (name: string, code: Uint8Array) => {
    const directory = join(folder, name.replaceAll(' ', '-'));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'index.mjs'), code);
    writeFileSync(join(directory, 'settings.json'), settings);
    files.set(name, { file: join(directory, 'index.mjs'), bytes: code.byteLength });
  };
  write('empty handler', Buffer.from('export const handler = async () => {};'));
  write(
    "Node's network modules",
    Buffer.from(
      `${NETWORK_MODULES.map((name) => `import '${name}';`).join('')}export const handler = async () => {};`,
    ),
  );
  for (const name of Object.keys(BUDGETS)) {
    write(name, (await buildFunction(name, settings)).code);
  }
  for (const name of READS_GMAIL) {
    write(`naive ${name}`, await buildNaively(name));
  }
  return files;
}

/** As one would write it first: all of googleapis, no minification, no tree shaking, everything loaded at the start. */
async function buildNaively(name: string): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [join(PROJECT_ROOT, 'functions', name, 'handler.ts')],
    absWorkingDir: PROJECT_ROOT,
    outfile: 'index.mjs',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: BUNDLING.target,
    treeShaking: false,
    mainFields: [...BUNDLING.mainFields],
    banner: { js: BUNDLING.banner },
    logLevel: 'error',
    write: false,
    plugins: [wholeGoogleapis],
  });
  return result.outputFiles[0]?.contents ?? new Uint8Array();
}

const GMAIL_ENTRY = "const { gmail } = await import('googleapis/build/src/apis/gmail/index.js');";

/** Has our Gmail client import the package as its own documentation shows it. */
const wholeGoogleapis: Plugin = {
  name: 'whole googleapis',
  setup({ onLoad }) {
    onLoad({ filter: /googleGmailClient\.ts$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      if (!code.includes(GMAIL_ENTRY)) {
        throw new Error('The Gmail client no longer loads its entry as the naive build expects.');
      }
      return {
        contents: `import { google } from 'googleapis';\n${code.replace(GMAIL_ENTRY, 'const gmail = google.gmail.bind(google);')}`,
        loader: 'ts',
      };
    });
  },
};

const ENVIRONMENT = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: 'bench',
  LEASE_SECONDS: '210',
  ...Object.fromEntries(
    [
      'TABLE_PROCESSED_MESSAGES',
      'TABLE_THREAD_MAP',
      'TABLE_BOT_DRAFTS',
      'TABLE_SYSTEM_STATE',
      'TABLE_WEBHOOK_EVENTS',
      'JOBS_QUEUE_URL',
      'DEAD_LETTER_QUEUE_URL',
      'TOPIC_ALERTS',
      'WEBHOOK_URL',
      'DEPLOYED_AT',
      'SECRET_FREESCOUT',
      'SECRET_OPENAI',
      'SECRET_GMAIL_SUPPORT',
      'SECRET_SLACK',
      'SECRET_STATUS',
    ].map((name) => [name, 'bench']),
  ),
};

async function timeLoad(file: string): Promise<{ readonly process: number; readonly load: number }> {
  const program = `const start = performance.now(); await import(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - start)); process.exit(0);`;
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: ENVIRONMENT,
  });
  return { process: performance.now() - startedAt, load: Number(stdout.split('\n').at(-1)) };
}

function results(files: Files, timings: ReadonlyMap<string, Timings>): ColdStart[] {
  const of = (name: string) => timings.get(name) ?? { process: [], load: [] };
  return [...files]
    .filter(([name]) => !name.startsWith('naive '))
    .map(([name, { bytes }]) => {
      const { process, load } = of(name);
      const naive = files.get(`naive ${name}`);
      return {
        name,
        bytes,
        budgetBytes: BUDGETS[name] ?? null,
        process: spreadOf(process),
        load: spreadOf(load),
        overEmpty: spreadOf(ratios(process, of('empty handler').process)),
        naive:
          naive === undefined
            ? null
            : {
                bytes: naive.bytes,
                load: spreadOf(of(`naive ${name}`).load),
                loadRatio: spreadOf(ratios(of(`naive ${name}`).load, load)),
              },
      };
    });
}
