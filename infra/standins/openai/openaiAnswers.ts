import * as z from 'zod';

const errors: Readonly<
  Record<number, { readonly type: string; readonly code: string | null; readonly message: string }>
> = {
  400: { type: 'invalid_request_error', code: null, message: 'The request was not understood.' },
  401: { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' },
  429: { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached for requests.' },
};

/** An error as OpenAI sends it; `reason` is its code, for example `insufficient_quota`. */
export function openaiError(status: number, reason?: string): Response {
  const known = errors[status] ?? {
    type: 'server_error',
    code: null,
    message: 'The server had an error while processing your request.',
  };
  return Response.json(
    { error: { ...known, param: null, ...(reason === undefined ? {} : { code: reason }) } },
    { status },
  );
}

const responseSchema = z.looseObject({
  output: z.array(
    z.looseObject({ content: z.array(z.looseObject({ text: z.string().optional() })).optional() }),
  ),
  usage: z.looseObject({ input_tokens: z.number(), output_tokens: z.number() }),
});
type ModelResponse = z.output<typeof responseSchema>;

/** Prompts shorter than this are never cached, and only whole steps of 128 tokens are. */
const cacheMinimum = 1024;
const cacheStep = 128;

/** Adds what the real API always sends and the mock leaves out. */
export function completeResponse(response: unknown, cachedInstructions: string): ModelResponse {
  const parsed = responseSchema.parse(response);
  const cached = Math.floor(cachedInstructions.length / 4 / cacheStep) * cacheStep;
  return {
    error: null,
    incomplete_details: null,
    store: false,
    ...parsed,
    usage: {
      ...parsed.usage,
      input_tokens_details: { cached_tokens: cached >= cacheMinimum ? cached : 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  };
}

/** The same answer as it looks when the model refuses, is cut off at the output limit, or writes no valid JSON. */
export function spoiled(response: ModelResponse, how: 'refusal' | 'incomplete' | 'malformed'): ModelResponse {
  const withContent = (change: (text: string) => Record<string, unknown>): ModelResponse => ({
    ...response,
    output: response.output.map((item) =>
      item.content === undefined
        ? item
        : { ...item, content: item.content.map(({ text, ...rest }) => ({ ...rest, ...change(text ?? '') })) },
    ),
  });
  switch (how) {
    case 'refusal':
      return withContent(() => ({ type: 'refusal', refusal: 'I cannot help with that.' }));
    case 'malformed':
      return withContent((text) => ({ text: `${text.slice(0, text.length / 2)}` }));
    case 'incomplete':
      return {
        ...withContent((text) => ({ text: text.slice(0, text.length / 2) })),
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      };
  }
}
