import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';

/** FreeScout keeps cc in 64 kB (a TEXT column, core 1.8.235) and would cut it off in the middle of an address. */
const mostCopied = 200;

/** Those who are copied in: neither ourselves nor the customer. */
export function copiedTo(
  addresses: readonly string[],
  customer: CustomerIdentity,
  own: ReadonlySet<string>,
): readonly string[] {
  const customersAddress = customer.kind === 'email' ? customer.address : null;
  const others = [...new Set(addresses)].filter(
    (address) => !isOurs(address, own) && address !== customersAddress,
  );
  return others.slice(0, mostCopied);
}
