import type { Conversation } from '#shared/freescout/model.ts';
import type { LanguageModel, ModelAnswer } from '#shared/openai/languageModel.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { conversationPrompt, dataRules } from '#shared/triage/conversationPrompt.ts';
import type { Triage } from '#shared/triage/triage.ts';
import { type DraftAnswer, draftAnswerSchema } from './draftAnswer.ts';

/** To be changed with the instructions or the schema: outcomes are compared by it. */
export const draftPromptVersion = 'draft-1';

/** Lines that follow the task in every prompt for a draft: for whom it is written, and the first rules. */
export function draftAudience({ company, about, tone }: Settings['persona']): readonly string[] {
  return [
    `You draft replies for the support team of ${company}. A person edits and sends them.`,
    ...(about === '' ? [] : [about]),
    `Tone: ${tone}.`,
    '',
    'Rules:',
    '- Write only what the customer shall read: no subject, no signature or sign-off name (it is added), no reasoning, no notes',
    '  for the team, no placeholders such as [name].',
  ];
}

/** Last lines of every prompt for a draft: the rules that hold for all drafts, and the shape of the answer. */
export function commonDraftRules(persona: Settings['persona']): readonly string[] {
  return [
    '- Use plain paragraphs; a list only where steps or items help. No Markdown, no HTML, no images. Links only if the',
    '  conversation contains them.',
    '- Never repeat passwords, card numbers or other secrets.',
    ...persona.rules.map((rule) => `- ${rule}`),
    '- When something has to be checked first, say that it is being checked and ask for what is missing.',
    '',
    'Give the ISO 639-1 code of the language you wrote in and the reply as blocks.',
    '',
    dataRules,
  ];
}

function instructionsFor(persona: Settings['persona']): string {
  return [
    'Task: draft',
    ...draftAudience(persona),
    "- Answer the newest message of the customer, in the customer's language, picking up what they wrote.",
    ...commonDraftRules(persona),
  ].join('\n');
}

/**
 * Asks the model for a reply to the newest message of the customer.
 *
 * @throws what the model throws: see {@link LanguageModel}.
 */
export function askForReply(
  deps: { readonly model: LanguageModel; readonly settings: Settings },
  conversation: Conversation,
  triage: Triage,
  timeLeftMilliseconds: number,
): Promise<ModelAnswer<DraftAnswer>> {
  return deps.model.ask(
    {
      purpose: 'draft',
      instructions: instructionsFor(deps.settings.persona),
      input: `Customer's language: ${triage.language || 'unknown'}\n\n${conversationPrompt(conversation, deps.settings.openai)}`,
      schemaName: 'reply',
      schema: draftAnswerSchema,
    },
    timeLeftMilliseconds,
  );
}
