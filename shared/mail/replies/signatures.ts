import type { LineKind } from './lineKinds.ts';
import { isFormLine, isParagraph, isSentence } from './sentences.ts';
import {
  isDisclaimer,
  isDrawnLine,
  isProgramSignature,
  isRule,
  isSignatureDelimiter,
  mayGoOn,
} from './signatureStart.ts';

/** More lines than this below `--` are the second half of a letter, not a signature. */
const maxSignatureLines = 15;

/** Marks what programs and companies put under a text, and what stands below a line that ends it. */
export function markSignatures(lines: readonly string[], kinds: LineKind[]): void {
  markBelowDrawnLines(lines, kinds);
  const begin = kinds.findIndex((kind, at) => kind === 'text' && !isRule(lines[at] ?? ''));
  for (let from = begin + 1; from > 0 && from < kinds.length; ) {
    const end = endOfRun(kinds, from);
    markDisclaimers(lines, kinds, from, end);
    from = end + 1;
  }
}

function markBelowDrawnLines(lines: readonly string[], kinds: LineKind[]): void {
  let above = '';
  let hasSentence = false;
  for (let at = 0; at < kinds.length; at++) {
    if (kinds[at] !== 'text') {
      continue;
    }
    const line = lines[at] ?? '';
    if (isProgramSignature(line)) {
      kinds[at] = 'signature';
    } else if (above !== '' && isSignatureBelow(lines, kinds, at, hasSentence && !/[:：]\s*$/.test(above))) {
      kinds.fill('signature', at, endOfRun(kinds, at));
    } else if (!isRule(line)) {
      above = line;
      hasSentence ||= isSentence(line);
    }
  }
}

/** @param isBelowLetter false: what stands above is a heading or announces a list, so only a sure mark ends it */
function isSignatureBelow(
  lines: readonly string[],
  kinds: readonly LineKind[],
  at: number,
  isBelowLetter: boolean,
): boolean {
  const line = lines[at] ?? '';
  const isSure = isSignatureDelimiter(line);
  if (!isSure && !(isBelowLetter && isDrawnLine(line))) {
    return false;
  }
  let below = 0;
  for (let next = at + 1; kinds[next] === 'text' || kinds[next] === 'blank'; next++) {
    if (kinds[next] === 'blank') {
      continue;
    }
    below++;
    const under = lines[next] ?? '';
    const isLetter = isSure
      ? line.trim() !== '--' && isParagraph(under)
      : isSentence(under) || isFormLine(under);
    if (below > maxSignatureLines || isLetter) {
      return false;
    }
  }
  return true;
}

/** Where the text that contains a line ends: at the next quotation, or at the end. */
function endOfRun(kinds: readonly LineKind[], from: number): number {
  let end = from;
  while (kinds[end] === 'text' || kinds[end] === 'blank' || kinds[end] === 'signature') {
    end++;
  }
  return end;
}

/** From the last paragraph of a text upwards, as long as each is a notice; nothing that stands below a notice is marked. */
function markDisclaimers(lines: readonly string[], kinds: LineKind[], from: number, end: number): void {
  let pending = end;
  for (let last = end - 1; last >= from; last--) {
    if (kinds[last] !== 'text') {
      continue;
    }
    let first = last;
    while (kinds[first - 1] === 'text') {
      first--;
    }
    const paragraph = lines.slice(first, Math.min(last + 1, first + maxNoticeLines)).join('\n');
    const isLong = last - first >= maxNoticeLines;
    if (isLong || first < from) {
      return;
    }
    if (isDisclaimer(paragraph)) {
      kinds.fill('signature', first, pending);
      pending = first;
    } else if (!mayGoOn(paragraph)) {
      return;
    }
    last = first;
  }
}

/** A longer paragraph is no notice. */
const maxNoticeLines = 40;
