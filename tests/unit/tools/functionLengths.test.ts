import { expect, it } from 'vitest';
import { longFunctions } from '#tests/tools/functionLengths.ts';

const linesInside = (count: number) => '  // one line\n'.repeat(count);

it('finds functions of every form that have more than 80 lines, also inside of others', () => {
  const sources = new Map([
    ['functions/short.ts', `export function short() {\n${linesInside(78)}}\n`],
    ['functions/long.ts', `\nexport async function long(): Promise<void> {\n${linesInside(79)}}\n`],
    [
      'shared/drafts/inner.ts',
      `export const outer = () => {\n  const inner = function () {\n${linesInside(80)}  };\n};\n`,
    ],
    ['shared/drafts/method.ts', `export const keeper = {\n  keep() {\n${linesInside(100)}  },\n};\n`],
  ]);
  expect(longFunctions(sources)).toEqual([
    { file: 'functions/long.ts', line: 2, lines: 81 },
    { file: 'shared/drafts/inner.ts', line: 1, lines: 84 },
    { file: 'shared/drafts/inner.ts', line: 2, lines: 82 },
    { file: 'shared/drafts/method.ts', line: 2, lines: 102 },
  ]);
});
