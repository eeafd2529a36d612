import sanitizeHtml from 'sanitize-html';

const voidTags = /<(br|hr|img|input|wbr|col|area|base|embed|link|meta|source|track)((?:\s[^<>]*?)?)\s*\/>/gi;

/**
 * What a browser makes of a draft's HTML by merely opening it in FreeScout's editor: entities are decoded and only the
 * necessary ones written again, attributes are quoted, tags closed and in lower case. Comments survive.
 */
export function asBrowserWrites(html: string): string {
  const comments: string[] = [];
  const withPlaceholders = html.replace(/<!--[\s\S]*?-->/g, (comment) => {
    comments.push(comment);
    return `\uE000${comments.length - 1}\uE001`;
  });
  return sanitizeHtml(withPlaceholders, {
    allowedTags: false,
    allowedAttributes: false,
    allowVulnerableTags: true,
  })
    .replace(voidTags, (_, tag: string, attributes: string) => `<${tag}${attributes.trimEnd()}>`)
    .replaceAll('\u00A0', '&nbsp;')
    .replace(/\uE000(\d+)\uE001/g, (_, index: string) => comments[Number(index)] ?? '');
}

const allowedTags = [
  ...[
    'a',
    'b',
    'blockquote',
    'br',
    'code',
    'div',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'hr',
    'i',
    'li',
    'ol',
    'p',
    'pre',
  ],
  ...['s', 'span', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul'],
];

/** HTML that may be shown on the desk page: no scripts, styles, forms or pictures; links open elsewhere and say nothing. */
export const safeToShow = (html: string | null): string =>
  sanitizeHtml(html ?? '', {
    allowedTags,
    allowedAttributes: { a: ['href', 'title'], td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan'] },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    transformTags: {
      a: sanitizeHtml.simpleTransform('a', { target: '_blank', rel: 'noopener noreferrer nofollow' }, true),
    },
  });
