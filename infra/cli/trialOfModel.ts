import { adviceOn } from '#shared/openai/modelTrouble.ts';
import { createOpenaiClient } from '#shared/openai/openaiClient.ts';
import { modelFaultOf } from '#shared/openai/openaiFailures.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { systemClock } from '#shared/time/clock.ts';

const timeoutMilliseconds = 20_000;
/** The least that OpenAI takes: a trial costs next to nothing, and is not counted against the budget. */
const maxOutputTokens = 16;

/**
 * Makes one short call to each model of the settings, as the worker calls it.
 *
 * @returns what is wrong and what to do; null: every call is answered.
 */
export async function tryModels(settings: Settings['openai'], apiKey: string): Promise<string | null> {
  const client = createOpenaiClient({ apiKey, baseUrl: settings.baseUrl, timeoutMilliseconds });
  const efforts = new Map([
    [settings.triageModel, settings.triageReasoningEffort],
    [settings.draftModel, settings.draftReasoningEffort],
  ]);
  for (const [model, effort] of efforts) {
    const body = {
      model,
      input: 'Answer with OK.',
      max_output_tokens: maxOutputTokens,
      store: false,
      ...(effort === null ? {} : { reasoning: { effort } }),
    };
    try {
      await client.responses.create(body);
    } catch (error) {
      const { status, trouble, failure } = modelFaultOf(error, systemClock.now());
      const answered = status === null ? '' : ` (it answers ${status})`;
      return `${model}${answered}: ${trouble === null ? failure.message : adviceOn(trouble)}`;
    }
  }
  return null;
}
