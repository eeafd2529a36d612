import type { Conversation } from '#shared/freescout/model.ts';
import type { LanguageModel, ModelAnswer } from '#shared/openai/languageModel.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { conversationPrompt } from '#shared/triage/conversationPrompt.ts';
import { type DraftAnswer, draftAnswerSchema } from './draftAnswer.ts';
import { commonDraftRules, draftAudience } from './draftPrompt.ts';

/** To be changed with the instructions or the schema: outcomes are compared by it. */
export const followUpPromptVersion = { 'follow-up': 'follow-up-1', reminder: 'reminder-1' } as const;

type Step = keyof typeof followUpPromptVersion;

const tasks: Readonly<Record<Step, readonly string[]>> = {
  'follow-up': [
    '- The newest message of the customer was never answered, and they have been waiting. This is that late answer: begin by owning',
    '  the delay in one sentence, without excuses and without blaming anybody.',
    '- Then answer the newest message as far as the conversation allows, picking up what they wrote.',
    '- Promise no date and no time, neither for the answer nor for the matter itself.',
  ],
  reminder: [
    '- The team answered last, and the customer has not come back since. Ask in two to four friendly sentences whether that answer',
    '  helped and whether anything is still open. Name the matter, repeat nothing of the answer, and press nobody.',
    '- Set no deadline, and do not say that the conversation will be closed.',
  ],
};

function instructionsFor(step: Step, persona: Settings['persona']): string {
  return [
    `Task: ${step}`,
    ...draftAudience(persona),
    "- Write in the customer's language.",
    ...tasks[step],
    ...commonDraftRules(persona),
  ].join('\n');
}

/**
 * Asks the model for a late answer to a customer who waits (`follow-up`), or for a friendly reminder to a customer who does not
 * come back (`reminder`).
 *
 * @param language - ISO 639-1, as the triage found it. `waitedHours`: since the message that waits.
 * @throws what the model throws: see {@link LanguageModel}.
 */
export function askForFollowUp(
  deps: { readonly model: LanguageModel; readonly settings: Settings },
  conversation: Conversation,
  {
    step,
    language,
    waitedHours,
  }: { readonly step: Step; readonly language: string; readonly waitedHours: number },
  timeLeftMilliseconds: number,
): Promise<ModelAnswer<DraftAnswer>> {
  const silence = step === 'follow-up' ? 'The customer waits for' : 'The customer has been silent for';
  return deps.model.ask(
    {
      purpose: 'draft',
      instructions: instructionsFor(step, deps.settings.persona),
      input: [
        `Customer's language: ${language || 'unknown'}`,
        `${silence}: ${inWords(waitedHours)}`,
        '',
        conversationPrompt(conversation, deps.settings.openai),
      ].join('\n'),
      schemaName: 'reply',
      schema: draftAnswerSchema,
    },
    timeLeftMilliseconds,
  );
}

function inWords(hours: number): string {
  return hours < 48 ? `${Math.floor(hours)} hours` : `${Math.floor(hours / 24)} days`;
}
