import { withRewrittenHeaders } from './partHeaders.ts';

/**
 * `format=flowed` (RFC 3676): a line that ends with a space goes on in the next one of the same quote depth. The MIME
 * parser joins across depths, so that an answer right below a quotation would become part of it; therefore the
 * parameter is hidden from the parser and the text unfolded here.
 */

const flowed = /^(content-type:[ \t]*text\/[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)/gim;

/** The same mail with `format=flowed` renamed in its part headers, and only there; unchanged when no part uses it. */
export function withoutFlowedFormat(raw: Uint8Array): Uint8Array {
  return withRewrittenHeaders(raw, (block) =>
    block.replace(flowed, (header) => header.replace(/(format\s{0,5}=\s{0,5}"?)flowed/gi, '$1fixed_')),
  );
}

/** Joins the soft-wrapped lines of flowed text. `delSp`: the space at the line's end belongs to the wrapping. */
export function unflowed(text: string, delSp: boolean): string {
  const out: string[] = [];
  let pending: string[] = [];
  let depth = 0;
  const finish = () => {
    if (pending.length > 0) {
      out.push((depth > 0 ? `${'>'.repeat(depth)} ` : '') + pending.join(''));
    }
    pending = [];
  };
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const lineDepth = /^>*/.exec(line)?.[0].length ?? 0;
    const content = line.slice(lineDepth).replace(/^ /, '');
    if (lineDepth !== depth) {
      finish();
    }
    depth = lineDepth;
    const isSoft = content.endsWith(' ') && content !== '-- ' && content.trim() !== '';
    pending.push(isSoft && delSp ? content.slice(0, -1) : content);
    if (!isSoft) {
      finish();
    }
  }
  finish();
  return out.join('\n');
}
