import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { csm } from '#tests/support/csm.ts';

it('README lists every command of the operator, and no other', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, operation = ''] = readme.split('## Operation');
  const [table = ''] = operation.split('## Security');
  const named = [...table.matchAll(/^\| `([a-z-]+)(?: (gmail|freescout|openai))?/gm)].map((match) =>
    match[1] === 'connect' ? `connect ${match[2]}` : (match[1] ?? ''),
  );
  const commandsIn = (help: string) =>
    [...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z][a-z-]+)/gm)].map((match) => match[1] ?? '');
  const all = commandsIn((await csm(['--help'])).out).filter((name) => !['connect', 'help'].includes(name));
  const connects = commandsIn((await csm(['connect', '--help'])).out).filter((name) => name !== 'help');
  const existing = [...all, ...connects.map((name) => `connect ${name}`)];
  expect(existing.length).toBeGreaterThan(14);
  const others = ['npm', 'processing', 'deferred', 'failed', 'filtered', 'success'];
  expect(named.filter((name) => !others.includes(name)).sort()).toEqual(existing.sort());
});
