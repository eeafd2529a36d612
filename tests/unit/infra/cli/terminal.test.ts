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

it('lists names and values, and leaves out what is undefined', () => {
  expect(fields({ status: 'ready', last: null, counts: { failed: 0 }, gone: undefined })).toBe(
    'status  ready\nlast    –\ncounts  {"failed":0}\n',
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
