import { domainOf } from '#shared/mail/parsing/addresses.ts';
import { isPublicMailDomain } from './publicMailDomains.ts';

/**
 * Whether an address leads to a mailbox of ours: what stands behind a plus sign in its name changes nothing about where it leads,
 * neither there nor in our own addresses.
 */
export function isOurs(address: string, own: ReadonlySet<string>): boolean {
  const mailbox = mailboxOf(address);
  return [...own].some((each) => mailboxOf(each) === mailbox);
}

/** The domains of ours: those of our own addresses but public ones. */
export function ownDomainsOf(own: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...own].map(domainOf).filter((domain) => domain !== '' && !isPublicMailDomain(domain)));
}

/** Whether an address is one of ours, or at a domain of ours. */
export function isOursOrAtOurDomain(address: string, own: ReadonlySet<string>): boolean {
  return isOurs(address, own) || ownDomainsOf(own).has(domainOf(address));
}

/** The address without an addition, in lower case. A name that begins with a plus sign is all there is of it. */
function mailboxOf(address: string): string {
  return address.toLowerCase().replace(/^([^@+]+)\+[^@]*@/, '$1@');
}
