import { isColourWord } from './cssColours.ts';

/** Property → value, both lower-case, `!important` weighed, shorthands written out. */
export type Declarations = ReadonlyMap<string, string>;

export interface Declaration {
  readonly property: string;
  readonly value: string;
  readonly isImportant: boolean;
}

export const sides = ['top', 'right', 'bottom', 'left'] as const;
export type Side = (typeof sides)[number];
const importantMark = /!\s*important\s*$/i;
const borderParts = ['style', 'width', 'color'] as const;

/** The properties that decide whether text can be read, or where lines are drawn; nothing else of a style is kept. */
const read = new Set([
  ...[
    'display',
    'visibility',
    'content-visibility',
    'white-space',
    'contain',
    'opacity',
    'position',
    'float',
    'animation',
  ],
  ...['color', 'text-fill', 'text-stroke', 'text-shadow', 'font-size', 'text-indent', 'color-scheme'],
  ...['background-color', 'background-image', 'background-clip', 'backdrop-filter', 'box-shadow'],
  ...['filter', 'mix-blend-mode', 'clip', 'clip-path', 'transform', 'scale', 'translate', 'zoom'],
  ...['overflow', 'overflow-x', 'overflow-y', 'height', 'width', 'max-height', 'max-width'],
  ...['min-height', 'min-width'],
  ...sides.flatMap((side) => [side, `margin-${side}`, `padding-${side}`]),
  ...sides.flatMap((side) => borderParts.map((part) => `border-${side}-${part}`)),
]);

/** Other names of properties: those of older programs, and those that count by the direction of the text. */
const sameAs: ReadonlyMap<string, string> = new Map([
  ['-webkit-background-clip', 'background-clip'],
  ['-webkit-text-fill-color', 'text-fill'],
  ['-webkit-text-stroke', 'text-stroke'],
  ['-webkit-text-stroke-width', 'text-stroke'],
  ['-webkit-transform', 'transform'],
  ['-webkit-clip-path', 'clip-path'],
  ['-webkit-filter', 'filter'],
  ['animation-name', 'animation'],
  ['inline-size', 'width'],
  ['block-size', 'height'],
  ['max-inline-size', 'max-width'],
  ['max-block-size', 'max-height'],
  ['min-inline-size', 'min-width'],
  ['min-block-size', 'min-height'],
  ['overflow-inline', 'overflow-x'],
  ['overflow-block', 'overflow-y'],
  ...[
    ['inset', ''],
    ['margin', 'margin-'],
    ['padding', 'padding-'],
  ].flatMap(([name, prefix]) => [
    [`${name}-block-start`, `${prefix}top`] as const,
    [`${name}-block-end`, `${prefix}bottom`] as const,
    [`${name}-inline-start`, `${prefix}left`] as const,
    [`${name}-inline-end`, `${prefix}right`] as const,
  ]),
]);

const forAny = '|inherit|initial|unset|revert|revert-layer';

/** What a browser takes for these properties. It passes over all else, and an earlier declaration holds. */
const valid: ReadonlyMap<string, RegExp> = new Map([
  [
    'display',
    new RegExp(
      `^(?:none|contents|(?:block|inline|flow|flow-root|flex|grid|table|ruby|math|list-item| )+|inline-(?:block|flex|grid|table)|-webkit-(?:inline-)?(?:box|flex)|table-(?:row|cell|column|caption|(?:row|column|header|footer)(?:-group))|ruby-[a-z]+${forAny})$`,
    ),
  ],
  ['visibility', new RegExp(`^(?:visible|hidden|collapse${forAny})$`)],
  ['position', new RegExp(`^(?:static|relative|absolute|fixed|(?:-webkit-)?sticky${forAny})$`)],
  [
    'font-size',
    new RegExp(`^(?:xx?-small|small|smaller|medium|large|larger|x{1,3}-large|math|[+]?[\\d.].*${forAny})$`),
  ],
  ['opacity', new RegExp(`^(?:[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?%?${forAny})$`)],
]);

/** Functions whose result is not computed here; browsers take them everywhere. */
const computed = /(?:^|[^\w-])(?:var|env|calc|min|max|clamp|attr)\(/;

/** What no reader would miss: a value longer than this is a picture in the style. */
const maxValue = 300;

/** Stands for a value that cannot be known here; no rule below treats it as hiding. */
export const unknown = '?';

/** The declarations of a style attribute or a rule that are read at all, each property once. Linear in the length. */
export function parseDeclarations(css: string): readonly Declaration[] {
  const found = new Map<string, Declaration>();
  for (const part of statementsOf(withoutComments(css))) {
    const colon = part.indexOf(':');
    if (colon < 1 || colon > 100) {
      continue;
    }
    const written = unescaped(part.slice(0, colon)).replaceAll(comment, ' ').trim().toLowerCase();
    const property = sameAs.get(written) ?? written;
    const isImportant = importantMark.test(unescaped(part.slice(-60)).replaceAll(comment, ' '));
    const value = unescaped(part.slice(colon + 1, colon + 1 + 2 * maxValue))
      .toLowerCase()
      .replaceAll(comment, ' ')
      .replace(/\s+/g, ' ')
      .replace(/ ?! ?important ?$/, '')
      .trim()
      .slice(0, maxValue);
    for (const [name, text] of writtenOut(property, value)) {
      if (read.has(name) && isValid(name, text) && (isImportant || found.get(name)?.isImportant !== true)) {
        // What is declared last is also applied last.
        found.delete(name);
        found.set(name, { property: name, value: text, isImportant });
      }
    }
  }
  return [...found.values()];
}

function isValid(property: string, value: string): boolean {
  if (property === 'color' || property === 'text-fill') {
    return !/^[a-z-]+$/.test(value) || isColourWord(value);
  }
  const allowed = valid.get(property);
  return allowed === undefined || value === unknown || allowed.test(value) || computed.test(value);
}

/** One style from layers of which each is stronger than the one before; `!important` goes before all of them. */
export function cascaded(layers: readonly (readonly Declaration[])[]): Declarations {
  const values = new Map<string, string>();
  for (const important of [false, true]) {
    for (const layer of layers) {
      for (const { property, value, isImportant } of layer) {
        if (isImportant === important) {
          values.set(property, value);
        }
      }
    }
  }
  return values;
}

function writtenOut(property: string, value: string): readonly (readonly [string, string])[] {
  switch (property) {
    case 'font': {
      const size = sizeInFont(value);
      return size === null ? [] : [['font-size', size]];
    }
    case 'background':
      return [
        ['background-color', value],
        ['background-image', /url\(|gradient\(|image/.test(value) ? value : 'none'],
      ];
    case 'all':
      return [...read].map((name) => [name, value] as const);
    case 'margin':
    case 'padding':
    case 'inset':
      return fourSides(property === 'inset' ? '' : `${property}-`, value);
    case 'margin-block':
    case 'margin-inline':
    case 'padding-block':
    case 'padding-inline':
    case 'inset-block':
    case 'inset-inline':
      return twoSides(property, value);
    case 'border':
      return sides.flatMap((side) => borderOf(side, value));
    case 'border-style':
    case 'border-width':
    case 'border-color': {
      const part = property.slice('border-'.length);
      const [top = '', right = top, bottom = top, left = right] = value.split(betweenWords);
      return [top, right, bottom, left].map((one, at) => [`border-${sides[at]}-${part}`, one] as const);
    }
    case 'border-top':
    case 'border-right':
    case 'border-bottom':
    case 'border-left':
      return borderOf(property.slice('border-'.length), value);
    default:
      return [[property, value]];
  }
}

function fourSides(prefix: string, value: string): readonly (readonly [string, string])[] {
  const [top = '', right = top, bottom = top, left = right] = value.split(betweenWords);
  return [top, right, bottom, left].map((one, at) => [`${prefix}${sides[at]}`, one] as const);
}

function twoSides(property: string, value: string): readonly (readonly [string, string])[] {
  const [start = '', end = start] = value.split(betweenWords);
  return [
    [sameAs.get(`${property}-start`) ?? property, start],
    [sameAs.get(`${property}-end`) ?? property, end],
  ];
}

/** Within brackets spaces are part of a colour. */
const betweenWords = / (?![^(]*\))/;
const borderStyle = /^(?:none|hidden|solid|dashed|dotted|double|groove|ridge|inset|outset)$/;
const borderWidth = /^(?:thin|medium|thick|[\d.]{1,10}(?:[a-z]{2,4})?)$/;

/** `1px solid red`, in any order; what it leaves out is set back. */
function borderOf(side: string, value: string): readonly (readonly [string, string])[] {
  const words = value.split(betweenWords);
  const style = words.find((word) => borderStyle.test(word)) ?? 'none';
  const width = words.find((word) => borderWidth.test(word)) ?? 'medium';
  const colour = words.find((word) => !borderStyle.test(word) && !borderWidth.test(word)) ?? '';
  return [style, width, colour].map((one, at) => [`border-${side}-${borderParts[at]}`, one] as const);
}

const sizeInFontPattern =
  /^(?:0|[\d.]{1,10}(?:[a-z]{2,4}|%)|(?:xx?-|xxx-)?(?:small|large)|medium|smaller|larger|inherit|initial|unset)$/;

/** `italic bold 14px/20px Arial` → `14px`; a bare number is a weight, but 0 is a size. null: no family follows, so it is none. */
function sizeInFont(font: string): string | null {
  const words = font.split(' ');
  for (const [at, word] of words.entries()) {
    const size = word.split('/')[0] ?? '';
    if (sizeInFontPattern.test(size)) {
      return at + 1 < words.length || /^[iu]n/.test(size) ? size : null;
    }
  }
  return unknown;
}

/** Stands where a comment was: it parts two words as a space does, but is none. */
export const comment = '\ufdd0';

/** Style sheets and style attributes, their comments as one {@link comment} each; an open one swallows the rest. */
export function withoutComments(css: string): string {
  if (!css.includes('/*')) {
    return css;
  }
  const parts: string[] = [];
  let at = 0;
  while (at < css.length) {
    const start = css.indexOf('/*', at);
    if (start < 0) {
      parts.push(css.slice(at));
      break;
    }
    parts.push(css.slice(at, start));
    const end = css.indexOf('*/', start + 2);
    at = end < 0 ? css.length : end + 2;
  }
  return parts.join(comment);
}

/** The text that escapes stand for: `d\69 splay` is `display`. */
export function unescaped(css: string): string {
  return css.includes('\\')
    ? css.replace(/\\(?:([0-9a-f]{1,6})\s?|([\s\S]))/gi, (_, code: string | undefined, one: string) =>
        code === undefined ? one : String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0xfffd)),
      )
    : css;
}

/** Splits declarations at semicolons that stand neither in a string nor in brackets. Linear in the length. */
function statementsOf(css: string): readonly string[] {
  if (!/["'(\\]/.test(css)) {
    return css.split(';');
  }
  const found: string[] = [];
  let from = 0;
  let depth = 0;
  let quote = '';
  for (let at = 0; at < css.length; at++) {
    const character = css[at];
    if (character === '\\') {
      at++;
    } else if (quote !== '') {
      if (character === quote || character === '\n') {
        quote = '';
      }
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '(') {
      depth++;
    } else if (character === ')') {
      depth = Math.max(0, depth - 1);
    } else if (character === ';' && depth === 0) {
      found.push(css.slice(from, at));
      from = at + 1;
    }
  }
  return [...found, css.slice(from)];
}
