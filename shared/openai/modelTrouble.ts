/**
 * What keeps OpenAI from answering, as far as a person can do something about it. Codes are kept in the store. Nothing here imports
 * OpenAI's client, which is the largest package of the worker.
 */
const modelTroubles = {
  quota: 'the quota is used up: pay, or raise the limit of the OpenAI account',
  'key-refused':
    'the key is refused, or has no right to the model: put a valid key into the OpenAI secret (npm run csm -- connect openai)',
  'model-unknown':
    'the model is not known there: mend openai.triageModel and openai.draftModel, or openai.baseUrl',
  'wrong-address':
    'openai.baseUrl leads to a redirect: set it to the address that it leads to, or to null for OpenAI itself',
  'request-refused':
    'requests are refused: mend the models and reasoning efforts under openai in the settings',
  'rate-limited':
    'calls are refused because of its rate limits: lower openai.rateLimit, or raise the limits of the OpenAI account',
  unreachable:
    'it does not answer, or answers with an error of its own: look at its status page, and at openai.baseUrl and openai.timeoutSeconds',
} as const satisfies Readonly<Record<string, string>>;

export type ModelTrouble = keyof typeof modelTroubles;

/** Troubles that end only when a person does something; one call shows them. Any other may end by itself. */
export const lastingTroubles: ReadonlySet<string> = new Set<ModelTrouble>([
  'quota',
  'key-refused',
  'model-unknown',
  'wrong-address',
]);

/** What is wrong and what to do; a code that another release wrote is shown as it is. */
export function adviceOn(trouble: string): string {
  return Object.hasOwn(modelTroubles, trouble) ? modelTroubles[trouble as ModelTrouble] : trouble;
}
