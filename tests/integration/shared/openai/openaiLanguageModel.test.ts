import { createServer, type Server, type ServerResponse } from 'node:http';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type OpenaiStandIn, startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import { retryable } from '#shared/failure/failure.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import type { ModelRequest } from '#shared/openai/languageModel.ts';
import { createLanguageModel, type LanguageModelOptions } from '#shared/openai/openaiLanguageModel.ts';
import { costUsd, worstCaseUsd } from '#shared/openai/prices.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import type { RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { SpendLimits } from '#shared/store/spendMeter.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { type ManualClock, manualClock } from '#tests/support/manualClock.ts';
import {
  type RecordingLog,
  type RecordingMeasure,
  recordingLog,
  recordingMeasure,
} from '#tests/support/recordingLog.ts';

type AnswerOnce = (response: ServerResponse) => void;

/** A server that gives the answers it was told, in their order, and keeps what it was asked. */
interface Scripted {
  readonly baseUrl: string;
  readonly answers: AnswerOnce[];
  readonly asked: { readonly authorization: string | undefined; readonly body: Record<string, unknown> }[];
  readonly server: Server;
}

async function startScripted(): Promise<Scripted> {
  const answers: AnswerOnce[] = [];
  const asked: Scripted['asked'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({
        authorization: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
      });
      (answers.shift() ?? json(500, { error: { message: 'no answer was scripted' } }))(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, answers, asked, server };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): AnswerOnce =>
  (response) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
const openaiError = (status: number, code: string, headers: Record<string, string> = {}) =>
  json(
    status,
    { error: { message: 'Your mail said: secret text', type: 'error', code, param: null } },
    headers,
  );
const hang: AnswerOnce = () => {};
const drop: AnswerOnce = (response) => response.destroy();

const usage = {
  input_tokens: 1000,
  output_tokens: 200,
  total_tokens: 1200,
  input_tokens_details: { cached_tokens: 400, cache_write_tokens: 100 },
  output_tokens_details: { reasoning_tokens: 50 },
};
const completed = (text: string, overrides: Record<string, unknown> = {}) =>
  json(200, {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    error: null,
    incomplete_details: null,
    output: [
      { type: 'reasoning', id: 'rs_1', summary: [] },
      {
        type: 'message',
        id: 'm_1',
        role: 'assistant',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
    ],
    usage,
    ...overrides,
  });

const answerSchema = z.object({ answer: z.string(), note: z.string().nullable() });
const request: ModelRequest<typeof answerSchema> = {
  purpose: 'triage',
  instructions: 'Answer in JSON.',
  input: 'A conversation.',
  schemaName: 'answer',
  schema: answerSchema,
};
const good = '{"answer":"yes","note":null}';
const ample = 120_000;

let scripted: Scripted;
let clock: ManualClock;
let log: RecordingLog;
let metrics: RecordingMeasure;
let faults: { -readonly [Method in keyof RememberedFaults]: RememberedFaults[Method] };
let money: { reserved: number; given: number; limits?: SpendLimits; kinds: string[] };

beforeAll(async () => {
  scripted = await startScripted();
});
afterAll(() => {
  scripted.server.closeAllConnections();
  scripted.server.close();
});
beforeEach(() => {
  clock = manualClock();
  log = recordingLog();
  metrics = recordingMeasure();
  const { rememberFault, forgetFault, rememberedFaults } = createInMemoryStore({ clock }).state;
  faults = { rememberFault, forgetFault, rememberedFaults };
  money = { reserved: 0, given: 0, kinds: [] };
});
afterEach(() => {
  expect(scripted.answers).toEqual([]);
  scripted.asked.length = 0;
});

function modelWith(openai: Record<string, unknown> = {}, options: Partial<LanguageModelOptions> = {}) {
  return createLanguageModel({
    apiKey: async () => 'key',
    settings: parseSettings({ openai: { baseUrl: scripted.baseUrl, timeoutSeconds: 10, ...openai } }),
    state: {
      reserveSpend: async (kind, usd, limits) => {
        money.reserved += usd;
        money.limits = limits;
        money.kinds.push(kind);
        return true;
      },
      settleSpend: async (reservedUsd, spentUsd) => {
        money.given += reservedUsd - spentUsd;
      },
      ...faults,
    },
    limiter: unlimited,
    clock,
    log,
    measure: metrics.measure,
    ...options,
  });
}

const price = { input: 0.2, cachedInput: 0.02, output: 1.2 };
const spentUsd = costUsd(price, { input: 1000, cachedInput: 400, cacheWriteInput: 100, output: 200 });

describe('a question', () => {
  it('is asked with strict output, nothing stored, the stable part first', async () => {
    scripted.answers.push(completed(good));
    const answer = await modelWith().ask(request, ample);
    expect(answer).toEqual({
      outcome: 'answered',
      value: { answer: 'yes', note: null },
      usage: {
        model: 'gpt-5.6-luna',
        inputTokens: 1000,
        cachedInputTokens: 400,
        outputTokens: 200,
        usd: spentUsd,
      },
    });
    expect(scripted.asked).toMatchObject([
      {
        authorization: 'Bearer key',
        body: {
          model: 'gpt-5.6-luna',
          instructions: 'Answer in JSON.',
          input: 'A conversation.',
          store: false,
          max_output_tokens: 1500,
          reasoning: { effort: 'low' },
          text: {
            format: {
              type: 'json_schema',
              name: 'answer',
              strict: true,
              schema: { required: ['answer', 'note'], additionalProperties: false },
            },
          },
        },
      },
    ]);
  });

  it('goes to the model of its purpose, with an effort only when one is set', async () => {
    scripted.answers.push(completed(good));
    const model = modelWith({
      draftModel: 'gpt-5.6-terra',
      draftMaxOutputTokens: 77,
      draftReasoningEffort: null,
    });
    await model.ask({ ...request, purpose: 'draft' }, ample);
    expect(scripted.asked[0]?.body).toMatchObject({ model: 'gpt-5.6-terra', max_output_tokens: 77 });
    expect(scripted.asked[0]?.body).not.toHaveProperty('reasoning');
    expect(money.kinds).toEqual(['draft']);
  });

  it('leaves a line with figures and no text', async () => {
    scripted.answers.push(completed(good));
    await modelWith().ask(request, ample);
    expect(log.of('MODEL_CALL')).toEqual([
      {
        purpose: 'triage',
        model: 'gpt-5.6-luna',
        outcome: 'answered',
        inputTokens: 1000,
        cachedTokens: 400,
        outputTokens: 200,
        usd: spentUsd,
        durationMs: 0,
      },
    ]);
    expect(metrics.total('ModelCalls')).toBe(1);
    expect(metrics.total('ModelSpendUsd')).toBe(spentUsd);
  });

  it.each([
    ['unusable', 'is not JSON', completed('Yes, of course.')],
    ['unusable', 'does not fit the schema', completed('{"answer":7,"note":null}')],
    ['unusable', 'is empty', completed('')],
    [
      'refused',
      'is a refusal',
      completed('', {
        output: [
          { type: 'message', id: 'm', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
        ],
      }),
    ],
    [
      'refused',
      'was filtered',
      completed('{"ans', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }),
    ],
    [
      'cut-off',
      'reached the output limit, although what is there would fit',
      completed(good, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    ],
  ] as const)('is %s when the answer %s, and paid for', async (outcome, _, answer) => {
    scripted.answers.push(answer);
    expect(await modelWith().ask(request, ample)).toMatchObject({ outcome, usage: { usd: spentUsd } });
    expect(money.reserved - money.given).toBeCloseTo(spentUsd, 12);
  });
});

describe('the budget', () => {
  it('is asked for the worst case before the call, with the limits of the settings', async () => {
    scripted.answers.push(completed(good));
    await modelWith({ budget: { dailyUsd: 3, monthlyUsd: 40 } }).ask(request, ample);
    const body = JSON.stringify(scripted.asked[0]?.body.text);
    expect(money.reserved).toBeCloseTo(
      worstCaseUsd(price, [request.instructions, request.input, body], 1500),
      12,
    );
    expect(money.limits).toEqual({ dailyUsd: 3, monthlyUsd: 40, draftsPerDay: 100 });
  });

  it('stops a call that would pass it', async () => {
    const state = { reserveSpend: async () => false, settleSpend: async () => {}, ...faults };
    expect(await modelWith({}, { state }).ask(request, ample)).toEqual({ outcome: 'over-budget' });
    expect(scripted.asked).toEqual([]);
  });

  it('stops a call when the meter cannot be read', async () => {
    const state = {
      reserveSpend: () => Promise.reject(retryable('store-contention', 'no')),
      settleSpend: async () => {},
      ...faults,
    };
    expect(await modelWith({}, { state }).ask(request, ample)).toEqual({ outcome: 'over-budget' });
    expect(scripted.asked).toEqual([]);
    expect(log.of('MODEL_CALL')).toMatchObject([{ outcome: 'meter-unreadable', errorName: 'Failure' }]);
  });

  it('does not lose an answer because the meter cannot be corrected', async () => {
    scripted.answers.push(completed(good));
    const state = {
      reserveSpend: async () => true,
      settleSpend: () => Promise.reject(new Error('no')),
      ...faults,
    };
    expect(await modelWith({}, { state }).ask(request, ample)).toMatchObject({ outcome: 'answered' });
    expect(log.of('MODEL_CALL')).toMatchObject([{ outcome: 'not-settled' }, { outcome: 'answered' }]);
  });

  it('counts the worst case when an answer does not tell what it used', async () => {
    scripted.answers.push(completed(good, { usage: null }));
    const answer = await modelWith().ask(request, ample);
    expect(money.given).toBeCloseTo(0, 12);
    expect(answer).toMatchObject({ outcome: 'answered', usage: { usd: money.reserved } });
  });
});

describe('a call that fails', () => {
  it.each([
    ['400', openaiError(400, 'context_length_exceeded'), 'openai-rejected', false, 'given back'],
    ['401', openaiError(401, 'invalid_api_key'), 'openai-rejected', true, 'given back'],
    ['403', openaiError(403, 'unsupported_country'), 'openai-rejected', true, 'given back'],
    ['404', openaiError(404, 'model_not_found'), 'openai-rejected', true, 'given back'],
    ['429', openaiError(429, 'rate_limit_exceeded'), 'openai-rate-limited', true, 'given back'],
    ['no quota', openaiError(429, 'insufficient_quota'), 'openai-rate-limited', true, 'given back'],
    ['500', openaiError(500, 'server_error'), 'openai-unreachable', true, 'kept'],
    ['503', openaiError(503, 'overloaded'), 'openai-unreachable', true, 'kept'],
    ['no answer in time', hang, 'openai-unreachable', true, 'kept'],
    ['a broken connection', drop, 'openai-unreachable', true, 'kept'],
    ['something else than an answer', json(200, { hello: 'world' }), 'openai-unreachable', true, 'kept'],
    ['a failed run', completed('', { status: 'failed', output: [] }), 'openai-unreachable', true, 'kept'],
  ] as const)(
    '%s: the failure is told and the reservation is right',
    async (_, answer, code, isRetryable, reservation) => {
      scripted.answers.push(answer);
      const failure = await modelWith(answer === hang ? { timeoutSeconds: 0.3 } : {})
        .ask(request, ample)
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ code, retryable: isRetryable });
      expect(String(failure)).not.toContain('secret text');
      expect(Object(failure).cause).toBeUndefined();
      expect(money.reserved).toBeGreaterThan(0);
      expect(money.given).toBeCloseTo(reservation === 'kept' ? 0 : money.reserved, 12);
      expect(log.of('MODEL_CALL')).toMatchObject([{ outcome: 'failed', code }]);
      expect(metrics.total('ModelFailures')).toBe(1);
    },
  );

  it.each([
    ['quota', openaiError(429, 'insufficient_quota')],
    ['rate-limited', openaiError(429, 'rate_limit_exceeded')],
    ['key-refused', openaiError(401, 'invalid_api_key')],
    ['key-refused', openaiError(403, 'unsupported_country')],
    ['model-unknown', openaiError(404, 'model_not_found')],
    ['request-refused', openaiError(400, 'unsupported_value')],
    ['wrong-address', json(302, {}, { Location: 'https://elsewhere.example/v1' })],
    ['unreachable', openaiError(500, 'server_error')],
  ])('is remembered for /ready as %s until a call is answered', async (code, answer) => {
    const model = modelWith();
    scripted.answers.push(answer);
    await model.ask(request, ample).catch(() => undefined);
    expect(await faults.rememberedFaults()).toMatchObject([{ condition: 'OpenAIFailing', code, count: 1 }]);
    scripted.answers.push(completed('no JSON'));
    expect(await model.ask(request, ample)).toMatchObject({ outcome: 'unusable' });
    expect(await faults.rememberedFaults()).toEqual([]);
  });

  it('is counted all the same while it is written once a minute at most', async () => {
    let writes = 0;
    const { rememberFault, forgetFault } = faults;
    faults.rememberFault = async (...met) => {
      writes += 1;
      await rememberFault(...met);
    };
    faults.forgetFault = async (condition) => {
      writes += 1;
      await forgetFault(condition);
    };
    const model = modelWith();
    const failAfter = async (seconds: number) => {
      clock.advance(seconds * 1000);
      scripted.answers.push(openaiError(429, 'insufficient_quota'));
      await model.ask(request, ample).catch(() => undefined);
    };
    for (const seconds of [0, 10, 20, 29]) {
      await failAfter(seconds);
    }
    expect(writes).toBe(1);
    await failAfter(2);
    expect(writes).toBe(2);
    expect(await faults.rememberedFaults()).toMatchObject([{ count: 5 }]);
    scripted.answers.push(completed(good), completed(good));
    await model.ask(request, ample);
    await model.ask(request, ample);
    expect(writes).toBe(3);
    expect(await faults.rememberedFaults()).toEqual([]);
  });

  it('is told as it is although it cannot be remembered', async () => {
    faults.rememberFault = () => Promise.reject(new Error('no table'));
    scripted.answers.push(openaiError(429, 'insufficient_quota'));
    await expect(modelWith().ask(request, ample)).rejects.toMatchObject({ code: 'openai-rate-limited' });
  });

  it('gives the reservation back when nobody is there', async () => {
    const gone = await startScripted();
    await new Promise((resolve) => gone.server.close(resolve));
    await expect(modelWith({ baseUrl: gone.baseUrl }).ask(request, ample)).rejects.toMatchObject({
      code: 'openai-unreachable',
    });
    expect(money.reserved).toBeGreaterThan(0);
    expect(money.given).toBeCloseTo(money.reserved, 12);
  });

  it('passes on how long OpenAI wants to be left alone', async () => {
    scripted.answers.push(openaiError(429, 'rate_limit_exceeded', { 'Retry-After': '20' }));
    await expect(modelWith({ attempts: 3 }).ask(request, ample)).rejects.toMatchObject({
      retryAfterSeconds: 20,
    });
  });

  it('is repeated as often as the settings say, and every attempt that may have been paid for counts', async () => {
    scripted.answers.push(
      openaiError(500, 'server_error'),
      openaiError(429, 'rate_limit_exceeded'),
      completed(good),
    );
    expect(await modelWith({ attempts: 3 }).ask(request, ample)).toMatchObject({ outcome: 'answered' });
    expect(clock.sleeps).toEqual([375, 750]);
    expect(money.kinds).toHaveLength(1);
    const worstCase = money.reserved / 3;
    expect(money.reserved - money.given).toBeCloseTo(worstCase + spentUsd, 12);
  });

  it('reads a refused key again once and uses the new one', async () => {
    scripted.answers.push(openaiError(401, 'invalid_api_key'), completed(good));
    const model = modelWith({}, { apiKey: async (options) => (options?.refresh ? 'new' : 'old') });
    expect(await model.ask(request, ample)).toMatchObject({ outcome: 'answered' });
    expect(scripted.asked.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(log.of('SECRET_REFRESHED')).toHaveLength(1);
  });

  it('reserves nothing when there is no key', async () => {
    const apiKey = () => Promise.reject(retryable('openai-not-configured', 'empty'));
    await expect(modelWith({}, { apiKey }).ask(request, ample)).rejects.toMatchObject({
      code: 'openai-not-configured',
    });
    expect(money.reserved).toBe(0);
  });
});

describe('the time that is left', () => {
  it('must hold the call and twenty seconds after it', async () => {
    await expect(modelWith().ask(request, 29_999)).rejects.toMatchObject({
      code: 'time-over',
      retryable: true,
    });
    expect(money.reserved).toBe(0);
    scripted.answers.push(completed(good));
    expect(await modelWith().ask(request, 30_000)).toMatchObject({ outcome: 'answered' });
  });

  it('is looked at again after waiting for the rate limit, and the reservation is given back', async () => {
    const limiter = { wait: () => clock.sleep(30_000) };
    await expect(modelWith({}, { limiter }).ask(request, 40_000)).rejects.toMatchObject({
      code: 'time-over',
    });
    expect(money.reserved).toBeGreaterThan(0);
    expect(money.given).toBeCloseTo(money.reserved, 12);
    expect(scripted.asked).toEqual([]);
  });
});

describe('against the mocked API', () => {
  let mock: LLMock;
  let openai: OpenaiStandIn;
  beforeAll(async () => {
    mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent' });
    mock.on({ predicate: ({ messages }) => messages.at(-1)?.content === request.input }, () => ({
      content: good,
      usage: { prompt_tokens: 321, completion_tokens: 12, total_tokens: 333 },
    }));
    await mock.start();
    openai = await startOpenaiStandIn({ port: 0 });
  });
  afterAll(async () => {
    await mock.stop();
    await openai.close();
  });

  it('reads an answer and what it used', async () => {
    const model = modelWith({ baseUrl: `${mock.url}/v1`, timeoutSeconds: 5 });
    expect(await model.ask(request, ample)).toMatchObject({
      outcome: 'answered',
      value: { answer: 'yes', note: null },
      usage: { inputTokens: 321, outputTokens: 12 },
    });
  });

  it.each([
    ['refusal', 'refused'],
    ['incomplete', 'cut-off'],
    ['malformed', 'unusable'],
  ] as const)('%s is %s', async (answer, outcome) => {
    openai.faults.add({ answer });
    const model = modelWith({ baseUrl: openai.baseUrl, timeoutSeconds: 5 });
    expect(await model.ask(request, ample)).toMatchObject({ outcome });
  });
});
