/** A colour as the browser mixes it: 0–255 each, alpha 0–1. */
export interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

export const white: Colour = { red: 255, green: 255, blue: 255, alpha: 1 };
export const black: Colour = { red: 0, green: 0, blue: 0, alpha: 1 };

const transparent: Colour = { red: 0, green: 0, blue: 0, alpha: 0 };

/** The names of CSS Color 4, each with its hexadecimal value. */
const names = `
  aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque
  ffe4c4 black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887
  cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc
  crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9
  darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b darkmagenta 8b008b darkolivegreen 556b2f darkorange
  ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b
  darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493
  deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0
  forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 gray
  808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c
  indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00
  lemonchiffon fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2
  lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a lightseagreen
  20b2aa lightskyblue 87cefa lightslategray 778899 lightslategrey 778899 lightsteelblue b0c4de lightyellow
  ffffe0 lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa
  mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee
  mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream
  f5fffa mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000
  olivedrab 6b8e23 orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98
  paleturquoise afeeee palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb
  plum dda0dd powderblue b0e0e6 purple 800080 rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue
  4169e1 saddlebrown 8b4513 salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d
  silver c0c0c0 skyblue 87ceeb slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa springgreen
  00ff7f steelblue 4682b4 tan d2b48c teal 008080 thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet
  ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32
`;
const named = new Map([...names.matchAll(/([a-z]+)\s+([0-9a-f]{6})/g)].map(([, name, hex]) => [name, hex]));

/** The colours of an ordinary window, which Outlook writes for "automatic". */
const system: ReadonlyMap<string, Colour> = new Map([
  ['windowtext', black],
  ['canvastext', black],
  ['window', white],
  ['canvas', white],
  ['transparent', transparent],
]);

const otherWords =
  /^(?:currentcolor|inherit|initial|unset|revert|revert-layer|(?:button|highlight|mark|selecteditem|accentcolor|field|active|visited|link|gray)(?:text|face|border)?|(?:-webkit-|-internal-)[a-z-]+)$/;

/** Whether a browser takes the word for a colour. */
export function isColourWord(word: string): boolean {
  return named.has(word) || system.has(word) || otherWords.test(word);
}

/**
 * Reads one colour as mail writes it: a name, `#rgb`, `#rrggbb` with or without alpha, and the functions of CSS Color 4:
 * `rgb()`, `hsl()`, `hwb()`, `lab()`, `lch()`, `oklab()`, `oklch()`, `color()`, and `light-dark()` for a light page.
 *
 * @param value lower-case, at most a few hundred characters
 * @returns null for anything else (`var()`, `color-mix()`, …): then nobody can say what is seen. null also for `fff` without
 * `#`, which is white in some programs and none in others.
 */
export function parseColour(value: string): Colour | null {
  const text = value.trim();
  const known = system.get(text);
  if (known !== undefined) {
    return known;
  }
  const hex = named.get(text) ?? /^#([0-9a-f]{3,8})$/.exec(text)?.[1];
  if (hex !== undefined) {
    return hexColour(hex);
  }
  const [, light] = /^light-dark\(([^(),]{1,40}|[a-z]{3,5}\([^()]{1,100}\)),/.exec(text) ?? [];
  if (light !== undefined) {
    return parseColour(light);
  }
  const [, notation = '', content] = /^([a-z]{3,5})\(([^()]{1,100})\)$/.exec(text) ?? [];
  const read = notations.get(notation);
  const space = notation === 'color' ? (/^\s*([a-z\d-]+)\s/.exec(content ?? '')?.[1] ?? '') : '';
  const parts =
    content
      ?.slice(content.indexOf(space) + space.length)
      .split(/[\s,/]+/)
      .filter(Boolean) ?? [];
  if (read === undefined || parts.length < 3 || parts.length > 4) {
    return null;
  }
  const [first = '', second = '', third = '', alpha = '1'] = parts.map((part) =>
    part === 'none' ? '0' : part,
  );
  const [red, green, blue] = read([first, second, third], space);
  const colour = { red, green, blue, alpha: share(alpha) };
  return Object.values(colour).every(Number.isFinite) ? colour : null;
}

type Channels = readonly [number, number, number];
type Words = readonly [string, string, string];

const notations: ReadonlyMap<string, (words: Words, space: string) => Channels> = new Map([
  ['rgb', rgbChannels],
  ['rgba', rgbChannels],
  ['hsl', hslChannels],
  ['hsla', hslChannels],
  ['hwb', hwbChannels],
  ['lab', ([light, a, b]) => labChannels(amount(light, 100), amount(a, 125), amount(b, 125))],
  ['lch', ([light, chroma, hue]) => labChannels(amount(light, 100), ...polar(amount(chroma, 150), hue))],
  ['oklab', ([light, a, b]) => oklabChannels(amount(light, 1), amount(a, 0.4), amount(b, 0.4))],
  ['oklch', ([light, chroma, hue]) => oklabChannels(amount(light, 1), ...polar(amount(chroma, 0.4), hue))],
  ['color', spaceChannels],
]);

function hexColour(hex: string): Colour | null {
  const long = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join('') : hex;
  if (long.length !== 6 && long.length !== 8) {
    return null;
  }
  const channel = (at: number) => Number.parseInt(long.slice(at, at + 2), 16);
  return {
    red: channel(0),
    green: channel(2),
    blue: channel(4),
    alpha: long.length === 8 ? channel(6) / 255 : 1,
  };
}

/** A number or a percentage as a share of one. */
function share(text: string): number {
  return Number.parseFloat(text) / (text.endsWith('%') ? 100 : 1);
}

function rgbChannels(words: Words): Channels {
  const channel = (text: string) => Math.min(255, Number.parseFloat(text) * (text.endsWith('%') ? 2.55 : 1));
  return [channel(words[0]), channel(words[1]), channel(words[2])];
}

/** Degrees of an angle in any unit; NaN for what is none. */
function degrees(angle: string): number {
  const unit = /^[-+]?[\d.]+(deg|turn|g?rad)?$/.exec(angle);
  const perUnit = { deg: 1, turn: 360, rad: 180 / Math.PI, grad: 0.9 }[unit?.[1] ?? 'deg'] ?? 1;
  return unit === null ? Number.NaN : Number.parseFloat(angle) * perUnit;
}

/** The formula of CSS Color 4, section 7. */
function hslChannels([angle, saturation, lightness]: Words): Channels {
  const hue = degrees(angle);
  const percent = (text: string) => Math.min(100, Math.max(0, Number.parseFloat(text))) / 100;
  const light = percent(lightness);
  const span = percent(saturation) * Math.min(light, 1 - light);
  const channel = (offset: number) => {
    const at = (((offset + hue / 30) % 12) + 12) % 12;
    return 255 * (light - span * Math.max(-1, Math.min(at - 3, 9 - at, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/** The formula of CSS Color 4, section 8. */
function hwbChannels([angle, whiteness, blackness]: Words): Channels {
  const [whiter, blacker] = [share(whiteness), share(blackness)].map((one, at) =>
    [whiteness, blackness][at]?.endsWith('%') ? one : one / 100,
  );
  const [light = 0, dark = 0] = [whiter, blacker];
  const sum = Math.max(1, light + dark);
  const [red, green, blue] = hslChannels([angle, '100%', '50%']);
  const channel = (pure: number) => pure * (1 - (light + dark) / sum) + (255 * light) / sum;
  return [channel(red), channel(green), channel(blue)];
}

/** A number, or the percentage of what counts as 100 %. */
function amount(text: string, whole: number): number {
  return Number.parseFloat(text) * (text.endsWith('%') ? whole / 100 : 1);
}

function polar(chroma: number, angle: string): readonly [number, number] {
  const turn = (degrees(angle) * Math.PI) / 180;
  return [chroma * Math.cos(turn), chroma * Math.sin(turn)];
}

/** The formulas of CSS Color 4, section 18 (sample code), from CIE Lab with white D50 to sRGB. */
function labChannels(light: number, a: number, b: number): Channels {
  const y = (light + 16) / 116;
  const [fx, fz] = [y + a / 500, y - b / 200];
  const part = (f: number) => (f ** 3 > 216 / 24_389 ? f ** 3 : (116 * f - 16) / (24_389 / 27));
  const [x50, y50, z50] = [part(fx) * 0.964_296, part(y), part(fz) * 0.825_105];
  return linearChannels(
    3.134_136 * x50 - 1.617_386 * y50 - 0.490_662 * z50,
    -0.978_795 * x50 + 1.916_254 * y50 + 0.033_443 * z50,
    0.071_955 * x50 - 0.228_977 * y50 + 1.405_386 * z50,
  );
}

/** From Oklab to sRGB (CSS Color 4, section 18). */
function oklabChannels(light: number, a: number, b: number): Channels {
  const long = (light + 0.396_338 * a + 0.215_804 * b) ** 3;
  const middle = (light - 0.105_561 * a - 0.063_854 * b) ** 3;
  const short = (light - 0.089_484 * a - 1.291_486 * b) ** 3;
  return linearChannels(
    4.076_742 * long - 3.307_712 * middle + 0.230_97 * short,
    -1.268_438 * long + 2.609_757 * middle - 0.341_319 * short,
    -0.004_196 * long - 0.703_419 * middle + 1.707_615 * short,
  );
}

/** sRGB, and display-p3, whose greys are the same. NaN for other spaces. */
function spaceChannels(words: Words, space: string): Channels {
  const [red, green, blue] = [amount(words[0], 1), amount(words[1], 1), amount(words[2], 1)];
  const isGrey = red === green && green === blue;
  if (space === 'srgb-linear') {
    return linearChannels(red, green, blue);
  }
  return space === 'srgb' || (space === 'display-p3' && isGrey)
    ? [clamped(red), clamped(green), clamped(blue)]
    : [Number.NaN, Number.NaN, Number.NaN];
}

function linearChannels(red: number, green: number, blue: number): Channels {
  const channel = (linear: number) =>
    clamped(linear > 0.003_130_8 ? 1.055 * linear ** (1 / 2.4) - 0.055 : 12.92 * linear);
  return [channel(red), channel(green), channel(blue)];
}

/** A share of one as a channel; what a screen cannot show becomes the nearest that it can. */
function clamped(part: number): number {
  return 255 * Math.min(1, Math.max(0, part));
}

/**
 * Reads the old presentation attributes (`<font color>`, `bgcolor`), for which HTML has rules of its own: everything is a
 * colour, and `fff` is nearly black (HTML Living Standard, "rules for parsing a legacy color value").
 */
export function parseLegacyColour(value: string): Colour | null {
  const text = value.trim().toLowerCase().slice(0, 128);
  if (text === '') {
    return null;
  }
  const known = named.get(text) ?? /^#([0-9a-f]{3})$/.exec(text)?.[1];
  if (known !== undefined) {
    return hexColour(known);
  }
  if (text === 'transparent' || /[(]/.test(text)) {
    return null;
  }
  const digits = text.replace(/^#/, '').replace(/[^0-9a-f]/g, '0');
  const length = Math.max(1, Math.ceil(digits.length / 3));
  const padded = digits.padEnd(length * 3, '0');
  const parts = [0, 1, 2].map((at) => padded.slice(at * length, (at + 1) * length).slice(-8));
  const zeros = Math.min(...parts.map((part) => (part.length > 2 ? (/^0*/.exec(part)?.[0].length ?? 0) : 0)));
  const skipped = Math.min(zeros, Math.max(0, (parts[0]?.length ?? 0) - 2));
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    Number.parseInt(part.slice(skipped, skipped + 2), 16),
  );
  return { red, green, blue, alpha: 1 };
}

/** What is seen where one colour lies over another. */
export function mixed(over: Colour, under: Colour): Colour {
  const mix = (one: number, other: number) => one * over.alpha + other * (1 - over.alpha);
  return {
    red: mix(over.red, under.red),
    green: mix(over.green, under.green),
    blue: mix(over.blue, under.blue),
    alpha: 1,
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
