import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { saysThatAnswersStandBelow } from './answersInQuotation.ts';
import type { LineKind } from './lineKinds.ts';
import {
  closesAddress,
  headerBlockAt,
  isBarredLine,
  isForwardLine,
  isHelpDeskSeparator,
  isOriginalMessageLine,
  isQuotedLine,
  quoteHeaderEndingAt,
} from './quoteStart.ts';
import { wrappedBegin, wrappedEnd } from './signatureMarks.ts';
import { isRule, isSignedName } from './signatureStart.ts';
import { markSignatures } from './signatures.ts';

/** As {@link withoutInvisibleCharacters} counts them, so that both number the lines alike. */
const lineEnd = /\r\n?|[\n\u0085\u2028\u2029]/;

/** Only this many lines are looked at; what follows counts as quoted. */
const maxLines = 20_000;

/** A line this long was wrapped by a program, not by its writer. */
const wrappedLength = 60;

/**
 * Separates what the sender newly wrote from quotations, signature and disclaimer. docs/newly-written.md lists the rules.
 *
 * Answers written between quoted lines stay, with the lines they answer; a quotation above or below everything goes. The
 * sender's own greeting and name stay; what stands below a `-- ` line and what programs add ("Sent from my iPhone") go.
 * When nothing stands beside a quotation, the quotation is new: nothing else tells what is wanted. It is new as well when
 * the sender says that he wrote into it.
 *
 * Never throws; time is linear in the length of the text.
 *
 * @returns both parts, each in the order of the mail; together they hold every line of it
 */
export function splitReply(text: string): { readonly newText: string; readonly rest: string } {
  const lines = text.split(lineEnd);
  const seen = withoutInvisibleCharacters(lines.join('\n')).split('\n');
  const kinds = wrappedByMarketplace(seen) ?? kindsOf(seen);
  return {
    newText: linesWhere(lines, (at) => kept.has(kinds[at] ?? 'rest')),
    rest: linesWhere(lines, (at) => !kept.has(kinds[at] ?? 'rest')),
  };
}

const kept: ReadonlySet<LineKind> = new Set<LineKind>(['text', 'blank', 'quoted']);

function linesWhere(lines: readonly string[], isWanted: (at: number) => boolean): string {
  return lines
    .filter((_, at) => isWanted(at))
    .join('\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
}

/** Marketplaces send the buyer's words between "Begin message" and "End message". */
function wrappedByMarketplace(lines: readonly string[]): LineKind[] | null {
  const begin = lines.findIndex((line) => line.length < 120 && wrappedBegin.test(line));
  if (begin < 0) {
    return null;
  }
  const end = lines.findIndex((line, at) => at > begin && line.length < 120 && wrappedEnd.test(line));
  if (end < 0) {
    return null;
  }
  return lines.map((_, at) => (at > begin && at < end ? 'text' : 'rest'));
}

function kindsOf(lines: readonly string[]): LineKind[] {
  const kinds = quotationsOf(lines);
  markSignatures(lines, kinds);
  const quoted = [...kinds];
  dropQuotations(lines, kinds);
  const isNothingElse = !kinds.some(
    (kind, at) => kind === 'quoted' || (kind === 'text' && !isRule(lines[at] ?? '')),
  );
  if (isNothingElse ? saysAnything(lines, quoted) : hasAnswersInQuotation(lines, quoted)) {
    return withQuotations(lines, quoted);
  }
  dropClosingMarks(lines, kinds);
  return kinds;
}

/** Whether a quotation is more than the lines that announce further quotations in it. */
function saysAnything(lines: readonly string[], kinds: readonly LineKind[]): boolean {
  return lines.some((line, at) => {
    if (kinds[at] !== 'quoted') {
      return kinds[at] === 'rest' && line.trim() !== '';
    }
    const words = line.replace(/^[\s>＞|]+/, '');
    return words !== '' && quoteHeaderEndingAt([words], 0) === null;
  });
}

/** Whether the last words above the first quotation say that the answers stand in it. */
function hasAnswersInQuotation(lines: readonly string[], kinds: readonly LineKind[]): boolean {
  const isQuotation = (kind: LineKind) => kind === 'quoted' || kind === 'header' || kind === 'rest';
  const first = kinds.findIndex(isQuotation);
  return lines
    .slice(0, Math.max(first, 0))
    .some((line, at) => kinds[at] === 'text' && saysThatAnswersStandBelow(line));
}

/** Takes quotations for new, all but the lines with which programs announce them. */
function withQuotations(lines: readonly string[], kinds: readonly LineKind[]): LineKind[] {
  const cut = kinds.slice(0, maxLines).indexOf('rest');
  if (cut < 0) {
    return [...kinds];
  }
  const all = kinds.map((kind, at) => (kind === 'rest' && at < maxLines ? 'text' : kind));
  const said = [...all];
  said.fill('header', cut, cut + forwardLinesAt(lines, cut));
  for (let at = cut; at < Math.min(lines.length, maxLines); at++) {
    const header = said[at] === 'text' ? quoteHeaderEndingAt(lines, at) : null;
    if (header?.sure) {
      said.fill('header', Math.max(cut, at - header.lines + 1), at + 1);
    }
  }
  const hasWords = said.some((kind, at) => kind === 'text' && lines[at]?.trim() !== '');
  return hasWords ? said : all;
}

/**
 * How many lines the mark of a forwarded mail takes, with the block below it. A block alone is data: forms begin with
 * "From: Ann <ann@example.com>" too.
 */
function forwardLinesAt(lines: readonly string[], at: number): number {
  const line = lines[at] ?? '';
  if (!isForwardLine(line) && !isOriginalMessageLine(line)) {
    return 0;
  }
  let block = at + 1;
  while (lines[block]?.trim() === '') {
    block++;
  }
  return block - at + headerBlockAt(lines, block);
}

function quotationsOf(lines: readonly string[]): LineKind[] {
  const kinds: LineKind[] = lines.map((line, at) => {
    if (at >= maxLines) {
      return 'rest';
    }
    if (line.trim() === '') {
      return 'blank';
    }
    return isQuotedLine(line) && !closesAddress(lines, at) ? 'quoted' : 'text';
  });
  for (let at = 0; at < Math.min(lines.length, maxLines); at++) {
    if (kinds[at] !== 'text') {
      continue;
    }
    const start = startOfQuotation(lines, at);
    if (start === null) {
      continue;
    }
    if (start.announcesMarkedLines) {
      markBarredLines(lines, kinds, start.to);
    }
    if (start.announcesMarkedLines && isQuotedNext(kinds, start.to)) {
      kinds.fill('header', start.from, start.to + 1);
    } else if (start.sure) {
      return kinds.fill('rest', start.from);
    }
  }
  return kinds;
}

interface QuotationStart {
  readonly from: number;
  /** the last line of what announces the quotation */
  readonly to: number;
  /** when `>` lines follow, what stands below them is new again */
  readonly announcesMarkedLines: boolean;
  /** false: only to be believed when `>` lines follow */
  readonly sure: boolean;
}

function startOfQuotation(lines: readonly string[], at: number): QuotationStart | null {
  const line = lines[at] ?? '';
  if (isHelpDeskSeparator(line) || isOriginalMessageLine(line) || isForwardLine(line)) {
    return { from: at, to: at, announcesMarkedLines: false, sure: true };
  }
  const block = headerBlockAt(lines, at);
  if (block > 0) {
    return { from: at, to: at + block - 1, announcesMarkedLines: true, sure: true };
  }
  const header = quoteHeaderEndingAt(lines, at);
  if (header === null) {
    return null;
  }
  return { from: at - header.lines + 1, to: at, announcesMarkedLines: true, sure: header.sure };
}

function markBarredLines(lines: readonly string[], kinds: LineKind[], at: number): void {
  let next = at + 1;
  while (kinds[next] === 'blank') {
    next++;
  }
  while (kinds[next] === 'text' && isBarredLine(lines[next] ?? '')) {
    kinds[next] = 'quoted';
    next++;
  }
}

function isQuotedNext(kinds: readonly LineKind[], at: number): boolean {
  let next = at + 1;
  while (kinds[next] === 'blank') {
    next++;
  }
  return kinds[next] === 'quoted';
}

/** One quotation between texts that were written around it. */
interface Block {
  readonly quoted: boolean;
  readonly announced: boolean;
  readonly lines: number[];
}

function dropQuotations(lines: readonly string[], kinds: LineKind[]): void {
  rejoinWrappedQuotes(lines, kinds);
  const blocks = blocksOf(kinds);
  while (blocks.at(-1)?.quoted) {
    drop(kinds, blocks.pop());
  }
  const quotations = blocks.filter(({ quoted }) => quoted);
  const only = quotations.length === 1 ? quotations[0] : undefined;
  if (only?.announced) {
    drop(kinds, only);
  }
}

function drop(kinds: LineKind[], block: Block | undefined): void {
  for (const at of block?.lines ?? []) {
    kinds[at] = 'rest';
  }
}

function blocksOf(kinds: readonly LineKind[]): Block[] {
  const blocks: Block[] = [];
  let announced = false;
  kinds.forEach((kind, at) => {
    if (kind === 'header') {
      announced = true;
    }
    if (kind !== 'text' && kind !== 'quoted') {
      return;
    }
    const last = blocks.at(-1);
    if (last !== undefined && last.quoted === (kind === 'quoted')) {
      last.lines.push(at);
    } else {
      blocks.push({ quoted: kind === 'quoted', announced: announced && kind === 'quoted', lines: [at] });
    }
    announced = false;
  });
  return blocks;
}

/** A program that wraps long quoted lines leaves their ends without `>`. */
function rejoinWrappedQuotes(lines: readonly string[], kinds: LineKind[]): void {
  for (let at = 1; at < kinds.length - 1; at++) {
    const isBetween = kinds[at] === 'text' && kinds[at - 1] === 'quoted' && kinds[at + 1] === 'quoted';
    if (
      isBetween &&
      (lines[at - 1]?.length ?? 0) >= wrappedLength &&
      /^[^\p{Lu}]/u.test(lines[at]?.trim() ?? '')
    ) {
      kinds[at] = 'quoted';
    }
  }
}

/** Rules drawn under the text, and a last line "-Ann". */
function dropClosingMarks(lines: readonly string[], kinds: LineKind[]): void {
  for (let at = kinds.length - 1; at >= 0; at--) {
    if (kinds[at] !== 'text' && kinds[at] !== 'quoted') {
      continue;
    }
    if (kinds[at] === 'quoted') {
      return;
    }
    const line = lines[at] ?? '';
    if (isRule(line)) {
      kinds[at] = 'signature';
    } else {
      if (isSignedName(line) && kinds[at - 1] === 'blank' && kinds.lastIndexOf('text', at - 2) >= 0) {
        kinds[at] = 'signature';
      }
      return;
    }
  }
}
