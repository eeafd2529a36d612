import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildFunction } from '#infra/bundle/buildFunction.ts';
import { BUDGETS } from '#infra/bundle/bundling.ts';
import { STACK_NAME } from '#infra/createApp.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const PROJECT_ROOT = join(import.meta.dirname, '../../..');

const SETTINGS = { freescout: { url: 'https://desk.example.com' } };

const functionSchema = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Properties: z.object({
    Code: z.object({ S3Key: z.string().endsWith('.zip') }),
    Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
  }),
});

/** Bytes of `index.mjs` by the function's folder. */
function bundleSizes(outdir: string): Record<string, number> {
  const { Resources } = z
    .object({ Resources: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(join(outdir, `${STACK_NAME}.template.json`), 'utf8')));
  const functions = Object.values(Resources).flatMap(
    (resource) => functionSchema.safeParse(resource).data ?? [],
  );
  return Object.fromEntries(
    functions.map(({ Properties: { Code, Environment } }) => [
      Environment.Variables.POWERTOOLS_SERVICE_NAME,
      statSync(join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`, 'index.mjs')).size,
    ]),
  );
}

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
    expect(assetsOf(first)).toHaveLength(7);
    expect(assetsOf(second)).toEqual(assetsOf(first));
  });

  it('put the checked settings beside the code', () => {
    for (const asset of assetsOf(first)) {
      const settings: unknown = JSON.parse(readFileSync(join(first, asset, 'settings.json'), 'utf8'));
      expect(settings).toEqual(parseSettings(SETTINGS));
    }
  });

  it('keep every bundle within its budget', () => {
    const sizes = bundleSizes(first);
    expect(Object.keys(sizes).sort()).toEqual(Object.keys(BUDGETS).sort());
    const beyond = Object.entries(sizes).filter(([folder, bytes]) => bytes > (BUDGETS[folder] ?? 0));
    expect(beyond, 'npm run bundle-report lists what is in a bundle').toEqual([]);
  });

  it('build what the report reports on', async () => {
    const built = await Promise.all(
      Object.keys(BUDGETS).map(
        async (folder) => [folder, (await buildFunction(folder)).code.byteLength] as const,
      ),
    );
    // The stack's bundles end with the name of their source map.
    const sourceMapComment = '//# sourceMappingURL=index.mjs.map\n'.length;
    expect(Object.fromEntries(built.map(([folder, bytes]) => [folder, bytes + sourceMapComment]))).toEqual(
      bundleSizes(first),
    );
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
