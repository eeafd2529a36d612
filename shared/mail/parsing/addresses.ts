import { type Address, addressParser } from 'postal-mime';
import { oneLine } from '#shared/text/invisibleCharacters.ts';

/** One mailbox of an address header. */
export interface MailAddress {
  /** lower-cased, trimmed, always with an `@` */
  readonly address: string;
  readonly name: string | null;
}

/** More of one header are no recipients anybody means. */
const maxAddresses = 500;
/** RFC 5321, section 4.5.3.1.3, without the angle brackets. */
const maxAddressLength = 254;

/** Whether a text is one address that a mail may come from or go to, in any script. */
export function isMailAddress(text: string): boolean {
  return text.length <= maxAddressLength && /^[^\s@]+@[^\s@]+$/.test(text);
}

/** The mailboxes of an address header. Names without an address are left out. */
export function addressesIn(addresses: readonly Address[] | undefined): MailAddress[] {
  return (addresses ?? [])
    .slice(0, maxAddresses)
    .flatMap((entry) => entry.group ?? [entry])
    .map(({ address, name }) => ({
      address: oneLine(address ?? '').toLowerCase(),
      name: oneLine(name) || null,
    }))
    .filter(({ address }) => isMailAddress(address))
    .slice(0, maxAddresses);
}

/**
 * Who a From or Sender header names, however it is written: `Doe, John <john@…>` without quotes is one person, and of a header that
 * cannot be read the last address in angle brackets counts.
 *
 * @param values - of the header, encoded words as sent.
 */
export function senderIn(values: readonly string[] | undefined): MailAddress | null {
  for (const value of values ?? []) {
    const parsed = addressParser(value);
    const at = parsed.findIndex((entry) => addressesIn([entry]).length > 0);
    const [sender] = addressesIn(at < 0 ? [] : parsed.slice(at, at + 1));
    if (sender !== undefined) {
      const surname = parsed.slice(0, at).map(({ name }) => oneLine(name));
      return { ...sender, name: [...surname, sender.name ?? ''].filter(Boolean).join(', ') || null };
    }
    const bracketed = value.match(/<[^<>\s"@]{1,64}@[^<>\s"@]{1,190}>/g)?.at(-1);
    if (bracketed !== undefined) {
      return { address: bracketed.slice(1, -1).toLowerCase(), name: null };
    }
  }
  return null;
}

/** What stands behind the last `@`, in lower case. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
