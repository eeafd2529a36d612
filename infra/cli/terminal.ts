import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ageOf } from '#shared/time/age.ts';

/** What a command has of the world besides the system it works on. */
export interface Terminal {
  /** To the standard output: results. */
  readonly out: (text: string) => void;
  /** To the standard error: progress, questions, faults. */
  readonly err: (text: string) => void;
  /** A person sits at it. */
  readonly isInteractive: boolean;
  readonly ask: (question: string) => Promise<string>;
  /** As {@link ask}, without showing what is typed. */
  readonly askSecret: (question: string) => Promise<string>;
  /** Opens an address in the browser, if there is one. */
  readonly openBrowser: (url: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The terminal that this process was started from. */
export function processTerminal(): Terminal {
  const ask = async (question: string, output: NodeJS.WritableStream): Promise<string> => {
    process.stderr.write(question);
    const reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
    try {
      return (await reader.question('')).trim();
    } finally {
      reader.close();
    }
  };
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    ask: (question) => ask(question, process.stderr),
    askSecret: async (question) => {
      const answer = await ask(question, new Writable({ write: (_chunk, _encoding, done) => done() }));
      process.stderr.write('\n');
      return answer;
    },
    openBrowser: (url) => {
      const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
      // Without a browser the person copies the address, which is printed too.
      spawn(opener, [url], { stdio: 'ignore', detached: true })
        .on('error', () => {})
        .unref();
    },
    environment: process.env,
  };
}

/** The command cannot do what it was asked to; the message says why and what to do. Ends with exit code 1. */
export class CommandFailed extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'CommandFailed';
  }
}

/** The command line asks for nothing that makes sense; the message says what would. Ends with exit code 2. */
export class WrongUse extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'WrongUse';
  }
}

/** Rows of texts in columns as wide as their widest text. */
export function columns(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** Names and values, one a line; what is undefined is left out. An instant has its age beside it, and no value stands there as JSON. */
export function fields(values: Readonly<Record<string, unknown>>, now: Date = new Date()): string {
  const shown = Object.entries(values).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${plain(value, now)}\n`).join('');
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

function plain(value: unknown, now: Date): string {
  if (value === null || value === undefined) {
    return '–';
  }
  if (typeof value === 'string' && instant.test(value)) {
    return `${value} (${ageOf(new Date(value), now)})`;
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  const parts = Array.isArray(value)
    ? value.map((each) => part(each, now))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([name, each]) => `${name} ${part(each, now)}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** What stands inside a value; brackets show where a list in a list ends. */
function part(value: unknown, now: Date): string {
  return typeof value === 'object' && value !== null ? `(${plain(value, now)})` : plain(value, now);
}

const barWidth = 30;

/**
 * Shows how far a long work is, on a terminal only.
 *
 * @returns called with the number of things done so far.
 */
export function progressBar(terminal: Terminal, total: number, what: string): (done: number) => void {
  if (!terminal.isInteractive || total === 0) {
    return () => {};
  }
  return (done) => {
    const full = Math.round((barWidth * done) / total);
    terminal.err(`\r[${'#'.repeat(full)}${' '.repeat(barWidth - full)}] ${done}/${total} ${what}`);
    if (done >= total) {
      terminal.err('\n');
    }
  };
}
