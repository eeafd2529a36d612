#!/usr/bin/env node
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { classifyMail } from '#shared/mail/hygiene/classifyMail.ts';
import { missingOwnAddress, withWriterBehindGroup } from '#shared/mail/hygiene/groupSender.ts';
import { writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { hygieneSettingsSchema } from '#shared/settings/hygieneSettings.ts';

const usage = `Usage: npm run mail-report -- [--json] [--own <address>]... <folder>
       npm run mail-report -- --replies [--json] <folder>

Runs every file of a folder, and of the folders in it, through the mail parser and the hygiene rules and prints what
each would become. --replies takes plain-text bodies and prints what counts as newly written. --json prints one object
a line. --own names an address of ours.
`;

/** What one mail would become. */
interface MailReport {
  readonly file: string;
  readonly verdict: 'customer' | 'filtered' | 'note';
  /** bounces and abuse reports are both "bounce"; `detail` tells them apart, and names the remarks on who wrote a customer's mail */
  readonly reason: string | null;
  readonly detail: string | null;
  readonly from: string | null;
  readonly subject: string;
  readonly newText: string;
  readonly quotedChars: number;
  readonly charset: string | null;
  readonly attachments: readonly string[];
  readonly readable: boolean;
}

/**
 * Prints the report of a folder.
 *
 * @returns the exit code: 0, or 1 when the arguments or the folder are no use
 */
export async function mailReport(args: readonly string[], write: (text: string) => void): Promise<number> {
  const options = optionsOf(args);
  if (options === null) {
    write(usage);
    return 1;
  }
  const { folder, json, replies, own } = options;
  const files = filesIn(folder);
  if (files === null) {
    write(`${folder} is not a folder that can be read. Nothing was done; name a folder with mail files.\n`);
    return 1;
  }
  if (replies) {
    for (const file of files) {
      printReply(write, json, relative(folder, file), textOf(file));
    }
    return 0;
  }
  const reports: MailReport[] = [];
  for (const file of files) {
    const report = await reportOf(file, relative(folder, file), new Set(own));
    reports.push(report);
    if (json) {
      write(`${JSON.stringify(withoutTableColumns(report))}\n`);
    }
  }
  if (!json) {
    write(`${table(reports)}\n\n${totals(reports)}\n`);
  }
  return 0;
}

function optionsOf(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        replies: { type: 'boolean', default: false },
        own: { type: 'string', multiple: true, default: [] },
      },
    });
    const folder = positionals[0];
    return folder === undefined ? null : { ...values, folder };
  } catch {
    return null;
  }
}

/** Every readable file below a folder in a steady order; null when it is no folder. */
function filesIn(folder: string): string[] | null {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return null;
  }
  return entries
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        return filesIn(path) ?? [];
      }
      return isFile(path) ? [path] : [];
    });
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A file that cannot be read is reported as an empty one: the report goes on. */
function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array(0);
  }
}

/** A body in UTF-8, or in Western when it is not. */
function textOf(path: string): string {
  const bytes = bytesOf(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function printReply(write: (text: string) => void, json: boolean, file: string, text: string): void {
  const { newText } = splitReply(text);
  write(json ? `${JSON.stringify({ file, newText })}\n` : `── ${file}\n${newText}\n\n`);
}

async function reportOf(path: string, file: string, ownAddresses: ReadonlySet<string>): Promise<MailReport> {
  const mail = withWriterBehindGroup(await parseMail(bytesOf(path)), ownAddresses);
  const writer = writerOf(mail, ownAddresses);
  const missing = missingOwnAddress(mail, ownAddresses);
  const verdict = await classifyMail(mail, {
    writer,
    ownAddresses: missing === null ? ownAddresses : new Set([...ownAddresses, missing]),
    // A file has no labels: it is judged as if it lay in the inbox.
    labelIds: ['INBOX'],
    recentFromSender: 0,
    isKnownCustomer: async () => false,
    settings: hygieneSettingsSchema.parse(undefined),
  });
  const reason = verdict.kind === 'customer' ? verdict.noDraft : verdict.reason;
  const remarks = verdict.kind === 'customer' ? writer.remarks.map(({ code }) => code) : [];
  const { newText, rest } = splitReply(mail.text);
  return {
    file,
    verdict: verdict.kind,
    reason: reason === 'abuse-report' ? 'bounce' : reason,
    detail: reason === 'abuse-report' ? reason : (remarks[0] ?? null),
    from: writer.person?.address ?? null,
    subject: mail.subject,
    newText,
    quotedChars: rest.length,
    charset: mail.charset,
    attachments: mail.attachments.map(({ fileName }) => fileName),
    readable: mail.parsed,
  };
}

function withoutTableColumns({ quotedChars: _, readable: __, ...report }: MailReport) {
  return report;
}

function table(reports: readonly MailReport[]): string {
  const head = ['verdict', 'reason', 'new', 'quoted', 'charset', 'files', 'file'];
  const rows = reports.map((report) => [
    report.readable ? report.verdict : `${report.verdict}!`,
    report.detail === 'abuse-report' ? report.detail : (report.reason ?? report.detail ?? '-'),
    String(report.newText.length),
    String(report.quotedChars),
    shortened(report.charset ?? '-', 14),
    shortened(report.attachments.join(', ') || '-', 36),
    report.file,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}

function totals(reports: readonly MailReport[]): string {
  const counts = new Map<string, number>();
  for (const { verdict, reason } of reports) {
    const key = reason === null ? verdict : `${verdict} (${reason})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const parts = [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([key, count]) => `${count} ${key}`);
  const unreadable = reports.filter(({ readable }) => !readable).length;
  return [`${reports.length} files`, ...parts, `${unreadable} unreadable`].join(', ');
}

function shortened(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

if (import.meta.main) {
  // A reader that has seen enough, such as `head`, closes the pipe: no reason to fail.
  process.stdout.on('error', () => process.exit(0));
  process.exitCode = await mailReport(process.argv.slice(2), (text) => {
    process.stdout.write(text);
  });
}
