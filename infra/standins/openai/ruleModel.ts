import { readPrompt } from './readPrompt.ts';
import { writeReply } from './reply.ts';
import { triageByRules } from './triageByRules.ts';

export interface RuleModelAnswer {
  readonly content: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Characters of European text that make a token, roughly. */
const charactersPerToken = 4;

/** Answers a prompt of ours by rules instead of a model: the same prompt always gets the same answer. */
export function ruleModelAnswer(instructions: string, input: string): RuleModelAnswer {
  const prompt = readPrompt(instructions, input);
  const content =
    prompt === undefined
      ? 'This stand-in only answers the prompts of this project.'
      : JSON.stringify(prompt.task === 'triage' ? triageByRules(prompt) : writeReply(prompt));
  return {
    content,
    inputTokens: tokens(instructions) + tokens(input),
    outputTokens: tokens(content),
  };
}

function tokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}
