const lineBlocks = new Set(
  'div tr li dt dd address article aside center fieldset figure footer form header main nav section body html'.split(
    ' ',
  ),
);
const paragraphBlocks = new Set('p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre hr'.split(' '));
const maxIndent = 5;

/**
 * Collects visible HTML as plain text: white space as a browser shows it, one line per block, a blank line around
 * paragraphs, `> ` in front of quoted lines.
 */
export class VisibleTextWriter {
  readonly #lines: string[] = [];
  #line: string[] = [];
  #lineIsEmpty = true;
  #pendingSpace = false;
  /** Quote depth of the blank line that is due before the next text; null: none is. */
  #dueBlank: number | null = null;
  #quoteDepth = 0;
  #preDepth = 0;
  /** −1: bullets; otherwise the number of the last item. */
  readonly #lists: number[] = [];
  readonly #spacedBlocks: boolean[] = [];

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'br') {
      this.#endLine();
      return;
    }
    if (paragraphBlocks.has(name) || lineBlocks.has(name)) {
      const spaced = paragraphBlocks.has(name) && !isTightParagraph(name, attributes);
      if (!this.#lineIsEmpty) {
        this.#endLine();
      }
      if (spaced) {
        this.#blankDue();
      }
      if (name !== 'hr') {
        this.#spacedBlocks.push(spaced);
      }
    }
    if (name === 'blockquote') {
      this.#quoteDepth++;
    }
    if (name === 'pre') {
      this.#preDepth++;
    }
    if (name === 'ul' || name === 'menu') {
      this.#lists.push(-1);
    }
    if (name === 'ol') {
      this.#lists.push(0);
    }
    if (name === 'li') {
      this.#item();
    }
    if ((name === 'td' || name === 'th') && !this.#lineIsEmpty) {
      this.#pendingSpace = true;
    }
    if (name === 'hr') {
      this.text('________________________________');
      this.#endLine();
    }
  }

  close(name: string): void {
    if (name === 'br' || name === 'hr') {
      return;
    }
    if (name === 'ul' || name === 'ol' || name === 'menu') {
      this.#lists.pop();
    }
    if (paragraphBlocks.has(name) || lineBlocks.has(name)) {
      if (!this.#lineIsEmpty) {
        this.#endLine();
      }
      if (name === 'blockquote') {
        this.#quoteDepth = Math.max(0, this.#quoteDepth - 1);
      }
      if (this.#spacedBlocks.pop() === true) {
        this.#blankDue();
      }
    }
    if (name === 'pre') {
      this.#preDepth = Math.max(0, this.#preDepth - 1);
    }
  }

  text(text: string): void {
    if (this.#preDepth > 0) {
      this.#preformatted(text);
      return;
    }
    if (text === '') {
      return;
    }
    const words = text.replace(/[ \t\r\n\f\u00a0]+/g, ' ');
    if (words === ' ') {
      this.#pendingSpace = true;
      return;
    }
    this.#append(words.startsWith(' ') || this.#pendingSpace, words.trim());
    this.#pendingSpace = words.endsWith(' ');
  }

  toString(): string {
    if (!this.#lineIsEmpty) {
      this.#endLine();
    }
    return this.#lines
      .join('\n')
      .replace(/\n{4,}/g, '\n\n\n')
      .replace(/^\n+/, '')
      .trimEnd();
  }

  #item(): void {
    const counter = this.#lists.pop();
    const depth = Math.min(this.#lists.length, maxIndent);
    if (counter === undefined) {
      return;
    }
    const next = counter < 0 ? counter : counter + 1;
    this.#lists.push(next);
    this.#append(false, `${'  '.repeat(depth)}${next < 0 ? '-' : `${next}.`}`);
    this.#pendingSpace = true;
  }

  #preformatted(text: string): void {
    const [first, ...others] = text.replace(/\r\n?/g, '\n').split('\n');
    if (first) {
      this.#append(this.#pendingSpace, first);
    }
    this.#pendingSpace = false;
    for (const line of others) {
      this.#endLine();
      if (line !== '') {
        this.#append(false, line);
      }
    }
  }

  #append(spaceBefore: boolean, text: string): void {
    if (text === '') {
      return;
    }
    const last = this.#lines.at(-1);
    if (this.#lineIsEmpty && this.#dueBlank !== null && last !== undefined && !/^[> ]*$/.test(last)) {
      this.#lines.push(prefixOf(this.#dueBlank).trimEnd());
    }
    this.#dueBlank = null;
    if (spaceBefore && !this.#lineIsEmpty) {
      this.#line.push(' ');
    }
    this.#line.push(text);
    this.#lineIsEmpty = false;
  }

  #endLine(): void {
    const line = this.#lineIsEmpty
      ? prefixOf(this.#quoteDepth).trimEnd()
      : prefixOf(this.#quoteDepth) + this.#line.join('').trimEnd();
    this.#lines.push(line);
    this.#line = [];
    this.#lineIsEmpty = true;
    this.#pendingSpace = false;
  }

  #blankDue(): void {
    this.#dueBlank = Math.min(this.#dueBlank ?? this.#quoteDepth, this.#quoteDepth);
  }
}

function prefixOf(quoteDepth: number): string {
  return '> '.repeat(Math.min(quoteDepth, maxIndent));
}

/** Outlook and Google's web mail write one line per `<p>`; a blank line between them was never there. */
function isTightParagraph(name: string, attributes: Readonly<Record<string, string>>): boolean {
  return name === 'p' && /Mso|\bmargin:\s*0/i.test(`${attributes.class ?? ''} ${attributes.style ?? ''}`);
}
