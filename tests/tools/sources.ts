import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const projectRoot = join(import.meta.dirname, '../..');

/** Texts of files by their path from the project's root. */
export type Sources = ReadonlyMap<string, string>;

/** Reads the files that match one of the glob patterns, sorted by path. */
export function readSources(patterns: readonly string[]): Sources {
  const files = globSync([...patterns], { cwd: projectRoot, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1))
    .toSorted();
  return new Map(files.map((file) => [file, readFileSync(join(projectRoot, file), 'utf8')]));
}
