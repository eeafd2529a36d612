import { type Declaration, parseDeclarations, unknown, withoutComments } from './cssDeclarations.ts';

/** An element as selectors see it. Names, attribute names and classes are lower-case. */
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

/** Media queries that hold on every screen. */
const everyScreen = /^(?:only )?(?:screen|all)$/;

/** Rules for a moment or for what is not the element itself: `a:hover`, `p::before`. */
const notAtRest =
  /^::|^:(?:hover|active|focus|visited|before|after|first-l|target|checked|placeholder|selection|-)/;

const token =
  /( ?[>+~] ?| )|\.((?:[\w-]|[^\0-\x7f]|\\.)+)|#((?:[\w-]|[^\0-\x7f]|\\.)+)|\[ ?([\w-]+) ?(?:([~^$*|]?=) ?["']?([^"'\]]*)["']? ?)?\]|(::?[\w-]+)(?:\([^()]*\))?|(\*|[a-z][\w-]*)/y;

export function classesOf(attributes: Readonly<Record<string, string>>): readonly string[] {
  return (attributes.class ?? '').toLowerCase().split(/\s+/, maxClasses).filter(Boolean);
}

/**
 * The style sheets of a mail. Read are rules of elements, classes, ids, attributes and their descendants or children, also
 * in `@media screen`. Everything in other `@` blocks is passed over, for it depends on the viewer. Of rules that can only
 * be read in part (`p:first-child`, `a + b`) every declaration counts as unknown where the readable part fits.
 */
export class StyleSheet {
  readonly #rules = new Map<string, Rule[]>();
  #count = 0;
  #read = 0;
  /** Comparisons made and declarations found so far; the time taken grows with them. */
  #steps = 0;

  get isCutOff(): boolean {
    return this.#read > maxCss;
  }

  /** So much was compared that no more will be: from here on nothing is known of the look of any element. */
  get isSpent(): boolean {
    return this.#steps >= maxSteps;
  }

  add(css: string): void {
    const room = Math.max(0, maxCss - this.#read);
    this.#read += css.length;
    this.#addRules(withoutComments(css.slice(0, room).replace(/<!--|-->/g, ' ')), 0);
  }

  #addRules(css: string, depth: number): void {
    let at = 0;
    let open = -1;
    while (at < css.length) {
      if (open < at) {
        open = css.indexOf('{', at);
      }
      if (open < 0) {
        return;
      }
      const statement = /^[\s}]*@[^{;]*;/.exec(css.slice(at, open));
      if (statement !== null) {
        at += statement[0].length;
        continue;
      }
      const prelude = css
        .slice(at, open)
        .replace(/[\s}]+/g, ' ')
        .trim()
        .toLowerCase();
      const isAtRule = prelude.startsWith('@');
      const end = isAtRule ? endOfBlock(css, open) : css.indexOf('}', open);
      const close = end < 0 ? css.length : end;
      const body = css.slice(open + 1, close);
      if (!isAtRule) {
        this.#store(prelude, body);
      } else if (depth < 2 && isForEveryScreen(prelude)) {
        this.#addRules(body, depth + 1);
      }
      at = close + 1;
    }
  }

  #store(selectors: string, body: string): void {
    const declarations = parseDeclarations(body);
    if (declarations.length === 0) {
      return;
    }
    for (const text of selectors.split(',')) {
      const selector = parseSelector(text.trim());
      const last = selector?.compounds[0];
      if (selector === null || last === undefined) {
        continue;
      }
      const key = keyOf(last);
      const rules = this.#rules.get(key) ?? [];
      rules.push({
        compounds: selector.compounds,
        weight: selector.specificity * 1_000_000 + this.#count++,
        declarations: selector.isCertain
          ? declarations
          : declarations.map((each) => ({ ...each, value: unknown })),
      });
      this.#rules.set(key, rules);
    }
  }

  /** Declarations for one element, those of the weakest rule first. */
  rulesFor(element: StyledElement): readonly (readonly Declaration[])[] {
    if (this.#rules.size === 0) {
      return [];
    }
    const id = element.attributes.id?.toLowerCase();
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

function isForEveryScreen(prelude: string): boolean {
  const media = /^@media (.*)$/.exec(prelude)?.[1];
  return media !== undefined && isScreen(media);
}

/** Whether a media query, or one of a list, holds on every screen. */
export function isScreen(media: string): boolean {
  return media.split(',').some((query) => everyScreen.test(query.trim().toLowerCase()));
}

function endOfBlock(css: string, open: number): number {
  let depth = 0;
  for (let at = open; at < css.length; at++) {
    if (css[at] === '{') {
      depth++;
    } else if (css[at] === '}' && --depth === 0) {
      return at;
    }
  }
  return -1;
}

function keyOf({ id, classes, tag }: Compound): string {
  if (id !== null) {
    return `#${id}`;
  }
  return classes[0] === undefined ? (tag ?? '*') : `.${classes[0]}`;
}

/** null for what never fits an element of a mail at rest, or is no selector. */
function parseSelector(text: string): {
  readonly compounds: readonly Compound[];
  readonly isCertain: boolean;
  readonly specificity: number;
} | null {
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
      if (simple === 'never') {
        return null;
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
): { readonly isCertain: boolean; readonly specificity: number } | 'never' {
  if (id !== undefined) {
    compound.id = unescaped(id);
    return { isCertain: true, specificity: 10_000 };
  }
  if (tag !== undefined) {
    compound.tag = tag === '*' ? null : tag;
    return { isCertain: true, specificity: 1 };
  }
  const specificity = 100;
  if (className !== undefined) {
    compound.classes.push(unescaped(className));
  } else if (attribute !== undefined) {
    compound.attributes.push({ name: attribute, operator: operator ?? '', value: value ?? '' });
  } else if (pseudo === ':root') {
    compound.tag = 'html';
  } else if (pseudo === ':link' || pseudo === ':any-link') {
    compound.attributes.push({ name: 'href', operator: '', value: '' });
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

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, '$1');
}

function fitsAlone({ tag, id, classes, attributes }: Compound, element: StyledElement): boolean {
  return (
    (tag === null || tag === element.name) &&
    (id === null || id === element.attributes.id?.toLowerCase()) &&
    classes.every((one) => element.classes.includes(one)) &&
    attributes.every((test) => passes(test, element.attributes[test.name]))
  );
}

function passes({ operator, value }: AttributeTest, given: string | undefined): boolean {
  if (given === undefined) {
    return false;
  }
  const text = given.slice(0, 1_000).toLowerCase();
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
