import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Of a worker's 1,024 MB some is the program's. */
const limitMegabytes = 850;

const folder = fileURLToPath(new URL('../../../../shared/mail/', import.meta.url));

/** Expressions for the body of a mail, each in its own process, because only a process knows its peak. */
const mails: readonly (readonly [name: string, headers: string, body: string])[] = [
  ['short lines', '', `'a\\r\\n'.repeat(500_000)`],
  ['ever more short lines', '', `'a\\r\\n'.repeat(3_000_000)`],
  ['long lines', '', `('word '.repeat(14) + '\\r\\n').repeat(300_000)`],
  ['Western text declared as UTF-8', 'Content-Type: text/plain; charset=utf-8', `'\\xfc'.repeat(17_000_000)`],
  ['a large file', 'Content-Transfer-Encoding: base64', `('A'.repeat(76) + '\\r\\n').repeat(500_000)`],
  [
    'a large mail as a file',
    'Content-Type: message/rfc822',
    `'Content-Transfer-Encoding: base64\\r\\n\\r\\n' + ('A'.repeat(76) + '\\r\\n').repeat(450_000)`,
  ],
  [
    'short lines in base64',
    'Content-Transfer-Encoding: base64',
    `(Buffer.from('a\\nb'.repeat(19)).toString('base64') + '\\r\\n').repeat(450_000)`,
  ],
];

function peakMegabytes(headers: string, body: string): number {
  const program = `
    const { parseMail } = await import('${folder}parsing/parseMail.ts');
    const { safeHtmlForFreeScout } = await import('${folder}visible/safeHtml.ts');
    const { splitReply } = await import('${folder}replies/newlyWritten.ts');
    const raw = Buffer.from('Subject: x\\r\\n${headers === '' ? '' : `${headers}\\r\\n`}\\r\\n' + ${body}, 'latin1');
    const mail = await parseMail(raw);
    safeHtmlForFreeScout(mail);
    splitReply(mail.text);
    process.stdout.write(String(process.resourceUsage().maxRSS));`;
  const printed = execFileSync(
    process.execPath,
    ['--max-old-space-size=820', '--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  return Number(printed) / 1_024;
}

describe('hostile input takes bounded memory', { timeout: 120_000 }, () => {
  it.each(mails)('%s', (_, headers, body) => {
    const peak = peakMegabytes(headers, body);
    expect(peak).toBeGreaterThan(20);
    expect(peak).toBeLessThan(limitMegabytes);
  });
});
