import { isIP } from 'node:net';

/**
 * The network that an address of a caller lies in: whole, the address is personal data, and the network is enough to see a flood by.
 *
 * @param address - IPv4 or IPv6, also with a zone (`fe80::1%eth0`), as a socket tells it.
 * @returns its network's first address: of IPv4 that of the /24, also of one that is mapped into IPv6 (`::ffff:192.0.2.7`); of other IPv6
 * that of the /48. Empty for what is no address.
 */
export function shortenAddress(address: string): string {
  const [plain = ''] = address.split('%');
  const version = isIP(plain);
  if (version === 4) {
    return networkOfIpv4(plain.split('.').map(Number));
  }
  if (version !== 6) {
    return '';
  }
  const groups = groupsOf(plain);
  const [sixth = 0, seventh = 0, eighth = 0] = groups.slice(5);
  const isMapped = sixth === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) {
    return networkOfIpv4([seventh >> 8, seventh & 0xff, eighth >> 8]);
  }
  const network = groups.slice(0, 3).map((group) => group.toString(16));
  return new URL(`http://[${network.join(':')}::]`).hostname.slice(1, -1);
}

function networkOfIpv4(octets: readonly number[]): string {
  return [...octets.slice(0, 3), 0].join('.');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The WHATWG parser writes every form of one address alike: hexadecimal, with at most one `::`.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const parse = (part: string) =>
    part.split(':').flatMap((group) => (group === '' ? [] : [parseInt(group, 16)]));
  const before = parse(head);
  const after = parse(tail ?? '');
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
