import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import {
  headerBlockAt,
  isForwardLine,
  isHelpDeskSeparator,
  isOriginalMessageLine,
  isQuotedLine,
  quoteHeaderEndingAt,
} from './quoteStart.ts';
import { isDisclaimer } from './signatureStart.ts';
import { type Writer, withoutSignatureTitles } from './signatureTitles.ts';

/** Only so many lines are searched for the beginnings of quotations. */
const maxLines = 20_000;

/** Real header blocks name the time of day; a form or a list with the same labels seldom does. */
const timeOfDay = /\d{1,2}\s?[:.hH]\s?\d{2}/;

/** A form goes on below labels that a quoted header has too: "Message: …". */
const formLabel = /^\s{0,8}\p{L}[\p{L}\p{M} '’-]{0,25}[:：]/u;

/** What companies' notices under every mail speak of, whatever their heading is. */
const confidentiality =
  /confiden[ctz]|intended recipient|addressee|privileged|vertraulich|empfänger|adressat|destinat[aá]ri|destinataire|riservat|vertrouwelijk|geadresseerde/iu;

const firstPerson =
  /(?<!\p{L})(?:I(?:['’]\p{L}+)?|[Mm]y|[Ii]ch|[Mm]ein\p{L}{0,2}|[Mm]ir|[Mm]ich|[Jj]e|[Jj]['’]\p{L}+|[Mm]on|[Mm]es|[Yy]o|[Mm]i|[Mm]is|[Mm]io|[Mm]ia|[Ii]k|[Mm]ijn|[Ee]u|[Mm]eu|[Mm]inha)(?!\p{L})/u;

/**
 * Everything that the sender of a mail wrote or sends on for us to read: all but quotations, closing notices of companies, and the
 * titles in the sender's signature. Drawn lines, headings and forms end nothing. A forwarded mail belongs to it, down to the end.
 *
 * `splitReply` gives what is worth answering, and may leave out too much; this leaves out only what is certain, for a search that
 * must not miss a threat. Never throws.
 *
 * @param text - as `visibleText` gives it: a line per block, quotations marked with `>`.
 * @param options - `isForward`: the subject says that the whole is a forwarded mail, in which quotations count.
 */
export function ownWords(text: string, writer: Writer, { isForward = false } = {}): string {
  const lines = withoutInvisibleCharacters(text).split(/\r\n?|[\n\u0085\u2028\u2029]/);
  if (isForward) {
    return lines.join('\n');
  }
  const { written, forwarded } = withoutQuotations(lines);
  return [...withoutSignatureTitles(withoutClosingNotices(written), writer), ...forwarded].join('\n');
}

interface Parts {
  readonly written: readonly string[];
  readonly forwarded: readonly string[];
}

function withoutQuotations(lines: readonly string[]): Parts {
  const written: string[] = [];
  let isAnnounced = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (isMarked(line)) {
      continue;
    }
    if (at >= maxLines) {
      written.push(line);
      continue;
    }
    if (isForwardLine(line)) {
      return { written, forwarded: lines.slice(at) };
    }
    const start = quotationAt(lines, at);
    if (start === null) {
      written.push(line);
      continue;
    }
    // A header of several lines was taken for text up to its last line.
    written.length -= Math.min(written.length, start.linesAbove);
    if (!start.isMarked) {
      return written.some(isText) ? { written, forwarded: [] } : { written: unmarked(lines), forwarded: [] };
    }
    isAnnounced = true;
    at = start.to;
  }
  return { written: isAnnounced || written.some(isText) ? written : lines, forwarded: [] };
}

interface QuotationStart {
  /** lines of the header above the line that was asked about */
  readonly linesAbove: number;
  /** the last line of the header */
  readonly to: number;
  /** marked lines follow, and what stands below them is written again; otherwise all below is quoted */
  readonly isMarked: boolean;
}

function quotationAt(lines: readonly string[], at: number): QuotationStart | null {
  const line = lines[at] ?? '';
  if (isHelpDeskSeparator(line) || isOriginalMessageLine(line)) {
    return { linesAbove: 0, to: at, isMarked: false };
  }
  const block = headerBlockAt(lines, at);
  if (block > 0) {
    const next = nextText(lines, at + block);
    const isReal =
      !formLabel.test(next) && lines.slice(at, at + block).some((each) => timeOfDay.test(each.slice(0, 500)));
    return isReal ? { linesAbove: 0, to: at + block - 1, isMarked: isMarked(next) } : null;
  }
  const header = quoteHeaderEndingAt(lines, at);
  if (header === null) {
    return null;
  }
  const isMarkedBelow = isMarked(nextText(lines, at + 1));
  return isMarkedBelow || header.sure
    ? { linesAbove: header.lines - 1, to: at, isMarked: isMarkedBelow }
    : null;
}

/** `>` as mail programs put it, or a bar; a line with a bar at both ends is the row of a table. */
function isMarked(line: string): boolean {
  return isQuotedLine(line) || (/^\s{0,8}\|/.test(line) && !/\|\s*$/.test(line.slice(-20)));
}

/** A quotation with nothing above it is what its sender wants to show. */
function unmarked(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !isMarked(line));
}

function nextText(lines: readonly string[], from: number): string {
  let at = from;
  while (at < lines.length && !isText(lines[at] ?? '')) {
    at++;
  }
  return lines[at] ?? '';
}

function isText(line: string): boolean {
  return line.trim() !== '';
}

/**
 * Takes away the last paragraphs as long as they are notices of a company. One in which somebody speaks of himself stays, and so does
 * one that only has the heading of a notice.
 */
function withoutClosingNotices(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  for (;;) {
    while (end > 0 && !isText(lines[end - 1] ?? '')) {
      end--;
    }
    let start = end;
    while (start > 0 && isText(lines[start - 1] ?? '')) {
      start--;
    }
    const paragraph = lines.slice(start, end).join('\n');
    if (
      start === 0 ||
      !isDisclaimer(paragraph) ||
      !confidentiality.test(paragraph) ||
      firstPerson.test(paragraph)
    ) {
      return lines.slice(0, end);
    }
    end = start;
  }
}
