import { createHash } from 'node:crypto';
import { Parser } from 'htmlparser2';
import { withoutInvisibleCharacters } from '#shared/text/invisibleCharacters.ts';
import { normalForm } from '#shared/text/normalForm.ts';

/*
 * Opening a draft in FreeScout's editor and waiting twelve seconds rewrites its HTML through the browser's DOM (core 1.8.235,
 * checked live): entities, attribute order and quoting, implied tags, `&nbsp;`. Nothing a reader sees changes. So what is
 * compared is what a reader sees: the lines of text, where links lead, which pictures are shown, what is emphasised.
 */

const BLOCKS = new Set(
  'address article aside blockquote body center dd div dl dt fieldset figure figcaption footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);
const NOT_TEXT = new Set(['head', 'script', 'style', 'template', 'title']);

/** Elements that change how text looks, by one name for those that look the same. */
const EMPHASIS: ReadonlyMap<string, string> = new Map([
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

/** Around what is not text. Control characters are removed from text, so no text can look like it. */
const OPEN = '\u0001';
const CLOSE = '\u0002';

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

function linesOf(html: string, withLooks: boolean): string[] {
  const lines: string[] = [];
  /** Looks of the open elements, null where an element adds none. */
  const looks: (string | null)[] = [];
  const lists: { readonly ordered: boolean; items: number }[] = [];
  let line = '';
  let look = '';
  let bullet = '';
  let skipped = 0;
  /** Text since the last tag: the parser splits it at every entity, which no reader sees. */
  let pending = '';

  const endLine = (evenIfEmpty: boolean) => {
    const text = (bullet + line).replace(/\s+/g, ' ').trim();
    if (text !== '' || evenIfEmpty) {
      lines.push(normalForm(text, 'NFC'));
    }
    line = '';
    look = '';
    bullet = '';
  };
  const add = (text: string) => {
    if (withLooks && text.trim() !== '') {
      const now = [...new Set(looks.filter((each) => each !== null))].sort().join(' ');
      if (now !== look) {
        line += OPEN + now + CLOSE;
        look = now;
      }
    }
    line += text;
  };
  const endBlock = () => endLine(bullet !== '');
  const addPending = () => {
    if (pending !== '') add(withoutInvisibleCharacters(pending).replace(/[\s\u00a0\u202f]+/g, ' '));
    pending = '';
  };

  const parser = new Parser({
    onopentag(name, attributes) {
      addPending();
      if (NOT_TEXT.has(name)) skipped++;
      looks.push(withLooks ? lookOf(name, attributes) : null);
      if (name === 'br') return endLine(true);
      if ((name === 'td' || name === 'th') && line.trim() !== '') return add(' | ');
      if (BLOCKS.has(name) && line.trim() !== '') endBlock();
      if (name === 'ul' || name === 'ol') lists.push({ ordered: name === 'ol', items: 0 });
      const list = lists.at(-1);
      if (name === 'li') {
        if (list) list.items++;
        bullet =
          (withLooks ? `${OPEN}${lists.length}${CLOSE}` : '') + (list?.ordered ? `${list.items}. ` : '- ');
      }
      if (name === 'hr') add('————');
      if (name === 'img' && withLooks) add(`${OPEN}img ${attributes.src ?? ''}${CLOSE}`);
    },
    ontext(text) {
      if (skipped === 0) pending += text;
    },
    onclosetag(name) {
      addPending();
      if (NOT_TEXT.has(name)) skipped--;
      looks.pop();
      if (name === 'td' || name === 'th') return;
      if (name === 'li' || (BLOCKS.has(name) && line.trim() !== '')) endBlock();
      if (name === 'ul' || name === 'ol') lists.pop();
    },
  });
  parser.end(html);
  addPending();
  endBlock();
  return lines;
}

function lookOf(name: string, attributes: Readonly<Record<string, string>>): string | null {
  const parts: string[] = [];
  const emphasis = EMPHASIS.get(name);
  if (emphasis) parts.push(emphasis);
  if (name === 'a' && attributes.href !== undefined) parts.push(`a=${attributes.href.trim()}`);
  if (name === 'font')
    parts.push(`font=${attributes.color ?? ''},${attributes.face ?? ''},${attributes.size ?? ''}`);
  const style = (attributes.style ?? '')
    .toLowerCase()
    .split(';')
    .map((declaration) => declaration.replace(/\s+/g, ''))
    .filter((declaration) => declaration !== '')
    .sort()
    .join(';');
  if (style !== '') parts.push(`style=${style}`);
  return parts.length === 0 ? null : parts.join(',');
}
