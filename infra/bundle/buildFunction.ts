import { basename, join } from 'node:path';
import { type BuildResult, buildSync, type Metafile } from 'esbuild';
import { bundling, checkedSettings, onlyOnOneMachine, standIns } from './bundling.ts';

const projectRoot = join(import.meta.dirname, '../..');

/** A function's code as it is deployed, with what it is made of. */
export interface BuiltFunction {
  /**
   * What is deployed, by name: `index.mjs`, beside it what that loads at once or only when it is needed, their source maps and
   * `settings.json`.
   */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of all code among the files, source maps left out. */
  readonly codeBytes: number;
  readonly metafile: Metafile;
}

/**
 * Builds a function in memory, for the stack and for the bundle report. Nothing is written to disk.
 *
 * @param folder - of the function; its `handler.ts` is the entry.
 * @param settings - text of its `settings.json`, checked.
 */
export function buildFunction(folder: string, settings: string): BuiltFunction {
  const { outputFiles, metafile }: BuildResult<{ write: false; metafile: true }> = buildSync({
    ...bundling,
    entryPoints: { index: join(folder, 'handler.ts') },
    absWorkingDir: projectRoot,
    // Nothing is written there, but it is where the paths in the source maps start: the same on every machine.
    outdir: projectRoot,
    alias: { ...standIns },
    define: checkedSettings(settings),
    external: [...onlyOnOneMachine],
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  files.set('settings.json', Buffer.from(settings));
  const codeBytes = [...files]
    .filter(([name]) => name.endsWith('.mjs'))
    .reduce((sum, [, contents]) => sum + contents.byteLength, 0);
  return { files, codeBytes, metafile };
}
