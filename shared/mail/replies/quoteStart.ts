import {
  forwardedMessage,
  type HeaderLabel,
  headerLabels,
  headerOpenings,
  originalMessage,
  replyAbove,
  weekdays,
  wroteAtEnd,
  wroteInside,
} from './quoteHeaders.ts';

/** Longer lines are prose or data, never one of these marks. */
const maxLine = 400;
const maxHeader = 600;
const maxHeaderLines = 5;
const maxBlockLines = 25;
/** Lines that an address with its name is broken into before its closing `>`. */
const maxAddressLines = 3;

const mail = /[^\s@<>()[\]:,;"]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}/i;
const bracketedMail = /[<(["‹«][^\s<>]{0,20}[^\s@<>()[\]]{1,64}@[^\s@<>()[\]]{1,190}[^\s<>]{0,20}[>)\]"›»]/;
const closingMail = /@[a-z0-9.-]{1,190}["')>\]›»\s]{0,6}[:：]$/i;
const time = /\d{1,2}\s?[:.hH]\s?\d{2}|[٠-٩۰-۹]{1,2}:[٠-٩۰-۹]{2}|\d{1,2}\s?(?:am|pm|uhr|時|点|點|시)/i;
const date =
  /(?:19|20|25)\d\d|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|[٠-٩۰-۹]{4}|[一二三四五六七八九十]月|\d{1,2}月/;
/** Scripts beyond may write an opening word and what follows without a space. */
const latinEnd = 0x24f;
/** "2012/4/2 Ann Example <ann@example.com>", without a colon: only to be believed above a `>` line. */
const dateAndSender = /^\d{4}[/.-]\d{1,2}[/.-]\d{1,2}\s.{1,150}@[^\s<>]{1,190}>$/;
const endsWithColon = /[:：]$/;

const firstPerson = new Set(
  'i we ich wir je j’ai nous yo nosotros io ho abbiamo eu nós ik wij we jag vi jeg minä ja my já my я мы ми ben biz'.split(
    ' ',
  ),
);

const openings = [...headerOpenings].sort((a, b) => b.length - a.length);
const weekdayNames = new Set(weekdays);
const endings = [...wroteAtEnd].sort((a, b) => b.length - a.length);
const labels = new Map<string, HeaderLabel>();
for (const kind of ['other', 'copy', 'to', 'date', 'sent', 'subject', 'from'] as const) {
  for (const label of headerLabels[kind]) {
    labels.set(label, kind);
  }
}

export interface QuoteHeader {
  /** how many lines it takes, the last of them being the one asked about */
  readonly lines: number;
  /** false: only to be believed when a `>` line follows */
  readonly sure: boolean;
}

/** Lower-case, with the Turkish İ as a plain i. */
function lowered(text: string): string {
  return text.toLowerCase().replaceAll('i\u0307', 'i');
}

export function isQuotedLine(line: string): boolean {
  return /^\s{0,8}[>＞]/.test(line);
}

/**
 * A line of a quotation that is marked with bars. The lines of a table end with a bar, too. Only to be believed below a line
 * that announces a quotation.
 */
export function isBarredLine(line: string): boolean {
  return /^\s{0,8}\|/.test(line) && !/\S\s*\|\s*$/.test(line.slice(-maxLine));
}

/**
 * Whether a line begins with the `>` that closes an address in the lines above: Google's web mail breaks
 * "On … Ann <ann@example.com> wrote:" there. Such a line looks like a quotation and is none.
 */
export function closesAddress(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (line.length > maxLine || !/^\s{0,8}>(?!\s*>)/.test(line)) {
    return false;
  }
  let above = '';
  for (let next = at - 1; next >= at - maxAddressLines; next--) {
    const part = lines[next]?.trim() ?? '';
    if (part === '' || part.length > maxLine || isQuotedLine(part)) {
      return false;
    }
    above = `${part} ${above}`;
    if (above.includes('@') && above.replace(/<[^<>]*>/g, '').includes('<')) {
      return true;
    }
  }
  return false;
}

/** A line, or up to five wrapped ones, such as "On 2 Apr 2012 at 18:26, Ann <ann@example.com> wrote:" in any language. */
export function quoteHeaderEndingAt(lines: readonly string[], end: number): QuoteHeader | null {
  const last = plain(lines[end] ?? '');
  if (last === '' || last.length > maxLine || !mayEndHeader(last)) {
    return null;
  }
  let best: QuoteHeader | null = null;
  for (const { header, start, wrapped } of joinedLinesUpFrom(lines, end)) {
    const strength = strengthOf(header, wrapped);
    const found = { lines: end - start + 1, sure: strength === 'sure' };
    if (found.sure && opensLikeHeader(plain(header))) {
      return found;
    }
    if (strength !== null && (best === null || (found.sure && !best.sure))) {
      best = found;
    }
  }
  return best;
}

interface JoinedLines {
  readonly header: string;
  /** the first of the lines */
  readonly start: number;
  /** how many lines it would be if no program had broken an address */
  readonly wrapped: number;
}

/** A line, the line with the one above it, and so on, as far as these may be one wrapped line. */
function* joinedLinesUpFrom(lines: readonly string[], end: number): Generator<JoinedLines> {
  let header = '';
  let wrapped = 0;
  for (let start = end; wrapped < maxHeaderLines; start--) {
    // Programs that turn HTML into text leave a blank line between a name and "<" on a line of its own.
    if (lines[start]?.trim() === '' && header.startsWith('<')) {
      start--;
    }
    const line = lines[start]?.trim() ?? '';
    const isBrokenInAddress = closesAddress(lines, start);
    if (line === '' || (isQuotedLine(line) && !isBrokenInAddress)) {
      return;
    }
    header = `${line}${header === '' || header.startsWith('>') ? '' : ' '}${header}`;
    if (header.length > maxHeader) {
      return;
    }
    if (!isBrokenInAddress) {
      wrapped++;
      yield { header, start, wrapped };
    }
  }
}

function mayEndHeader(line: string): boolean {
  if (endsWithColon.test(line) || line.endsWith('>')) {
    return true;
  }
  const lower = lowered(line);
  return endings.some((verb) => lower.endsWith(verb));
}

/** Without bold marks and the dashes some programs put around the line. */
function plain(line: string): string {
  return line
    .trim()
    .replace(/^[-–—*_\s]+/, '')
    .replace(/[-–—*_\s]+$/, '')
    .replace(/[*_]{1,3}(?=[:：]$)/, '')
    .replace(/\s+(?=[:：]$)/, '');
}

function strengthOf(joined: string, count: number): 'sure' | 'weak' | null {
  const header = plain(joined);
  const closed = endsWithColon.test(header) || /-{3,}\s*$/.test(joined);
  const hasMail = mail.test(header);
  const hasDate = date.test(header) || time.test(header);
  if (
    closed &&
    hasDate &&
    closingMail.test(header) &&
    (opensLikeHeader(header) || bracketedMail.test(header))
  ) {
    return count === 1 || opensLikeHeader(header) ? 'sure' : 'weak';
  }
  if (closed && time.test(header) && date.test(header) && bracketedMail.test(header)) {
    return count === 1 || opensLikeHeader(header) ? 'sure' : 'weak';
  }
  if (dateAndSender.test(header)) {
    return 'weak';
  }
  const verb = verbOf(header);
  if (verb === null) {
    return null;
  }
  if (opensLikeHeader(header) && hasDate && (closed || hasMail)) {
    return 'sure';
  }
  if (hasMail && closed && bracketedMail.test(header) && beginsWithName(header)) {
    return 'sure';
  }
  return closed && count <= 2 ? 'weak' : null;
}

/** The verb of writing, where such a line has it; null also when the writer speaks of himself. */
function verbOf(header: string): string | null {
  const lower = lowered(header)
    .replace(/\s*[:：]$/, '')
    .replace(/\s+/g, ' ');
  const ending = endings.find((verb) => lower.endsWith(verb) && !isLetter(lower.at(-verb.length - 1), verb));
  if (ending !== undefined) {
    const before = lower.slice(0, -ending.length).trim().split(' ').at(-1) ?? '';
    return firstPerson.has(before) ? null : ending;
  }
  if (!endsWithColon.test(header)) {
    return null;
  }
  for (const verb of wroteInside) {
    const at = lower.indexOf(verb);
    if (at < 0 || isLetter(lower[at - 1], verb) || isLetter(lower[at + verb.length], verb)) {
      continue;
    }
    const before = lower.slice(0, at).trim().split(' ').at(-1) ?? '';
    const after = lower
      .slice(at + verb.length)
      .trim()
      .split(' ');
    if (after.length <= 12 && !firstPerson.has(after[0] ?? '') && !firstPerson.has(before)) {
      return verb;
    }
  }
  return null;
}

/** Whether a neighbouring letter makes the verb part of a longer word; scripts without spaces have no such thing. */
function isLetter(neighbour: string | undefined, verb: string): boolean {
  if (neighbour === undefined || /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(verb)) {
    return false;
  }
  return /\p{L}/u.test(neighbour);
}

/** Opens with "On", a weekday or a date, with figures near the start. */
function opensLikeHeader(header: string): boolean {
  const start = header.replace(/^[("'“«‹[\s]+/, '').toLowerCase();
  if (/^\d{1,4}[\s./:,年-]/.test(start) || /^[٠-٩۰-۹]/.test(start)) {
    return true;
  }
  if (!/[\d٠-٩۰-۹]/.test(start.slice(0, 60))) {
    return false;
  }
  const first = /^[\p{L}\p{M}ʼ'-]+/u.exec(start)?.[0] ?? '';
  if (weekdayNames.has(first)) {
    return true;
  }
  return openings.some((opening) => {
    if (!start.startsWith(opening)) {
      return false;
    }
    const next = start[opening.length] ?? '';
    return !/\p{L}/u.test(next) || (opening.codePointAt(opening.length - 1) ?? 0) > latinEnd;
  });
}

/** "Ann Example <ann@example.com> …", "ann@example.com …" */
function beginsWithName(header: string): boolean {
  const at = header.search(/[<(["]?[^\s@<>]{1,64}@/);
  if (at < 0 || at > 80) {
    return false;
  }
  return (
    header.slice(0, at).trim().split(/\s+/).length <= 6 && !/[.!?]\s+\p{L}{3,}/u.test(header.slice(0, at))
  );
}

/** "----- Original Message -----" and its translations. */
export function isOriginalMessageLine(line: string): boolean {
  return isMark(line, originalMessage, 2);
}

/** "---------- Forwarded message ---------", "Begin forwarded message:" */
export function isForwardLine(line: string): boolean {
  return isMark(line, forwardedMessage, 2) || (/[:：]\s*$/.test(line) && isMark(line, forwardedMessage, 0));
}

function isMark(line: string, marks: readonly string[], dashes: number): boolean {
  if (line.length > 160) {
    return false;
  }
  const text = line.trim();
  const inner = lowered(text)
    .replace(/^[-–—_*=\s>─]+/, '')
    .replace(/[-–—_*=\s:：─]+$/, '');
  if (
    inner === '' ||
    text.length - inner.length < dashes * 2 ||
    !/^[-–—_*=─]/.test(dashes > 0 ? text : '-')
  ) {
    return false;
  }
  return marks.some(
    (mark) => inner === mark || (inner.startsWith(mark) && inner.length - mark.length <= 40 && dashes > 0),
  );
}

/** "-- Please reply above this line --" of FreeScout and its kind. */
export function isHelpDeskSeparator(line: string): boolean {
  if (line.length > 250) {
    return false;
  }
  const lower = lowered(line);
  return replyAbove.some((phrase) => lower.includes(phrase)) && /^[\s>]*[-–—_#=*~([]|above|über/.test(lower);
}

/**
 * How many lines a block of header lines ("From: … Sent: … To: … Subject: …" in any language) takes that begins here; 0
 * when none does. Customers write such lists, too: "From: Oslo, To: Bergen, Date: 1 December, Subject: move with piano". A
 * program names the sender by his address or tells the time of day, and no sentence above it ends in a colon.
 */
export function headerBlockAt(lines: readonly string[], start: number): number {
  const first = labelOf(lines[start] ?? '');
  if (first === null || first.kind === 'to' || first.kind === 'copy' || first.kind === 'other') {
    return 0;
  }
  if (isBlockInOneLine(first)) {
    return 1;
  }
  const values = new Map<HeaderLabel, string>();
  let unlabelled = 0;
  let end = start;
  for (let at = start; at < Math.min(lines.length, start + maxBlockLines) && unlabelled <= 2; at++) {
    const label = labelOf(lines[at] ?? '');
    if (label === null) {
      unlabelled++;
      // A long name is wrapped before the address.
      if (at === end + 1 && (lines[at] ?? '').includes('@')) {
        values.set(first.kind, `${values.get(first.kind)} ${lines[at]}`);
      }
      continue;
    }
    if (values.has(label.kind) && label.kind !== 'other' && label.kind !== 'copy') {
      break;
    }
    unlabelled = 0;
    end = at;
    values.set(label.kind, label.value);
  }
  return isBlockOf(values, isAnnouncedByWriter(lines, start)) ? end - start + 1 : 0;
}

/** Whether the sentence above ends in a colon: what follows is the writer's list. */
function isAnnouncedByWriter(lines: readonly string[], start: number): boolean {
  let above = start - 1;
  while (above > start - maxBlockLines && lines[above]?.trim() === '') {
    above--;
  }
  const line = lines[above] ?? '';
  return (
    endsWithColon.test(line.slice(-maxLine).trimEnd()) && !isForwardLine(line) && !isOriginalMessageLine(line)
  );
}

/** Some programs put the whole block into one line: "From: Ann <ann@example.com> Sent: Monday To: Bob Subject: Hi". */
function isBlockInOneLine({ kind, value }: { readonly kind: HeaderLabel; readonly value: string }): boolean {
  if (kind !== 'from' || !value.includes('@')) {
    return false;
  }
  const kinds = new Set<HeaderLabel>();
  for (const match of value.matchAll(/(?<!\p{L})(\p{L}{1,20})\s?[:：]\s/gu)) {
    const other = labels.get(lowered(match[1] ?? ''));
    if (other !== undefined) {
      kinds.add(other);
    }
  }
  return kinds.has('subject') && kinds.size >= 2;
}

function isBlockOf(values: ReadonlyMap<HeaderLabel, string>, isAnnounced: boolean): boolean {
  const told = values.size - (values.has('other') ? 1 : 0);
  const hasTime = time.test(values.get('sent') ?? '') || time.test(values.get('date') ?? '');
  if (isAnnounced && !hasTime) {
    return false;
  }
  const hasSender = values.get('from')?.includes('@') ?? false;
  if (told < 3) {
    return told === 2 && hasSender && !values.has('to');
  }
  const hasReader = (['to', 'copy'] as const).some((kind) => values.get(kind)?.includes('@'));
  return hasSender || (hasTime && (values.has('from') || hasReader)) || (hasReader && values.has('from'));
}

/** The label with which a line of a quoted header begins, and what follows it; null when it begins with none. */
export function labelOf(line: string): { readonly kind: HeaderLabel; readonly value: string } | null {
  if (line.length > 2_000) {
    return null;
  }
  const match =
    /^[\s>]{0,6}[*_]{0,3}(\p{L}[\p{L}\p{M} \u00a0.'’-]{0,25})[*_]{0,3}\s{0,3}[:：][*_]{0,3}\s{0,8}(.{0,300})/u.exec(
      line,
    );
  const kind = labels.get(
    lowered(
      match?.[1]
        ?.replace(/\u00a0/g, ' ')
        .trim()
        .replace(/\.$/, '') ?? '',
    ),
  );
  return kind === undefined ? null : { kind, value: match?.[2] ?? '' };
}
