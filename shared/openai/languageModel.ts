import type * as z from 'zod';
import type { SpendKind } from '#shared/store/spendMeter.ts';

export interface ModelRequest<Schema extends z.ZodType> {
  readonly purpose: SpendKind;
  /** The stable part; comes first, so that it can be cached. */
  readonly instructions: string;
  /** The variable part: the conversation, delimited as data. */
  readonly input: string;
  readonly schemaName: string;
  /** Shape of the answer; strict structured output, so every field required and nullable instead of optional. */
  readonly schema: Schema;
}

export interface ModelUsage {
  readonly model: string;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
}

export type ModelAnswer<Value> =
  | { readonly outcome: 'answered'; readonly value: Value; readonly usage: ModelUsage }
  | { readonly outcome: 'refused' | 'cut-off' | 'unusable'; readonly usage: ModelUsage }
  /** No call was made: a limit of the settings is reached, or the meter could not be read. */
  | { readonly outcome: 'over-budget' };

/**
 * A language model under a budget: reserves before it asks and settles with the real usage.
 *
 * @throws Failure `openai-unreachable`, `openai-rate-limited` (retryable), `openai-rejected`, `openai-not-configured`
 * (retryable: an operator can mend it), `time-over` (retryable: too little of the function's time is left for a call).
 */
export interface LanguageModel {
  ask<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    timeLeftMilliseconds: number,
  ): Promise<ModelAnswer<z.output<Schema>>>;
}
