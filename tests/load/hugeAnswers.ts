import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import {
  blanks,
  type ForeignAnswer,
  type ForeignServer,
  redirectTo,
  startForeignServer,
} from '#tests/support/foreignServer.ts';

/*
 * Lets the product's clients meet answers that are larger than any memory, and mails as large as Gmail takes them, on loopback
 * alone: `npm run load:answers`. Each case is one call in a process of its own. Ends with 1 when a case came to something else than
 * expected, took more memory than it may, or reached an address that nobody set.
 */
const megabyte = 1_000_000;
const caseMilliseconds = 60_000;

/** Memory of the worker and of the sweep on AWS, of which Node's own start takes a part. */
const worker = 1024 * 1.048576;
const sweep = 512 * 1.048576;

interface Measured {
  readonly outcome: string;
  /** Resident megabytes. */
  readonly before: number;
  readonly peak: number;
  readonly after: number;
}
const measuredSchema = z.object({
  outcome: z.string(),
  before: z.number(),
  peak: z.number(),
  after: z.number(),
}) satisfies z.ZodType<Measured>;

interface Case {
  readonly name: string;
  readonly client: 'model' | 'gmail' | 'mail' | 'slack' | 'freescout';
  readonly answer: ForeignAnswer;
  readonly expected: string;
  /** Megabytes that the call may add to the process, or that the process may have in all. */
  readonly mayAdd?: number;
  readonly mayHave?: number;
}

const token: ForeignAnswer = (_request, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ access_token: 'token', expires_in: 3600, token_type: 'Bearer' }));
};
const tokenServer = await startForeignServer(token);
/** Takes what it is sent, as FreeScout does. */
const desk = await startForeignServer((_request, response) => {
  response.writeHead(201, { 'content-type': 'application/json', 'resource-id': '1' }).end(
    JSON.stringify({
      customer: { email: 'customer@customer.example' },
      _embedded: { threads: [{ id: 1 }] },
    }),
  );
});
const elsewhere = await startForeignServer(token);

/** A mail of that many megabytes, nearly all of it one attachment, as Gmail hands it out. */
function mailOf(megabytes: number): ForeignAnswer {
  const line = `${'QUJD'.repeat(19)}\r\n`;
  const raw = Buffer.from(
    [
      'From: Customer <customer@customer.example>\r\nTo: support@example.com\r\nSubject: Large\r\nMIME-Version: 1.0\r\n',
      'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nText.\r\n--b\r\n',
      'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n',
      'Content-Disposition: attachment; filename="large.pdf"\r\n\r\n',
      line.repeat(Math.floor((megabytes * 1024 * 1024) / line.length)),
      '--b--\r\n',
    ].join(''),
  ).toString('base64url');
  const body = JSON.stringify({
    id: 'm1',
    threadId: 't1',
    labelIds: ['INBOX'],
    internalDate: '1790000000000',
    raw,
  });
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  };
}

/** A page of fifty conversations with threads of that many megabytes in all, with one letter in each text that makes all of it take two bytes a letter. */
function listOf(megabytes: number): ForeignAnswer {
  const threads = 20;
  const body = `Ж${'a'.repeat(Math.floor((megabytes * megabyte) / 50 / threads) - 700)}`;
  const person = { id: 1, type: 'customer', firstName: 'A', lastName: 'B', email: 'a@b.example' };
  const page = JSON.stringify({
    _embedded: {
      conversations: Array.from({ length: 50 }, (_, index) => ({
        id: index + 1,
        number: index + 1,
        type: 'email',
        status: 'active',
        state: 'published',
        subject: 'S',
        mailboxId: 1,
        assignee: null,
        customer: person,
        cc: [],
        bcc: [],
        createdAt: '2026-11-20T10:00:00Z',
        updatedAt: '2026-11-20T10:00:00Z',
        closedAt: null,
        source: { type: 'api', via: 'customer' },
        _embedded: {
          tags: [],
          threads: Array.from({ length: threads }, (_each, thread) => ({
            id: index * threads + thread + 1,
            type: 'customer',
            status: 'active',
            state: 'published',
            body,
            source: { type: 'api', via: 'customer' },
            customer: person,
            createdBy: person,
            createdAt: '2026-11-20T10:00:00Z',
            _embedded: { attachments: [] },
          })),
        },
      })),
    },
    page: { size: 50, totalElements: 50, totalPages: 1, number: 1 },
  });
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(page);
  };
}

const redirect = redirectTo(
  () => elsewhere.url,
  () => 307,
);

const cases: readonly Case[] = [
  {
    name: 'model, 500 MB as gzip',
    client: 'model',
    answer: blanks(500 * megabyte, 'gzip'),
    expected: 'unusable',
    mayAdd: 100,
  },
  {
    name: 'model, 1.5 GB as it is',
    client: 'model',
    answer: blanks(1500 * megabyte, 'identity'),
    expected: 'unusable',
    mayAdd: 100,
  },
  {
    name: 'Slack, 500 MB as gzip',
    client: 'slack',
    answer: blanks(500 * megabyte, 'gzip'),
    expected: 'sent',
    mayAdd: 100,
  },
  {
    name: 'Gmail, 500 MB as gzip',
    client: 'gmail',
    answer: blanks(500 * megabyte, 'gzip'),
    expected: 'gmail-too-large',
    mayHave: worker,
  },
  {
    name: 'FreeScout, 500 MB as gzip',
    client: 'freescout',
    answer: blanks(500 * megabyte, 'gzip'),
    expected: 'freescout-error',
    mayHave: sweep,
  },
  {
    name: 'FreeScout, a list of 39 MB',
    client: 'freescout',
    answer: listOf(39),
    expected: '50 conversations',
    mayHave: sweep,
  },
  {
    name: 'a mail of 25 MB, into FreeScout',
    client: 'mail',
    answer: mailOf(25),
    expected: '1 attachment',
    mayHave: worker,
  },
  {
    name: 'a mail of 50 MB, into FreeScout',
    client: 'mail',
    answer: mailOf(49.9),
    expected: '1 attachment',
    mayHave: worker,
  },
  { name: 'model, 307', client: 'model', answer: redirect, expected: 'openai-rejected', mayAdd: 100 },
  { name: 'Gmail, 307', client: 'gmail', answer: redirect, expected: 'gmail-unreachable', mayAdd: 100 },
  { name: 'Slack, 307', client: 'slack', answer: redirect, expected: 'alert-undelivered', mayAdd: 100 },
];

async function measure(each: Case, server: ForeignServer): Promise<Measured> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'answerCase.ts'),
      ...['--client', each.client, '--url', server.url],
      ...['--token-url', `${tokenServer.url}/token`, '--desk-url', desk.url],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: caseMilliseconds },
  );
  const line = await text(child.stdout);
  return line === ''
    ? { outcome: 'no answer in time', before: 0, peak: 0, after: 0 }
    : measuredSchema.parse(JSON.parse(line));
}

const write = (columns: readonly (string | number)[]) =>
  process.stdout.write(
    `${columns.map((column, index) => (index === 0 ? String(column).padEnd(34) : String(column).padStart(18))).join('')}\n`,
  );

let failed = 0;
write(['', 'outcome', 'before (MB)', 'peak (MB)', 'after (MB)', 'allowed (MB)', '']);
for (const each of cases) {
  const server = await startForeignServer(each.answer);
  const { outcome, before, peak, after } = await measure(each, server);
  server.close();
  const allowed = Math.round(each.mayHave ?? before + (each.mayAdd ?? 0));
  const passed = outcome === each.expected && peak <= allowed;
  failed += passed ? 0 : 1;
  write([each.name, outcome, before, peak, after, allowed, passed ? 'passed' : 'FAILED']);
}
for (const server of [tokenServer, desk, elsewhere]) {
  server.close();
}
const reached = elsewhere.requests.length;
write(['requests to the other address', reached, '', '', '', '', reached === 0 ? 'passed' : 'FAILED']);
process.exitCode = failed === 0 && reached === 0 ? 0 : 1;
