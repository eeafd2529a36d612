import { headerValue } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';

/**
 * Whether Google found that the domain itself sent this mail (DMARC). Every server puts its results above what the mail brought, so
 * only the topmost header can be Google's; a further one below was written by whoever sent the mail. Text that a sender chose stands in
 * comments and quoted strings of that header, so comments are taken out, and a header with a quoted string proves nothing.
 *
 * @param domain - of the address in From, in lower case.
 * @see https://www.rfc-editor.org/rfc/rfc8601 and https://www.rfc-editor.org/rfc/rfc7489 (section 11.1)
 */
export function isProvenFrom(mail: ParsedMail, domain: string): boolean {
  const header = headerValue(mail, 'authentication-results').toLowerCase().slice(0, 5_000);
  if (domain === '' || /["\\]/.test(header)) {
    return false;
  }
  const [server = '', ...results] = withoutComments(header).split(';');
  const dmarc = results.map((result) => result.trim()).filter((result) => result.startsWith('dmarc='));
  const [only = ''] = dmarc;
  return (
    server.trim() === 'mx.google.com' &&
    dmarc.length === 1 &&
    /^dmarc=pass(?:\s|$)/.test(only) &&
    /\sheader\.from=(\S+)/.exec(only)?.[1] === domain
  );
}

/** Comments may hold comments (RFC 5322, section 3.2.2). */
function withoutComments(header: string): string {
  let depth = 0;
  let kept = '';
  for (const character of header) {
    if (character === '(') {
      depth += 1;
    } else if (character === ')') {
      depth = Math.max(0, depth - 1);
    } else if (depth === 0) {
      kept += character;
    }
  }
  return kept;
}
