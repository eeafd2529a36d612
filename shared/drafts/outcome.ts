import { distance } from 'fastest-levenshtein';
import type { DraftOutcome } from '#shared/store/botDrafts.ts';
import { fingerprintOf, visibleTextOf } from './fingerprint.ts';

/**
 * A draft that was sent with at least this similarity counts as lightly edited: four fifths of the text stayed. In a reply of five
 * sentences, another greeting, name and figure lie above it; one rewritten sentence lies at the border.
 */
export const lightEditSimilarity = 0.8;

/** Differing middle parts are compared up to this length each. The time grows with its square: 50 ms at this length. */
const maxComparedCharacters = 20_000;

/**
 * Share of the text that stayed, 0 to 1: one minus the edit distance over the longer length. The common beginning and end are
 * not compared; of longer differing parts the first {@link maxComparedCharacters} characters are, and the rest counts as different.
 */
export function similarityOf(ours: string, sent: string): number {
  const longer = Math.max(ours.length, sent.length);
  if (longer === 0) {
    return 1;
  }
  const shorter = Math.min(ours.length, sent.length);
  let start = 0;
  while (start < shorter && ours[start] === sent[start]) {
    start++;
  }
  let end = 0;
  while (end < shorter - start && ours[ours.length - 1 - end] === sent[sent.length - 1 - end]) {
    end++;
  }
  const a = ours.slice(start, ours.length - end);
  const b = sent.slice(start, sent.length - end);
  const uncompared = Math.max(0, Math.max(a.length, b.length) - maxComparedCharacters);
  const edits = distance(a.slice(0, maxComparedCharacters), b.slice(0, maxComparedCharacters)) + uncompared;
  return Math.max(0, 1 - edits / longer);
}

/**
 * How much of our draft was sent.
 *
 * @param fingerprint - of the draft as we wrote it.
 * @param ourHtml - the draft as we wrote it; null when it is no longer kept. Then an edit counts as heavy and its similarity is
 * unknown: the acceptance rate rather says too little than too much.
 */
export function classifySent(
  fingerprint: string,
  ourHtml: string | null,
  sentHtml: string,
): {
  readonly outcome: Extract<DraftOutcome, 'unchanged' | 'light-edit' | 'heavy-edit'>;
  readonly similarity: number | null;
} {
  if (fingerprintOf(sentHtml) === fingerprint) {
    return { outcome: 'unchanged', similarity: 1 };
  }
  if (ourHtml === null || fingerprintOf(ourHtml) !== fingerprint) {
    return { outcome: 'heavy-edit', similarity: null };
  }
  const similarity = similarityOf(visibleTextOf(ourHtml), visibleTextOf(sentHtml));
  return { outcome: similarity >= lightEditSimilarity ? 'light-edit' : 'heavy-edit', similarity };
}
