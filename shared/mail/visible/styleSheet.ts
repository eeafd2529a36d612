import {
  comment,
  type Declaration,
  parseDeclarations,
  unescaped,
  unknown,
  withoutComments,
} from './cssDeclarations.ts';
import { holdsOnScreen } from './mediaQueries.ts';

/** An element as selectors see it. Names of elements and attributes are lower-case. */
export interface StyledElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly classes: readonly string[];
  readonly parent: StyledElement | null;
}

interface AttributeTest {
  readonly name: string;
  /** '' asks only whether the attribute is there */
  readonly operator: string;
  readonly value: string;
}

/** What a selector asks of one element: `td.note[align]`. */
interface Compound {
  tag: string | null;
  id: string | null;
  readonly classes: string[];
  readonly attributes: AttributeTest[];
  /** whether the compound to its left must be the very parent */
  isChild: boolean;
}

interface Rule {
  /** from right to left, never empty */
  readonly compounds: readonly Compound[];
  /** specificity, then place in the sheets */
  readonly weight: number;
  readonly declarations: readonly Declaration[];
}

/** More CSS than this is not read to its end; no person writes so much. */
const maxCss = 500_000;
/** The largest newsletters need some hundred thousand. */
const maxSteps = 2_000_000;
const maxSelector = 300;
const maxClasses = 50;

/** Rules for a moment or for what is not the element itself: `a:hover`, `p::before`. */
const notAtRest =
  /^::|^:(?:hover|active|focus|visited|before|after|first-l|target|checked|placeholder|selection|-)/;

/** Rules that only browsers of others know: those who do not pass over the whole rule. */
const ofOtherBrowsers = /^::?-(?:moz|ms|o|khtml)-/;

const token =
  /( ?[>+~] ?| )|\.((?:[\w-]|[^\0-\x7f]|\\[0-9a-f]{1,6} ?|\\.)+)|#((?:[\w-]|[^\0-\x7f]|\\[0-9a-f]{1,6} ?|\\.)+)|\[ ?([\w-]+) ?(?:([~^$*|]?=) ?["']?([^"'\]]*)["']? ?)?\]|(::?[\w-]+)(?:\([^()]*\))?|(\*|(?:[a-z]|\\[0-9a-f]{1,6} ?)(?:[\w-]|\\[0-9a-f]{1,6} ?)*)/iy;

/** `@` blocks that hold for some readers, or for some elements, or weigh less than other rules. */
const conditional = new Set(['supports', 'layer', 'container', 'scope', 'document', '-moz-document']);

/** What stands in front of a block, with single spaces. A comment between two selectors is none. */
function preludeOf(css: string): string {
  return css
    .replace(/\ufdd0+/g, comment)
    .replace(/\ufdd0?[\s}][\s}\ufdd0]*/g, ' ')
    .replace(/^\ufdd0|\ufdd0$|\ufdd0(?=[.#[:,>+~*])|(?<=[,>+~])\ufdd0/g, '')
    .trim();
}

export function classesOf(attributes: Readonly<Record<string, string>>): readonly string[] {
  return (attributes.class ?? '').split(/\s+/, maxClasses).filter(Boolean);
}

/**
 * The style sheets of a mail. Read are rules of elements, classes, ids, attributes and their descendants or children, also
 * in `@media` blocks that hold on the reader's screen: see {@link holdsOnScreen}. Of rules that can only be read in part
 * (`p:first-child`, `a + b`), and of those in blocks that may hold or not, every declaration counts as unknown where the readable
 * part fits.
 */
export class StyleSheet {
  readonly #rules = new Map<string, Rule[]>();
  #count = 0;
  #read = 0;
  #hasKeyframes = false;
  #drawsGrounds = false;
  /** Comparisons made and declarations found so far; the time taken grows with them. */
  #steps = 0;

  get isCutOff(): boolean {
    return this.#read > maxCss;
  }

  /** Whether a rule paints a ground that is no element's own: `p::before{background:#000}`. */
  get drawsGrounds(): boolean {
    return this.#drawsGrounds;
  }

  /** Whether elements may move or change; how, is not read. */
  get hasKeyframes(): boolean {
    return this.#hasKeyframes;
  }

  /** So much was compared that no more will be: from here on nothing is known of the look of any element. */
  get isSpent(): boolean {
    return this.#steps >= maxSteps;
  }

  /** @param isCertain whether the sheet holds on the reader's screen; otherwise it makes unknown what it declares */
  add(css: string, isCertain = true): void {
    const room = Math.max(0, maxCss - this.#read);
    this.#read += css.length;
    this.#addRules(withoutComments(css.slice(0, room).replace(/<!--|-->/g, ' ')), 0, isCertain);
  }

  #addRules(css: string, depth: number, isCertain: boolean): void {
    let at = 0;
    let open = -1;
    while (at < css.length) {
      if (open < at) {
        open = css.indexOf('{', at);
      }
      if (open < 0) {
        return;
      }
      const statement = /^[\s}\ufdd0]*@[^{;]*;/.exec(css.slice(at, open));
      if (statement !== null) {
        at += statement[0].length;
        continue;
      }
      const prelude = preludeOf(css.slice(at, open));
      const end = endOfBlock(css, open);
      const close = end < 0 ? css.length : end;
      const body = css.slice(open + 1, close);
      if (!prelude.startsWith('@')) {
        this.#store(prelude, body, isCertain);
      } else if (depth < 2) {
        this.#addGroup(prelude.toLowerCase(), body, depth, isCertain);
      }
      at = close + 1;
    }
  }

  #addGroup(prelude: string, body: string, depth: number, isCertain: boolean): void {
    const [, name = '', condition = ''] = /^@([\w-]+) ?(.*)$/.exec(prelude) ?? [];
    if (name.endsWith('keyframes')) {
      this.#hasKeyframes = true;
    }
    const holds = name === 'media' ? holdsOnScreen(condition) : conditional.has(name) ? null : false;
    if (holds !== false) {
      this.#addRules(body, depth + 1, isCertain && holds === true);
    }
  }

  #store(prelude: string, body: string, isCertain: boolean): void {
    const declarations = this.isSpent ? [] : parseDeclarations(body);
    if (declarations.length === 0) {
      return;
    }
    this.#drawsGrounds ||=
      /:(?:before|after)/i.test(prelude) &&
      declarations.some(({ property, value }) => property.startsWith('background-') && value !== 'none');
    const selectors = selectorsIn(prelude).map((text) => parseSelector(text.trim()));
    // Browsers pass over a rule of which they do not understand one selector.
    if (selectors.includes(null)) {
      return;
    }
    this.#steps += declarations.length;
    let uncertain: readonly Declaration[] | null = null;
    for (const selector of selectors) {
      const last = selector === 'never' ? undefined : selector?.compounds[0];
      if (selector === null || selector === 'never' || last === undefined) {
        continue;
      }
      const isSure = isCertain && selector.isCertain;
      if (!isSure) {
        uncertain ??= declarations.map((each) => ({ ...each, value: unknown }));
      }
      const key = keyOf(last);
      const rules = this.#rules.get(key) ?? [];
      rules.push({
        compounds: selector.compounds,
        weight: selector.specificity * 1_000_000 + this.#count++,
        declarations: isSure ? declarations : (uncertain ?? []),
      });
      this.#rules.set(key, rules);
    }
  }

  /** Declarations for one element, those of the weakest rule first. */
  rulesFor(element: StyledElement): readonly (readonly Declaration[])[] {
    if (this.#rules.size === 0) {
      return [];
    }
    const id = element.attributes.id;
    const keys = ['*', element.name, ...element.classes.map((one) => `.${one}`)];
    if (id !== undefined) {
      keys.push(`#${id}`);
    }
    const found: Rule[] = [];
    for (const key of new Set(keys)) {
      for (const rule of this.#rules.get(key) ?? []) {
        if (this.#fits(rule.compounds, 0, element)) {
          found.push(rule);
          this.#steps += rule.declarations.length;
        }
      }
    }
    return found.sort((one, other) => one.weight - other.weight).map(({ declarations }) => declarations);
  }

  #fits(compounds: readonly Compound[], at: number, element: StyledElement): boolean {
    const compound = compounds[at];
    this.#steps++;
    if (compound === undefined || this.isSpent || !fitsAlone(compound, element)) {
      return false;
    }
    if (at + 1 === compounds.length) {
      return true;
    }
    for (let above = element.parent; above !== null; above = above.parent) {
      // The body of a table that a mail left out stands between.
      if (compound.isChild && element.name === 'tr' && above.name === 'table') {
        return false;
      }
      if (this.#fits(compounds, at + 1, above)) {
        return true;
      }
      if (compound.isChild || this.isSpent) {
        return false;
      }
    }
    return false;
  }
}

/** The brace that ends a block, or -1. Those in strings end none. */
function endOfBlock(css: string, open: number): number {
  let depth = 0;
  let quote = '';
  for (let at = open; at < css.length; at++) {
    const character = css[at];
    if (character === '\\') {
      at++;
    } else if (quote !== '') {
      if (character === quote || character === '\n') {
        quote = '';
      }
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '{') {
      depth++;
    } else if (character === '}' && --depth === 0) {
      return at;
    }
  }
  return -1;
}

/** The selectors of a rule, parted at commas outside of brackets. Linear in the length. */
function selectorsIn(prelude: string): readonly string[] {
  if (!prelude.includes('(')) {
    return prelude.split(',');
  }
  const found: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at < prelude.length; at++) {
    if (prelude[at] === '(') {
      depth++;
    } else if (prelude[at] === ')') {
      depth--;
    } else if (prelude[at] === ',' && depth <= 0) {
      found.push(prelude.slice(from, at));
      from = at + 1;
    }
  }
  return [...found, prelude.slice(from)];
}

function keyOf({ id, classes, tag }: Compound): string {
  if (id !== null) {
    return `#${id}`;
  }
  return classes[0] === undefined ? (tag ?? '*') : `.${classes[0]}`;
}

/** 'never' for what fits no element of a mail at rest, null for what is no selector. */
function parseSelector(text: string):
  | {
      readonly compounds: readonly Compound[];
      readonly isCertain: boolean;
      readonly specificity: number;
    }
  | 'never'
  | null {
  if (text === '' || text.length > maxSelector) {
    return null;
  }
  const compounds: Compound[] = [];
  let current = emptyCompound();
  let isCertain = true;
  let specificity = 0;
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (found === null) {
      return null;
    }
    const [, combinator] = found;
    if (combinator === undefined) {
      const simple = addSimpleSelector(current, found);
      if (simple === 'never' || simple === null) {
        return simple;
      }
      isCertain &&= simple.isCertain;
      specificity += simple.specificity;
      continue;
    }
    compounds.unshift(current);
    current = emptyCompound();
    // What stands left of a sibling tells nothing about the element's ancestors.
    if (/[+~]/.test(combinator)) {
      isCertain = false;
      compounds.length = 0;
    }
    current.isChild = combinator.includes('>');
  }
  compounds.unshift(current);
  return { compounds, isCertain, specificity };
}

/**
 * Adds one simple selector (`td`, `.note`, `#main`, `[align]`, `:root`) to the compound it belongs to.
 *
 * @param found - a match of {@link token} that is no combinator.
 * @returns 'never' for what fits no element of a mail at rest. `isCertain` is false for what this parser does not understand: the
 * rest of the selector may fit or not.
 */
function addSimpleSelector(
  compound: Compound,
  [, , className, id, attribute, operator, value, pseudo = '', tag]: RegExpExecArray,
): { readonly isCertain: boolean; readonly specificity: number } | 'never' | null {
  if (id !== undefined) {
    compound.id = unescaped(id);
    return { isCertain: true, specificity: 10_000 };
  }
  if (tag !== undefined) {
    compound.tag = tag === '*' ? null : unescaped(tag).toLowerCase();
    return { isCertain: true, specificity: 1 };
  }
  const specificity = 100;
  if (className !== undefined) {
    compound.classes.push(unescaped(className));
  } else if (attribute !== undefined) {
    compound.attributes.push({ name: attribute.toLowerCase(), operator: operator ?? '', value: value ?? '' });
  } else if (pseudo === ':root') {
    compound.tag = 'html';
  } else if (pseudo === ':link' || pseudo === ':any-link') {
    compound.attributes.push({ name: 'href', operator: '', value: '' });
  } else if (ofOtherBrowsers.test(pseudo)) {
    return null;
  } else if (notAtRest.test(pseudo)) {
    return 'never';
  } else {
    return { isCertain: false, specificity };
  }
  return { isCertain: true, specificity };
}

function emptyCompound(): Compound {
  return { tag: null, id: null, classes: [], attributes: [], isChild: false };
}

function fitsAlone({ tag, id, classes, attributes }: Compound, element: StyledElement): boolean {
  return (
    (tag === null || tag === element.name) &&
    (id === null || id === element.attributes.id) &&
    classes.every((one) => element.classes.includes(one)) &&
    attributes.every((test) => passes(test, element.attributes[test.name]))
  );
}

function passes({ operator, value }: AttributeTest, given: string | undefined): boolean {
  if (given === undefined) {
    return false;
  }
  const text = given.slice(0, 1_000);
  switch (operator) {
    case '':
      return true;
    case '=':
      return text === value;
    case '~=':
      return text.split(/\s+/).includes(value);
    case '^=':
      return value !== '' && text.startsWith(value);
    case '$=':
      return value !== '' && text.endsWith(value);
    case '*=':
      return value !== '' && text.includes(value);
    default:
      return text === value || text.startsWith(`${value}-`);
  }
}
