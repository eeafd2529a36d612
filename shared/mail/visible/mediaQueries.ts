/** Pixels: the window in which an agent reads a mail, about. Newsletters part phones from others between 400 and 800. */
const screenWidth = 1_000;

const pixelsPerEm = 16;

/**
 * Whether a media query, or one of a list, holds where an agent reads: on a light screen that is wider than a phone.
 *
 * @param media what follows `@media`, or the `media` of an element
 * @returns null: it may hold or not
 */
export function holdsOnScreen(media: string): boolean | null {
  const answers = media
    .toLowerCase()
    .split(',', 50)
    .map((query) => holds(query.replace(/\s+/g, ' ').trim()));
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}

function holds(query: string): boolean | null {
  if (/^not |\bor\b/.test(query)) {
    return null;
  }
  const answers = query
    .replace(/^only /, '')
    .split(/ and (?=\()| and$/)
    .map(part);
  return answers.includes(false) ? false : answers.includes(null) ? null : true;
}

function part(text: string): boolean | null {
  if (/^[a-z][a-z\d-]*$/.test(text)) {
    return text === 'screen' || text === 'all';
  }
  const [, feature = '', value = ''] = /^\( ?([a-z-]+) ?: ?([^()]*?) ?\)$/.exec(text) ?? [];
  const [, limit, unit] = /^(\d{1,6}(?:\.\d{1,4})?)(px|em|rem)?$/.exec(value) ?? [];
  const pixels = Number(limit) * (unit === 'em' || unit === 'rem' ? pixelsPerEm : 1);
  switch (feature) {
    case 'min-width':
    case 'min-device-width':
      return limit === undefined ? null : screenWidth >= pixels;
    case 'max-width':
    case 'max-device-width':
      return limit === undefined ? null : screenWidth <= pixels;
    case 'prefers-color-scheme':
      return value === 'light';
    default:
      return text === '' ? true : null;
  }
}
