import { blocks } from './blockElements.ts';
import { black, type Colour, isNear, mixed, parseColour, parseLegacyColour } from './cssColours.ts';
import {
  cascaded,
  type Declaration,
  type Declarations,
  parseDeclarations,
  type Side,
  sides,
  unknown,
} from './cssDeclarations.ts';
import type { StyledElement, StyleSheet } from './styleSheet.ts';

/** How the text of an element looks, as far as that decides whether it can be read. */
export interface Look {
  /** display, opacity, place: nothing that an element inside could undo */
  readonly isHidden: boolean;
  readonly isVisible: boolean;
  /** cut off by a box of no size; 'open': what is positioned inside escapes */
  readonly cut: 'no' | 'open' | 'closed';
  /** what the element says of the first lines of boxes inside of it, and of its own if it is a box */
  readonly isIndentedAway: boolean;
  readonly fontPx: number;
  /** whether the size is given in pixels or the like: browsers keep other sizes, but 0, readable */
  readonly isFontFixed: boolean;
  /** null: not known */
  readonly colour: Colour | null;
  /** the colour of the letters where it is not `colour` */
  readonly fill: Colour | null | undefined;
  readonly isStroked: boolean;
  readonly isShadowed: boolean;
  /** a filter or a mixture makes other colours of all that is inside */
  readonly isRecoloured: boolean;
  /** null: not known, for example a picture */
  readonly background: Colour | null;
  /** whether the window is not what shares of a place count by */
  readonly isPlaced: boolean;
  /** whether the element, or the next around it that has a style, is a box of its own */
  readonly isBox: boolean;
  /** whether the elements inside are boxes, inline or not */
  readonly holdsBoxes: boolean;
}

const bodyFontPx = 16;

export function pageLook(background: Colour | null): Look {
  return {
    isHidden: false,
    isVisible: true,
    cut: 'no',
    isIndentedAway: false,
    fontPx: bodyFontPx,
    isFontFixed: false,
    colour: black,
    fill: undefined,
    isStroked: false,
    isShadowed: false,
    isRecoloured: false,
    background,
    isPlaced: false,
    isBox: true,
    holdsBoxes: false,
  };
}

/** In doubt text can be read: what is unknown never hides it. The caller knows whether the text is indented away. */
export function canBeRead(look: Look): boolean {
  const { isHidden, isVisible, cut, fontPx, isFontFixed, colour, fill, background } = look;
  if (isHidden || !isVisible || cut !== 'no' || (fontPx < 2 && (isFontFixed || fontPx < 1e-4))) {
    return false;
  }
  const letters = fill === undefined ? colour : fill;
  if (letters === null || look.isStroked || look.isShadowed) {
    return true;
  }
  if (letters.alpha < 0.1) {
    return false;
  }
  return look.isRecoloured || background === null || !isNear(mixed(letters, background), background);
}

/** How an element looks inside another one. */
export function lookOf(name: string, style: Declarations, around: Look): Look {
  if (style.size === 0) {
    return around.holdsBoxes ? { ...around, holdsBoxes: false } : around;
  }
  const isBox = isOwnBox(name, style, around);
  const isCutOut = style.get('background-clip')?.includes('text') === true;
  const isDark = name === 'html' && /^(?:only )?dark( only)?$/.test(style.get('color-scheme') ?? '');
  const size = style.get('font-size');
  return {
    isHidden: around.isHidden || hidesItsContent(style, isBox, around),
    isVisible: visibilityOf(style.get('visibility'), around.isVisible),
    cut: cutOf(style, name, isBox, around),
    isIndentedAway: isIndentedAway(style, around.isIndentedAway),
    fontPx: fontPixels(size, around.fontPx),
    isFontFixed: isFontFixed(size, around.isFontFixed),
    // The picture behind shows through letters that are cut out of it.
    colour: isCutOut || isDark ? null : colourOf(style.get('color'), around.colour),
    fill: isCutOut ? null : fillOf(style.get('text-fill'), around.fill),
    isStroked: isDrawn(style.get('text-stroke'), around.isStroked),
    isShadowed: isDrawn(style.get('text-shadow'), around.isShadowed),
    isRecoloured: around.isRecoloured || isRecoloured(style),
    background: isDark ? null : backgroundOf(style, isBox, around.background),
    isPlaced: around.isPlaced || isPositioned(style) || (isBox && isMoved(style)),
    isBox,
    holdsBoxes: /flex|grid|-webkit-(?:inline-)?box/.test(style.get('display') ?? ''),
  };
}

/** The style of an element by the style sheets, its presentation attributes and its style attribute. */
export function declarationsOf(element: StyledElement, sheet: StyleSheet): Declarations {
  const { attributes } = element;
  const old = presentationOf(element);
  const rules = sheet.rulesFor(element);
  const own = attributes.style === undefined ? [] : parseDeclarations(attributes.style);
  const style = cascaded([old, ...rules, own]);
  return sheet.hasKeyframes && isSet(style.get('animation')) ? animated(style) : style;
}

/** What an animation makes of a style is not known, but whether it is displayed. */
function animated(style: Declarations): Declarations {
  const changed = [...style.keys(), 'color', 'background-color'].map((name) => [name, unknown] as const);
  const display = style.get('display');
  return new Map(display === undefined ? changed : [...changed, ['display', display]]);
}

/** Elements that are boxes besides those that begin a line. */
const otherBoxes = new Set(
  'html body menu dir listing xmp plaintext option optgroup marquee button textarea select input img table thead tbody tfoot rt dialog'.split(
    ' ',
  ),
);

/** Whether an element has a size and a place of its own: styles of both do nothing to words in a line. */
function isOwnBox(name: string, style: Declarations, around: Look): boolean {
  const display = style.get('display');
  if (display === 'contents') {
    return false;
  }
  if (around.holdsBoxes || isAbsolute(style) || /^(?:left|right)$/.test(style.get('float') ?? '')) {
    return true;
  }
  if (display === undefined || display === 'revert') {
    return blocks.has(name) || otherBoxes.has(name);
  }
  return !/^(?:inline|ruby|unset|initial|inherit)$|^\?$|\(/.test(display);
}

function isAbsolute(style: Declarations): boolean {
  return /absolute|fixed/.test(style.get('position') ?? '');
}

function isPositioned(style: Declarations): boolean {
  return /absolute|fixed|relative|sticky|\?/.test(style.get('position') ?? '');
}

/** Whether a property has a value that does anything. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(?:none|normal|initial|unset|revert|revert-layer|auto)$/.test(value);
}

function isMoved(style: Declarations): boolean {
  return ['transform', 'translate', 'scale'].some((property) => isSet(style.get(property)));
}

function browserStyle(style: Readonly<Record<string, string>>): readonly Declaration[] {
  return Object.entries(style).map(([property, value]) => ({ property, value, isImportant: false }));
}

const controlStyle = {
  color: '#000',
  'background-color': '#fff',
  'font-size': '13.33px',
  'text-indent': '0',
  'text-shadow': 'none',
};

/** The browser's own colours and sizes of elements that do not look like what is around them. */
const ownLooks: ReadonlyMap<string, readonly Declaration[]> = new Map([
  ['button', browserStyle({ ...controlStyle, 'background-color': '#efefef' })],
  ['select', browserStyle(controlStyle)],
  ['input', browserStyle(controlStyle)],
  ['textarea', browserStyle(controlStyle)],
  ['mark', browserStyle({ color: '#000', 'background-color': '#ff0' })],
  ['dialog', browserStyle({ color: '#000', 'background-color': '#fff', position: 'absolute' })],
]);
/** Elements of which the old attributes `bgcolor` and `background` are read. */
const oldGrounds = new Set('body table thead tbody tfoot tr td th marquee'.split(' '));
const fontSizes = ['10px', '13px', '16px', '18px', '24px', '32px', '48px'];

/** What the attributes and the browser itself say; the weakest layer. */
function presentationOf({ name, attributes }: StyledElement): readonly Declaration[] {
  const found: Declaration[] = [...(ownLooks.get(name) ?? [])];
  const add = (property: string, value: string | undefined) => {
    if (value !== undefined) {
      found.push({ property, value, isImportant: false });
    }
  };
  if (name === 'a' && attributes.href !== undefined) {
    // The body of the mail may give its links another colour than blue.
    add('color', unknown);
  }
  if (name === 'font') {
    add('color', legacyColour(attributes.color));
    add('font-size', legacySize(attributes.size));
  }
  if (name === 'body') {
    add('color', legacyColour(attributes.text));
  }
  if (oldGrounds.has(name)) {
    add('background-color', legacyColour(attributes.bgcolor));
  }
  if (oldGrounds.has(name) && attributes.background !== undefined) {
    add('background-image', unknown);
  }
  const isClosed = name === 'dialog' && attributes.open === undefined;
  if (isClosed || attributes.hidden !== undefined || attributes.popover !== undefined) {
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

function isIndentedAway(style: Declarations, inherited: boolean): boolean {
  const value = style.get('text-indent');
  if (likeItsParent.has(value)) {
    return inherited;
  }
  if (value === '100%') {
    // A line that may not break goes out of its own box.
    return /nowrap|pre$/.test(style.get('white-space') ?? '') && isClipping(style);
  }
  return startsFarOutside(value, style.get('padding-left'), style.get('margin-left')) || isFarBeyond(value);
}

function colourOf(value: string | undefined, inherited: Colour | null): Colour | null {
  if (likeItsParent.has(value)) {
    return inherited;
  }
  return value === 'initial' ? black : parseColour(value ?? '');
}

function fillOf(value: string | undefined, inherited: Colour | null | undefined): Colour | null | undefined {
  if (value === 'currentcolor' || value === 'initial') {
    return undefined;
  }
  return likeItsParent.has(value) ? inherited : parseColour(value ?? '');
}

/** Whether letters have an outline or a shadow, which show also where the letters do not. */
function isDrawn(value: string | undefined, inherited: boolean): boolean {
  return likeItsParent.has(value) ? inherited : isSet(value) && !/^0(?:px)?(?: |$)(?!.*\d)/.test(value ?? '');
}

function isRecoloured(style: Declarations): boolean {
  const filter = style.get('filter');
  return (isSet(filter) && !/^opacity\([^()]*\)$/.test(filter ?? '')) || isSet(style.get('mix-blend-mode'));
}

/** Words of a `background` that are no colour. */
const notAColour =
  /^(?:none|initial|unset|inherit|revert|(?:no-)?repeat(?:-[xy])?|space|round|scroll|fixed|local|top|bottom|left|right|center|cover|contain|auto|text|(?:border|padding|content)-box|[-+]?[\d.]+(?:[a-z]{1,4}|%)?|\/)$/;

function backgroundOf(style: Declarations, isBox: boolean, around: Colour | null): Colour | null {
  if (style.get('display') === 'contents') {
    return around;
  }
  const image = style.get('background-image');
  if (
    (image !== undefined && !/^(?:none|initial|unset|revert)$/.test(image)) ||
    style.get('box-shadow')?.includes('inset') === true ||
    isSet(style.get('backdrop-filter'))
  ) {
    return null;
  }
  const isEmpty = isBox && ['height', 'max-height', 'width'].some((side) => isNothing(style.get(side)));
  // It may lie on a picture or on another box, and words go beyond a box of no size.
  const lying = isEmpty || isOverOthers(style, isBox) ? null : around;
  if (isEmpty) {
    return lying;
  }
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

function isOverOthers(style: Declarations, isBox: boolean): boolean {
  return (
    isAbsolute(style) ||
    (isPositioned(style) && sides.some((side) => /[1-9?]/.test(style.get(side) ?? ''))) ||
    sides.some((side) => /^-|\?|\(/.test(style.get(`margin-${side}`) ?? '')) ||
    (isBox && isMoved(style))
  );
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
  // Some programs take a number for pixels, and others pass over it.
  if (unit === '' && amount !== 0) {
    return Math.max(amount, inherited);
  }
  return amount * (unitPx.get(unit) ?? (amount === 0 ? 0 : bodyFontPx));
}

function isFontFixed(value: string | undefined, inherited: boolean): boolean {
  if (value === undefined || likeItsParent.has(value) || /(?:\d|\.)(?:em|ex|%)$|er$/.test(value)) {
    return inherited;
  }
  return lengthIn(value) !== null;
}

function lengthIn(value: string | undefined): { readonly amount: number; readonly unit: string } | null {
  const [, digits, unit] =
    /^([-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:e[-+]?\d{1,2})?)([a-z]{1,4}|%)?$/.exec(value ?? '') ?? [];
  return digits === undefined ? null : { amount: Number(digits), unit: unit ?? '' };
}

/** Cells and tables grow with their content beyond the size that a style gives them. */
const grows = new Set(['table', 'tbody', 'thead', 'tfoot', 'tr', 'td', 'th']);

/** Styles that no descendant can undo. */
function hidesItsContent(style: Declarations, isBox: boolean, around: Look): boolean {
  const display = style.get('display');
  if (display === 'none') {
    return true;
  }
  if (display === 'contents') {
    return false;
  }
  if (shareIn(style.get('opacity')) < 0.1) {
    return true;
  }
  const [, filtered] = /(?:^| )opacity\( ?([\d.]{1,10}%?) ?\)/.exec(style.get('filter') ?? '') ?? [];
  if (shareIn(filtered) < 0.1) {
    return true;
  }
  if (isAbsolute(style) && /^rect\((?: ?[01](?:px)?(?: |,)?){4} ?\)/.test(style.get('clip') ?? '')) {
    return true;
  }
  if (isClippedAway(style.get('clip-path') ?? '')) {
    return true;
  }
  if (isBox && (style.get('content-visibility') === 'hidden' || isTransformedAway(style))) {
    return true;
  }
  const zoom = shareIn(style.get('zoom'));
  return (zoom > 0 && zoom < 0.1) || isMovedAway(style, isBox, around);
}

/** A number or a percentage as a share of one; 1 for what is neither. */
function shareIn(value = '1'): number {
  const amount = Number.parseFloat(value) / (value.endsWith('%') ? 100 : 1);
  return Number.isNaN(amount) ? 1 : amount;
}

function isClippedAway(path: string): boolean {
  if (/^(?:circle|ellipse)\( ?0(?:\.0)?(?:px|%|em)?[ ,)]/.test(path)) {
    return true;
  }
  if (/^polygon\([^1-9]*\)$/.test(path) || /^(?:rect|xywh)\([^1-9a]*\)/.test(path)) {
    return true;
  }
  const inset =
    /^inset\(([^()]{1,100})\)/
      .exec(path)?.[1]
      ?.trim()
      .split(/ round | /) ?? [];
  const [top = '', right = top, bottom = top, left = right] = inset;
  const percent = (side: string) => (/^-?[\d.]+%$/.test(side) ? Number.parseFloat(side) : 0);
  return percent(top) + percent(bottom) >= 100 || percent(left) + percent(right) >= 100;
}

function cutOf(style: Declarations, name: string, isBox: boolean, around: Look): Look['cut'] {
  const display = style.get('display');
  const doesGrow = display === undefined ? grows.has(name) : display.includes('table');
  const escapes = around.cut === 'open' && isAbsolute(style);
  const cut = escapes ? 'no' : around.cut;
  if (isBox && !doesGrow && isCutToNothing(style)) {
    return cut === 'closed' || isPositioned(style) ? 'closed' : 'open';
  }
  // What is placed by an element stays inside of it.
  return cut === 'open' && isPositioned(style) ? 'closed' : cut;
}

function isClipping(style: Declarations): boolean {
  const cut = /hidden|clip|scroll|auto/;
  return ['overflow', 'overflow-x', 'overflow-y'].some((property) => cut.test(style.get(property) ?? ''));
}

/** No height or no width, and what does not fit is not shown. */
function isCutToNothing(style: Declarations): boolean {
  const contained = style.get('contain') ?? '';
  const isContained = /paint|strict|content/.test(contained);
  // A box that clips across only lets its words out downwards.
  const isAcrossOnly =
    style.get('overflow-x') === 'clip' && !isSet(style.get('overflow')) && !isSet(style.get('overflow-y'));
  if (!(isClipping(style) || isContained)) {
    return false;
  }
  const isGrown = (properties: readonly string[]) =>
    properties.some((property) => /[1-9?(]|content|available/.test(style.get(property) ?? ''));
  const hasNoWidth = isNothing(style.get('max-width')) || isNothing(style.get('width'));
  if (hasNoWidth && !isGrown(['min-width', 'padding-left', 'padding-right'])) {
    return true;
  }
  // A share of a height that nobody gave is the height of the content.
  const isFlat = (property: string) =>
    isNothing(style.get(property)) && (isAbsolute(style) || style.get(property)?.endsWith('%') !== true);
  const hasNoHeight =
    isFlat('max-height') ||
    isFlat('height') ||
    (/size|strict/.test(contained) && !isSet(style.get('height')));
  return hasNoHeight && !isAcrossOnly && !isGrown(['min-height', 'padding-top', 'padding-bottom']);
}

/** A length of at most one pixel. */
function isNothing(value: string | undefined): boolean {
  const length = lengthIn(value);
  if (length === null) {
    return false;
  }
  return length.amount === 0 || (length.amount <= 1 && (length.unit === 'px' || length.unit === ''));
}

/** Whether a transformation leaves nothing, or takes it far away. */
function isTransformedAway(style: Declarations): boolean {
  const scales = style.get('scale')?.split(' ') ?? [];
  if (scales.slice(0, 2).some((scale) => Math.abs(shareIn(scale)) < 0.05)) {
    return true;
  }
  const [across = '', down = ''] = style.get('translate')?.split(' ') ?? [];
  const shift = { across: shiftOf(across), down: shiftOf(down) };
  for (const [, name = '', content = ''] of (style.get('transform') ?? '').matchAll(
    /(\w{1,20})\(([^()]*)\)/g,
  )) {
    const words = content.split(',').map((word) => word.trim());
    if (words.some((word) => word.includes(' '))) {
      return false;
    }
    const [first = '', second = ''] = words;
    if (name.startsWith('scale') && words.slice(0, 2).some((word) => Math.abs(shareIn(word)) < 0.05)) {
      return true;
    }
    if (/^rotate[xy]$/.test(name) && /^[-+]?(?:90deg|270deg|0?\.[27]5turn|100grad|300grad)$/.test(first)) {
      return true;
    }
    if (name === 'matrix') {
      const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = words.map(Number);
      if (Math.abs(a * d - b * c) < 1e-4) {
        return true;
      }
      shift.across += x;
      shift.down += y;
    }
    shift.across += /^translate(?:x|3d)?$/.test(name) ? shiftOf(first) : 0;
    shift.down +=
      name === 'translatey' ? shiftOf(first) : /^translate(?:3d)?$/.test(name) ? shiftOf(second) : 0;
  }
  return [shift.across, shift.down].some((pixels) => pixels <= -farOutside || pixels >= farBeyond);
}

/** Pixels of a shift. By a share of its own size an element is centred, not hidden. */
function shiftOf(value: string): number {
  const length = lengthIn(value);
  return length === null || length.unit === '%' ? 0 : pixelsOf(length);
}

function isMovedAway(style: Declarations, isBox: boolean, around: Look): boolean {
  if (isFarMargin('left', style) || (isBox && isFarMargin('top', style))) {
    return true;
  }
  if (isFarBeyond(style.get('margin-left'))) {
    return true;
  }
  const position = style.get('position') ?? '';
  if (!/absolute|fixed|relative/.test(position)) {
    return false;
  }
  const isInWindow = position === 'fixed' || (position === 'absolute' && !around.isPlaced);
  // Shares count by the box around, whose size is not known; the window's is.
  const place = (side: Side) => {
    const value = style.get(side);
    return value === 'auto' || (value?.endsWith('%') === true && !isInWindow) ? undefined : value;
  };
  const [left, top] = [place('left'), place('top')];
  // The right side counts only where the left one is not given, and the bottom where the top is not.
  const isGiven = (side: Side) => isSet(style.get(side));
  if (startsFarOutside(left, style.get('width')) || isFarOutside(top) || isFarBeyond(left)) {
    return true;
  }
  if (!isGiven('left') && (isFarOutside(place('right')) || isFarBeyond(place('right')))) {
    return true;
  }
  if (!isGiven('top') && isFarBeyond(place('bottom'))) {
    return true;
  }
  // A large `top` is not here: programs that print pages as mail place every line by it. A reader scrolls down to it.
  const isBelow = isFarBeyond(top) || (!isGiven('top') && isFarOutside(place('bottom')));
  return position === 'fixed' && isBelow;
}

/** `left:50%;margin-left:-300px` centres; shares of the width lay out columns. */
function isFarMargin(side: Side, style: Declarations): boolean {
  const value = style.get(`margin-${side}`);
  if (value === undefined || value.endsWith('%') || !isFarOutside(value)) {
    return false;
  }
  if (side === 'left' && !startsFarOutside(value, style.get('padding-left'))) {
    return false;
  }
  const start = lengthIn(style.get(side));
  return start === null || start.amount <= 0 || (lengthIn(value)?.amount ?? 0) <= -2_000;
}

/** Pixels to the left of, or above, a window at which nothing of a line is seen; and to its right. */
const farOutside = 500;
const farBeyond = 3_000;

/** Whether something starts far to the left, and what follows its start there does not lead back into the window. */
function startsFarOutside(value: string | undefined, ...back: readonly (string | undefined)[]): boolean {
  const start = lengthIn(value);
  if (start === null || !isFarOutside(value)) {
    return false;
  }
  const isShare = /^(?:%|vw|vh)$/.test(start.unit);
  const lengths = back.map(lengthIn).filter((length) => length !== null && length.unit !== '%');
  const reach = lengths.reduce((sum, length) => sum + (length === null ? 0 : pixelsOf(length)), 0);
  return isShare || pixelsOf(start) + reach < 0;
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
  return pixelsOf(length) <= -farOutside;
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
  return pixelsOf(length) >= farBeyond;
}

function pixelsOf({ amount, unit }: { readonly amount: number; readonly unit: string }): number {
  return amount * (unitPx.get(unit) ?? (unit === 'em' ? bodyFontPx : 0));
}
