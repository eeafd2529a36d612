import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { budgets } from '#infra/bundle/bundling.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { codeFiles, deployedFunctions, startEnvironment } from '#tests/support/deployedFunctions.ts';

const projectRoot = join(import.meta.dirname, '../../..');

const settingsText = { freescout: { url: 'https://desk.example.com' } };

/** The app as the CDK command line calls it, with the functions built. */
async function synthesize(outdir: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['infra/app.ts'], {
    cwd: projectRoot,
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ settings: settingsText }) },
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
    expect(assetsOf(first)).toHaveLength(7);
    expect(assetsOf(second)).toEqual(assetsOf(first));
  });

  it('put the checked settings beside the code', () => {
    for (const asset of assetsOf(first)) {
      const settings: unknown = JSON.parse(readFileSync(join(first, asset, 'settings.json'), 'utf8'));
      expect(settings).toEqual(parseSettings(settingsText));
    }
  });

  it('keep all code of every function within its budget', () => {
    const sizes = deployedFunctions(first).map(({ name, codeBytes }) => ({ name, codeBytes }));
    expect(sizes.map(({ name }) => name).sort()).toEqual(Object.keys(budgets).sort());
    const beyond = sizes.filter(({ name, codeBytes }) => codeBytes > (budgets[name] ?? 0));
    expect(beyond, 'npm run bundle-report lists what is in a bundle').toEqual([]);
  });

  it('bundle everything but what Node itself brings', () => {
    for (const { asset } of deployedFunctions(first)) {
      const packages = codeFiles(asset).flatMap((file) =>
        [
          ...readFileSync(join(asset, file), 'utf8').matchAll(
            /(?:^|[;}])(?:import|export)[^;"']{0,2000}?from\s*["']([^"']+)["']/g,
          ),
        ].map(([, name = '']) => name),
      );
      expect(packages.length).toBeGreaterThan(0);
      expect(packages.filter((name) => !isBuiltin(name) && !name.startsWith('./'))).toEqual([]);
    }
  });

  describe('the webhook, which FreeScout waits for', () => {
    const copyOfAsset = (change: (asset: string) => void): string => {
      const copy = mkdtempSync(join(folder, 'webhook-'));
      const webhook = deployedFunctions(first).find(({ name }) => name === 'freescout-webhook');
      cpSync(webhook?.asset ?? '', copy, { recursive: true });
      change(copy);
      return copy;
    };
    const start = (asset: string) =>
      promisify(execFile)(
        process.execPath,
        ['--input-type=module', '-e', `await import(${JSON.stringify(join(asset, 'index.mjs'))})`],
        { env: startEnvironment },
      );
    const checkOfSettings = (asset: string) =>
      codeFiles(asset).filter((name) => name.startsWith('settings-'));

    it('starts without what checks the settings that the build has checked', async () => {
      const asset = copyOfAsset((copy) => {
        for (const file of checkOfSettings(copy)) {
          rmSync(join(copy, file));
        }
      });
      await expect(start(asset)).resolves.toMatchObject({ stderr: '' });
    });

    it('refuses to start with settings that are wrong and were put there later', async () => {
      const asset = copyOfAsset((copy) => {
        expect(checkOfSettings(copy)).toHaveLength(1);
        const file = join(copy, 'settings.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace(/"botUserId":\d+/, '"botUserId":-1'));
      });
      const refusal = await start(asset).catch((error: unknown) => error);
      // Only the beginning: what a crash shows of the built code is one line of 100 kB.
      const said = z.object({ stderr: z.string() }).parse(refusal).stderr.slice(0, 400);
      expect(said).toContain('"code":"START_REFUSED","reason":"freescout.botUserId: ');
    });
  });
});
