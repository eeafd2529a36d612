import type { ParsedMail } from './parsedMail.ts';

/** All values of a header in the order of the mail. */
export function headerValues(mail: ParsedMail, name: string): readonly string[] {
  return mail.headers.get(name) ?? [];
}

/** The first value of a header, trimmed; '' when it is missing. */
export function headerValue(mail: ParsedMail, name: string): string {
  return headerValues(mail, name)[0]?.trim() ?? '';
}
