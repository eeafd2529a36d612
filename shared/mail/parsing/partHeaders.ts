/** What a mail has at most: a part of which more are nested or listed is not read by anybody. */
const maxParts = 10_000;

const multipartPattern = /^content-type:[ \t]*multipart\/([^\s;]*)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/im;
const boundaryPattern = /;\s*boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i;
const wholeMail = /^content-type:[ \t]*message\/rfc822\b/im;

/** Where a part stands in its mail. */
interface PartSpan {
  readonly start: number;
  /** of its header lines, without the blank line that ends them */
  readonly end: number;
  /** behind the last line of its body; of a multipart, behind what stands before its first part */
  readonly bodyEnd: number;
  /** subtype of the multipart it is a part of, lower-case; null for the mail itself */
  readonly parent: string | null;
}

/** A part of a mail, its header lines as latin1: one character a byte. */
export interface MailPart {
  readonly head: string;
  readonly body: Buffer;
  /** subtype of the multipart it is a part of, lower-case; null for the mail itself */
  readonly parent: string | null;
}

/**
 * The parts of a mail, itself first, in order: not those of mails attached to it, which are files, and nothing that merely
 * looks like a part. Of a mail that is nothing but another mail, that one's too.
 */
export function partHeaders(mail: Buffer): readonly PartSpan[] {
  const multiparts = new Map<string, string>();
  const found: PartSpan[] = [];
  let open: Omit<PartSpan, 'bodyEnd'> | null = null;
  const close = (bodyEnd: number) => {
    if (open !== null) {
      found.push({ ...open, bodyEnd: Math.max(bodyEnd, open.end) });
    }
    open = null;
  };
  const begin = (start: number, parent: string | null): number => {
    const end = endOfHeaders(mail, start);
    open = { start, end, parent };
    const [multipart = '', subtype = ''] = multipartPattern.exec(mail.toString('latin1', start, end)) ?? [];
    const [, quoted, bare] = boundaryPattern.exec(multipart) ?? [];
    const boundary = (quoted ?? bare)?.trimEnd();
    if (boundary !== undefined) {
      multiparts.set(boundary, subtype.toLowerCase());
    }
    return end;
  };
  let at = begin(0, null);
  if (wholeMail.test(mail.toString('latin1', 0, at))) {
    const inner = afterBlankLine(mail, at);
    close(inner);
    at = begin(inner, null);
  }
  while (multiparts.size > 0 && found.length < maxParts) {
    const line = mail.indexOf('\n--', at, 'latin1');
    const lineEnd = line < 0 ? -1 : mail.indexOf(0x0a, line + 1);
    if (lineEnd < 0) {
      break;
    }
    const name = mail.toString('latin1', line + 3, Math.min(lineEnd, line + 300)).trimEnd();
    const parent = multiparts.get(name);
    if (parent !== undefined) {
      close(line + 1);
      at = begin(lineEnd + 1, parent);
    } else {
      if (name.endsWith('--') && multiparts.has(name.slice(0, -2))) {
        close(line + 1);
      }
      at = lineEnd;
    }
  }
  close(endOfLastBody(mail, at, multiparts));
  return found;
}

/** The line that ends a mail's last part may lack its line feed. */
function endOfLastBody(mail: Buffer, at: number, multiparts: ReadonlyMap<string, string>): number {
  const line = mail.indexOf('\n--', at, 'latin1');
  const name = line < 0 ? '' : mail.toString('latin1', line + 3, line + 300).trimEnd();
  const ends = multiparts.has(name) || (name.endsWith('--') && multiparts.has(name.slice(0, -2)));
  return ends ? line + 1 : mail.byteLength;
}

/**
 * The mail with its parts as the function gives them back; null: that part stays as it is. The same mail when all do. A body that
 * stays is not copied more than once.
 */
export function withRewrittenParts(
  raw: Uint8Array,
  rewrite: (part: MailPart) => { readonly head: string; readonly body: Uint8Array } | null,
): Uint8Array {
  const mail = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const pieces: Uint8Array[] = [];
  let kept = 0;
  for (const { start, end, bodyEnd, parent } of partHeaders(mail)) {
    const body = Math.min(afterBlankLine(mail, end), bodyEnd);
    const head = mail.toString('latin1', start, end);
    const rewritten = rewrite({ head, body: mail.subarray(body, bodyEnd), parent });
    if (rewritten === null) {
      continue;
    }
    pieces.push(mail.subarray(kept, start), Buffer.from(rewritten.head, 'latin1'));
    pieces.push(mail.subarray(end, body), rewritten.body);
    kept = bodyEnd;
  }
  return pieces.length === 0 ? raw : Buffer.concat([...pieces, mail.subarray(kept)]);
}

/** The mail with its header blocks as the function gives them back; the same mail when it changes none. */
export function withRewrittenHeaders(raw: Uint8Array, rewrite: (block: string) => string): Uint8Array {
  return withRewrittenParts(raw, ({ head, body }) => {
    const rewritten = rewrite(head);
    return rewritten === head ? null : { head: rewritten, body };
  });
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

/**
 * A `boundary` parameter that its sender failed to indent became a header of its own, and a multipart without a boundary
 * has no readable content. Indents it again.
 */
export function withIndentedBoundaries(raw: Uint8Array): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (!bytes.includes('\nboundary=')) {
    return raw;
  }
  const mended = bytes
    .toString('latin1')
    .replace(/^(content-type:[^\r\n]{1,200};[ \t]*\r?\n)(?=boundary=)/gim, '$1 ');
  return Buffer.from(mended, 'latin1');
}
