import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { freeScoutThreadIds } from '#shared/mail/replies/replyIds.ts';

/** Whether a mail answers one of ours, as far as its headers tell: the Message-ID is FreeScout's, or made at the domain of an own address. */
export function answersUs(mail: ParsedMail, ownAddresses: ReadonlySet<string>): boolean {
  const answered = [...mail.inReplyTo, ...mail.references];
  if (freeScoutThreadIds(answered).length > 0) {
    return true;
  }
  const ownDomains = new Set([...ownAddresses].map((address) => address.split('@')[1]));
  return answered.some((id) => ownDomains.has(id.toLowerCase().replace(/>\s*$/, '').split('@')[1]));
}
