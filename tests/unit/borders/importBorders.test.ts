import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const projectRoot = join(import.meta.dirname, '../../..');

/** Source text by path from the project's root. */
type Sources = ReadonlyMap<string, string>;

interface Import {
  readonly from: string;
  /** Path from the project's root, or the name of a package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Folders that think: they get what they need as arguments. */
const thinking = ['shared/mail/', 'shared/triage/', 'shared/drafts/'];

/** Packages that reach other systems. */
const reachesOut =
  /^(@aws-sdk\/|@smithy\/|@aws-lambda-powertools\/parameters|googleapis|@googleapis\/|google-auth-library|gaxios|openai|undici|axios|got|hono|@hono\/|(node:)?(https?|http2|net|tls|dgram)$)/;

/** Whoever calls others himself, or makes a client that does. */
const callsOut = /\bfetch\(|\bnew (OpenAI|OAuth2Client|JWT|Gaxios)\(/;
/** The product, without what stands in for others on one machine. */
const mayCallBoundedOnly = /^(shared|functions|infra\/cli|infra\/local\/alarms)\//;

const readsEnvironment =
  /\bprocess\s*(\.\s*env\b|\[\s*['"]env['"]\s*\])|import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*['"]node:process['"]/;

/** Where a function is put together, and what runs on a terminal. */
const mayReadEnvironment = [
  /^functions\/[^/]+\/(handler|dependencies)\.ts$/,
  /^shared\/observability\//,
  /^infra\//,
  /^tests\//,
  /^vitest\.config\.ts$/,
];

/** What reaches people outside, or names them. Whoever knows a customer's address must not be able to load it. */
const mailers = /^shared\/alerts\/((slack|sns|smtp)Channel|recipients)\.ts$/;
const mailingPackages = /^(nodemailer\b|@aws-sdk\/client-(sns|ses))/;
const mayImportMailers =
  /^(functions\/conversation-worker\/dependencies\.ts|functions\/alarm-to-slack\/dependencies\.ts|shared\/alerts\/(slack|sns|smtp)Channel\.ts|infra\/local\/|tests\/)/;

/** What lets a file write to FreeScout: faces of the client that write, and what makes a client. */
const writesToFreeScout =
  /\b(ConversationWriter|NoteWriter|DraftWriter|ProofConversations|TrialClient|FreeScoutClient|createFreeScout(Client|Requests)?|SendToFreeScout)\b/g;
const mayWriteToFreeScout = [
  /^functions\/conversation-worker\//,
  /^shared\/(drafts|freescout)\//,
  // They make a client, and hand on the faces that others need.
  /^functions\/(runtime\/freescoutClients|[^/]+\/dependencies)\.ts$/,
  /^infra\/cli\/(deployment|commands\/connectFreescout)\.ts$/,
  // Registers our webhook, for which the client has no method.
  /^infra\/cli\/freescoutWebhook\.ts$/,
  /^tests\//,
];

function readSources(): Sources {
  const paths = ['functions', 'shared', 'infra', 'tests'].flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,mts,js,mjs}`, { cwd: projectRoot }),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(projectRoot, path), 'utf8')]));
}

/** Text without comments, which may name whatever they want. */
function withoutComments(text: string): string {
  return text.replaceAll(/(^|\s)\/\*[\s\S]*?\*\//g, '$1').replaceAll(/(^|[\s;{}(,])\/\/.*$/gm, '$1');
}

function importsOf(path: string, text: string): Import[] {
  const code = withoutComments(text);
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(?<type>type\s)?(?:[\w*{][^'";]*?\sfrom\s+)?['"](?<specifier>[^'"]+)['"]/gm,
  );
  const calls = code.matchAll(/\b(?:import|require)\(\s*['"](?<specifier>[^'"]+)['"]/g);
  return [...statements, ...calls].map(({ groups }) => ({
    from: path,
    target: resolve(path, groups?.specifier ?? ''),
    typeOnly: groups?.type !== undefined,
  }));
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('#')) {
    return specifier.slice(1);
  }
  return specifier.startsWith('.') ? posix.join(dirname(from), specifier) : specifier;
}

/** Every breach of a border, as a sentence. */
function breaches(sources: Sources): string[] {
  const imports = new Map([...sources].map(([path, text]) => [path, importsOf(path, text)]));
  return [...sources].flatMap(([path, text]) => [
    ...foldersNotAllowed(path, imports.get(path) ?? []),
    ...mailersNotAllowed(path, imports.get(path) ?? []),
    ...(thinking.some((folder) => path.startsWith(folder)) ? reachingOut(path, text, imports) : []),
    ...unboundedCalls(path, text),
    ...writersNotAllowed(path, text),
    ...(readsEnvironment.test(withoutComments(text)) && !mayReadEnvironment.some((each) => each.test(path))
      ? [`${path} reads process.env`]
      : []),
  ]);
}

function foldersNotAllowed(path: string, imports: readonly Import[]): string[] {
  const forbidden = path.startsWith('shared/')
    ? /^(functions|infra|tests)\//
    : path.startsWith('functions/')
      ? /^(infra|tests)\//
      : path.startsWith('infra/standins/')
        ? /^(functions|tests|shared\/(?!time\/)|infra\/(?!standins\/))/
        : path.startsWith('infra/local/')
          ? /^tests\//
          : path.startsWith('infra/')
            ? /^(functions|tests)\//
            : /^$/;
  return imports
    .filter(({ target }) => forbidden.test(target))
    .map(({ target }) => `${path} imports ${target}`);
}

function mailersNotAllowed(path: string, imports: readonly Import[]): string[] {
  return mayImportMailers.test(path)
    ? []
    : imports
        .filter(({ target }) => mailers.test(target) || mailingPackages.test(target))
        .map(({ target }) => `${path} imports ${target}`);
}

/** A file that can write to FreeScout although nothing but the worker, drafts and their trial may. */
function writersNotAllowed(path: string, text: string): string[] {
  return mayWriteToFreeScout.some((each) => each.test(path))
    ? []
    : [...new Set(withoutComments(text).match(writesToFreeScout))].map((name) => `${path} names ${name}`);
}

/** A call that follows redirects and reads without end; a thinking file makes none at all. */
function unboundedCalls(path: string, text: string): string[] {
  const code = withoutComments(text);
  return mayCallBoundedOnly.test(path) &&
    !thinking.some((folder) => path.startsWith(folder)) &&
    callsOut.test(code) &&
    !code.includes('boundedFetch(')
    ? [`${path} calls out without boundedFetch`]
    : [];
}

/** What a thinking file reaches through its own imports (types too) and through what those load at run time. */
function reachingOut(path: string, text: string, imports: ReadonlyMap<string, readonly Import[]>): string[] {
  const found = /\bfetch\(/.test(withoutComments(text)) ? [`${path} calls fetch`] : [];
  const seen = new Set([path]);
  const waiting = [...(imports.get(path) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reachesOut.test(next.target) && (next.from === path || !next.typeOnly)) {
      found.push(
        next.from === path
          ? `${path} imports ${next.target}`
          : `${path} loads ${next.target} through ${next.from}`,
      );
    }
    if (!next.typeOnly && !seen.has(next.target)) {
      seen.add(next.target);
      waiting.push(...(imports.get(next.target) ?? []));
    }
  }
  return found;
}

describe('borders between the folders', () => {
  const sources = readSources();

  it('are kept by every source file', () => {
    expect(sources.size).toBeGreaterThan(20);
    expect(breaches(sources)).toEqual([]);
  });

  it('can be checked because every import of a project file leads to a file', () => {
    const lost = [...sources]
      .filter(([path]) => !path.startsWith('tests/'))
      .flatMap(([path, text]) => importsOf(path, text))
      .filter(({ target }) => /^(functions|shared|infra|tests)\//.test(target))
      .filter(({ target }) => !existsSync(join(projectRoot, target)))
      .map(({ from, target }) => `${from} imports ${target}`);
    expect(lost).toEqual([]);
  });
});

describe('the check of the borders', () => {
  it.each([
    [
      'functions/a/handler.ts',
      `import { App } from '#infra/createApp.ts';`,
      'functions/a/handler.ts imports infra/createApp.ts',
    ],
    [
      'shared/jobs/a.ts',
      `import type { B } from '#functions/b/b.ts';`,
      'shared/jobs/a.ts imports functions/b/b.ts',
    ],
    ['shared/jobs/a.ts', `export { b } from '../../infra/b.ts';`, 'shared/jobs/a.ts imports infra/b.ts'],
    [
      'infra/constructs/a.ts',
      `import '#functions/b/b.ts';`,
      'infra/constructs/a.ts imports functions/b/b.ts',
    ],
    [
      'infra/standins/gmail/a.ts',
      `import type { B } from '#shared/channels/gmail/gmailClient.ts';`,
      'infra/standins/gmail/a.ts imports shared/channels/gmail/gmailClient.ts',
    ],
    [
      'infra/standins/gmail/a.ts',
      `import { b } from '../../local/startRefused.ts';`,
      'infra/standins/gmail/a.ts imports infra/local/startRefused.ts',
    ],
    ['shared/mail/a.ts', `import type { OpenAI } from 'openai';`, 'shared/mail/a.ts imports openai'],
    [
      'shared/triage/a.ts',
      `import {\n  request,\n} from 'node:https';`,
      'shared/triage/a.ts imports node:https',
    ],
    [
      'shared/drafts/a.ts',
      `const b = await import('@aws-sdk/client-sqs');`,
      'shared/drafts/a.ts imports @aws-sdk/client-sqs',
    ],
    ['shared/drafts/a.ts', `await fetch('https://example.com');`, 'shared/drafts/a.ts calls fetch'],
    [
      'functions/conversation-worker/intake/bringMailIn.ts',
      `import { createSmtpChannel } from '#shared/alerts/smtpChannel.ts';`,
      'functions/conversation-worker/intake/bringMailIn.ts imports shared/alerts/smtpChannel.ts',
    ],
    [
      'functions/conversation-worker/intake/noteReport.ts',
      `import { createTransport } from 'nodemailer';`,
      'functions/conversation-worker/intake/noteReport.ts imports nodemailer',
    ],
    [
      'infra/cli/a.ts',
      `const answer = await fetch('https://example.com');`,
      'infra/cli/a.ts calls out without boundedFetch',
    ],
    [
      'shared/openai/a.ts',
      'const api = new OpenAI({ apiKey });',
      'shared/openai/a.ts calls out without boundedFetch',
    ],
    [
      'functions/freescout-sweep/sweepDependencies.ts',
      `import type { ConversationWriter } from '#shared/freescout/conversationWriter.ts';`,
      'functions/freescout-sweep/sweepDependencies.ts names ConversationWriter',
    ],
    [
      'shared/followUps/a.ts',
      `import type { NoteWriter } from '#shared/freescout/conversationWriter.ts';`,
      'shared/followUps/a.ts names NoteWriter',
    ],
    [
      'functions/status/readiness.ts',
      'type Client = Awaited<ReturnType<typeof createFreeScout>>;',
      'functions/status/readiness.ts names createFreeScout',
    ],
    [
      'infra/cli/commands/a.ts',
      'let client: FreeScoutClient;',
      'infra/cli/commands/a.ts names FreeScoutClient',
    ],
    ['shared/store/a.ts', 'const table = process.env.TABLE;', 'shared/store/a.ts reads process.env'],
    ['functions/a/work.ts', `const table = process.env['TABLE'];`, 'functions/a/work.ts reads process.env'],
    ['functions/a/work.ts', `import { env } from 'node:process';`, 'functions/a/work.ts reads process.env'],
  ])('reports in %s: %s', (path, text, breach) => {
    expect(breaches(new Map([[path, text]]))).toEqual([breach]);
  });

  it('follows what a thinking file loads, but not types', () => {
    const sources: Sources = new Map([
      [
        'shared/triage/a.ts',
        `import { call } from '#shared/openai/call.ts';\nimport type { C } from '../gmail/c.ts';`,
      ],
      ['shared/openai/call.ts', `import OpenAI from 'openai';`],
      ['shared/channels/gmail/c.ts', `import { gmail } from 'googleapis/build/src/apis/gmail/index.js';`],
    ]);
    expect(breaches(sources)).toEqual(['shared/triage/a.ts loads openai through shared/openai/call.ts']);
  });

  it.each([
    ['functions/a/dependencies.ts', 'const table = process.env.TABLE;'],
    ['functions/a/dependencies.ts', 'const client = createFreeScout(parts, limiter);'],
    ['functions/freescout-sweep/a.ts', '// FreeScoutClient\nlet client: ConversationReader;'],
    ['functions/conversation-worker/intake/a.ts', 'let client: ConversationWriter;'],
    ['functions/a/handler.ts', 'createDependencies(process.env);'],
    ['shared/openai/a.ts', 'new OpenAI({ apiKey, fetch: boundedFetch(5) });'],
    ['infra/standins/gmail/a.ts', `import { b } from '../faults.ts';\nimport '#shared/time/clock.ts';`],
    ['infra/standins/gmail/a.ts', `await fetch('http://127.0.0.1:1');`],
    [
      'functions/conversation-worker/dependencies.ts',
      `import { createSmtpChannel } from '#shared/alerts/smtpChannel.ts';`,
    ],
    ['functions/a/handler.ts', `import { b } from '#shared/jobs/b.ts';\nimport middy from '@middy/core';`],
    ['infra/local/start.ts', `import { b } from '#functions/b/b.ts';\nprocess.env.CSM_PORT;`],
    ['shared/mail/a.ts', `// see process.env and import 'openai'\nimport { parse } from 'postal-mime';`],
    ['tests/unit/a.test.ts', `import '#infra/a.ts';\nimport '#functions/a.ts';`],
  ])('allows in %s: %s', (path, text) => {
    expect(breaches(new Map([[path, text]]))).toEqual([]);
  });
});
