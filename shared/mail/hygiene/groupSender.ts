import { domainOf, isMailAddress, type MailAddress, senderIn } from '#shared/mail/parsing/addresses.ts';
import { headerValue, headerValues } from '#shared/mail/parsing/mailHeaders.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { isProvenFrom } from './authenticationResults.ts';
import { isOurs, isOursOrAtOurDomain, ownDomainsOf } from './ownAddresses.ts';

/**
 * A mail that a group or a list passed on under its own address, with its writer as the sender. Google Groups and list programs do that
 * where the writer's domain lets nobody else send in its name (DMARC), and name the writer beside it. Every other mail stays as it is.
 *
 * Who the writer is stands only in what the group wrote, so it is believed of a group at our own domain alone, and only when Google found
 * that our domain sent the mail.
 *
 * @see https://support.google.com/groups/answer/2464926 ("via" in the sender's name)
 */
export function withWriterBehindGroup(mail: ParsedMail, ownAddresses: ReadonlySet<string>): ParsedMail {
  const { from } = mail;
  if (from === null || !isFromGroup(mail, from, ownAddresses)) {
    return mail;
  }
  const named =
    senderIn(headerValues(mail, 'x-original-from')) ?? senderIn(headerValues(mail, 'x-original-sender'));
  const writer = named ?? onlyOther(mail.replyTo, from);
  if (writer === null || isOurs(writer.address, ownAddresses)) {
    return mail;
  }
  const isOurGroup = isOursOrAtOurDomain(from.address, ownAddresses);
  return { ...mail, from: writer, fromIsClaimed: !isOurGroup || !isProvenFrom(mail, domainOf(from.address)) };
}

/** An address of ours is a group's only where Google Groups says so: a program that writes as us may put anything into its headers. */
function isFromGroup(mail: ParsedMail, from: MailAddress, ownAddresses: ReadonlySet<string>): boolean {
  return isOurs(from.address, ownAddresses)
    ? mail.headers.has('x-google-group-id')
    : listAddresses(mail, new Set([domainOf(from.address)])).includes(from.address);
}

function onlyOther(replyTo: readonly MailAddress[], group: MailAddress): MailAddress | null {
  const others = new Map(replyTo.map((each) => [each.address, each]));
  others.delete(group.address);
  const [other = null] = others.values();
  return others.size === 1 ? other : null;
}

/**
 * The address of a group, a list or a mailbox of ours by which a mail came in and which is none of our own addresses; null when there is
 * none. Only at domains of ours: a list elsewhere is no mailbox of ours that somebody forgot.
 */
export function missingOwnAddress(mail: ParsedMail, ownAddresses: ReadonlySet<string>): string | null {
  const domains = ownDomainsOf(ownAddresses);
  if (domains.size === 0) {
    return null;
  }
  const candidates = [
    ...listAddresses(mail, domains),
    ...(mail.headers.has('x-google-group-id') ? [...mail.to, ...mail.cc].map(({ address }) => address) : []),
    ...deliveryHeaders.flatMap((name) => headerValues(mail, name).flatMap(addressesWithin)),
  ];
  return (
    candidates.find((address) => domains.has(domainOf(address)) && !isOurs(address, ownAddresses)) ?? null
  );
}

/** Which mailboxes a mail was delivered to on its way. */
const deliveryHeaders = ['delivered-to', 'x-forwarded-to', 'x-original-to', 'envelope-to'];

/**
 * The addresses that a list says it has: List-Post and Mailing-List name them, List-Id writes a dot for the `@`.
 *
 * @param domains - at which the address of a List-Id may be.
 * @see https://www.rfc-editor.org/rfc/rfc2369 and https://www.rfc-editor.org/rfc/rfc2919
 */
function listAddresses(mail: ParsedMail, domains: ReadonlySet<string>): readonly string[] {
  const id = /<([^<>\s]{1,250})>\s*$/.exec(headerValue(mail, 'list-id').toLowerCase())?.[1] ?? '';
  return [
    ...headerValues(mail, 'list-post').flatMap(addressesWithin),
    ...headerValues(mail, 'mailing-list').slice(0, 1).flatMap(addressesWithin),
    ...[...domains]
      .filter((domain) => id.endsWith(`.${domain}`))
      .map((domain) => `${id.slice(0, -domain.length - 1)}@${domain}`),
  ].filter(isMailAddress);
}

/** Addresses in a header of any form. Those of the owners of a list, `support+owners@…`, are no addresses that people write to. */
function addressesWithin(value: string): readonly string[] {
  return (value.slice(0, 2_000).match(/[^\s<>()[\]:,;"']{1,64}@[^\s<>()[\]:,;"'?]{1,190}/g) ?? [])
    .map((address) => address.toLowerCase())
    .filter((address) => !/\+(?:owners|managers|unsubscribe)@/.test(address));
}
