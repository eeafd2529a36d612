import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { budgets, bundling } from '#infra/bundle/bundling.ts';
import { createApp } from '#infra/createApp.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { deployedFunctions, startEnvironment } from '#tests/support/deployedFunctions.ts';
import { scratchFolder } from './benchSystem.ts';
import { ratios, type Spread, spreadOf } from './statistics.ts';

const projectRoot = join(import.meta.dirname, '../..');
const rounds = 20;

/** Functions that read Gmail; they are built the naive way too. */
const readsGmail = ['gmail-poll', 'conversation-worker'];

/** Node's modules that anything needs that makes an HTTPS call and signs it. */
const networkModules = ['node:https', 'node:crypto', 'node:zlib', 'node:stream', 'node:fs/promises'];

export interface ColdStart {
  readonly name: string;
  /** Of all code that is deployed for it, also of what is loaded only when it is needed. */
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

/**
 * Builds the stack and loads every function as it is deployed, with its source map where the template says so, in 20 fresh processes:
 * one after the other in turn, so that all meet the same machine.
 */
export async function measureColdStart(): Promise<readonly ColdStart[]> {
  const folder = scratchFolder('cold-start');
  try {
    const files = await buildAll(folder);
    const timings = new Map<string, Timings>(
      [...files.keys()].map((name) => [name, { process: [], load: [] }]),
    );
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, code] of files) {
        const timed = await timeLoad(code);
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

interface Loadable {
  readonly file: string;
  readonly bytes: number;
  readonly nodeOptions: string;
}
type Files = ReadonlyMap<string, Loadable>;

async function buildAll(folder: string): Promise<Files> {
  const files = new Map<string, Loadable>();
  const write = (name: string, code: string) => {
    const file = join(folder, `${name.replaceAll(/\W/g, '-')}.mjs`);
    writeFileSync(file, code);
    files.set(name, { file, bytes: statSync(file).size, nodeOptions: '' });
  };
  write('empty handler', 'export const handler = async () => {};');
  write(
    "Node's network modules",
    `${networkModules.map((name) => `import '${name}';`).join('')}export const handler = async () => {};`,
  );
  const outdir = join(folder, 'stack');
  const settings = parseSettings({ freescout: { url: 'https://desk.example.com' } });
  createApp({ settings, outdir, checks: false }).synth();
  for (const { name, asset, codeBytes, nodeOptions } of deployedFunctions(outdir)) {
    files.set(name, { file: join(asset, 'index.mjs'), bytes: codeBytes, nodeOptions });
    if (readsGmail.includes(name)) {
      const naive = join(folder, `naive-${name}`);
      const file = join(naive, 'index.mjs');
      mkdirSync(naive);
      await buildNaively(name, file);
      copyFileSync(join(asset, 'settings.json'), join(naive, 'settings.json'));
      files.set(`naive ${name}`, { file, bytes: statSync(file).size, nodeOptions: '' });
    }
  }
  return files;
}

/** As one would write it first: all of googleapis, no minification, no tree shaking, everything loaded at the start. */
async function buildNaively(name: string, file: string): Promise<void> {
  await build({
    ...bundling,
    entryPoints: [join(projectRoot, 'functions', name, 'handler.ts')],
    absWorkingDir: projectRoot,
    outfile: file,
    splitting: false,
    minify: false,
    treeShaking: false,
    sourcemap: false,
    logLevel: 'error',
    plugins: [wholeGoogleapis],
  });
}

const gmailEntry = "const { gmail } = (await import('googleapis/build/src/apis/gmail/index.js')).default;";

/** Has our Gmail client import the package as its own documentation shows it. */
const wholeGoogleapis: Plugin = {
  name: 'whole googleapis',
  setup({ onLoad }) {
    onLoad({ filter: /googleGmailClient\.ts$/ }, ({ path }) => {
      const code = readFileSync(path, 'utf8');
      if (!code.includes(gmailEntry)) {
        throw new Error('The Gmail client no longer loads its entry as the naive build expects.');
      }
      return {
        contents: `import { google } from 'googleapis';\n${code.replace(gmailEntry, 'const gmail = google.gmail.bind(google);')}`,
        loader: 'ts',
      };
    });
  },
};

async function timeLoad({
  file,
  nodeOptions,
}: Loadable): Promise<{ readonly process: number; readonly load: number }> {
  const program = `const start = performance.now(); await import(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - start)); process.exit(0);`;
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...startEnvironment, NODE_OPTIONS: nodeOptions },
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
        budgetBytes: budgets[name] ?? null,
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
