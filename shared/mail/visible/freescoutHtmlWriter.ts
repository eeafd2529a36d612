import { escapeText, within } from '#shared/text/escapedText.ts';
import { isSpace, withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { blocks } from './blockElements.ts';
import { type Declarations, type Side, sides } from './cssDeclarations.ts';
import { linesOf, tableStyle } from './tableLines.ts';
import { linkTargetOf, misleads } from './webAddresses.ts';

/** Elements outside of tables that are written as they are. */
const kept = new Set(
  'div p span b strong i em u s strike sub sup small big ul ol li blockquote pre code h1 h2 h3 h4 h5 h6 center'.split(
    ' ',
  ),
);

const rowGroups = new Set(['thead', 'tbody', 'tfoot']);

/** Every element that the writer writes. */
export const writtenElements: readonly string[] = [...kept, 'a', 'br', 'table', 'tr', 'td', 'th'];

/** The attributes of every link: it opens a window of its own, which learns nothing of FreeScout. */
const linkAttributes = 'rel="noopener noreferrer nofollow" target="_blank"';

/**
 * Places in tables that the cells of one mail take besides their first. A browser keeps a record of every place, and a thousand
 * cells that each span a thousand columns and rows end the page of the agent who opens the mail.
 */
const maxSpanned = 20_000;

/** What may lie between a list and the blank line behind it. */
const aroundBlankLine = new Set('div p span font b strong i em u o:p'.split(' '));

/** The name of a host is shorter, and a line may have any length. */
const maxBeside = 253;

const noStyle: Declarations = new Map();

/** What the content of an element stands in: only a cell of a row of a table holds text. */
type Place = 'text' | 'table' | 'row';

interface OpenElement {
  /** as the mail calls it; null: the mail left it out */
  readonly name: string | null;
  /** as it is written; null: only its content is */
  readonly tag: string | null;
  readonly place: Place;
}

interface Cell {
  /** index of its start tag, which is written once the whole table is known */
  readonly part: number;
  readonly tag: string;
  readonly lines: readonly Side[];
  hasText: boolean;
}

interface Table {
  readonly isLined: boolean;
  readonly cells: Cell[];
  /** cells with text, in the row and in all rows */
  filledInRow: number;
  filled: number;
  spansRows: boolean;
  hasColumns: boolean;
}

interface Link {
  /** index of its start tag, which is written once its words are known */
  readonly part: number;
  readonly href: string;
  /** where its words begin in the line */
  readonly from: number;
  words: string;
}

interface ClosedLink extends Link {
  readonly target: URL;
  /** index of its end tag */
  readonly endPart: number;
  /** where its words end in the line */
  readonly to: number;
}

/**
 * Writes what a reader of a mail sees as HTML that FreeScout shows likewise. Links stay when they lead to the same place on every
 * page and say so: see {@link linkTargetOf}. Cells that stand side by side are set apart, and the lines that a table had are drawn.
 * Text of a table stands in a cell of a row, for FreeScout's purifier drops all other. A list has no blank line behind the gap
 * that FreeScout's style sheet puts there. What is too long is cut, and its end says so.
 */
export class FreeScoutHtmlWriter {
  readonly #parts: string[] = [];
  readonly #open: OpenElement[] = [];
  readonly #tables: Table[] = [];
  readonly #cells: Cell[] = [];
  readonly #cutOff: string;
  #room: number;
  #link: Link | null = null;
  /** Text since the last block began or ended; what touches a link may make a name with its words. */
  #lineText = '';
  readonly #linksOfLine: ClosedLink[] = [];
  #lists = 0;
  #spanned = 0;
  #isBehindList = false;

  /** @param cutOff the line that stands at the end of what needs more room than `room` characters. */
  constructor(room: number, cutOff: string) {
    this.#room = room;
    this.#cutOff = cutOff;
  }

  open(name: string, attributes: Readonly<Record<string, string>> = {}, style: Declarations = noStyle): void {
    if (this.#room <= 0) {
      return;
    }
    this.#atBlock(name);
    if (name === 'br' || name === 'hr') {
      this.#line(name);
      return;
    }
    if (!aroundBlankLine.has(name)) {
      this.#isBehindList = false;
    }
    if (rowGroups.has(name) || name === 'tr' || name === 'caption') {
      this.#leaveImplied('table');
    }
    if (name === 'td' || name === 'th') {
      this.#leaveImplied('row');
    }

    const place = this.#place;
    if (name === 'table') {
      this.#openTable(attributes, style);
    } else if (name === 'tr' && place === 'table') {
      this.#openRow(name, style);
    } else if (name === 'caption' && place === 'table') {
      this.#openCell(name, 'td', {}, noStyle);
    } else if ((name === 'td' || name === 'th') && place !== 'text') {
      this.#openCell(name, name, attributes, style);
    } else if (place !== 'text') {
      this.#push(name, null, place);
    } else if (name === 'a') {
      this.#openLink(attributes.href ?? '');
    } else {
      this.#push(name, this.#tagFor(name), 'text');
    }
  }

  text(text: string): void {
    if (this.#room <= 0) {
      return;
    }
    const shown = withoutInvisibleCharacters(text);
    if (isSpace(shown)) {
      if (this.#place !== 'text') {
        return;
      }
      const isBlankLine = this.#isBehindList && shown.includes('\u00a0');
      if (isBlankLine) {
        this.#isBehindList = false;
      } else {
        this.#writeText(shown);
      }
      if (shown !== '') {
        this.#lineText += ' ';
      }
      return;
    }
    this.#isBehindList = false;
    this.#enterCell();
    const cell = this.#cells.at(-1);
    if (cell !== undefined) {
      cell.hasText = true;
    }
    if (this.#link !== null) {
      this.#link.words += shown;
    }
    this.#lineText += shown;
    this.#writeText(shown);
  }

  close(name: string): void {
    if (this.#room <= 0 || name === 'br' || name === 'hr') {
      return;
    }
    this.#atBlock(name);
    if (!aroundBlankLine.has(name)) {
      this.#isBehindList = false;
    }
    while (this.#open.length > 0 && this.#closeLast() !== name) {}
  }

  toString(): string {
    const isCut = this.#room <= 0;
    while (this.#open.length > 0) {
      this.#closeLast();
    }
    this.#endLine();
    if (isCut) {
      this.#parts.push(`<div>${this.#cutOff}</div>`);
    }
    return this.#parts.join('');
  }

  get #place(): Place {
    return this.#open.at(-1)?.place ?? 'text';
  }

  #atBlock(name: string): void {
    if (!blocks.has(name)) {
      return;
    }
    if (this.#link === null) {
      this.#endLine();
    } else {
      this.#link.words += ' ';
      this.#lineText += ' ';
    }
  }

  #line(name: 'br' | 'hr'): void {
    if (this.#place !== 'text') {
      return;
    }
    const isLeftOut = name === 'br' && this.#isBehindList;
    this.#isBehindList = false;
    if (!isLeftOut) {
      this.#write(name === 'br' ? '<br>' : '<div>________________________________</div>');
    }
  }

  #tagFor(name: string): string | null {
    if (name === 'menu' || name === 'dir') {
      return 'ul';
    }
    if (name === 'li') {
      return this.#lists > 0 ? 'li' : 'div';
    }
    if (kept.has(name)) {
      return name;
    }
    // FreeScout's purifier unwraps what it does not know, and words of two blocks would stick together.
    return blocks.has(name) ? 'div' : null;
  }

  #openTable(attributes: Readonly<Record<string, string>>, style: Declarations): void {
    // FreeScout's purifier takes away a link that is around a table.
    this.#closeLink();
    this.#enterCell();
    const isLined = attributes.border !== undefined && Number.parseInt(attributes.border, 10) !== 0;
    this.#tables.push({
      isLined,
      cells: [],
      filledInRow: 0,
      filled: 0,
      spansRows: false,
      hasColumns: false,
    });
    this.#push('table', 'table', 'table', tableStyle(isLined ? sides : linesOf(style), false));
  }

  #openRow(name: string | null, style: Declarations): void {
    const table = this.#tables.at(-1);
    if (table !== undefined) {
      table.filledInRow = 0;
    }
    this.#push(name, 'tr', 'row', tableStyle(linesOf(style), false));
  }

  #openCell(
    name: string | null,
    tag: string,
    attributes: Readonly<Record<string, string>>,
    style: Declarations,
  ): void {
    if (this.#place === 'table') {
      this.#openRow(null, noStyle);
    }
    const table = this.#tables.at(-1);
    // FreeScout's list of conversations shows the text alone.
    if (table !== undefined && table.cells.length > 0) {
      this.#write(' ');
    }
    const spans = this.#spansOf(attributes);
    const written = [tag, ...spans.map(([span, count]) => `${span}="${count}"`)].join(' ');
    const lines = table?.isLined ? sides : linesOf(style);
    const part = this.#write(startTag(written, tableStyle(lines, true)));
    const cell: Cell = { part, tag: written, lines, hasText: false };
    this.#open.push({ name, tag, place: 'text' });
    this.#cells.push(cell);
    table?.cells.push(cell);
    if (table !== undefined && spans.some(([span, count]) => span === 'rowspan' && count > 1)) {
      table.spansRows = true;
    }
  }

  /** The columns and rows that a cell spans; none when it would take more than what is left for this mail. */
  #spansOf(attributes: Readonly<Record<string, string>>): readonly (readonly [string, number])[] {
    const spans = ['colspan', 'rowspan'].flatMap((span) =>
      /^[1-9]\d{0,2}$/.test(attributes[span] ?? '') ? [[span, Number(attributes[span])] as const] : [],
    );
    const spanned = spans.reduce((places, [, count]) => places * count, 1) - 1;
    if (this.#spanned + spanned > maxSpanned) {
      return [];
    }
    this.#spanned += spanned;
    return spans;
  }

  /** Puts in the row and the cell that a mail left out around its words. */
  #enterCell(): void {
    if (this.#place !== 'text') {
      this.#openCell(null, 'td', {}, noStyle);
    }
  }

  /** Ends the cell, and for a table also the row, that were put in. */
  #leaveImplied(until: 'table' | 'row'): void {
    while (this.#open.at(-1)?.name === null && (until === 'table' || this.#place !== 'row')) {
      this.#closeLast();
    }
  }

  #push(name: string | null, tag: string | null, place: Place, style = ''): void {
    if (tag !== null) {
      this.#write(startTag(tag, style));
    }
    if (tag === 'ul' || tag === 'ol') {
      this.#lists++;
    }
    this.#open.push({ name, tag, place });
  }

  /** Ends the innermost element; its name in the mail. */
  #closeLast(): string | null {
    const last = this.#open.pop();
    if (last === undefined) {
      return null;
    }
    if (last.name === 'a') {
      this.#closeLink();
    }
    if (last.tag === 'td' || last.tag === 'th') {
      this.#closeCell();
    }
    if (last.tag === 'table') {
      this.#closeTable();
    }
    if (last.tag !== null) {
      this.#write(`</${last.tag}>`);
    }
    if (last.tag === 'ul' || last.tag === 'ol') {
      this.#isBehindList = --this.#lists === 0;
    }
    return last.name;
  }

  #closeCell(): void {
    const table = this.#tables.at(-1);
    const isFilled = this.#cells.pop()?.hasText === true;
    if (table === undefined || !isFilled) {
      return;
    }
    table.filledInRow++;
    table.filled++;
    table.hasColumns ||= table.filledInRow > 1 || (table.spansRows && table.filled > 1);
    const around = this.#cells.at(-1);
    if (around !== undefined) {
      around.hasText = true;
    }
  }

  #closeTable(): void {
    const table = this.#tables.pop();
    for (const { part, tag, lines } of table?.cells ?? []) {
      this.#parts[part] = startTag(tag, tableStyle(lines, table?.hasColumns === true || lines.length > 0));
    }
  }

  #openLink(href: string): void {
    // A browser ends a link where another one begins.
    this.#closeLink();
    this.#link = { part: this.#write(''), href, from: this.#lineText.length, words: '' };
    this.#open.push({ name: 'a', tag: null, place: 'text' });
  }

  #closeLink(): void {
    const link = this.#link;
    this.#link = null;
    const target = link === null ? null : linkTargetOf(link.href);
    if (link === null || target === null || isSpace(link.words)) {
      return;
    }
    this.#room -= linkTag(target).length;
    const endPart = this.#write('</a>');
    this.#linksOfLine.push({ ...link, target, endPart, to: this.#lineText.length });
  }

  /** Writes the tags of the links of a line, once all that may touch them is known. */
  #endLine(): void {
    for (const link of this.#linksOfLine) {
      const isRefused = this.#misleads(link);
      // FreeScout makes a link of every address in the text. Other words keep theirs this way: they may be the name of a file.
      const isFollowed = isRefused && !/https?:\/\/|www\./i.test(link.words);
      this.#parts[link.part] = isRefused ? '' : linkTag(link.target);
      if (isRefused) {
        this.#parts[link.endPart] = isFollowed ? ` (${escapeText(link.target.href)})` : '';
      }
    }
    this.#linksOfLine.length = 0;
    this.#lineText = '';
  }

  #misleads({ target, words, from, to }: ClosedLink): boolean {
    const before = this.#lineText.slice(Math.max(0, from - maxBeside), from);
    const after = this.#lineText.slice(to, to + maxBeside);
    return misleads(target, before, words, after);
  }

  #writeText(text: string): void {
    const { html, isAll } = within(Math.max(0, this.#room), text, escapeText);
    this.#write(html);
    if (!isAll) {
      this.#room = 0;
    }
  }

  /** Index of the part that was written. */
  #write(part: string): number {
    this.#room -= part.length;
    return this.#parts.push(part) - 1;
  }
}

function linkTag(target: URL): string {
  return `<a href="${escapeText(target.href)}" ${linkAttributes}>`;
}

function startTag(tag: string, style: string): string {
  return style === '' ? `<${tag}>` : `<${tag} style="${style}">`;
}
