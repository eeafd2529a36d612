import { type Conversation, newestCustomerMessage } from '#shared/freescout/model.ts';
import { isPublicMailDomain } from '#shared/mail/hygiene/publicMailDomains.ts';
import { senderDigest } from '#shared/store/keys.ts';

/** Who uses up one share together: digests that stand for them in the state. */
export interface Sharers {
  /** Of the address, whatever `+tag` it carries. */
  readonly address: string;
  /** Of the organisation that the address belongs to; null where anybody can have a mailbox, and where it belongs to none. */
  readonly domain: string | null;
}

/** @param sender - an address; or what else stands for a person who has none, such as a number. */
export function sharersOf(sender: string): Sharers {
  const text = sender.trim().toLowerCase();
  const at = text.lastIndexOf('@');
  if (at < 1) {
    return { address: senderDigest(text), domain: null };
  }
  const [local = ''] = text.slice(0, at).split('+', 1);
  const domain = text.slice(at + 1);
  return {
    // An address that begins with its tag keeps it: nothing else would be left of it.
    address: senderDigest(local === '' ? text : `${local}@${domain}`),
    domain: isPublicMailDomain(domain) ? null : senderDigest(`@${organisationOf(domain)}`),
  };
}

/** Address, in lower case, of the customer who wrote last; the conversation stands for one of whom FreeScout has no address. */
export function senderIn(conversation: Conversation): string {
  const email = newestCustomerMessage(conversation)?.customer?.email || conversation.customer?.email;
  return email?.toLowerCase() || `conversation ${conversation.id}`;
}

/** Whoever has a domain has all its subdomains. Below `co.uk`, `com.br` and the like the organisation's name is the third from behind. */
function organisationOf(domain: string): string {
  const labels = domain.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  const isShared = top.length === 2 && /^(?:ac|co|com|edu|gob|gov|gouv|net|ne|or|org)$/.test(second);
  return labels.slice(isShared ? -3 : -2).join('.');
}
