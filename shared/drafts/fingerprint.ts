import { createHash } from 'node:crypto';
import { Parser } from 'htmlparser2';
import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { normalForm } from '#shared/text/normalForm.ts';

/*
 * Opening a draft in FreeScout's editor and waiting twelve seconds rewrites its HTML through the browser's DOM (core 1.8.235,
 * checked live): entities, attribute order and quoting, implied tags, `&nbsp;`. What a reader sees stays the same.
 * Therefore the fingerprint is made of what a reader sees: the lines of text, where links lead, which pictures are shown, what is
 * emphasised.
 */

/** Elements that stand in lines of their own. Cells (`td`, `th`) stand side by side. */
const blockElements = new Set(
  'address article aside blockquote body center dd div dl dt fieldset figure figcaption footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
const elementsWithoutText = new Set(['head', 'script', 'style', 'template', 'title']);

/** Elements that change how text looks → one name for all that look the same. */
const emphasisOf: ReadonlyMap<string, string> = new Map([
  ['b', 'b'],
  ['strong', 'b'],
  ['i', 'i'],
  ['em', 'i'],
  ['u', 'u'],
  ['ins', 'u'],
  ['s', 's'],
  ['strike', 's'],
  ['del', 's'],
  ...['sub', 'sup', 'code', 'pre', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map(
    (name): [string, string] => [name, name],
  ),
]);

type Attributes = Readonly<Record<string, string>>;

/** Stand around what is not text. Control characters are removed from text, so no text contains them. */
const openMark = '\u0001';
const closeMark = '\u0002';

/** The text a reader sees: one line per block or `<br>`, no blank lines, lists with `- ` or `1. `. For comparisons. */
export function visibleTextOf(html: string): string {
  return linesOf(html, false)
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * SHA-256 over what a reader sees: text, blank lines, list items, link targets, pictures and emphasis. Equal for HTML that
 * FreeScout's editor merely opened and saved; different as soon as somebody changed a word, a number, a link or a list item.
 */
export function fingerprintOf(html: string): string {
  const lines = linesOf(html, true);
  const first = lines.findIndex((line) => line !== '');
  const last = lines.findLastIndex((line) => line !== '');
  const seen = first < 0 ? [] : lines.slice(first, last + 1);
  return createHash('sha256').update(seen.join('\n')).digest('hex');
}

/** Lines that a reader sees. @param withLooks - marks looks, pictures and the depth of lists as well. */
function linesOf(html: string, withLooks: boolean): readonly string[] {
  const page = createPage(withLooks);
  let skipped = 0;
  /** Text since the last tag, because the parser reports text in pieces where it has an entity. */
  let pending = '';
  const addPending = () => {
    if (pending !== '') {
      page.add(withoutInvisibleCharacters(pending).replace(/[\s\u00a0\u202f]+/g, ' '));
    }
    pending = '';
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      addPending();
      if (elementsWithoutText.has(name)) {
        skipped++;
      }
      page.open(name, attributes);
    },
    ontext(text) {
      if (skipped === 0) {
        pending += text;
      }
    },
    onclosetag(name) {
      addPending();
      if (elementsWithoutText.has(name)) {
        skipped--;
      }
      page.close(name);
    },
  });
  parser.end(html);
  addPending();
  page.endBlock();
  return page.lines;
}

/** The page as a browser lays it out, line by line. */
function createPage(withLooks: boolean) {
  const lines: string[] = [];
  /** Looks of the open elements, null where an element adds none. */
  const looks: (string | null)[] = [];
  const lists: { readonly ordered: boolean; items: number }[] = [];
  let line = '';
  let look = '';
  let bullet = '';

  const lookMark = (shown: string) => (withLooks ? `${openMark}${shown}${closeMark}` : '');
  const endLine = (evenIfEmpty: boolean) => {
    const text = (bullet + line).replace(/\s+/g, ' ').trim();
    if (text !== '' || evenIfEmpty) {
      lines.push(normalForm(text, 'NFC'));
    }
    line = '';
    look = '';
    bullet = '';
  };
  const endBlock = () => endLine(bullet !== '');
  const add = (text: string) => {
    if (withLooks && text.trim() !== '') {
      const now = [...new Set(looks.filter((each) => each !== null))].sort().join(' ');
      if (now !== look) {
        line += lookMark(now);
        look = now;
      }
    }
    line += text;
  };
  const isBegun = () => line.trim() !== '';
  const open = (name: string, attributes: Attributes) => {
    looks.push(withLooks ? lookOf(name, attributes) : null);
    if (blockElements.has(name) && isBegun()) {
      endBlock();
    }
    switch (name) {
      case 'br':
        endLine(true);
        break;
      case 'td':
      case 'th':
        if (isBegun()) {
          add(' | ');
        }
        break;
      case 'ul':
      case 'ol':
        lists.push({ ordered: name === 'ol', items: 0 });
        break;
      case 'li':
        bullet = lookMark(String(lists.length)) + nextBullet(lists.at(-1));
        break;
      case 'hr':
        add('————');
        break;
      case 'img':
        add(lookMark(`img ${attributes.src ?? ''}`));
        break;
    }
  };
  const close = (name: string) => {
    looks.pop();
    if (name === 'li' || (blockElements.has(name) && isBegun())) {
      endBlock();
    }
    if (name === 'ul' || name === 'ol') {
      lists.pop();
    }
  };
  return { lines, add, endBlock, open, close };
}

/** @param list - the list that the item stands in; undefined outside of one. */
function nextBullet(list: { readonly ordered: boolean; items: number } | undefined): string {
  if (list === undefined) {
    return '- ';
  }
  list.items++;
  return list.ordered ? `${list.items}. ` : '- ';
}

function lookOf(name: string, attributes: Attributes): string | null {
  const parts: string[] = [];
  const emphasis = emphasisOf.get(name);
  if (emphasis) {
    parts.push(emphasis);
  }
  if (name === 'a' && attributes.href !== undefined) {
    parts.push(`a=${attributes.href.trim()}`);
  }
  if (name === 'font') {
    parts.push(`font=${attributes.color ?? ''},${attributes.face ?? ''},${attributes.size ?? ''}`);
  }
  const style = (attributes.style ?? '')
    .toLowerCase()
    .split(';')
    .map((declaration) => declaration.replace(/\s+/g, ''))
    .filter((declaration) => declaration !== '')
    .sort()
    .join(';');
  if (style !== '') {
    parts.push(`style=${style}`);
  }
  return parts.length === 0 ? null : parts.join(',');
}
