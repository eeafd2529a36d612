import { describe, expect, it } from 'vitest';
import { hostOf, namesOtherHost } from '#shared/mail/visible/webAddresses.ts';

describe('host of an address', () => {
  it.each([
    ['https://Example.com/a', 'example.com'],
    ['http://www.example.com', 'example.com'],
    ['www.example.com/x', 'example.com'],
    ['https://example.com:8443/', 'example.com:8443'],
    ['https://example.com:443/', 'example.com'],
    ['https://bücher.example/', 'xn--bcher-kva.example'],
    ['https://example.com@evil.test/', null],
    ['javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['mailto:a@example.com', null],
    ['example.com', null],
    ['', null],
  ])('%s: %s', (address, host) => {
    expect(hostOf(address)).toBe(host);
  });
});

describe('words that name another host', () => {
  it.each([
    'https://[::1]/x',
    'https://[::1',
    'https://intranet',
    'seehttps://a.x9/',
    '(https://evil.test)',
    'shop.test/a evil.test/b',
  ])('%s', (words) => {
    expect(namesOtherHost(words, 'shop.test')).toBe(true);
  });

  it.each([
    '',
    'https://',
    '://',
    '...',
    '.test',
    '@',
    '(https://shop.test).',
    'shop.test/evil.test',
    'Tel.: 12',
  ])('are not "%s"', (words) => {
    expect(namesOtherHost(words, 'shop.test')).toBe(false);
  });

  it.each([
    ['letters', 'a'],
    ['dots', '.'],
    ['labels', 'a.'],
    ['hosts', 'shop.test,'],
    ['slashes', '/'],
    ['digits', ':1'],
    ['schemes', 'https://'],
    ['words', 'ab.cd '],
  ])('are looked for in bounded time: %s', (_, text) => {
    const start = process.cpuUsage();
    namesOtherHost(text.repeat(500_000), 'shop.test');
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(6_000);
  });
});
