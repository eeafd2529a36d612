import { Parser, Tokenizer } from 'htmlparser2';
import { isBlank } from '#shared/text/invisibleCharacters.ts';
import { white } from './cssColours.ts';
import type { Declarations } from './cssDeclarations.ts';
import { canBeRead, declarationsOf, type Look, lookOf, pageLook } from './cssVisibility.ts';
import { classesOf, isScreen, type StyledElement, StyleSheet } from './styleSheet.ts';

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
  /** a script, a title: its text is not text of the mail */
  readonly isNotText: boolean;
  readonly isReported: boolean;
}

/** Elements whose content is not text of the mail. `head` is none of them: it ends where the text begins. */
const notText = new Set(
  'script style title template noembed noframes iframe object embed applet svg math audio video canvas map select textarea datalist button'.split(
    ' ',
  ),
);

/** Those of them that end at their own end tag only. */
const rawText = new Set('script style title template noembed noframes iframe textarea'.split(' '));

/** What a browser shows on a line of its own, or in a place of its own. */
export const blocks: ReadonlySet<string> = new Set(
  'address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main nav ol p pre search section summary table td th tr ul'.split(
    ' ',
  ),
);

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
  const sheet = sheetsOf(html.slice(0, end));
  const page = pageOf(sheet);
  let top: OpenElement | null = null;
  let depth = 0;
  let reported = 0;
  let hasText = false;

  const text = (shown: string) => {
    hasText ||= !isBlank(shown);
    handler.text(shown);
  };
  const close = () => {
    if (top === null) {
      return;
    }
    if (top.isReported) {
      reported--;
      handler.close(top.name);
    }
    top = top.parent;
    depth--;
  };
  const open = (name: string, attributes: Record<string, string>) => {
    const element = { name, attributes, classes: classesOf(attributes), parent: top };
    const around = top?.look ?? page;
    const isNotText = top?.isNotText === true || notText.has(name);
    const hasNoLook = isNotText || around.isHidden || name === 'head';
    const style = hasNoLook ? noStyle : declarationsOf(element, sheet);
    const look = lookOf(name, style, around);
    const isReported = !isNotText && !look.isHidden && reported < maxDepth;
    top = { ...element, parent: top, look, isNotText, isReported };
    depth++;
    if (!isReported) {
      return;
    }
    reported++;
    if (name === 'img' && /^\s*(?:cid:|data:image)/i.test(attributes.src ?? '')) {
      hasText = true;
    }
    handler.open(name, attributes, style);
  };

  const walked = parse(html.slice(0, end), {
    onopentag: (name, attributes) => {
      open(name, attributes);
      return depth <= maxWalkedDepth && !sheet.isSpent;
    },
    ontext: (given) => {
      if (top?.isNotText) {
        return;
      }
      if (canBeRead(top?.look ?? page)) {
        text(given);
      } else {
        handler.hidden?.(given);
      }
    },
    onclosetag: close,
  });
  while (top !== null) {
    close();
  }
  if (walked < html.length) {
    withoutTags(html.slice(walked), text, () => lineBreak(handler));
  }
  return hasText;
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
  parse(html, {
    onopentag: (name, { media }) => {
      names.push(name);
      if (name === 'style') {
        css = media === undefined || media.trim() === '' || isScreen(media) ? [] : null;
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
        sheet.add(css.join(''));
      }
    },
  });
  return sheet;
}

/** A mail may style its page without writing down the elements that make it. */
function pageOf(sheet: StyleSheet): Look {
  const unstyled = pageLook(sheet.isCutOff ? null : white);
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
