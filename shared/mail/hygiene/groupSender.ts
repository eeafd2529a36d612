import { senderIn } from '#shared/mail/parsing/addresses.ts';
import { headerValue, headerValues } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { isOurs } from './ownAddresses.ts';

/**
 * A mail that one of our own groups passed on, with its writer as the sender. Google Groups puts the group's address into From where
 * the writer's domain lets nobody else send in its name (DMARC), and names the writer beside it. Every other mail stays as it is.
 *
 * @see https://support.google.com/groups/answer/2464926 ("via" in the sender's name)
 */
export function withWriterBehindGroup(mail: ParsedMail, ownAddresses: ReadonlySet<string>): ParsedMail {
  if (
    mail.from === null ||
    !isOurs(mail.from.address, ownAddresses) ||
    !mail.headers.has('x-google-group-id')
  ) {
    return mail;
  }
  const writer =
    senderIn(headerValues(mail, 'x-original-from')) ?? senderIn(headerValues(mail, 'x-original-sender'));
  return writer === null || isOurs(writer.address, ownAddresses)
    ? mail
    : { ...mail, from: writer, fromIsClaimed: !isFromOurDomain(mail) };
}

/** Whether Google found that the group's domain sent this mail. Google's own header stands above those that the mail brought. */
function isFromOurDomain(mail: ParsedMail): boolean {
  const result = headerValue(mail, 'authentication-results').toLowerCase();
  return /^mx\.google\.com\s*;/.test(result) && /\bdmarc=pass\b/.test(result);
}
