import type { Remark } from '#shared/intake/remark.ts';
import type { MailAddress } from '#shared/mail/parsing/addresses.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { automaticOriginOf } from './automaticReply.ts';
import { isOurs } from './ownAddresses.ts';

/**
 * As what a mail was written. `form`: a person wrote it through a form or a machine. `machine`: a machine wrote it, and no person stands
 * behind it. `own`: we wrote it ourselves.
 */
type WrittenAs = 'person' | 'form' | 'machine' | 'own';

/** Who wrote a mail. */
export interface MailWriter {
  readonly as: WrittenAs;
  /** Whose conversation the mail starts; null when it names nobody. */
  readonly person: MailAddress | null;
  readonly remarks: readonly Remark[];
}

/**
 * Who wrote a mail: its sender, but for a web form, which mails from one of our addresses or from a machine's, the person whom its
 * Reply-To names. Nothing proves that this person has anything to do with it.
 */
export function writerOf(mail: ParsedMail, ownAddresses: ReadonlySet<string>): MailWriter {
  const isFromUs = mail.from !== null && isOurs(mail.from.address, ownAddresses);
  const isFromMachine = automaticOriginOf(mail) === 'generated';
  const behindForm = isFromUs || isFromMachine ? personBehindForm(mail, ownAddresses, isFromUs) : null;
  if (behindForm !== null) {
    return { as: 'form', person: behindForm, remarks: [] };
  }
  const person = mail.from ?? mail.replyTo[0] ?? null;
  if (isFromUs) {
    return { as: 'own', person, remarks: [] };
  }
  return { as: isFromMachine ? 'machine' : 'person', person, remarks: [] };
}

/**
 * A form on a web site mails from its own or a machine's address and names the person in Reply-To. An answer address at the
 * sender's own domain is no person behind a form but a company's habit.
 */
function personBehindForm(
  mail: ParsedMail,
  ownAddresses: ReadonlySet<string>,
  isFromUs: boolean,
): MailAddress | null {
  const person = mail.replyTo[0];
  if (person === undefined || isOurs(person.address, ownAddresses) || nobody.test(person.address)) {
    return null;
  }
  const isAtSenders = domainOf(person) === domainOf(mail.from) && !isFromUs;
  return isAtSenders ? null : person;
}

const nobody = /^(?:no-?reply|do-?not-?reply|bounces?|mailer-daemon|postmaster)\b/i;

function domainOf(address: MailAddress | null): string {
  return address?.address.split('@')[1] ?? '';
}
