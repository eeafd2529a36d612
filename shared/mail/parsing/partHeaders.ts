/** What a mail has at most: a part of which more are nested or listed is not read by anybody. */
const maxParts = 10_000;

const multipartPattern = /^content-type:[ \t]*multipart\/[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/im;
const boundaryPattern = /;\s*boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i;
const wholeMail = /^content-type:[ \t]*message\/rfc822\b/im;

/** Where a block of header lines stands, without the blank line that ends it. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The header blocks of a mail and of its parts, in order: not those of mails attached to it, which are files, and nothing
 * that merely looks like a header. Of a mail that is nothing but another mail, that one's too.
 */
export function partHeaders(mail: Buffer): readonly Span[] {
  const boundaries = new Set<string>();
  const found: Span[] = [];
  const add = (start: number): Span => {
    const span = { start, end: endOfHeaders(mail, start) };
    found.push(span);
    const multipart = multipartPattern.exec(mail.toString('latin1', start, span.end))?.[0] ?? '';
    const [, quoted, bare] = boundaryPattern.exec(multipart) ?? [];
    const boundary = (quoted ?? bare)?.trimEnd();
    if (boundary !== undefined) {
      boundaries.add(boundary);
    }
    return span;
  };
  const top = add(0);
  if (wholeMail.test(mail.toString('latin1', 0, top.end))) {
    add(afterBlankLine(mail, top.end));
  }
  let at = top.end;
  while (boundaries.size > 0 && found.length < maxParts) {
    const line = mail.indexOf('\n--', at, 'latin1');
    if (line < 0) {
      break;
    }
    const lineEnd = mail.indexOf(0x0a, line + 1);
    if (lineEnd < 0) {
      break;
    }
    const name = mail.toString('latin1', line + 3, Math.min(lineEnd, line + 300)).trimEnd();
    at = boundaries.has(name) ? add(lineEnd + 1).end : lineEnd;
  }
  return found;
}

/** The mail with its header blocks as the function gives them back; the same mail when it changes none. */
export function withRewrittenHeaders(raw: Uint8Array, rewrite: (block: string) => string): Uint8Array {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const pieces: Buffer[] = [];
  let kept = 0;
  for (const { start, end } of partHeaders(mail)) {
    const block = mail.toString('latin1', start, end);
    const rewritten = rewrite(block);
    if (rewritten === block) {
      continue;
    }
    pieces.push(mail.subarray(kept, start), Buffer.from(rewritten, 'latin1'));
    kept = end;
  }
  return pieces.length === 0 ? raw : Buffer.concat([...pieces, mail.subarray(kept)]);
}

function endOfHeaders(mail: Buffer, start: number): number {
  for (let line = start; ; ) {
    const end = mail.indexOf(0x0a, line);
    if (end < 0) {
      return mail.byteLength;
    }
    if (end === line || (end === line + 1 && mail[line] === 0x0d)) {
      return line;
    }
    line = end + 1;
  }
}

function afterBlankLine(mail: Buffer, at: number): number {
  const end = mail.indexOf(0x0a, at);
  return end < 0 ? mail.byteLength : end + 1;
}
