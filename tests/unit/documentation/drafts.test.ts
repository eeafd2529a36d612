import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const documentUrl = new URL('../../../docs/drafts.md', import.meta.url);
const document = readFileSync(documentUrl, 'utf8');

/** Names of test files as the document gives them at its end → titles of tests and of their cases. */
const titlesIn = new Map(
  [...document.matchAll(/^\[(\w+)\]: (\S+)$/gm)].map(([, name = '', path = '']) => [
    name,
    titlesOf(readFileSync(new URL(path, documentUrl), 'utf8')),
  ]),
);

/** A title is the first argument of a call, or the first item of a case. */
function titlesOf(source: string): ReadonlySet<string> {
  return new Set([...source.matchAll(/(?:^\s*|[([])'([^'\n]+)',/gm)].map(([, title = '']) => title));
}

/** Rows of the tables whose last column says which tests show the row, without the head. */
const shownRows = document
  .split(/\n{2,}/)
  .filter((block) => /^\|.*\| Shown by \|$/m.test(block))
  .flatMap((table) => table.split('\n').slice(2))
  .map((row) => ({ row, tests: row.split(' | ').at(-1) ?? '' }));

const namedTests = [...document.matchAll(/\[(\w+)\] `([^`]+)`/g)].map(
  ([, file = '', title = '']) => [file, title] as const,
);

describe('docs/drafts.md', () => {
  it('has rows that tests show', () => {
    expect(shownRows.length).toBeGreaterThan(40);
  });

  it.each(shownRows)('names the tests that show a row: $row', ({ tests }) => {
    expect(tests).toMatch(/^(?:(?:, )?\[\w+\] `[^`]+`)+ \|$/);
  });

  it.each(namedTests)('names a test that exists: [%s] %s', (file, title) => {
    expect(titlesIn.get(file)?.has(title)).toBe(true);
  });

  it('names no test file in vain', () => {
    const used = new Set(namedTests.map(([file]) => file));
    expect([...titlesIn.keys()].filter((name) => !used.has(name))).toEqual([]);
  });
});
