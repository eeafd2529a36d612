import { Parser } from 'htmlparser2';
import {
  type Colour,
  type Declarations,
  declarationsOf,
  fontPixels,
  isNear,
  parseColour,
  StyleSheet,
} from './cssVisibility.ts';

/** What the walk reports; only what a reader of the mail would see. */
export interface VisibleHtmlHandler {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text: (text: string) => void;
  readonly close: (name: string) => void;
  /** Text that was left out because it is hidden from the reader. */
  readonly hidden?: (text: string) => void;
}

interface State {
  /** Nothing below can be seen, whatever its own style says: hidden from the reader, or no text of the mail at all. */
  readonly gone: null | 'hidden' | 'not text';
  readonly visibility: boolean;
  readonly fontPx: number;
  readonly colour: Colour;
  /** null: a picture lies behind the text, its colour is not known. */
  readonly background: Colour | null;
}

const WHITE: Colour = { red: 255, green: 255, blue: 255, alpha: 1 };
const BLACK: Colour = { red: 0, green: 0, blue: 0, alpha: 1 };
const ROOT: State = { gone: null, visibility: true, fontPx: 16, colour: BLACK, background: WHITE };

/** Elements whose content is not text of the mail. */
const NOT_TEXT = new Set(
  'script style head title template noembed noframes iframe object embed applet svg math audio video canvas map select textarea datalist button'.split(
    ' ',
  ),
);

/** Depth beyond which elements are no longer reported (their text still is): no reader nests so deep. */
const MAX_DEPTH = 200;

/**
 * Walks an HTML mail and reports what a human would see: no comments, scripts, styles, and no text hidden by
 * display, visibility, opacity, size, position or colour, whether by attribute or by a simple rule of the mail's own
 * style sheet. Never throws; time is linear in the length of the HTML.
 */
export function walkVisibleHtml(html: string, handler: VisibleHtmlHandler): void {
  const sheet = new StyleSheet();
  const stack: State[] = [];
  const names: string[] = [];
  let css = '';
  const top = () => stack.at(-1) ?? ROOT;

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const state = stateOf(name, attributes, top(), sheet);
        stack.push(state);
        names.push(name);
        if (state.gone === null && stack.length <= MAX_DEPTH) handler.open(name, attributes);
      },
      ontext(text) {
        if (names.at(-1) === 'style') {
          css += text;
          return;
        }
        const state = top();
        if (canBeSeen(state)) handler.text(text);
        else if (!names.some((name, depth) => depth >= names.length - 3 && NOT_TEXT.has(name)))
          handler.hidden?.(text);
      },
      onclosetag() {
        const name = names.pop();
        const state = stack.pop();
        if (name === undefined || state === undefined) return;
        if (name === 'style') {
          sheet.add(css);
          css = '';
        }
        if (state.gone === null && stack.length < MAX_DEPTH) handler.close(name);
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true, recognizeSelfClosing: false },
  );
  parser.write(html);
  parser.end();
}

function canBeSeen(state: State): boolean {
  if (state.gone !== null || !state.visibility || state.fontPx < 2 || state.colour.alpha < 0.1) return false;
  return state.background === null || !isNear(state.colour, state.background);
}

function stateOf(name: string, attributes: Record<string, string>, parent: State, sheet: StyleSheet): State {
  if (NOT_TEXT.has(name)) return { ...parent, gone: 'not text' };
  if (parent.gone !== null) return parent;
  const style = declarationsOf(name, attributes, sheet);
  if ('hidden' in attributes || hidesItsContent(style)) return { ...parent, gone: 'hidden' };
  return {
    gone: null,
    visibility: visibilityOf(style, parent.visibility),
    fontPx: fontPixels(style.get('font-size'), parent.fontPx),
    colour: parseColour(style.get('color')) ?? parent.colour,
    background: backgroundOf(style, attributes, parent.background),
  };
}

function visibilityOf(style: Declarations, inherited: boolean): boolean {
  const value = style.get('visibility');
  if (value === 'hidden' || value === 'collapse') return false;
  return value === 'visible' ? true : inherited;
}

function backgroundOf(
  style: Declarations,
  attributes: Record<string, string>,
  inherited: Colour | null,
): Colour | null {
  const shorthand = style.get('background');
  if (
    attributes.background !== undefined ||
    shorthand?.includes('url(') ||
    shorthand?.includes('gradient(') ||
    (style.has('background-image') && style.get('background-image') !== 'none')
  ) {
    return null;
  }
  const colour = parseColour(style.get('background-color')) ?? parseColour(shorthand);
  return colour === null || colour.alpha < 0.1 ? inherited : colour;
}

/** Styles that no descendant can undo. */
function hidesItsContent(style: Declarations): boolean {
  if (style.size === 0) return false;
  if (style.get('display') === 'none' || style.get('mso-hide') === 'all') return true;
  if (Number.parseFloat(style.get('opacity') ?? '1') < 0.1) return true;
  if (isNothing(style.get('max-height')) || isNothing(style.get('max-width'))) return true;
  const clipped = /hidden|clip|scroll|auto/.test(style.get('overflow') ?? style.get('overflow-y') ?? '');
  if (clipped && (isNothing(style.get('height')) || isNothing(style.get('width')))) return true;
  if (/^rect\((?:\s*[01](?:px)?[\s,]*){4}\)/.test(style.get('clip') ?? '')) return true;
  if (/inset\(\s*(?:50|100)%/.test(style.get('clip-path') ?? '')) return true;
  if (/scale[xy]?\(\s*0(?:\.0+)?[\s,)]/.test(style.get('transform') ?? '')) return true;
  return OFFSETS.some((property) => isFarOutside(style.get(property)));
}

const OFFSETS = ['left', 'top', 'right', 'bottom', 'margin-left', 'margin-top', 'margin', 'text-indent'];

/** A length of at most one pixel. */
function isNothing(length: string | undefined): boolean {
  return /^(?:0(?:\.\d{1,9})?[a-z%]{0,4}|1(?:\.0{1,9})?(?:px)?)$/.test(length ?? '');
}

/** A negative offset that moves text out of any window. */
function isFarOutside(length: string | undefined): boolean {
  const match = /^-([\d.]{1,12})(px|pt|r?em|%|vw|vh)?/.exec(length ?? '');
  if (match === null) return false;
  const distance = Number.parseFloat(match[1] ?? '');
  if (match[2] === '%' || match[2]?.startsWith('v')) return distance >= 90;
  return distance >= (match[2]?.endsWith('em') ? 20 : 300);
}
