import OpenAI from 'openai';
import { boundedFetch, mostBytesOfAnswer } from '#shared/http/boundedFetch.ts';
import { openaiAddress } from './openaiAddress.ts';

/**
 * OpenAI's own client: answers are bounded, nothing is repeated or logged, and no variable of the environment says where it calls.
 *
 * @param baseUrl - another address that speaks OpenAI's API; null: OpenAI itself.
 */
export function createOpenaiClient({
  apiKey,
  baseUrl,
  timeoutMilliseconds,
}: {
  readonly apiKey: string;
  readonly baseUrl: string | null;
  readonly timeoutMilliseconds: number;
}): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: baseUrl ?? openaiAddress,
    fetch: boundedFetch(mostBytesOfAnswer),
    organization: null,
    project: null,
    timeout: timeoutMilliseconds,
    maxRetries: 0,
    logLevel: 'off',
  });
}
