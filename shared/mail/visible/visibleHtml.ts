import { Parser, Tokenizer } from 'htmlparser2';
import { isBlank } from '#shared/text/invisibleCharacters.ts';
import { blocks } from './blockElements.ts';
import { white } from './cssColours.ts';
import type { Declarations } from './cssDeclarations.ts';
import { canBeRead, declarationsOf, type Look, lookOf, pageLook } from './cssVisibility.ts';
import { holdsOnScreen } from './mediaQueries.ts';
import { classesOf, type StyledElement, StyleSheet } from './styleSheet.ts';

/** What the walk reports; only what a reader of the mail would see. */
export interface VisibleHtmlHandler {
  /** @param style what the element's own style and the sheets say of it */
  readonly open: (name: string, attributes: Readonly<Record<string, string>>, style: Declarations) => void;
  readonly text: (text: string) => void;
  readonly close: (name: string) => void;
  /** Text that was left out because it is hidden from the reader. */
  readonly hidden?: (text: string) => void;
}

interface OpenElement extends StyledElement {
  readonly parent: OpenElement | null;
  readonly look: Look;
  /** 'none': a script, a title; 'drawing': of a drawing only what its text elements hold is text of the mail */
  readonly content: 'text' | 'drawing' | 'none';
  /** the name under which it is reported; null: it is not */
  readonly reportedAs: string | null;
  /** what its text stands in, which knows whether its first line is over */
  readonly block: Block;
}

interface Block {
  /** its first line is indented out of the window */
  readonly isIndentedAway: boolean;
  isFirstLineOver: boolean;
}

/**
 * Elements whose content is not text of the mail. `head` is none of them: it ends where the text begins. What a browser shows only
 * when it cannot show a film or load an object is text: no mail program plays or loads any.
 */
const notText = new Set(
  'script style title template noembed noframes iframe embed datalist progress meter annotation annotation-xml'.split(
    ' ',
  ),
);

/** Those of them that end at their own end tag only. */
const rawText = new Set('script style title template noembed noframes iframe'.split(' '));

/** Elements in a drawing that hold text, and those that hold none whatever is inside. */
const drawnText = new Set(['text', 'foreignobject']);
const notDrawn = new Set('defs symbol desc metadata clippath mask marker pattern'.split(' '));

/** Forms do not work in a mail that is read elsewhere: their words are text like this. */
const formParts: ReadonlyMap<string, string> = new Map([
  ['textarea', 'pre'],
  ['option', 'div'],
  ['optgroup', 'div'],
]);

/** Elements of a form that stand apart from the words beside them. */
const apart = new Set(['button', 'select', 'input']);

/** Kinds of `<input>` that show no words. */
const wordless =
  /^(?:hidden|password|checkbox|radio|color|range|file|date|time|month|week|datetime-local|image)$/;

/** Depth beyond which elements are no longer reported (their text still is): no reader nests so deep. */
const maxDepth = 200;

/**
 * Where the walk ends and the rest is reported as text without tags. The parser's time grows with depth times tags, that of
 * the style sheets with comparisons. The largest newsletters have some ten thousand tags.
 */
const maxWalkedDepth = 1_000;
const maxWalkedTags = 200_000;
const maxWalkedLength = 3_000_000;

const noStyle: Declarations = new Map();

const parserOptions = {
  decodeEntities: true,
  lowerCaseTags: true,
  lowerCaseAttributeNames: true,
  recognizeSelfClosing: false,
};

/**
 * Walks an HTML mail and reports what a human would see: no comments, scripts, styles, and no text hidden by
 * display, visibility, opacity, size, position or colour, whether by attribute or by a rule of the mail's own
 * style sheets. What is too long, too deep or too laborious is reported as text without tags, hidden or not. Never throws;
 * time is linear in the length of the HTML.
 *
 * @returns whether there is anything to see: a letter, or a picture that was sent along
 */
export function walkVisibleHtml(html: string, handler: VisibleHtmlHandler): boolean {
  const end = endOfWalk(html);
  const walked = html.slice(0, end);
  const walk = new Walk(sheetsOf(walked), hasOtherGrounds(walked), handler);
  const read = parse(walked, {
    onopentag: (name, attributes) => walk.open(name, attributes),
    ontext: (text) => walk.text(text),
    onclosetag: () => walk.close(),
  });
  walk.end();
  if (read < html.length) {
    withoutTags(
      html.slice(read),
      (text) => walk.report(text),
      () => lineBreak(handler),
    );
  }
  return walk.hasText;
}

/** The elements that are open at one place of a mail, and what of them is reported. */
class Walk {
  /** whether anything to see was reported */
  hasText = false;
  readonly #sheet: StyleSheet;
  readonly #handler: VisibleHtmlHandler;
  readonly #page: Look;
  readonly #pageBlock: Block;
  #top: OpenElement | null = null;
  #depth = 0;
  #reported = 0;

  constructor(sheet: StyleSheet, hasOtherGrounds: boolean, handler: VisibleHtmlHandler) {
    this.#sheet = sheet;
    this.#handler = handler;
    this.#page = pageOf(sheet, hasOtherGrounds);
    this.#pageBlock = { isIndentedAway: this.#page.isIndentedAway, isFirstLineOver: false };
  }

  /** Whether the walk goes on. */
  open(name: string, attributes: Record<string, string>): boolean {
    const parent = this.#top;
    const around = parent?.look ?? this.#page;
    const element = { name, attributes, classes: classesOf(attributes), parent };
    const content = contentOf(name, parent?.content ?? 'text');
    const hasNoLook = content === 'none' || around.isHidden || name === 'head';
    const style = hasNoLook ? noStyle : declarationsOf(element, this.#sheet);
    const look = lookOf(name, style, around);
    const isReported = content === 'text' && !look.isHidden && this.#reported < maxDepth;
    const reportedAs = isReported ? (formParts.get(name) ?? name) : null;
    const isBlock = blocks.has(name) || (style.size > 0 && look.isBox);
    const block = isBlock
      ? { isIndentedAway: look.isIndentedAway, isFirstLineOver: false }
      : (parent?.block ?? this.#pageBlock);
    // Letters of a drawing have colours of their own.
    const drawn = name === 'svg' ? { ...look, fill: null } : look;
    this.#top = { ...element, parent, look: drawn, content, reportedAs, block };
    this.#depth++;
    if (reportedAs !== null) {
      this.#reported++;
      this.#handler.open(reportedAs, attributes, style);
      this.#attributeWords(name, attributes);
    }
    return this.#depth <= maxWalkedDepth && !this.#sheet.isSpent;
  }

  text(text: string): void {
    const top = this.#top;
    if (top !== null && top.content !== 'text') {
      return;
    }
    const block = top?.block ?? this.#pageBlock;
    const isIndentedAway = block.isIndentedAway && !block.isFirstLineOver;
    if (canBeRead(top?.look ?? this.#page) && !isIndentedAway) {
      this.report(text);
    } else {
      this.#handler.hidden?.(text);
    }
  }

  report(text: string): void {
    this.hasText ||= !isBlank(text);
    this.#handler.text(text);
  }

  close(): void {
    if (this.#top === null) {
      return;
    }
    const { name, reportedAs, parent } = this.#top;
    if (reportedAs !== null) {
      if (apart.has(name)) {
        this.#handler.text(' ');
      }
      this.#reported--;
      this.#handler.close(reportedAs);
    }
    this.#top = parent;
    this.#depth--;
    if (blocks.has(name)) {
      (parent?.block ?? this.#pageBlock).isFirstLineOver = true;
    }
  }

  end(): void {
    while (this.#top !== null) {
      this.close();
    }
  }

  #attributeWords(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'img' && isSentAlong(attributes)) {
      this.hasText = true;
    }
    const words = wordsOf(name, attributes);
    if (words !== '') {
      this.text(` ${words} `);
    } else if (apart.has(name)) {
      this.#handler.text(' ');
    }
  }
}

function contentOf(name: string, around: OpenElement['content']): OpenElement['content'] {
  if (around === 'none' || notText.has(name)) {
    return 'none';
  }
  if (around === 'drawing') {
    const part = name.toLowerCase();
    return drawnText.has(part) ? 'text' : notDrawn.has(part) ? 'none' : 'drawing';
  }
  return name === 'svg' ? 'drawing' : 'text';
}

/** A picture that is part of the mail; remote ones are not loaded. */
function isSentAlong({ src }: Readonly<Record<string, string>>): boolean {
  return /^\s*(?:cid:|data:image)/i.test(src ?? '');
}

/** What a reader sees of the attributes of an element: words in place of a picture, words of a form. */
function wordsOf(name: string, attributes: Readonly<Record<string, string>>): string {
  const { alt, title, value, placeholder, label, type = '' } = attributes;
  switch (name) {
    case 'img':
      return isSentAlong(attributes) ? '' : (alt ?? title ?? '');
    case 'input':
      if (type.toLowerCase() === 'image') {
        return alt ?? '';
      }
      return wordless.test(type.toLowerCase()) ? '' : value || placeholder || '';
    case 'textarea':
      return placeholder ?? '';
    case 'option':
    case 'optgroup':
      return label ?? '';
    default:
      return '';
  }
}

/**
 * Like {@link walkVisibleHtml}, but reports all text without tags when everything is hidden: a mistake about what is hidden must
 * not empty a mail.
 */
export function walkShownHtml(html: string, handler: VisibleHtmlHandler): void {
  if (!walkVisibleHtml(html, handler)) {
    withoutTags(html, handler.text, () => lineBreak(handler));
  }
}

function lineBreak(handler: VisibleHtmlHandler): void {
  handler.open('br', {}, noStyle);
  handler.close('br');
}

/** Parses until the handler refuses an element; returns the index behind the last character that was read. */
function parse(
  html: string,
  handler: {
    readonly onopentag: (name: string, attributes: Record<string, string>) => boolean;
    readonly ontext: (text: string) => void;
    readonly onclosetag: (name: string) => void;
  },
): number {
  let stoppedAt: number | null = null;
  const parser = new Parser(
    {
      ...handler,
      onopentag: (name, attributes) => {
        if (handler.onopentag(name, attributes)) {
          return;
        }
        stoppedAt ??= parser.endIndex + 1;
        parser.pause();
      },
    },
    parserOptions,
  );
  parser.write(html);
  if (stoppedAt === null) {
    parser.end();
  }
  return stoppedAt ?? html.length;
}

/** The end of what is parsed at all: in front of a tag, where there is one. */
function endOfWalk(html: string): number {
  let end = 0;
  for (let tags = 0; tags < maxWalkedTags; tags++) {
    const next = html.indexOf('<', end + 1);
    if (next < 0) {
      return html.length <= maxWalkedLength ? html.length : end || maxWalkedLength;
    }
    if (next > maxWalkedLength) {
      return end || maxWalkedLength;
    }
    end = next;
  }
  return end;
}

/** All sheets of the mail, wherever they stand. */
function sheetsOf(html: string): StyleSheet {
  const sheet = new StyleSheet();
  if (!/<style/i.test(html)) {
    return sheet;
  }
  const names: string[] = [];
  let css: string[] | null = null;
  let isCertain = true;
  parse(html, {
    onopentag: (name, { media, type }) => {
      names.push(name);
      if (name === 'style') {
        const holds = /^\s*(?:text\/css\s*)?$/i.test(type ?? '') && holdsOnScreen(media ?? 'all');
        css = holds === false ? null : [];
        isCertain = holds === true;
      }
      return names.length <= maxWalkedDepth;
    },
    ontext: (text) => {
      if (names.at(-1) === 'style') {
        css?.push(text);
      }
    },
    onclosetag: () => {
      if (names.pop() === 'style' && css !== null) {
        sheet.add(css.join(''), isCertain);
      }
    },
  });
  return sheet;
}

/** Whether the mail asks for a dark page, or gives columns a ground that lies behind their cells. */
function hasOtherGrounds(html: string): boolean {
  const [scheme] = /<meta[^>]{0,300}color-scheme[^>]{0,300}/i.exec(html) ?? [];
  const isDark = scheme !== undefined && /\bdark\b/i.test(scheme) && !/\blight\b/i.test(scheme);
  return isDark || /<col(?:group)?\b[^>]{0,300}(?:background|bgcolor)/i.test(html);
}

/** A mail may style its page without writing down the elements that make it. */
function pageOf(sheet: StyleSheet, hasOtherGrounds: boolean): Look {
  const isKnown = !(sheet.isCutOff || sheet.drawsGrounds || hasOtherGrounds);
  const unstyled = pageLook(isKnown ? white : null);
  const html = { name: 'html', attributes: {}, classes: [], parent: null };
  const look = lookOf('html', declarationsOf(html, sheet), unstyled);
  return lookOf('body', declarationsOf({ ...html, name: 'body', parent: html }, sheet), look);
}

/** All text of the HTML but scripts and styles, one line per block. It ignores nesting, so its time is linear for any tags. */
function withoutTags(html: string, text: (text: string) => void, line: () => void): void {
  let skipped: string | null = null;
  let held: string[] = [];
  let isLineEmpty = true;
  const report = (part: string) => {
    if (skipped === null) {
      text(part);
      if (isLineEmpty) {
        isLineEmpty = part.trim() === '';
      }
    } else if (skipped !== 'script' && skipped !== 'style') {
      held.push(part);
    }
  };
  const endLine = () => {
    if (!isLineEmpty) {
      line();
    }
    isLineEmpty = true;
  };
  const nothing = () => {};
  const tokenizer = new Tokenizer(parserOptions, {
    ontext: (start, end) => report(html.slice(start, end)),
    ontextentity: (codePoint) => report(String.fromCodePoint(codePoint)),
    onopentagname: (start, end) => {
      const name = html.slice(start, end).toLowerCase();
      if (skipped !== null) {
        return;
      }
      if (rawText.has(name)) {
        skipped = name;
      } else if (blocks.has(name)) {
        endLine();
      }
    },
    onclosetag: (start, end) => {
      const name = html.slice(start, end).toLowerCase();
      if (name === skipped) {
        skipped = null;
        held = [];
      } else if (skipped === null && blocks.has(name)) {
        endLine();
      }
    },
    onattribdata: nothing,
    onattribentity: nothing,
    onattribend: nothing,
    onattribname: nothing,
    oncdata: nothing,
    oncomment: nothing,
    ondeclaration: nothing,
    onend: nothing,
    onopentagend: nothing,
    onprocessinginstruction: nothing,
    onselfclosingtag: nothing,
  });
  tokenizer.write(html);
  tokenizer.end();
  // An element that never ends is no reason to lose what follows it.
  for (const part of held) {
    text(part);
  }
}
