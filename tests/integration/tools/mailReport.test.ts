import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildMail, buildMultipart, buildPart, textPart } from '#tests/support/mailBuilder.ts';
import { mailReport } from '#tests/tools/mailReport.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mail-report-'));
  mkdirSync(join(folder, 'inner'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  let output = '';
  const code = await mailReport(args, (text) => {
    output += text;
  });
  return { code, output };
}

function abuseReport(): Uint8Array {
  const part = buildPart({ 'Content-Type': 'message/feedback-report' }, 'Feedback-Type: abuse');
  const { type, body } = buildMultipart(
    'report',
    [textPart('A complaint'), part],
    'report-type=feedback-report; ',
  );
  return buildMail({ 'Content-Type': type }, body);
}

function writeMails(): void {
  writeFileSync(
    join(folder, 'a.eml'),
    buildMail({ 'Content-Type': 'text/plain; charset=UTF-8' }, 'Hi\n\n> quoted\n'),
  );
  writeFileSync(join(folder, 'b.eml'), abuseReport());
  writeFileSync(join(folder, 'inner', 'c.eml'), buildMail({ From: 'me@desk.example' }));
  writeFileSync(join(folder, 'inner', 'd'), new Uint8Array([0, 255, 254, 10]));
  writeFileSync(join(folder, 'inner', 'empty'), '');
}

it('prints one object a line', async () => {
  writeMails();
  const { code, output } = await run('--json', '--own', 'me@desk.example', folder);
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(lines).toHaveLength(5);
  expect(lines[0]).toEqual({
    file: 'a.eml',
    verdict: 'customer',
    reason: null,
    detail: null,
    from: 'ann@customer.example',
    subject: 'Question',
    newText: 'Hi',
    charset: 'utf-8',
    attachments: [],
  });
  expect(lines[1]).toMatchObject({
    file: 'b.eml',
    verdict: 'note',
    reason: 'bounce',
    detail: 'abuse-report',
    attachments: ['feedback-report.txt'],
  });
  expect(lines[2]).toMatchObject({ file: join('inner', 'c.eml'), verdict: 'filtered', reason: 'own' });
});

it('prints a table with totals', async () => {
  writeMails();
  const { code, output } = await run(folder);
  expect(code).toBe(0);
  expect(output).toMatch(/^verdict +reason +new +quoted +charset +files +file$/m);
  expect(output).toMatch(/^customer +- +2 +8 +utf-8 +- +a\.eml$/m);
  expect(output).toMatch(/^5 files, 4 customer, 1 note \(bounce\), 0 unreadable$/m);
});

it('prints what is newly written in plain bodies', async () => {
  writeFileSync(join(folder, 'a.txt'), 'Hi\n\n-- \nAnn\n');
  writeFileSync(join(folder, 'latin1.txt'), Buffer.from('Gr\xfc\xdfe', 'latin1'));
  const { code, output } = await run('--replies', '--json', folder);
  expect(code).toBe(0);
  expect(output).toBe('{"file":"a.txt","newText":"Hi"}\n{"file":"latin1.txt","newText":"Grüße"}\n');
  expect((await run('--replies', folder)).output).toContain('── a.txt\nHi\n');
});

it('says in one line that a folder cannot be read', async () => {
  const { code, output } = await run(join(folder, 'nowhere'));
  expect(code).toBe(1);
  expect(output).toBe(
    `${join(folder, 'nowhere')} is not a folder that can be read. Nothing was done; name a folder with mail files.\n`,
  );
});

it.each([[[]], [['--unknown', 'x']]])('explains itself when called with %j', async (args) => {
  const { code, output } = await run(...args);
  expect(code).toBe(1);
  expect(output).toMatch(/^Usage: npm run mail-report/);
});

it('runs as a program', async () => {
  writeMails();
  const program = fileURLToPath(new URL('../../tools/mailReport.ts', import.meta.url));
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [program, folder], (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  expect(output).toContain('5 files');
});
