import { black, type Colour, isNear, mixed, parseColour, parseLegacyColour } from './cssColours.ts';
import {
  cascaded,
  type Declaration,
  type Declarations,
  parseDeclarations,
  unknown,
} from './cssDeclarations.ts';
import type { StyledElement, StyleSheet } from './styleSheet.ts';

/** How the text of an element looks, as far as that decides whether it can be read. */
export interface Look {
  /** display, opacity, size, place: nothing that an element inside could undo */
  readonly isHidden: boolean;
  readonly isVisible: boolean;
  readonly isIndentedAway: boolean;
  readonly fontPx: number;
  /** null: not known */
  readonly colour: Colour | null;
  /** null: not known, for example a picture */
  readonly background: Colour | null;
}

const bodyFontPx = 16;

export function pageLook(background: Colour | null): Look {
  return {
    isHidden: false,
    isVisible: true,
    isIndentedAway: false,
    fontPx: bodyFontPx,
    colour: black,
    background,
  };
}

/** In doubt text can be read: what is unknown never hides it. */
export function canBeRead({
  isHidden,
  isVisible,
  isIndentedAway,
  fontPx,
  colour,
  background,
}: Look): boolean {
  if (isHidden || !isVisible || isIndentedAway || fontPx < 2) {
    return false;
  }
  if (colour === null) {
    return true;
  }
  if (colour.alpha < 0.1) {
    return false;
  }
  return background === null || !isNear(mixed(colour, background), background);
}

/** How an element looks inside another one. */
export function lookOf(name: string, style: Declarations, around: Look): Look {
  if (style.size === 0) {
    return around;
  }
  return {
    isHidden: around.isHidden || hidesItsContent(style, name),
    isVisible: visibilityOf(style.get('visibility'), around.isVisible),
    isIndentedAway: isIndentedAway(style.get('text-indent'), around.isIndentedAway),
    fontPx: fontPixels(style.get('font-size'), around.fontPx),
    colour: colourOf(style, around.colour),
    background: backgroundOf(style, around.background),
  };
}

/** The style of an element by the style sheets, its presentation attributes and its style attribute. */
export function declarationsOf(element: StyledElement, sheet: StyleSheet): Declarations {
  const { attributes } = element;
  const old = presentationOf(element);
  const rules = sheet.rulesFor(element);
  const own = attributes.style === undefined ? [] : parseDeclarations(attributes.style);
  return cascaded([old, ...rules, own]);
}

const linkColour = '#0000ee';
const fontSizes = ['10px', '13px', '16px', '18px', '24px', '32px', '48px'];

/** What the attributes and the browser itself say; the weakest layer. */
function presentationOf({ name, attributes }: StyledElement): readonly Declaration[] {
  const found: Declaration[] = [];
  const add = (property: string, value: string | undefined) => {
    if (value !== undefined) {
      found.push({ property, value, isImportant: false });
    }
  };
  if (name === 'a' && attributes.href !== undefined) {
    add('color', linkColour);
  }
  if (name === 'font') {
    add('color', legacyColour(attributes.color));
    add('font-size', legacySize(attributes.size));
  }
  if (name === 'body') {
    add('color', legacyColour(attributes.text));
  }
  add('background-color', legacyColour(attributes.bgcolor));
  if (attributes.background !== undefined) {
    add('background-image', unknown);
  }
  if (attributes.hidden !== undefined) {
    add('display', 'none');
  }
  return found;
}

function legacyColour(value: string | undefined): string | undefined {
  if (value === undefined || value.trim() === '' || /^\s*transparent\s*$/i.test(value)) {
    return undefined;
  }
  const colour = parseLegacyColour(value);
  return colour === null ? unknown : `rgb(${colour.red},${colour.green},${colour.blue})`;
}

/** 1–7, or relative to 3; HTML bounds it on both sides. */
function legacySize(value: string | undefined): string | undefined {
  const [, sign, digits] = /^\s*([+-]?)(\d{1,3})/.exec(value ?? '') ?? [];
  if (digits === undefined) {
    return undefined;
  }
  const size = sign === '+' ? 3 + Number(digits) : sign === '-' ? 3 - Number(digits) : Number(digits);
  return fontSizes[Math.min(7, Math.max(1, size)) - 1];
}

const likeItsParent = new Set([undefined, 'inherit', 'unset', 'revert', 'revert-layer', 'currentcolor']);

function visibilityOf(value: string | undefined, inherited: boolean): boolean {
  return likeItsParent.has(value) ? inherited : value !== 'hidden' && value !== 'collapse';
}

function isIndentedAway(value: string | undefined, inherited: boolean): boolean {
  return likeItsParent.has(value) ? inherited : isFarOutside(value) || isFarBeyond(value);
}

function colourOf(style: Declarations, inherited: Colour | null): Colour | null {
  const value = style.get('color');
  // The picture behind shows through letters that are cut out of it.
  if (style.get('background-clip')?.includes('text')) {
    return null;
  }
  if (likeItsParent.has(value)) {
    return inherited;
  }
  return value === 'initial' ? black : parseColour(value ?? '');
}

/** Words of a `background` that are no colour. */
const notAColour =
  /^(?:none|initial|unset|inherit|revert|(?:no-)?repeat(?:-[xy])?|space|round|scroll|fixed|local|top|bottom|left|right|center|cover|contain|auto|text|(?:border|padding|content)-box|[-+]?[\d.]+(?:[a-z]{1,4}|%)?|\/)$/;

function backgroundOf(style: Declarations, around: Colour | null): Colour | null {
  const image = style.get('background-image');
  if (image !== undefined && !/^(?:none|initial|unset|revert)$/.test(image)) {
    return null;
  }
  // It may lie on a picture or on another box.
  const lying = /absolute|fixed/.test(style.get('position') ?? '') ? null : around;
  const value = style.get('background-color') ?? '';
  // Brackets hold spaces and further brackets: a value that has any is one word, or none that is known.
  const words =
    parseColour(value) === null ? value.split(' ').filter((word) => !notAColour.test(word)) : [value];
  const word = words.join(' ');
  if (word === '') {
    return lying;
  }
  const colour = parseColour(word);
  if (colour === null) {
    return null;
  }
  if (colour.alpha >= 0.99) {
    return colour;
  }
  return lying === null ? null : mixed(colour, lying);
}

const keywordPx: ReadonlyMap<string, number> = new Map([
  ['xx-small', 9],
  ['x-small', 10],
  ['small', 13],
  ['medium', 16],
  ['large', 18],
  ['x-large', 24],
  ['xx-large', 32],
  ['xxx-large', 48],
]);

/** Pixels of a unit; em and its kind are counted by the size around them. */
const unitPx: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['px', 1],
  ['pt', 4 / 3],
  ['pc', 16],
  ['in', 96],
  ['cm', 37.8],
  ['mm', 3.78],
  ['rem', bodyFontPx],
  ['vw', 8],
  ['vh', 8],
]);

function fontPixels(value: string | undefined, inherited: number): number {
  if (value === undefined || likeItsParent.has(value)) {
    return inherited;
  }
  const keyword = keywordPx.get(value);
  if (keyword !== undefined) {
    return keyword;
  }
  if (value === 'smaller') {
    return inherited / 1.2;
  }
  if (value === 'larger') {
    return inherited * 1.2;
  }
  const length = lengthIn(value);
  // What cannot be read is no reason to take the text for invisible.
  if (length === null) {
    return bodyFontPx;
  }
  const { amount, unit } = length;
  if (unit === 'em') {
    return amount * inherited;
  }
  if (unit === '%') {
    return (amount / 100) * inherited;
  }
  return amount * (unitPx.get(unit) ?? (amount === 0 ? 0 : bodyFontPx));
}

function lengthIn(value: string | undefined): { readonly amount: number; readonly unit: string } | null {
  const [, digits, unit] =
    /^([-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))([a-z]{1,4}|%)?$/.exec(value ?? '') ?? [];
  return digits === undefined ? null : { amount: Number(digits), unit: unit ?? '' };
}

/** Cells and tables grow with their content beyond the size that a style gives them. */
const grows = new Set(['table', 'tbody', 'thead', 'tfoot', 'tr', 'td', 'th']);

/** Styles that no descendant can undo. */
function hidesItsContent(style: Declarations, name: string): boolean {
  if (style.get('display') === 'none') {
    return true;
  }
  const opacity = style.get('opacity') ?? '1';
  if (Number.parseFloat(opacity) / (opacity.endsWith('%') ? 100 : 1) < 0.1) {
    return true;
  }
  if (/opacity\((?:0|0?\.0)/.test(style.get('filter') ?? '')) {
    return true;
  }
  if (!grows.has(name) && isCutToNothing(style)) {
    return true;
  }
  if (/^rect\((?: ?[01](?:px)?(?: |,)?){4} ?\)/.test(style.get('clip') ?? '')) {
    return true;
  }
  const path = style.get('clip-path') ?? '';
  if (/^(?:circle|ellipse)\( ?0(?:\.0)?(?:px|%|em)?[ ,)]/.test(path)) {
    return true;
  }
  if (/^inset\( ?(?:[5-9]\d|100)%/.test(path) || /^polygon\([^1-9]*\)$/.test(path)) {
    return true;
  }
  return isMovedAway(style);
}

/** No height or no width, and what does not fit is not shown. */
function isCutToNothing(style: Declarations): boolean {
  const cut = /hidden|clip|scroll|auto/;
  if (!['overflow', 'overflow-x', 'overflow-y'].some((property) => cut.test(style.get(property) ?? ''))) {
    return false;
  }
  if (isNothing(style.get('max-width')) || isNothing(style.get('width'))) {
    return true;
  }
  // A box without height that is padded shows what lies in the padding.
  const isPadded = ['padding', 'padding-top', 'padding-bottom'].some((property) =>
    /[1-9?]/.test(style.get(property) ?? ''),
  );
  return !isPadded && (isNothing(style.get('max-height')) || isNothing(style.get('height')));
}

/** A length of at most one pixel. */
function isNothing(value: string | undefined): boolean {
  const length = lengthIn(value);
  if (length === null) {
    return false;
  }
  return length.amount === 0 || (length.amount <= 1 && (length.unit === 'px' || length.unit === ''));
}

function isMovedAway(style: Declarations): boolean {
  const transform = style.get('transform') ?? '';
  if (/scale(?:[xy]|3d)?\( ?0(?:\.0{1,9})?[ ,)]/.test(transform)) {
    return true;
  }
  const shifts = /translate(?:[xy]|3d)?\(([^()]{1,100})\)/.exec(transform)?.[1]?.split(',') ?? [];
  if (shifts.some((shift) => isFarShift(shift.trim()))) {
    return true;
  }

  if (['margin-left', 'margin-top'].some((property) => isFarMargin(property, style))) {
    return true;
  }
  if (isFarBeyond(style.get('margin-left'))) {
    return true;
  }
  if (!/absolute|fixed|relative/.test(style.get('position') ?? '')) {
    return false;
  }
  if (['left', 'top', 'right', 'bottom'].some((property) => isFarOutside(style.get(property)))) {
    return true;
  }
  // A large `top` is not here: programs that print pages as mail place every line by it.
  return ['left', 'right', 'bottom'].some((property) => isFarBeyond(style.get(property)));
}

/** A shift by a share of the element's own size centres it, it does not hide it. */
function isFarShift(shift: string): boolean {
  return !shift.endsWith('%') && (isFarOutside(shift) || isFarBeyond(shift));
}

/** `left:50%;margin-left:-300px` centres; shares of the width lay out columns. */
function isFarMargin(property: string, style: Declarations): boolean {
  const value = style.get(property);
  if (value === undefined || value.endsWith('%') || !isFarOutside(value)) {
    return false;
  }
  const start = lengthIn(style.get(property.slice('margin-'.length)));
  return start === null || start.amount <= 0 || (lengthIn(value)?.amount ?? 0) <= -2_000;
}

/** To the left of, or above, every window. */
function isFarOutside(value: string | undefined): boolean {
  const length = lengthIn(value);
  if (length === null || length.amount >= 0) {
    return false;
  }
  if (length.unit === '%' || length.unit === 'vw' || length.unit === 'vh') {
    return length.amount <= -90;
  }
  return pixelsOf(length) <= -500;
}

/** To the right of every window. */
function isFarBeyond(value: string | undefined): boolean {
  const length = lengthIn(value);
  if (length === null || length.amount <= 0) {
    return false;
  }
  if (length.unit === '%') {
    return length.amount >= 300;
  }
  if (length.unit === 'vw' || length.unit === 'vh') {
    return length.amount >= 100;
  }
  return pixelsOf(length) >= 3_000;
}

function pixelsOf({ amount, unit }: { readonly amount: number; readonly unit: string }): number {
  return amount * (unitPx.get(unit) ?? (unit === 'em' ? bodyFontPx : 0));
}
