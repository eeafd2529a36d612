import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { consentInBrowser } from '#infra/cli/commands/connectGmailConsent.ts';
import { readReady } from '#infra/cli/statusApi.ts';
import { createSlackChannel } from '#shared/alerts/slackChannel.ts';
import { createGmailChannels } from '#shared/channels/gmail/gmailChannel.ts';
import type { GmailCredentials } from '#shared/channels/gmail/gmailCredentials.ts';
import { createGmailClient } from '#shared/channels/gmail/googleGmailClient.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import { createLanguageModel } from '#shared/openai/openaiLanguageModel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { csm } from '#tests/support/csm.ts';
import {
  blanks,
  type Encoding,
  type ForeignAnswer,
  type ForeignServer,
  redirectTo,
  startForeignServer,
  startRawServer,
} from '#tests/support/foreignServer.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';
import { createWorkerBench } from '#tests/support/workerBench.ts';

const address = 'support@example.com';
const consent: GmailCredentials = { clientId: 'id', clientSecret: 'secret', refreshToken: 'refresh' };
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const serviceAccount: GmailCredentials = {
  serviceAccountEmail: 'csm@project.iam.gserviceaccount.example',
  serviceAccountPrivateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

async function started(server: Promise<ForeignServer>): Promise<ForeignServer> {
  const running = await server;
  onTestFinished(running.close);
  return running;
}

/** What every client would take for a good answer: it must never get that far. */
const goodForAll: ForeignAnswer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      access_token: 'token',
      refresh_token: 'refresh',
      scope: 'scope',
      expires_in: 3600,
      token_type: 'Bearer',
      historyId: '1',
      emailAddress: address,
      status: 'completed',
      mode: 'guarded',
      data: [],
      _embedded: { mailboxes: [] },
      page: { totalPages: 1 },
      output: [{ type: 'message', content: [{ type: 'output_text', text: '{"answer":"taken"}' }] }],
    }),
  );
};

const noTroublesKept = { rememberFault: async () => undefined, forgetFault: async () => undefined };

function modelAt(url: string, timeoutMilliseconds = 10_000) {
  const spend = { reservedUsd: 0, spentUsd: 0 };
  const log = recordingLog();
  const metrics = recordingMeasure();
  const model = createLanguageModel({
    apiKey: async () => 'key',
    settings: parseSettings({ openai: { baseUrl: `${url}/v1`, timeoutSeconds: timeoutMilliseconds / 1000 } }),
    state: {
      reserveSpend: async (_kind, usd) => {
        spend.reservedUsd += usd;
        return true;
      },
      settleSpend: async (_reserved, usd) => {
        spend.spentUsd += usd;
      },
      ...noTroublesKept,
    },
    limiter: unlimited,
    clock: manualClock(),
    log,
    measure: metrics.measure,
  });
  const ask = () =>
    model.ask(
      {
        purpose: 'draft',
        instructions: 'Answer in JSON.',
        input: 'A conversation.',
        schemaName: 'answer',
        schema: z.object({ answer: z.string() }),
      },
      120_000,
    );
  return { ask, spend, log, metrics };
}

function gmailAt(rootUrl: string, tokenUrl: string, credentials = consent, timeoutMilliseconds = 15_000) {
  return createGmailClient({
    account: 'support',
    address,
    scope: 'https://www.googleapis.com/auth/gmail.readonly',
    credentials: async () => credentials,
    rootUrl,
    tokenUrl,
    clock: manualClock(),
    timeoutMilliseconds,
    attempts: 3,
    log: recordingLog(),
    measure: recordingMeasure().measure,
  });
}

function freescoutAt(url: string, timeoutMilliseconds = 15_000) {
  return createFreeScoutClient({
    baseUrl: url,
    apiKey: async () => 'key',
    botUserId: 2,
    fetch,
    clock: manualClock(),
    limiter: unlimited,
    timeoutMilliseconds,
    attempts: 1,
    log: recordingLog(),
    measure: recordingMeasure().measure,
  });
}

/** A consent that the person at the browser gives at once. */
function consentAt(tokenUrl: string, rootUrl: string) {
  const never = () => Promise.reject(new Error('not asked for'));
  return consentInBrowser(
    {
      out: () => undefined,
      err: () => undefined,
      isInteractive: false,
      ask: never,
      askSecret: never,
      environment: {},
      openBrowser: (url) => {
        const asked = new URL(url).searchParams;
        const back = new URL(asked.get('redirect_uri') ?? '');
        back.searchParams.set('state', asked.get('state') ?? '');
        back.searchParams.set('code', 'code');
        void fetch(back);
      },
    },
    { clientId: 'id', clientSecret: 'secret', scope: 'scope', loginHint: address, tokenUrl, rootUrl },
  );
}

async function connectOpenaiAt(url: string): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'csm-foreign-'));
  onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const { code, err } = await csm(['connect', 'openai'], {
    dataDirectory,
    environment: { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: `${url}/v1` },
  });
  if (code !== 0) {
    throw Object.assign(new Error(err), { name: 'CommandFailed' });
  }
}

function statusAt(api: string) {
  const never = () => Promise.reject(new Error('not asked for'));
  const status = async () => ({ token: 'token' });
  return readReady({
    api,
    secrets: { freescout: never, openai: never, channel: never, slack: never, status },
  });
}

type Call = (redirecting: string, good: string) => Promise<unknown>;

/** Every way out of the product: what it calls, and what its failure says. */
const ways: readonly [string, Call, object][] = [
  ['the model', (url) => modelAt(url).ask(), { code: 'openai-rejected', retryable: true }],
  [
    'Gmail',
    (url, good) => gmailAt(url, `${good}/token`).currentHistoryId(),
    { code: 'gmail-unreachable', retryable: true },
  ],
  [
    "Gmail's token endpoint",
    (url, good) => gmailAt(good, `${url}/token`).currentHistoryId(),
    { code: 'gmail-unreachable', retryable: true },
  ],
  [
    'the token endpoint of a service account',
    (url, good) => gmailAt(good, `${url}/token`, serviceAccount).currentHistoryId(),
    { code: 'gmail-unreachable', retryable: true },
  ],
  [
    'Slack',
    (url) =>
      createSlackChannel({ webhookUrl: `${url}/services/T0/B0/s3cret`, fetch }).send({
        title: 'a',
        text: 'a',
      }),
    { code: 'alert-undelivered', retryable: true },
  ],
  ['FreeScout', (url) => freescoutAt(url).listMailboxes(), { code: 'freescout-error', retryable: true }],
  ["Google's consent", (url, good) => consentAt(`${url}/token`, good), { name: 'CommandFailed' }],
  ['the profile behind a consent', (url, good) => consentAt(`${good}/token`, url), { name: 'CommandFailed' }],
  ['connect openai', connectOpenaiAt, { name: 'CommandFailed' }],
  ['the status function', statusAt, { name: 'CommandFailed' }],
];

describe('a redirect', () => {
  it.each(ways)('of %s is not followed, and named without its path', async (_, call, failure) => {
    const elsewhere = await started(startForeignServer(goodForAll));
    const good = await started(startForeignServer(goodForAll));
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = redirectTo(
        () => elsewhere.url,
        () => status,
      );
      const redirecting = await started(startForeignServer(answer));
      const failed: unknown = await call(redirecting.url, good.url).then(
        () => 'it took the other answer',
        (error: unknown) => error,
      );
      expect(elsewhere.requests, String(status)).toEqual([]);
      expect(failed, String(status)).toMatchObject({
        ...failure,
        message: expect.stringContaining(elsewhere.host),
      });
      expect(failed).not.toMatchObject({ message: expect.stringMatching(/s3cret|taken/) });
      // Asking again would lead to the same place.
      expect(redirecting.requests, String(status)).toHaveLength(1);
    }
  });
});

const megabyte = 1_000_000;
/** What a body goes through that is poured out without end: a client that reads on is stopped by the server. */
const endless = 300 * megabyte;
/** Socket buffers and what the client holds back on its way to the count. */
const underWay = 10 * megabyte;
const encodings: readonly Encoding[] = ['gzip', 'deflate', 'br', 'identity'];

describe('an answer without end', () => {
  it.each(encodings)(
    'of the model, as %s, is an unusable one, asked for once and paid for',
    async (encoding) => {
      const server = await started(startForeignServer(blanks(endless, encoding)));
      const { ask, spend, log, metrics } = modelAt(server.url);
      const answer = await ask();
      expect(answer).toMatchObject({ outcome: 'unusable', usage: { usd: spend.spentUsd } });
      expect(spend.spentUsd).toBeGreaterThan(0);
      expect(spend.spentUsd).toBeLessThanOrEqual(spend.reservedUsd);
      expect(server.requests).toHaveLength(1);
      expect(server.sentBytes()).toBeLessThan(5 * megabyte + underWay);
      expect(log.of('MODEL_CALL')).toMatchObject([
        { outcome: 'failed', code: 'openai-answer-unusable', reason: 'too-large' },
        { outcome: 'unusable' },
      ]);
      expect(metrics.total('ModelFailures')).toBe(1);
    },
  );

  it('of the model counts as its status says when it is an error', async () => {
    const server = await started(startForeignServer(blanks(endless, 'identity', 400)));
    await expect(modelAt(server.url).ask()).rejects.toMatchObject({
      code: 'openai-rejected',
      retryable: false,
    });
    expect(server.sentBytes()).toBeLessThan(5 * megabyte + underWay);
  });

  it.each(encodings)('of Gmail, as %s, ends the work on that mail for good', async (encoding) => {
    const token = await started(startForeignServer(goodForAll));
    const server = await started(startForeignServer(blanks(endless, encoding)));
    await expect(gmailAt(server.url, `${token.url}/token`).getRaw('m1')).rejects.toMatchObject({
      code: 'gmail-too-large',
      retryable: false,
      message: expect.stringContaining('50 MB'),
    });
    expect(server.requests).toHaveLength(1);
    expect(server.sentBytes()).toBeLessThan(72 * megabyte + underWay);
  });

  it('of Gmail leaves a row that failed with its reason', async () => {
    const token = await started(startForeignServer(goodForAll));
    const server = await started(startForeignServer(blanks(endless, 'gzip')));
    const bench = createWorkerBench();
    const job = {
      kind: 'incoming-message',
      channel: 'gmail',
      alias: 'support',
      messageId: 'm1',
      threadId: 't1',
      cause: 'poll',
      requestId: 'run-1',
    };
    const gmail = gmailAt(server.url, `${token.url}/token`);
    const { settings, clock, log } = bench.deps;
    const channel = createGmailChannels({
      settings,
      state: bench.store.state,
      customers: { isKnown: async () => false },
      users: async () => new Set(),
      clock,
      log,
      client: () => gmail,
    });
    expect(await bench.work(job, { deps: { channel } })).toEqual({ end: 'done' });
    expect(await bench.store.ledger.get('gmail:support:m1')).toMatchObject({
      status: 'failed',
      reason: 'gmail-too-large',
      retryable: false,
    });
    expect(bench.log.of('JOB_FAILED_FOR_GOOD')).toMatchObject([{ code: 'gmail-too-large' }]);
  });

  it.each([
    ['history', (gmail: ReturnType<typeof gmailAt>) => gmail.history('1', null)],
    ['a list', (gmail: ReturnType<typeof gmailAt>) => gmail.listSince(new Date(0), null)],
  ])('of Gmail instead of %s is no mail that is too large: reading goes on later', async (_, read) => {
    const token = await started(startForeignServer(goodForAll));
    const server = await started(startForeignServer(blanks(endless, 'gzip')));
    await expect(read(gmailAt(server.url, `${token.url}/token`))).rejects.toMatchObject({
      code: 'gmail-unreachable',
      retryable: true,
    });
  });

  it.each([
    ['a person', consent],
    ['a service account', serviceAccount],
  ])("of Gmail's token endpoint for %s is none at all", async (_, credentials) => {
    const server = await started(startForeignServer(blanks(endless, 'gzip')));
    await expect(
      gmailAt('http://127.0.0.1:1', `${server.url}/token`, credentials).currentHistoryId(),
    ).rejects.toMatchObject({ code: 'gmail-unreachable', retryable: true });
  });

  it('of Slack is not read', async () => {
    const server = await started(startForeignServer(blanks(endless, 'identity')));
    await createSlackChannel({ webhookUrl: server.url, fetch }).send({ title: 'a', text: 'a' });
    expect(server.sentBytes()).toBeLessThan(underWay);
  });

  it.each(encodings)('of FreeScout, as %s, is an unusable one', async (encoding) => {
    const server = await started(startForeignServer(blanks(endless, encoding)));
    await expect(freescoutAt(server.url).listMailboxes()).rejects.toMatchObject({
      code: 'freescout-error',
      retryable: true,
    });
    await expect(
      freescoutAt(server.url).addNote(1, { html: 'a', cc: [], imported: false }),
    ).rejects.toMatchObject({
      code: 'freescout-unanswered',
      nothingWritten: false,
    });
    expect(server.sentBytes()).toBeLessThan(2 * (40 * megabyte + underWay));
  });

  it('of FreeScout counts as its status says when it is an error', async () => {
    const server = await started(startForeignServer(blanks(endless, 'gzip', 401)));
    await expect(freescoutAt(server.url).listMailboxes()).rejects.toMatchObject({
      code: 'freescout-unauthorized',
    });
  });

  it.each([
    ['the status function', (url: string) => statusAt(url)],
    ['connect openai', connectOpenaiAt],
    [
      'the profile behind a consent',
      async (url: string) => {
        const token = await started(startForeignServer(goodForAll));
        return consentAt(`${token.url}/token`, url);
      },
    ],
  ])('of %s ends the command with a sentence', async (_, call) => {
    const server = await started(startForeignServer(blanks(endless, 'identity')));
    await expect(call(server.url)).rejects.toMatchObject({ name: 'CommandFailed' });
    expect(server.sentBytes()).toBeLessThan(5 * megabyte + underWay);
  });
});

describe('an answer that lies about its length', () => {
  const head = (length: number) =>
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

  it.each([
    [
      'says less than it sends',
      (socket: { write: (text: string) => void }) => socket.write(head(2) + '{}'.repeat(megabyte)),
    ],
    [
      'says more than it sends',
      (socket: { write: (text: string) => void; end: () => void }) => {
        socket.write(`${head(endless)}{`);
        socket.end();
      },
    ],
  ])('and %s is none', async (_, write) => {
    const server = await started(startRawServer(write));
    await expect(modelAt(server.url).ask()).rejects.toMatchObject({
      code: 'openai-unreachable',
      retryable: true,
    });
  });
});

describe('an answer that drips', () => {
  const patience = 300;

  it.each<[string, Call, string]>([
    ['the model', (url) => modelAt(url, patience).ask(), 'openai-unreachable'],
    [
      'Gmail',
      (url, good) => gmailAt(url, `${good}/token`, consent, patience).currentHistoryId(),
      'gmail-unreachable',
    ],
    ['FreeScout', (url) => freescoutAt(url, patience).listMailboxes(), 'freescout-unreachable'],
  ])('is given up in time by the client of %s', async (_, call, code) => {
    const good = await started(startForeignServer(goodForAll));
    const server = await started(
      startForeignServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(Buffer.from(' ')), 50);
        response.on('close', () => clearInterval(timer));
      }),
    );
    const begun = Date.now();
    await expect(call(server.url, good.url)).rejects.toMatchObject({ code, retryable: true });
    expect(Date.now() - begun).toBeLessThan(10_000);
  });
});
