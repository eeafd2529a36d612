import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { buildFunction } from './buildFunction.ts';
import { budgets } from './bundling.ts';

/* Lists what is in the bundles: `npm run bundle-report`, or one function with its files: `npm run bundle-report -- status`. */
const listedPackages = 15;
const listedFiles = 60;

const [only] = process.argv.slice(2);
if (only !== undefined && budgets[only] === undefined) {
  process.stderr.write(`No function ${only}; there are ${Object.keys(budgets).join(', ')}.\n`);
  process.exitCode = 1;
} else {
  for (const [folder, budget] of Object.entries(budgets)) {
    if (only === undefined || only === folder) {
      report(folder, budget, only === folder);
    }
  }
}

function report(folder: string, budget: number, everyFile: boolean): void {
  const { codeBytes, metafile } = buildFunction(join(import.meta.dirname, '../../functions', folder), '{}');
  const share = Math.round((100 * codeBytes) / budget);
  process.stdout.write(
    `\n${folder}: ${kilobytes(codeBytes)} of ${kilobytes(budget)} (${share} %), ${kilobytes(bytesAtStart(metafile))} of it loaded at the start\n`,
  );
  list(bytesBy(metafile, packageOf), listedPackages);
  if (everyFile) {
    process.stdout.write('\n');
    list(
      bytesBy(metafile, (path) => path),
      listedFiles,
    );
  }
}

/** The entry with what it imports, and what that imports; the rest waits for an `import()`. */
function bytesAtStart({ outputs }: Metafile): number {
  const loaded = new Set(['index.mjs']);
  for (const path of loaded) {
    for (const imported of outputs[path]?.imports ?? []) {
      if (imported.kind === 'import-statement' && !imported.external) {
        loaded.add(imported.path);
      }
    }
  }
  return [...loaded].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
}

function list(bytes: ReadonlyMap<string, number>, most: number): void {
  const sorted = [...bytes].sort(([, one], [, other]) => other - one);
  const rest = sorted.slice(most).reduce((sum, [, size]) => sum + size, 0);
  for (const [name, size] of [
    ...sorted.slice(0, most),
    ...(rest > 0 ? [['all others', rest] as const] : []),
  ]) {
    process.stdout.write(`  ${kilobytes(size).padStart(10)}  ${name}\n`);
  }
}

function bytesBy({ outputs }: Metafile, groupOf: (path: string) => string): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const group = groupOf(path);
      bytes.set(group, (bytes.get(group) ?? 0) + bytesInOutput);
    }
  }
  return bytes;
}

/** `node_modules/a/node_modules/@b/c/d.js` → `@b/c`; a file of ours → its folder. */
function packageOf(path: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  return inPackage ?? `our ${path.split('/').slice(0, 2).join('/')}`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
