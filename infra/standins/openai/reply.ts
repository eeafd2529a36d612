import { type Language, languages } from './languages.ts';
import type { ReadPrompt } from './readPrompt.ts';
import { replyPhrases } from './replyPhrases.ts';
import { triageByRules } from './triageByRules.ts';

/** A reply in the shape the draft prompt asks for. */
export interface Reply {
  readonly language: Language;
  readonly blocks: readonly (
    | { readonly kind: 'paragraph'; readonly text: string }
    | { readonly kind: 'list'; readonly items: readonly string[] }
  )[];
}

/** Writes a reply that picks up subject and facts, asks for what is missing, promises nothing and carries no signature. */
export function writeReply(prompt: ReadPrompt): Reply {
  const judgement = triageByRules(prompt);
  const language = languages.find((each) => each === prompt.language) ?? judgement.language;
  const say = replyPhrases[language];
  const about = (sentence: string) => sentence.replace('%s', () => withoutPrefixes(prompt.subject) || '…');
  const paragraph = (...sentences: string[]) => ({ kind: 'paragraph', text: sentences.join(' ') }) as const;

  if (prompt.task === 'reminder') {
    return {
      language,
      blocks: [paragraph(say.greeting), paragraph(about(say.reminder)), paragraph(say.reminderClose)],
    };
  }
  const mood =
    judgement.sentiment === 'angry' ? [say.sorry] : judgement.sentiment === 'unhappy' ? [say.regret] : [];
  const facts = judgement.facts.map((fact) => {
    const [kind = '', ...value] = fact.split(' ');
    return `${say.facts[kind] ?? kind}: ${value.join(' ')}`;
  });
  const step =
    judgement.escalationReason !== null
      ? say.person
      : judgement.type === 'lead'
        ? say.leadChecking
        : say.checking;
  const questions = judgement.uncertainties.map((uncertainty) =>
    uncertainty.startsWith('No order')
      ? say.askOrder
      : uncertainty.startsWith('How many')
        ? say.askQuantity
        : say.askMore,
  );
  return {
    language,
    blocks: [
      paragraph(say.greeting),
      paragraph(about(prompt.task === 'follow-up' ? say.delayed : say.thanksFor), ...mood),
      ...(facts.length === 0 ? [] : [paragraph(say.factsIntro), { kind: 'list', items: facts } as const]),
      paragraph(step),
      ...questions.map((question) => paragraph(question)),
      paragraph(say.close),
    ],
  };
}

function withoutPrefixes(subject: string): string {
  return subject.replace(/^(\s*(re|fwd?|aw|wg|antw|sv|vs|rv|res|enc|tr)\s*:\s*)+/i, '').trim();
}
