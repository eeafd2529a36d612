import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const projectRoot = join(import.meta.dirname, '../../..');

const documents = globSync(['*.md', 'docs/**/*.md', 'infra/**/*.md', 'tests/fixtures/*/README.md'], {
  cwd: projectRoot,
});

/** Paths that a document names from the root (`infra/cli/csm.ts`), and targets of its relative links. */
function pathsIn(document: string): readonly string[] {
  const text = readFileSync(join(projectRoot, document), 'utf8');
  const named = [...text.matchAll(/(?<![\w./#@-])(?:functions|shared|infra|tests|docs|\.ci)\/[\w./*-]*\w/g)];
  const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)];
  return [...named.map(([path]) => path), ...links.map(([, target = '']) => join(dirname(document), target))];
}

const named = documents.flatMap((document) => pathsIn(document).map((path) => ({ document, path })));

describe('documents', () => {
  it('name many paths', () => {
    expect(documents).toContain('infra/DEPLOYMENT.md');
    expect(named.length).toBeGreaterThan(50);
  });

  it('name only paths that exist', () => {
    // Operators make files of their own, which git ignores: the environment of the container.
    const ignored = readFileSync(join(projectRoot, '.gitignore'), 'utf8').split('\n');
    const exists = (path: string) =>
      ignored.includes(path) ||
      (path.includes('*')
        ? globSync(path, { cwd: projectRoot }).length > 0
        : existsSync(join(projectRoot, path)));
    expect(named.filter(({ path }) => !exists(path))).toEqual([]);
  });
});
