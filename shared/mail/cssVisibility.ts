/** A colour as the browser mixes it: 0–255 each, alpha 0–1. */
export interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

/** Property → value, both lower-cased, `!important` removed. */
export type Declarations = ReadonlyMap<string, string>;

const NOTHING: Declarations = new Map();

/** A style attribute or sheet longer than this is cut: it is not written by people. */
const MAX_CSS = 200_000;

const NAMED_COLOURS: Readonly<Record<string, string>> = {
  white: '#ffffff',
  snow: '#fffafa',
  ivory: '#fffff0',
  azure: '#f0ffff',
  mintcream: '#f5fffa',
  ghostwhite: '#f8f8ff',
  whitesmoke: '#f5f5f5',
  floralwhite: '#fffaf0',
  black: '#000000',
  red: '#ff0000',
  green: '#008000',
  blue: '#0000ff',
  yellow: '#ffff00',
  gray: '#808080',
  grey: '#808080',
  silver: '#c0c0c0',
  lightgray: '#d3d3d3',
  lightgrey: '#d3d3d3',
  navy: '#000080',
  orange: '#ffa500',
  purple: '#800080',
  maroon: '#800000',
  teal: '#008080',
};

/** Reads the colour notations that mail uses; null for anything else, so that the inherited colour stays. */
export function parseColour(value: string | undefined): Colour | null {
  if (value === undefined || value === '') return null;
  const text = value.trim().slice(0, 100);
  if (/^transparent\b/.test(text)) return { red: 0, green: 0, blue: 0, alpha: 0 };
  const named = NAMED_COLOURS[/^[a-z]+/.exec(text)?.[0] ?? ''];
  const hex = /^#?([0-9a-f]{3,8})\b/.exec(named ?? text)?.[1];
  if (hex !== undefined && (named !== undefined || text.startsWith('#') || hex.length === 6))
    return hexColour(hex);
  const parts = /^rgba?\(([^)]*)\)/
    .exec(text)?.[1]
    ?.split(/[\s,/]+/)
    .filter(Boolean);
  if (parts === undefined || parts.length < 3) return null;
  const [red, green, blue, alpha] = parts.map(
    (part) => Number.parseFloat(part) * (part.endsWith('%') ? 2.55 : 1),
  );
  if (red === undefined || green === undefined || blue === undefined) return null;
  const opacity = alpha === undefined ? 1 : parts[3]?.endsWith('%') ? alpha / 255 : alpha;
  const colour = { red, green, blue, alpha: opacity };
  return Object.values(colour).some(Number.isNaN) ? null : colour;
}

function hexColour(hex: string): Colour | null {
  const long = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join('') : hex;
  if (long.length !== 6 && long.length !== 8) return null;
  const channel = (at: number) => Number.parseInt(long.slice(at, at + 2), 16);
  return {
    red: channel(0),
    green: channel(2),
    blue: channel(4),
    alpha: long.length === 8 ? channel(6) / 255 : 1,
  };
}

/** Whether nobody could read text of one colour on the other. */
export function isNear(one: Colour, other: Colour): boolean {
  return (
    Math.abs(one.red - other.red) <= 12 &&
    Math.abs(one.green - other.green) <= 12 &&
    Math.abs(one.blue - other.blue) <= 12
  );
}

/** Font size in pixels; relative sizes count from the inherited one. */
export function fontPixels(value: string | undefined, inherited: number): number {
  const match = /^([\d.]{1,10})\s*(px|pt|em|rem|%|ex|pc|in|cm|mm|vw|vh)?/.exec(value ?? '');
  const size = Number.parseFloat(match?.[1] ?? '');
  if (Number.isNaN(size)) return inherited;
  switch (match?.[2]) {
    case 'pt':
      return size * 1.333;
    case 'em':
      return size * inherited;
    case '%':
      return (size / 100) * inherited;
    case 'px':
    case undefined:
      return size;
    default:
      return size === 0 ? 0 : inherited;
  }
}

function parseDeclarations(css: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const declaration of css.slice(0, MAX_CSS).split(';')) {
    const colon = declaration.indexOf(':');
    if (colon < 1) continue;
    const value = declaration
      .slice(colon + 1)
      .toLowerCase()
      .replace('!important', '')
      .trim();
    found.set(declaration.slice(0, colon).trim().toLowerCase(), value);
  }
  return found;
}

/**
 * The simple rules (`p`, `.note`, `#top`, `td.note`) of a mail's own style sheets. Rules with combinators, attribute
 * or pseudo selectors and everything inside `@media` are passed over: they depend on the viewer.
 */
export class StyleSheet {
  readonly #rules = new Map<string, Map<string, string>>();
  #read = 0;

  add(css: string): void {
    if (this.#read > MAX_CSS) return;
    this.#read += css.length;
    const text = withoutComments(css.slice(0, MAX_CSS));
    let at = 0;
    while (at < text.length) {
      const open = text.indexOf('{', at);
      if (open < 0) return;
      const selectors = text.slice(at, open).trim();
      const close = selectors.startsWith('@') ? endOfBlock(text, open) : text.indexOf('}', open);
      if (close < 0) return;
      if (!selectors.startsWith('@')) this.#store(selectors, text.slice(open + 1, close));
      at = close + 1;
    }
  }

  #store(selectors: string, body: string): void {
    const declarations = parseDeclarations(body);
    for (const selector of selectors.toLowerCase().split(',')) {
      const key = selector.trim();
      if (!/^(?:[a-z][a-z0-9]*)?(?:[.#][\w-]+)?$/.test(key) || key === '') continue;
      const known = this.#rules.get(key);
      if (known === undefined) this.#rules.set(key, new Map(declarations));
      else for (const [property, value] of declarations) known.set(property, value);
    }
  }

  /** Rules for one element, the weakest selector first. */
  rulesFor(name: string, attributes: Readonly<Record<string, string>>): Declarations[] {
    if (this.#rules.size === 0) return [];
    const classes = (attributes.class ?? '').toLowerCase().split(/\s+/, 20).filter(Boolean);
    const id = attributes.id?.toLowerCase();
    const keys = [name, ...classes.flatMap((one) => [`.${one}`, `${name}.${one}`])];
    if (id !== undefined) keys.push(`#${id}`, `${name}#${id}`);
    return keys.map((key) => this.#rules.get(key)).filter((rule) => rule !== undefined);
  }
}

function withoutComments(css: string): string {
  let text = '';
  let at = 0;
  while (at < css.length) {
    const start = css.indexOf('/*', at);
    if (start < 0) return text + css.slice(at);
    text += css.slice(at, start);
    const end = css.indexOf('*/', start + 2);
    if (end < 0) return text;
    at = end + 2;
  }
  return text;
}

function endOfBlock(css: string, open: number): number {
  let depth = 0;
  for (let at = open; at < css.length; at++) {
    if (css[at] === '{') depth++;
    else if (css[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** What styles apply to an element: sheet, then the old presentation attributes, then its own style attribute. */
export function declarationsOf(
  name: string,
  attributes: Readonly<Record<string, string>>,
  sheet: StyleSheet,
): Declarations {
  const rules = sheet.rulesFor(name, attributes);
  const colour = attributes.color ?? (name === 'body' ? attributes.text : undefined);
  if (rules.length === 0 && !attributes.style && !colour && !attributes.bgcolor && name !== 'font')
    return NOTHING;
  const all = new Map<string, string>();
  if (colour) all.set('color', colour.toLowerCase());
  if (attributes.bgcolor) all.set('background-color', attributes.bgcolor.toLowerCase());
  for (const rule of rules) for (const [property, value] of rule) all.set(property, value);
  if (attributes.style)
    for (const [property, value] of parseDeclarations(attributes.style)) all.set(property, value);
  return all;
}
