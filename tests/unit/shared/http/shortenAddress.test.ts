import { expect, it } from 'vitest';
import { shortenAddress } from '#shared/http/shortenAddress.ts';

it.each([
  ['203.0.113.7', '203.0.113.0'],
  ['127.0.0.1', '127.0.0.0'],
  ['::ffff:203.0.113.7', '203.0.113.0'],
  ['::FFFF:203.0.113.7', '203.0.113.0'],
  ['::ffff:cb00:7107', '203.0.113.0'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
  ['2001:0DB8:0001:0002::6', '2001:db8:1::'],
  ['2001:db8::6', '2001:db8::'],
  ['2001:0:ab:7::1', '2001:0:ab::'],
  ['fe80::1%eth0', 'fe80::'],
  ['::1', '::'],
  // Only the prefix ::ffff:0:0/96 holds addresses of IPv4.
  ['::ffff:0:203.0.113.7', '::'],
  ['64:ff9b::203.0.113.7', '64:ff9b::'],
  ['', ''],
  ['desk.example', ''],
  ['203.0.113.7, 198.51.100.9', ''],
])('%s becomes %j', (address, shortened) => {
  expect(shortenAddress(address)).toBe(shortened);
});
