import { normalForm } from '#shared/text/normalForm.ts';

/**
 * A plain http or https address; null for anything else, and for addresses that carry a user name: they are made to deceive. An
 * address that begins with `www.` is one too.
 */
export function webAddressOf(text: string): URL | null {
  const url = URL.parse(/^www\./i.test(text) ? `https://${text}` : text);
  return url !== null && /^https?:$/.test(url.protocol) && !hasUserName(url) && url.host !== '' ? url : null;
}

function hasUserName({ username, password }: URL): boolean {
  return username !== '' || password !== '';
}

/** Host of a web address (with its port when that is not the usual one), lower-case and without `www.`; null when it is none. */
export function hostOf(address: string): string | null {
  return webAddressOf(address)?.host.replace(/^www\./, '') ?? null;
}

/** A web address in running text without the mark that ends the sentence after it. */
export function withoutEndOfSentence(address: string): string {
  return address.replace(/[.,;:!?…*_]+$/u, '');
}

/** What an address of a link must look like before it is parsed: parsers guess a host where none was written. */
const linkTargets = [
  /^https?:\/\/[^\s/\\?#]/i,
  /^mailto:\s*[^\s?@]{1,200}(?:@|%40)[^\s?@]/i,
  /^tel:\s*\+?[\d(][-+\d\s().*#/;=a-z%]{1,100}$/i,
];

/** Far longer than the addresses of newsletters; one link must not fill the room of a whole mail. */
const maxLinkTarget = 10_000;

/**
 * Where a link of a mail leads when that is the same on every page: an absolute http, https, mailto or tel address. null for
 * all else: on FreeScout's page a relative address leads into the help desk, with the session of the agent who follows it. null
 * also for an address that carries a user name, and for one that is longer than any that leads somewhere.
 */
export function linkTargetOf(href: string): URL | null {
  if (href.length > maxLinkTarget) {
    return null;
  }
  const written = href.replace(/^[\s\p{Cc}]+/u, '');
  const url = linkTargets.some((target) => target.test(written)) ? URL.parse(written) : null;
  return url === null || hasUserName(url) ? null : url;
}

/**
 * Whether words that a reader sees name a host other than the one given: as an address, or as what looks like one
 * (`evil.example/pay`), in any script. In doubt they do.
 *
 * @param host as from {@link hostOf}
 */
export function namesOtherHost(words: string, host: string): boolean {
  return hostsNamedIn(words).some((named) => named !== host);
}

/**
 * Whether a link of a mail pretends to lead elsewhere: its words name another host than its own, or do so together with what touches
 * them on the page, as `bank` does beside `.example`.
 *
 * @param target as from {@link linkTargetOf}
 * @param before the text of the line in front of the words, or its end
 * @param after the text of the line behind them, or its beginning
 */
export function misleads(target: URL, before: string, words: string, after: string): boolean {
  if (target.protocol === 'tel:') {
    return false;
  }
  const isMail = target.protocol === 'mailto:';
  const host = isMail ? domainOf(target) : (hostOf(target.href) ?? '');
  // What stands before the sign of a mail address is no host, however many dots it has.
  const named = (text: string) => hostsNamedIn(isMail ? text.replace(localPart, '') : text);
  if (named(words).some((other) => other !== host)) {
    return true;
  }
  const [left = '', right = ''] = [before.split(space).at(-1), after.split(space, 1)[0]];
  if (left === '' && right === '') {
    return false;
  }
  const beside = new Set([host, ...named(left), ...named(right)]);
  return named(left + words + right).some((other) => !beside.has(other));
}

/** Three spaces are so thin that nobody sees them beside a dot. */
const space = /[^\S\u2006\u2009\u200a]/;
const localPart = /(?<![^\s@/])[^\s@/]+@/g;

/** The domain of the mail address that a link leads to; '' when it leads to several. */
function domainOf(target: URL): string {
  const addressed = target.pathname.replace(/%40/g, '@').matchAll(/@([^@,]*)/g);
  const hosts = new Set([...addressed].map(([, domain = '']) => hostOf(`https://${domain}`)));
  return (hosts.size === 1 && [...hosts][0]) || '';
}

function hostsNamedIn(words: string): readonly string[] {
  const seen = words.replace(/[\p{Default_Ignorable_Code_Point}\u2006\u2009\u200a]|(?!\s)\p{Cc}/gu, '');
  const shown = normalForm(seen, 'NFKC')
    .toLowerCase()
    // This full stop ends sentences too, but not between Latin letters.
    .replace(/(?<=[a-z\d])。(?=[a-z\d])/g, '.');
  return shown.split(/\s+/).flatMap(hostsIn);
}

/** Hosts that a word without spaces names. What follows the host of an address is no host, even if it looks like one. */
function hostsIn(word: string): readonly string[] {
  const start = namedHosts(word)[0]?.at ?? word.length;
  const scheme = /https?:\/\/(?=[^/\\?#])/.exec(word);
  const hasScheme = scheme !== null && scheme.index < start;
  const address = word.slice(hasScheme ? scheme.index + scheme[0].length : start);
  const authority = address.split(/[/\\?#]/, 1)[0] ?? '';
  const hosts = namedHosts(authority).map(({ host }) => host);
  // After a scheme every authority is a host, even if it does not look like one.
  return hosts.length === 0 && hasScheme ? [hostOf(`https://${authority}`) ?? authority] : hosts;
}

const dotted = /([\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*)\.?(?::(\d{1,5})(?!\d))?/gu;
const topLevelDomain = /^(?:xn--[a-z\d-]+|\p{L}[\p{L}\p{M}]+)(?![\p{L}\p{M}\p{N}])/u;
const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Endings of the names of files. None of them is a top-level domain. */
const fileEndings = new Set(
  'pdf txt rtf csv doc docx xls xlsx ppt pptx odt ods jpg jpeg png gif bmp tif tiff svg webp heic html htm php js css json xml eml log exe'.split(
    ' ',
  ),
);

function namedHosts(text: string): readonly { readonly host: string; readonly at: number }[] {
  return [...text.matchAll(dotted)].flatMap(({ 1: name = '', 2: port, index: at }) => {
    const bare = hostNameIn(name);
    if (bare === null) {
      return [];
    }
    return [{ host: hostOf(`https://${bare}${port === undefined ? '' : `:${port}`}`) ?? bare, at }];
  });
}

/** `shop.example-page` names shop.example; `2.500` and `invoice.pdf` name none. */
function hostNameIn(dotted: string): string | null {
  if (ipv4.test(dotted)) {
    return dotted;
  }
  const lastDot = dotted.lastIndexOf('.');
  const topLevel = lastDot < 0 ? undefined : topLevelDomain.exec(dotted.slice(lastDot + 1))?.[0];
  return topLevel === undefined || fileEndings.has(topLevel)
    ? null
    : `${dotted.slice(0, lastDot + 1)}${topLevel}`;
}
