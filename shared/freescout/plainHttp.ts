import { BlockList, isIP } from 'node:net';

/**
 * What is wrong with an address of FreeScout that is reached without TLS over the internet: everybody on the way reads the API key and
 * what customers write.
 *
 * @param url - `freescout.url` of the settings.
 * @returns a sentence for the operator, without the address; null for HTTPS, and for a host that only one machine or one network reaches:
 * loopback and private addresses, names of one label, and names under domains that the internet does not resolve.
 */
export function plainHttpWarning(url: string): string | null {
  const address = URL.parse(url);
  if (address === null || address.protocol !== 'http:' || isNear(address.hostname)) {
    return null;
  }
  return 'freescout.url begins with http:// and names a host on the internet: everybody on the way reads the API key and the mails; set it to https://';
}

/** Domains of RFC 2606, RFC 6762, RFC 8375 and ICANN's .internal, and .lan, which routers give out. */
const nearDomains: ReadonlySet<string> = new Set([
  'localhost',
  'local',
  'internal',
  'intranet',
  'lan',
  'home.arpa',
  'test',
  'invalid',
]);

/** Addresses that the internet does not route: RFC 1918, 4193, 3927, 4291 and 6598. */
const nearAddresses = new BlockList();
nearAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
nearAddresses.addSubnet('10.0.0.0', 8, 'ipv4');
nearAddresses.addSubnet('172.16.0.0', 12, 'ipv4');
nearAddresses.addSubnet('192.168.0.0', 16, 'ipv4');
nearAddresses.addSubnet('169.254.0.0', 16, 'ipv4');
nearAddresses.addSubnet('100.64.0.0', 10, 'ipv4');
nearAddresses.addAddress('::1', 'ipv6');
nearAddresses.addSubnet('fc00::', 7, 'ipv6');
nearAddresses.addSubnet('fe80::', 10, 'ipv6');

/** @param hostname - as the WHATWG parser gives it: lower case, IPv6 in brackets. */
function isNear(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(host);
  if (version !== 0) {
    return nearAddresses.check(host, version === 4 ? 'ipv4' : 'ipv6');
  }
  const labels = host.split('.');
  return (
    labels.length === 1 ||
    nearDomains.has(labels.slice(-1).join('.')) ||
    nearDomains.has(labels.slice(-2).join('.'))
  );
}
