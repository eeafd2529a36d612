/** Property → value, both lower-case, `!important` weighed, shorthands written out. */
export type Declarations = ReadonlyMap<string, string>;

export interface Declaration {
  readonly property: string;
  readonly value: string;
  readonly isImportant: boolean;
}

export const sides = ['top', 'right', 'bottom', 'left'] as const;
export type Side = (typeof sides)[number];
const borderParts = ['style', 'width', 'color'] as const;

/** The properties that decide whether text can be read, or where lines are drawn; nothing else of a style is kept. */
const read = new Set([
  ...['display', 'visibility', 'opacity', 'filter', 'position', 'color', 'font-size', 'text-indent'],
  ...['background-color', 'background-image', 'background-clip', 'clip', 'clip-path', 'transform'],
  ...['overflow', 'overflow-x', 'overflow-y', 'height', 'width', 'max-height', 'max-width'],
  ...['padding', 'padding-top', 'padding-bottom'],
  ...['left', 'top', 'right', 'bottom', 'margin-left', 'margin-top'],
  ...sides.flatMap((side) => borderParts.map((part) => `border-${side}-${part}`)),
]);

/** What no reader would miss: a value longer than this is a picture in the style. */
const maxValue = 300;

/** Stands for a value that cannot be known here; no rule below treats it as hiding. */
export const unknown = '?';

/** The declarations of a style attribute or a rule that are read at all, each property once. Linear in the length. */
export function parseDeclarations(css: string): readonly Declaration[] {
  const found = new Map<string, Declaration>();
  for (const part of withoutComments(css).split(';')) {
    const colon = part.indexOf(':');
    if (colon < 1 || colon > 100) {
      continue;
    }
    const property = part.slice(0, colon).trim().toLowerCase().replace('-webkit-background-', 'background-');
    const isImportant = /!\s*important\s*$/i.test(part.slice(-40));
    const value = part
      .slice(colon + 1, colon + 1 + 2 * maxValue)
      .toLowerCase()
      .replace(/\s+/g, ' ')
      .replace(/ ?! ?important ?$/, '')
      .trim()
      .slice(0, maxValue);
    for (const [name, text] of writtenOut(property, value)) {
      if (read.has(name) && (isImportant || found.get(name)?.isImportant !== true)) {
        found.set(name, { property: name, value: text, isImportant });
      }
    }
  }
  return [...found.values()];
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
    case 'font':
      return [['font-size', sizeInFont(value)]];
    case 'background':
      return [
        ['background-color', value],
        ['background-image', /url\(|gradient\(|image/.test(value) ? value : 'none'],
      ];
    case 'margin': {
      const [top = '', right = top, , left = right] = value.split(' ');
      return [
        ['margin-top', top],
        ['margin-left', left],
      ];
    }
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

/** `italic bold 14px/20px Arial` → `14px`; a bare number is a weight, but 0 is a size. */
function sizeInFont(font: string): string {
  for (const word of font.split(' ')) {
    const size = word.split('/')[0] ?? '';
    if (sizeInFontPattern.test(size)) {
      return size;
    }
  }
  return unknown;
}

/** Style sheets and style attributes without comments; an open one swallows the rest. */
export function withoutComments(css: string): string {
  let text = '';
  let at = 0;
  while (at < css.length) {
    const start = css.indexOf('/*', at);
    if (start < 0) {
      return text + css.slice(at);
    }
    text += css.slice(at, start);
    const end = css.indexOf('*/', start + 2);
    if (end < 0) {
      return text;
    }
    at = end + 2;
  }
  return text;
}
