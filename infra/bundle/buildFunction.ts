import { join } from 'node:path';
import { type BuildResult, build, type Metafile } from 'esbuild';
import { BUNDLING, checkedSettings, ONLY_ON_ONE_MACHINE, STAND_INS } from './bundling.ts';

const PROJECT_ROOT = join(import.meta.dirname, '../..');

/** A function's code as it is deployed, with what it is made of. */
export interface BuiltFunction {
  readonly code: Uint8Array;
  readonly metafile: Metafile;
}

/**
 * Bundles a function as the stack does, without writing anything.
 *
 * @param folder - the function's folder under `functions`.
 * @param settings - text of the `settings.json` that will lie beside it.
 */
export async function buildFunction(folder: string, settings = ''): Promise<BuiltFunction> {
  const result: BuildResult<{ write: false; metafile: true }> = await build({
    entryPoints: [join(PROJECT_ROOT, 'functions', folder, 'handler.ts')],
    absWorkingDir: PROJECT_ROOT,
    outfile: 'index.mjs',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: BUNDLING.target,
    minify: BUNDLING.minify,
    charset: BUNDLING.charset,
    mainFields: [...BUNDLING.mainFields],
    banner: { js: BUNDLING.banner },
    alias: { ...STAND_INS },
    define: checkedSettings(settings),
    external: [...ONLY_ON_ONE_MACHINE],
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
  const [output] = result.outputFiles;
  if (output === undefined) {
    throw new Error(`esbuild wrote nothing for ${folder}.`);
  }
  return { code: output.contents, metafile: result.metafile };
}
