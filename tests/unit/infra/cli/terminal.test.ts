import { expect, it } from 'vitest';
import { columns, fields, progressBar, type Terminal } from '#infra/cli/terminal.ts';

function terminalOf(isInteractive: boolean) {
  let err = '';
  const terminal: Terminal = {
    out: () => {},
    err: (text) => {
      err += text;
    },
    isInteractive,
    ask: async () => '',
    askSecret: async () => '',
    openBrowser: () => {},
    environment: {},
  };
  return { terminal, written: () => err };
}

it('puts rows into columns as wide as their widest text', () => {
  expect(columns(['row', 'why'], [['gmail:a:1', 'bulk'], ['x']])).toBe(
    'row        why\ngmail:a:1  bulk\nx\n',
  );
});

it('lists names and values in words, instants with their age, and leaves out what is undefined', () => {
  const values = {
    ...{ status: 'ready', last: null, gone: undefined, at: '2026-11-30T10:00:00.000Z', none: {} },
    ...{ counts: { failed: 0, done: 3, unknown: undefined }, verdict: { kind: 'customer', own: ['a', 'b'] } },
    polls: { support: '2026-11-29T10:00:00Z' },
  };
  expect(fields(values, new Date('2026-11-30T10:03:10Z'))).toBe(
    [
      'status   ready',
      'last     –',
      'at       2026-11-30T10:00:00.000Z (3 min ago)',
      'none     none',
      'counts   failed 0, done 3',
      'verdict  kind customer, own (a, b)',
      'polls    support 2026-11-29T10:00:00Z (24 h ago)',
      '',
    ].join('\n'),
  );
});

it('shows how far it is on a terminal, and ends its line', () => {
  const { terminal, written } = terminalOf(true);
  const show = progressBar(terminal, 2, 'rows');
  show(1);
  expect(written()).toBe(`\r[${'#'.repeat(15)}${' '.repeat(15)}] 1/2 rows`);
  show(2);
  expect(written()).toMatch(/] 2\/2 rows\n$/);
});

it('shows no bar where nobody looks', () => {
  const { terminal, written } = terminalOf(false);
  progressBar(terminal, 2, 'rows')(1);
  expect(written()).toBe('');
});
