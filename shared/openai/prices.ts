import { permanent } from '#shared/failure/failure.ts';
import type { Settings } from '#shared/settings/settings.ts';

/** USD per million tokens. */
export type ModelPrice = Settings['openai']['prices'][string];

/** Tokens of one answer as OpenAI counts them: `input` includes cached and cache-writing ones, `output` includes reasoning. */
export interface TokenCounts {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWriteInput: number;
  readonly output: number;
}

/**
 * Since GPT-5.6 input that is written to the prompt cache costs a quarter more.
 *
 * @see https://developers.openai.com/api/docs/guides/prompt-caching
 */
const cacheWriteFactor = 1.25;

/** Bytes of text that a token stands for at least: about four letters of English, but one character of Chinese. */
const bytesPerToken = 3;

/** @throws Failure `openai-rejected` (permanent): the settings refuse a model without a price, so this is a fault of the build. */
export function priceOf(model: string, prices: Settings['openai']['prices']): ModelPrice {
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (price === undefined) {
    throw permanent(
      'openai-rejected',
      `Model "${model}" has no price, so nothing was asked. Add it to openai.prices and deploy.`,
    );
  }
  return price;
}

/** The most a call can cost, in USD: long tokens in, all of them written to the cache, the output limit used up. */
export function worstCaseUsd(price: ModelPrice, texts: readonly string[], maxOutputTokens: number): number {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return (
    (Math.ceil(bytes / bytesPerToken) * price.input * cacheWriteFactor + maxOutputTokens * price.output) / 1e6
  );
}

/** What an answer cost, in USD. */
export function costUsd(price: ModelPrice, tokens: TokenCounts): number {
  const plainInput = Math.max(0, tokens.input - tokens.cachedInput - tokens.cacheWriteInput);
  return (
    (plainInput * price.input +
      tokens.cachedInput * price.cachedInput +
      tokens.cacheWriteInput * price.input * cacheWriteFactor +
      tokens.output * price.output) /
    1e6
  );
}
