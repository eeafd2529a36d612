import OpenAI from 'openai';
import * as z from 'zod';
import { errorNameOf } from '#shared/failure/errorName.ts';
import { type FailureCode, retryable } from '#shared/failure/failure.ts';
import { AnswerTooLarge } from '#shared/http/boundedFetch.ts';
import { parseJson } from '#shared/http/parseJson.ts';
import type { RateLimiter } from '#shared/http/rateLimiter.ts';
import type { Log, LogFields } from '#shared/observability/logCatalogue.ts';
import type { Measure } from '#shared/observability/metrics.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { RememberedFaults } from '#shared/store/rememberedFaults.ts';
import type { SpendKind, SpendMeter } from '#shared/store/spendMeter.ts';
import { backOffMilliseconds, longestWaitSeconds } from '#shared/time/backOff.ts';
import type { Clock } from '#shared/time/clock.ts';
import type { LanguageModel, ModelAnswer, ModelRequest, ModelUsage } from './languageModel.ts';
import { createOpenaiClient } from './openaiClient.ts';
import { modelFaultOf } from './openaiFailures.ts';
import { costUsd, priceOf, type TokenCounts, worstCaseUsd } from './prices.ts';
import { rememberTroubles } from './rememberTroubles.ts';
import { strictAnswerFormat } from './strictAnswerFormat.ts';

export interface LanguageModelOptions {
  readonly apiKey: (options?: { readonly refresh: boolean }) => Promise<string>;
  readonly settings: Pick<Settings, 'openai' | 'limits'>;
  readonly state: Pick<SpendMeter, 'reserveSpend' | 'settleSpend'> &
    Pick<RememberedFaults, 'rememberFault' | 'forgetFault'>;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: Log;
  readonly measure: Measure;
}

/** Time that must be left after a call for what follows it: settling the spend, storing the answer, writing to FreeScout. */
const secondsAfterCall = 20;

const responseSchema = z.object({
  status: z.string().nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(
    z.object({
      type: z.string(),
      content: z
        .array(z.object({ type: z.string(), text: z.string().nullish(), refusal: z.string().nullish() }))
        .nullish(),
    }),
  ),
  usage: z
    .object({
      input_tokens: z.number(),
      output_tokens: z.number(),
      input_tokens_details: z
        .object({ cached_tokens: z.number().nullish(), cache_write_tokens: z.number().nullish() })
        .nullish(),
    })
    .nullish(),
});
type ModelResponse = z.output<typeof responseSchema>;

/** What an answer counts as that is too large to be read: it holds nothing usable, and does not say what it cost. */
const unreadableResponse: ModelResponse = { output: [] };

type ResponseBody = OpenAI.Responses.ResponseCreateParamsNonStreaming;

interface ModelChoice {
  readonly model: string;
  readonly maxOutputTokens: number;
  readonly effort: Settings['openai']['triageReasoningEffort'];
}

/**
 * OpenAI's Responses API under the budget of the settings. Mails are not stored there (`store: false`).
 *
 * The most that all attempts of a call can cost is reserved before the first one; afterwards the reservation is corrected to what
 * was spent. An attempt that got no answer may have been paid for and keeps its share; a crash keeps all of it.
 */
export function createLanguageModel(options: LanguageModelOptions): LanguageModel {
  const { clock, log, measure, state } = options;
  const { openai, limits } = options.settings;
  const timeoutMilliseconds = openai.timeoutSeconds * 1000;
  const troubles = rememberTroubles(options);
  let client: { readonly key: string; readonly api: OpenAI } | null = null;

  async function api(refresh: boolean): Promise<{ readonly key: string; readonly api: OpenAI }> {
    const key = await (refresh ? options.apiKey({ refresh }) : options.apiKey());
    if (client?.key !== key) {
      client = {
        key,
        api: createOpenaiClient({ apiKey: key, baseUrl: openai.baseUrl, timeoutMilliseconds }),
      };
    }
    return client;
  }

  async function sendOnce(body: ResponseBody): Promise<unknown> {
    const create = (through: OpenAI) =>
      through.responses.create(body, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    const current = await api(false);
    try {
      return await create(current.api);
    } catch (error) {
      if (!(error instanceof OpenAI.AuthenticationError)) {
        throw error;
      }
      const fresh = await api(true);
      log.write('SECRET_REFRESHED', { module: 'openai' });
      if (fresh.key === current.key) {
        throw error;
      }
      return await create(fresh.api);
    }
  }

  /** @param onLost - called for every attempt that may have been paid for without an answer. */
  async function send(
    body: ResponseBody,
    {
      purpose,
      deadline,
      onLost,
    }: { readonly purpose: SpendKind; readonly deadline: number; readonly onLost: () => void },
  ): Promise<ModelResponse> {
    for (let attempt = 1; ; attempt += 1) {
      await options.limiter.wait();
      assertTimeLeft(deadline);
      const started = clock.now().getTime();
      const tellFailed = (why: LogFields) => {
        measure('ModelFailures');
        log.write('MODEL_CALL', {
          purpose,
          model: String(body.model),
          outcome: 'failed',
          ...why,
          attempt,
          durationMs: clock.now().getTime() - started,
        });
      };
      measure('ModelCalls');
      try {
        const response = responseSchema.parse(await sendOnce(body));
        if (response.status === 'failed') {
          throw new OpenAI.OpenAIError('The run failed after it was taken.');
        }
        await troubles.tellAnswered();
        return response;
      } catch (error) {
        if (error instanceof AnswerTooLarge) {
          tellFailed({ code: 'openai-answer-unusable' satisfies FailureCode, reason: 'too-large' });
          return unreadableResponse;
        }
        const { failure, status, nothingGenerated, passesByItself, trouble } = modelFaultOf(
          error,
          clock.now(),
        );
        tellFailed({ code: failure.code, status });
        if (!nothingGenerated) {
          onLost();
        }
        const retryAfter = failure.retryAfterSeconds;
        if (!passesByItself || attempt >= openai.attempts || (retryAfter ?? 0) > longestWaitSeconds) {
          await troubles.tellFailed(trouble);
          throw failure;
        }
        await clock.sleep(backOffMilliseconds(attempt, retryAfter, clock));
      }
    }
  }

  /** Null when it would pass a limit, or when the meter cannot be read: then nothing may be spent. */
  async function reserve(purpose: SpendKind, usd: number): Promise<Date | null> {
    const at = clock.now();
    try {
      const isReserved = await state.reserveSpend(
        purpose,
        usd,
        { ...openai.budget, draftsPerDay: limits.draftsPerDay },
        at,
      );
      return isReserved ? at : null;
    } catch (error) {
      log.write('MODEL_CALL', { purpose, outcome: 'meter-unreadable', errorName: errorNameOf(error) });
      return null;
    }
  }

  /** A reservation that cannot be corrected stays as it is, which errs on the side of spending less. */
  async function settle(
    purpose: SpendKind,
    reservedUsd: number,
    spentUsd: number,
    reservedAt: Date,
  ): Promise<void> {
    measure('ModelSpendUsd', spentUsd);
    try {
      await state.settleSpend(reservedUsd, spentUsd, reservedAt);
    } catch (error) {
      log.write('MODEL_CALL', {
        purpose,
        outcome: 'not-settled',
        usd: reservedUsd,
        errorName: errorNameOf(error),
      });
    }
  }

  function assertTimeLeft(deadline: number): void {
    if (deadline - clock.now().getTime() < timeoutMilliseconds + secondsAfterCall * 1000) {
      throw retryable(
        'time-over',
        'Too little of the function time is left for a model call. Nothing was spent; the work is kept and tried again.',
      );
    }
  }

  return {
    async ask<Schema extends z.ZodType>(
      request: ModelRequest<Schema>,
      timeLeftMilliseconds: number,
    ): Promise<ModelAnswer<z.output<Schema>>> {
      const { purpose } = request;
      const started = clock.now().getTime();
      const deadline = started + timeLeftMilliseconds;
      assertTimeLeft(deadline);
      const choice = choiceOf(purpose, openai);
      const price = priceOf(choice.model, openai.prices);
      const body = requestBody(request, choice);
      const worstCase = worstCaseUsd(
        price,
        [request.instructions, request.input, JSON.stringify(body.text)],
        choice.maxOutputTokens,
      );
      // A missing key is found out before anything is reserved.
      await api(false);
      const reservedUsd = worstCase * openai.attempts;
      const reservedAt = await reserve(purpose, reservedUsd);
      if (reservedAt === null) {
        return { outcome: 'over-budget' };
      }

      let lostUsd = 0;
      let response: ModelResponse;
      try {
        response = await send(body, {
          purpose,
          deadline,
          onLost: () => {
            lostUsd += worstCase;
          },
        });
      } catch (failure) {
        await settle(purpose, reservedUsd, lostUsd, reservedAt);
        throw failure;
      }
      const tokens = tokensOf(response);
      const usd = tokens === null ? worstCase : costUsd(price, tokens);
      await settle(purpose, reservedUsd, lostUsd + usd, reservedAt);
      const usage: ModelUsage = {
        model: choice.model,
        inputTokens: tokens?.input ?? 0,
        cachedInputTokens: tokens?.cachedInput ?? 0,
        outputTokens: tokens?.output ?? 0,
        usd,
      };
      const answer = answerOf(request.schema, response, usage);
      log.write('MODEL_CALL', {
        purpose,
        model: usage.model,
        outcome: answer.outcome,
        inputTokens: usage.inputTokens,
        cachedTokens: usage.cachedInputTokens,
        outputTokens: usage.outputTokens,
        usd,
        durationMs: clock.now().getTime() - started,
      });
      return answer;
    },
  };
}

function choiceOf(purpose: SpendKind, openai: Settings['openai']): ModelChoice {
  return purpose === 'draft'
    ? {
        model: openai.draftModel,
        maxOutputTokens: openai.draftMaxOutputTokens,
        effort: openai.draftReasoningEffort,
      }
    : {
        model: openai.triageModel,
        maxOutputTokens: openai.triageMaxOutputTokens,
        effort: openai.triageReasoningEffort,
      };
}

/** Instructions come first and are the same every time, so that OpenAI can cache them. */
function requestBody(request: ModelRequest<z.ZodType>, choice: ModelChoice): ResponseBody {
  return {
    model: choice.model,
    instructions: request.instructions,
    input: request.input,
    text: { format: strictAnswerFormat(request.schema, request.schemaName) },
    max_output_tokens: choice.maxOutputTokens,
    store: false,
    ...(choice.effort === null ? {} : { reasoning: { effort: choice.effort } }),
  };
}

function answerOf<Schema extends z.ZodType>(
  schema: Schema,
  response: ModelResponse,
  usage: ModelUsage,
): ModelAnswer<z.output<Schema>> {
  const parts = response.output
    .filter((item) => item.type === 'message')
    .flatMap((item) => item.content ?? []);
  if (
    parts.some((part) => part.type === 'refusal') ||
    response.incomplete_details?.reason === 'content_filter'
  ) {
    return { outcome: 'refused', usage };
  }
  if (response.status === 'incomplete') {
    return { outcome: 'cut-off', usage };
  }
  const text = parts
    .filter((part) => part.type === 'output_text')
    .map((part) => part.text ?? '')
    .join('');
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? { outcome: 'answered', value: parsed.data, usage } : { outcome: 'unusable', usage };
}

/** Null when the answer does not tell what it used. */
function tokensOf({ usage }: ModelResponse): TokenCounts | null {
  return usage
    ? {
        input: usage.input_tokens,
        cachedInput: usage.input_tokens_details?.cached_tokens ?? 0,
        cacheWriteInput: usage.input_tokens_details?.cache_write_tokens ?? 0,
        output: usage.output_tokens,
      }
    : null;
}
