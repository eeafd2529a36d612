import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const document = readFileSync(new URL('../../../docs/newly-written.md', import.meta.url), 'utf8');
const folder = new URL('../../../shared/mail/replies/', import.meta.url);
const source = readdirSync(folder)
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

const rules = document
  .split('\n')
  .filter((line) => /^\|.*`[^`]+` \|$/.test(line))
  .map((row) => row.split(' | '));
const named = rules.flatMap((row) =>
  [...(row.at(-1) ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
);

/** What tells one kind of line from another; how it is counted is no rule. */
const judges = [...source.matchAll(/^export function ((?:is|says|closes|may|quote|header)\w+)\(/gm)].map(
  ([, name = '']) => name,
);

describe('docs/newly-written.md', () => {
  it('gives each rule a reason and a source', () => {
    expect(rules.length).toBeGreaterThan(15);
    expect(rules.filter((row) => row.length !== 4 || row.some((cell) => cell.trim() === ''))).toEqual([]);
  });

  it.each([...new Set(named)])('names code that exists: %s', (name) => {
    expect(source).toMatch(new RegExp(`^export (?:function|const) ${name}\\b`, 'm'));
  });

  it.each(judges)('has a rule for %s', (name) => {
    expect(named).toContain(name);
  });
});
