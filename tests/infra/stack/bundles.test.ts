import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSettings } from '#shared/settings/settings.ts';

const PROJECT_ROOT = join(import.meta.dirname, '../../..');
const MEGABYTE = 1024 * 1024;

const SETTINGS = { freescout: { url: 'https://desk.example.com' } };

/** The app as the CDK command line calls it, with the functions built. */
async function synthesize(outdir: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['infra/app.ts'], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ settings: SETTINGS }) },
  });
}

describe('two synths at once, each in its own folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'csm-bundles-'));
  const outdirs = [join(folder, 'a'), join(folder, 'b')];
  const assetsOf = (outdir: string) => globSync('asset.*', { cwd: outdir }).sort();
  const [first = '', second = ''] = outdirs;

  beforeAll(async () => {
    await Promise.all(outdirs.map(synthesize));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('build one bundle per function, with the same fingerprints', () => {
    expect(assetsOf(first)).toHaveLength(6);
    expect(assetsOf(second)).toEqual(assetsOf(first));
  });

  it('put the checked settings beside the code', () => {
    for (const asset of assetsOf(first)) {
      const settings: unknown = JSON.parse(readFileSync(join(first, asset, 'settings.json'), 'utf8'));
      expect(settings).toEqual(parseSettings(SETTINGS));
    }
  });

  it('keep every bundle small: a whole googleapis would be 13 MB', () => {
    for (const asset of assetsOf(first)) {
      expect(statSync(join(first, asset, 'index.mjs')).size).toBeLessThan(3 * MEGABYTE);
    }
  });

  it('bundle everything but what Node itself brings', () => {
    for (const asset of assetsOf(first)) {
      const code = readFileSync(join(first, asset, 'index.mjs'), 'utf8');
      const packages = [
        ...code.matchAll(/(?:^|[;}])(?:import|export)[^;"']{0,2000}?from\s*["']([^"']+)["']/g),
      ].map(([, name = '']) => name);
      expect(packages.length).toBeGreaterThan(0);
      expect(packages.filter((name) => !isBuiltin(name))).toEqual([]);
    }
  });
});
