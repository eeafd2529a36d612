import { describe, expect, it } from 'vitest';
import { plainHttpWarning } from '#shared/freescout/plainHttp.ts';

describe('an address of FreeScout', () => {
  it.each([
    'http://desk.example.com',
    'http://desk.example.com:8080/help',
    'HTTP://DESK.EXAMPLE.COM',
    'http://desk.example.com.',
    'http://203.0.113.7',
    'http://172.32.0.1',
    'http://[2001:db8::1]',
    'http://[::ffff:203.0.113.7]',
    'http://localhost.example.com',
    'http://10.0.0.1.example.com',
  ])('%s is warned of', (url) => {
    expect(plainHttpWarning(url)).toMatch(/^freescout\.url begins with http:\/\/.*API key/);
    expect(plainHttpWarning(url.replace(/^http:/i, 'https:'))).toBeNull();
  });

  it.each([
    '',
    'no address',
    'http://localhost:8080',
    'http://127.0.0.1',
    'http://10.1.2.3',
    'http://172.16.0.1',
    'http://172.31.255.255',
    'http://192.168.0.7:8080',
    'http://169.254.1.1',
    'http://100.100.1.1',
    'http://[::1]:8080',
    'http://[fd12::1]',
    'http://[fe80::1]',
    'http://[::ffff:192.168.0.7]',
    'http://freescout',
    'http://freescout.',
    'http://desk.local',
    'http://desk.office.internal',
    'http://desk.lan',
    'http://desk.home.arpa',
    'http://desk.localhost',
    'http://freescout.test',
  ])('%j is reached without the internet', (url) => {
    expect(plainHttpWarning(url)).toBeNull();
  });
});
