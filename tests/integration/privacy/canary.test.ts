import { createServer } from 'node:http';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultAgent } from '#infra/standins/freescout/model.ts';
import { signWebhook } from '#infra/standins/freescout/webhooks.ts';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import { createGmailClient } from '#shared/channels/gmail/googleGmailClient.ts';
import { asFailure, permanent, retryable } from '#shared/failure/failure.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import type { Log, LogCode } from '#shared/observability/logCatalogue.ts';
import { createPowertoolsLog } from '#shared/observability/powertoolsLog.ts';
import { createPowertoolsMeasure } from '#shared/observability/powertoolsMetrics.ts';
import type { LanguageModel } from '#shared/openai/languageModel.ts';
import { createLanguageModel } from '#shared/openai/openaiLanguageModel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { triageAnswerSchema } from '#shared/triage/triage.ts';
import { createIntakeWorld } from '#tests/simulation/intake/intakeWorld.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { type RecordingLog, recordingLog } from '#tests/support/recordingLog.ts';
import { seededRandom } from '#tests/support/simulation/seededRandom.ts';
import { canaryMails } from './canaryMails.ts';

const minute = 60_000;

let written: string;
let recorded: RecordingLog;

beforeEach(() => {
  written = '';
  recorded = recordingLog();
  vi.stubEnv('POWERTOOLS_DEV', 'false');
  const keep = (chunk: string | Uint8Array) => {
    written += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What the product logs goes into the recording and, at every level, through the logger that is deployed. */
function everyLine(): Log {
  const deployed = createPowertoolsLog(new Logger({ logLevel: 'DEBUG', serviceName: 'privacy' }));
  return {
    write: (code, fields) => {
      recorded.write(code, fields);
      deployed.write(code, fields);
    },
    with: (more) => {
      const log = everyLine();
      return {
        write: (code, fields) => log.write(code, { ...more, ...fields }),
        with: (further) => log.with({ ...more, ...further }),
      };
    },
  };
}

function expectNoCanary(): void {
  const all = `${written}\n${JSON.stringify(recorded.lines)}`;
  expect(all.length).toBeGreaterThan(500);
  const found = [...all.matchAll(/.{0,80}(?:canar|[^\s"]@[^\s"]).{0,80}/giu)].map(([around]) => around);
  expect(found).toEqual([]);
}

const codes = () => new Set(recorded.lines.map(({ code }) => code));

/** A model that repeats what it was told, as a model may. */
const talkativeModel: LanguageModel = {
  async ask(request) {
    const triage = {
      type: 'customer',
      importance: 9,
      reasoning: 'canary-reasoning of canary.person@canary-customer.test',
      facts: ['canary-fact'],
      uncertainties: ['canary-doubt'],
      language: 'en',
      sentiment: 'neutral',
      needsReply: true,
      escalationReason: 'canary-reason',
      threatens: true,
    };
    const reply = {
      language: 'en',
      blocks: [{ kind: 'paragraph', text: `Dear canary.person@canary-customer.test, ${request.input}` }],
    };
    return {
      outcome: 'answered',
      value: request.schema.parse(request.purpose === 'triage' ? triage : reply),
      usage: { model: 'm', inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, usd: 0 },
    };
  },
};

const noTrouble = { crash: 0, fault: 0, lostWebhook: 0, burst: 0, slow: 0 };

interface Scene {
  readonly seed: number;
  readonly fault?: number;
  /** FreeScout refuses writes in this way, quoting what it was sent. */
  readonly refusesWith?: number;
  readonly model?: LanguageModel;
}

/** One takes alerts, the other throws their words back. */
const channels: readonly AlertChannel[] = [
  { name: 'slack', send: () => Promise.resolve() },
  { name: 'smtp', send: ({ text }) => Promise.reject(retryable('alert-undelivered', `canary ${text}`)) },
];

/** Sends all canary mails through polls, webhooks, sweeps and the worker. */
async function play({ seed, fault = 0, refusesWith, model = talkativeModel }: Scene) {
  let refusals = refusesWith === undefined ? 0 : 60;
  const world = createIntakeWorld({
    random: seededRandom(seed),
    trouble: { ...noTrouble, fault, crash: fault / 20 },
    sabotage: {
      settings: { freescout: { url: 'http://freescout.test', webhookEnabled: true } },
      worker: (deps) => ({ ...deps, model, alertChannels: async () => channels }),
    },
    start: '2026-11-20T08:00:00.000Z',
    deliverToCustomer: () => {},
    trace: null,
    log: everyLine(),
    freescoutAnswers: ({ method }) => {
      if (refusesWith === undefined || method === 'GET' || refusals === 0) {
        return null;
      }
      refusals -= 1;
      const error = { path: 'customer.canary', message: 'canary.person@canary-customer.test is wrong' };
      return Response.json(
        { message: 'canary-message', _embedded: { errors: [error] } },
        { status: refusesWith },
      );
    },
  });
  const { time, mailboxes, desk } = world;
  const repeat = (milliseconds: number, run: () => Promise<void>) =>
    time.setTimer(milliseconds, () => {
      void run();
      repeat(milliseconds, run);
    });
  repeat(minute, world.poll);
  repeat(5 * minute, world.sweep);
  for (const [index, mail] of canaryMails.entries()) {
    time.setTimer(2 * minute + index * minute, () =>
      mailboxes.support.deliver({
        messageId: `m${index}`,
        gmailThreadId: mail.gmailThreadId ?? `m${index}`,
        labelIds: mail.labelIds ?? ['INBOX'],
        raw: mail.raw,
      }),
    );
  }
  time.setTimer(20 * minute, () => {
    world.sendRaw('{"kind":"canary","from":"canary.person@canary-customer.test"}');
    world.sendRaw('canary is no JSON');
    for (const [body, signature] of [
      ['{"id":1,"subject":"canary","customer":"canary@canary.test"}', 'canary-signature'],
      ['canary is no JSON', signWebhook('canary is no JSON', 'secret-under-test')],
      ['{"subject":"canary"}', signWebhook('{"subject":"canary"}', 'secret-under-test')],
    ] as const) {
      void world.receiveWebhook({
        requestId: 'request',
        headers: { 'x-freescout-event': 'convo.canary@canary.test', 'x-freescout-signature': signature },
        rawBody: Buffer.from(body),
      });
    }
  });
  time.setTimer(60 * minute, () => {
    for (const { id, type } of [...desk.conversations.values()].filter(
      ({ state }) => state === 'published',
    )) {
      const draft = desk.threadsOf.get(id)?.find(({ state }) => state === 'draft');
      if (draft !== undefined) {
        desk.agent.sendDraft(
          { conversationId: id, threadId: draft.id },
          { user: defaultAgent, body: '<div>canary-sent</div>', status: 'closed' },
        );
      } else if (type === 'email') {
        desk.agent.reply(id, { user: defaultAgent, body: '<div>canary-own</div>', status: 'active' });
      }
    }
  });
  const until = time.now().getTime() + 4 * 60 * minute;
  await time.runUntil(() => time.now().getTime() >= until);
  return world;
}

describe('mails full of canaries', () => {
  it('leave none in the log on their way in, through triage, drafts and outcomes', async () => {
    const world = await play({ seed: 1 });
    expect(world.violations).toEqual([]);
    const expected: readonly LogCode[] = [
      ...(['MAIL_CREATED', 'MAIL_APPENDED', 'MAIL_REQUEUED', 'MAIL_NOTED', 'MAIL_FILTERED'] as const),
      ...(['SENDER_NOT_IN_CONVERSATION', 'CONVERSATION_TRIAGED', 'CONVERSATION_TAGGED'] as const),
      ...(['CONVERSATION_NOTED', 'DRAFT_CREATED', 'DRAFT_OUTCOME', 'WEBHOOK_ANSWERED'] as const),
      ...([
        'ALERT_SENT',
        'ALERT_FAILED',
        'JOB_MALFORMED',
        'POLL_DONE',
        'SWEEP_DONE',
        'FREESCOUT_CALL',
      ] as const),
    ];
    expect(expected.filter((code) => !codes().has(code))).toEqual([]);
    expectNoCanary();
  });

  it('nor when everything fails and stops half way', async () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      await play({ seed, fault: 0.2 });
    }
    const expected: readonly LogCode[] = ['JOB_FAILED', 'POLL_FAILED', 'SWEEP_FAILED', 'WEBHOOK_NOT_KEPT'];
    expect(expected.filter((code) => !codes().has(code))).toEqual([]);
    expectNoCanary();
  });

  it.each([400, 401, 403, 404, 405, 413, 422, 429, 500, 503])(
    'nor when FreeScout refuses with %i and quotes what it was sent',
    async (refusesWith) => {
      await play({ seed: 1, refusesWith });
      expect([...codes()].some((code) => code === 'JOB_FAILED' || code === 'JOB_FAILED_FOR_GOOD')).toBe(true);
      expectNoCanary();
    },
  );

  it.each<[string, LanguageModel['ask']]>([
    ['refuses', () => Promise.reject(permanent('openai-rejected', 'canary@canary.test'))],
    ['is not reached', () => Promise.reject(retryable('openai-unreachable', 'canary'))],
    ['throws anything', () => Promise.reject(new TypeError('canary@canary.test'))],
    [
      'answers nonsense',
      async (request) => ({ outcome: 'answered', value: request.schema.parse('canary'), usage }),
    ],
  ])('nor when the model %s', async (_name, ask) => {
    await play({ seed: 1, model: { ask } });
    expect([...codes()].some((code) => code === 'JOB_FAILED' || code === 'JOB_FAILED_FOR_GOOD')).toBe(true);
    expectNoCanary();
  });
});

const usage = { model: 'm', inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, usd: 0 };

describe('services that put canaries into their answers', () => {
  // FreeScout names the parameter it does not like in `path`; everything else may quote what it was sent.
  const error = { path: 'customer.email', message: 'canary@canary.test', reason: 'canary@canary.test' };
  const errorBody = JSON.stringify({
    message: 'canary@canary.test',
    error: { message: 'canary@canary.test', status: 'canary@canary.test', code: 'canary@', errors: [error] },
    _embedded: { errors: [error] },
  });
  const modelAnswer = {
    status: 'completed',
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'canary@canary.test' }] }],
  };
  const answers: readonly [string, number, string][] = [
    ...[400, 401, 403, 404, 409, 413, 422, 429, 500, 503].map((status): [string, number, string] => [
      `an error ${status}`,
      status,
      errorBody,
    ]),
    ['no grant', 400, JSON.stringify({ error: 'invalid_grant', error_description: 'canary@canary.test' })],
    ['a page', 200, '<html>canary@canary.test</html>'],
    ['other JSON', 200, JSON.stringify({ id: 'canary@canary.test', historyId: 'canary' })],
    ['a useless answer', 200, JSON.stringify(modelAnswer)],
  ];

  it.each(answers)('%s: none is logged', async (_name, status, body) => {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(status, { 'Content-Type': 'application/json', 'X-Canary': 'canary' }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const clock = manualClock();
    const log = everyLine();
    const metrics = new Metrics({ namespace: 'Privacy' });
    const shared = {
      clock,
      log,
      measure: createPowertoolsMeasure(metrics),
      timeoutMilliseconds: 5000,
      attempts: 2,
    };
    const store = createInMemoryStore({ clock });
    const gmail = createGmailClient({
      ...shared,
      account: 'support',
      address: 'canary@canary.test',
      scope: 'https://www.googleapis.com/auth/gmail.readonly',
      credentials: async () => ({
        clientId: 'canary-client',
        clientSecret: 'canary-secret',
        refreshToken: 'canary-token',
      }),
      rootUrl: url,
      tokenUrl: `${url}/token`,
    });
    const freescout = createFreeScoutClient({
      ...shared,
      baseUrl: url,
      apiKey: async () => 'canary-key',
      fetch,
      limiter: unlimited,
      botUserId: 2,
    });
    const model = createLanguageModel({
      ...shared,
      apiKey: async () => 'canary-key',
      settings: parseSettings({ openai: { baseUrl: url } }),
      state: store.state,
      limiter: unlimited,
    });
    const message = {
      customer: { email: 'canary.person@canary-customer.test', firstName: 'Canary' },
      html: 'canary',
      cc: ['canary.cc@canary-customer.test'],
      attachments: [],
      imported: true,
      keepSpam: false,
    };
    const outcomes = await Promise.allSettled([
      gmail.getRaw('m1'),
      gmail.history('1', null),
      gmail.addLabel('m1', 'Canary'),
      freescout.getConversation(1),
      freescout.listConversations({ page: 1, customerEmail: 'canary.person@canary-customer.test' }),
      freescout.createConversation({ ...message, mailboxId: 1, subject: 'canary' }),
      freescout.addCustomerMessage(1, message),
      freescout.setTags(1, ['canary']),
      model.ask(
        {
          purpose: 'triage',
          instructions: 'canary',
          input: 'canary',
          schemaName: 'triage',
          schema: triageAnswerSchema,
        },
        120_000,
      ),
    ]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        // Words for the operator; RUNBOOK and /ready repeat them.
        recorded.write('JOB_FAILED', { reason: asFailure(outcome.reason).message });
      }
    }
    metrics.publishStoredMetrics();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expectNoCanary();
  });
});
