import { modelText } from '#shared/openai/modelText.ts';
import type { DraftAnswer } from './draftAnswer.ts';

/** A reply as a sequence of what FreeScout's editor knows: lines, blank lines and lists. */
export type ReplyPart =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'blank' }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly string[] };

const bulletPattern = /^\s*[-*•–‣◦]\s+/u;
const numberPattern = /^\s*(\d{1,2})[.)]\s+/u;

/**
 * Lines of an answer. A list that the model wrote into a paragraph becomes a list, a heading loses its marks, code fences are dropped,
 * and a blank line stands before every block.
 */
export function replyParts(answer: DraftAnswer): ReplyPart[] {
  return answer.blocks.flatMap((block) => [
    { kind: 'blank' },
    ...(block.kind === 'list'
      ? listOf(block.items.map((item) => modelText(item).replace(/\s+/g, ' ').trim()))
      : paragraphParts(modelText(block.text))),
  ]);
}

function paragraphParts(text: string): ReplyPart[] {
  const parts: ReplyPart[] = [];
  let items: string[] = [];
  let blankBelow = false;
  const endList = () => {
    parts.push(...listOf(items));
    if (blankBelow) {
      parts.push({ kind: 'blank' });
    }
    items = [];
    blankBelow = false;
  };
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\s+/g, ' ').trim();
    if (/^(```|~~~)/.test(line)) {
      continue;
    }
    const numbered = numberPattern.exec(line);
    // A line such as "3. Oktober" begins no list: a list begins with item 1.
    const continues = numbered !== null && Number(numbered[1]) === items.length + 1;
    if (bulletPattern.test(line) || continues) {
      items.push(line);
      blankBelow = false;
      continue;
    }
    if (line === '' && items.length > 0) {
      blankBelow = true;
      continue;
    }
    endList();
    parts.push(line === '' ? { kind: 'blank' } : { kind: 'line', text: line.replace(/^#{1,6}\s+/, '') });
  }
  endList();
  return parts;
}

function listOf(items: readonly string[]): ReplyPart[] {
  const filled = items.filter(
    (item) => item.replace(bulletPattern, '').replace(numberPattern, '').trim() !== '',
  );
  const ordered = filled.every((item, index) => Number(numberPattern.exec(item)?.[1]) === index + 1);
  if (filled.length === 1 && ordered) {
    return filled.map((text) => ({ kind: 'line', text }));
  }
  return filled.length === 0
    ? []
    : [
        {
          kind: 'list',
          ordered,
          items: filled.map((item) => item.replace(ordered ? numberPattern : bulletPattern, '').trim()),
        },
      ];
}
