import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';

const project = new URL('../../../../', import.meta.url);
const names = z.record(z.string(), z.string());
const { scripts, dependencies, devDependencies, optionalDependencies } = z
  .object({ scripts: names, dependencies: names, devDependencies: names, optionalDependencies: names })
  .parse(JSON.parse(readFileSync(new URL('package.json', project), 'utf8')));
const platform = `${process.platform}-${process.arch}`;
const esbuildProgram = `@esbuild/${platform}`;

/** A checkout with what the check reads, and no packages. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csm-checkout-'));
  for (const file of ['package.json', 'infra/checkInstallation.mjs']) {
    cpSync(new URL(file, project), join(folder, file), { recursive: true });
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function putPackage(name: string, content: object = {}): void {
  mkdirSync(join(folder, 'node_modules', name), { recursive: true });
  writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify(content));
}

function installAll(): void {
  for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    putPackage(name);
  }
  putPackage('esbuild', {
    optionalDependencies: { [esbuildProgram]: '1.0.0', '@esbuild/other-cpu': '1.0.0' },
  });
  putPackage(esbuildProgram);
}

function uninstall(name: string): void {
  rmSync(join(folder, 'node_modules', name), { recursive: true });
}

/** Runs the check by the Node.js of the tests, or as one that reads no TypeScript. */
function check(options: { readonly old?: true; readonly environment?: Record<string, string> } = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...(options.old ? ['--no-experimental-strip-types'] : []), 'infra/checkInstallation.mjs'],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, DYNAMODB_ENDPOINT: '', ...options.environment } },
  );
  return { status, said: stdout + stderr };
}

describe('an installation', () => {
  it.each(['start', 'csm', 'mail-report'])('that was never made ends "npm run %s" in one line', (script) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', scripts[script] ?? ''], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
    });
    expect(stdout + stderr).toBe(
      'Cannot start: the packages are not installed. Run "npm ci" in the project\'s folder.\n',
    );
    expect(status).toBe(1);
  });

  it('that is whole is passed over in silence', () => {
    installAll();
    expect(check()).toEqual({ status: 0, said: '' });
  });

  it.each(['zod', '@hono/node-server', esbuildProgram])('without %s names it and what to run', (name) => {
    installAll();
    uninstall(name);
    expect(check()).toEqual({
      status: 1,
      said: `Cannot start: packages are missing: ${name}. Run "npm ci --include=dev --include=optional" in the project's folder.\n`,
    });
  });

  it('without much names a little of it, in one line', () => {
    mkdirSync(join(folder, 'node_modules'));
    const { status, said } = check();
    expect(status).toBe(1);
    expect(said).toMatch(
      /^Cannot start: packages are missing: [^,]+, [^,]+, \S+ and \d+ more\. Run "npm ci [^\n]+\n$/,
    );
  });

  it('without the stand-in for DynamoDB needs one of the operator', () => {
    installAll();
    const [name = ''] = Object.keys(optionalDependencies);
    uninstall(name);
    // Elsewhere there is no such package, and none is missing.
    const isOfThisPlatform = name.endsWith(`/${platform}`);
    expect(check().status).toBe(isOfThisPlatform ? 1 : 0);
    expect(check({ environment: { DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000' } })).toEqual({
      status: 0,
      said: '',
    });
  });

  it('whose install scripts were blocked lacks Node.js, and the machine’s own may be too old', () => {
    installAll();
    expect(check({ old: true })).toEqual({
      status: 1,
      said: `Cannot start: Node.js ${devDependencies.node} is missing, which npm downloads when install scripts are allowed, and the machine's own (${process.version}) is too old. Run "npm ci --ignore-scripts=false" in the project's folder.\n`,
    });
  });
});
