import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const runbook = readFileSync(new URL('../../../RUNBOOK.md', import.meta.url), 'utf8');

it('the runbook says what every variable in its commands stands for', () => {
  const [head = ''] = runbook.split('## Architecture');
  const told = [...head.matchAll(/^\| (`\$.+?) \|/gm)].flatMap(([, cell = '']) => cell.match(/\$\w+/g) ?? []);
  const commands = [...runbook.matchAll(/^```bash\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
  const used = commands.flatMap((code) => {
    const set = [...code.matchAll(/^(\w+)=/gm)].map((match) => `$${match[1]}`);
    return (code.match(/\$[A-Za-z_]\w*/g) ?? []).filter((name) => !set.includes(name));
  });
  expect(used.length).toBeGreaterThan(8);
  expect([...new Set(used)].sort()).toEqual([...told, '$HOME'].sort());
});
