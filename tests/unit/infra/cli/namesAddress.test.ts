import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesAddress } from '#infra/cli/customerTraces.ts';
import { emailAddress } from '#infra/cli/options.ts';
import { legalAddress } from '#tests/support/legalAddress.ts';

const body = (text: string) => JSON.stringify({ subject: 'Hello', threads: [{ body: text }] });

describe('namesAddress', () => {
  it.each([
    ['bob@x.example'],
    ['Hello\nBob@X.example'],
    ['<a href="mailto:bob@x.example">'],
    ['write to bob@x.example.'],
    ['Bob <bob@x.example>, Ann <ann@x.example>'],
  ])('finds it in %s', (text) => {
    expect(namesAddress(body(text), 'bob@x.example')).toBe(true);
  });

  it.each([
    ['jimbob@x.example'],
    ['jim.bob@x.example'],
    ['bob@x.example.org'],
    ['bob@x.example-shop.org'],
    ['nobody'],
  ])('finds it not in %s', (text) => {
    expect(namesAddress(body(text), 'bob@x.example')).toBe(false);
  });

  it.each(["o'hara+shop@x.example", 'a|b$c^d@x.example', 'müller@x.example'])(
    'takes %s literally',
    (address) => {
      expect(namesAddress(body(`To: ${address}`), address)).toBe(true);
    },
  );

  it.each([
    ['😀bob@x.example', true],
    ['𝒜bob@x.example', false],
    ['bob@x.example😀', true],
    ['bob@x.example𝒜', false],
    ['jimbob@x.example, bob@x.example', true],
  ])('sees whole characters around it in %s', (text, isNamed) => {
    expect(namesAddress(body(text), 'bob@x.example')).toBe(isNamed);
  });

  it('finds every legal address alone, in either case, and never as a part of another', () => {
    fc.assert(
      fc.property(
        legalAddress,
        fc.constantFrom('', ' ', '<', '(', ',', ':', '"'),
        fc.constantFrom('jo', 'x-', 'x.', "o'", 'a+', '_', 'é'),
        fc.constantFrom('x', '-x', '.org', '.é', '7'),
        (address, before, ahead, behind) => {
          expect(namesAddress(body(`${before}${address}>`), address)).toBe(true);
          expect(namesAddress(body(address.toUpperCase()), address)).toBe(true);
          expect(namesAddress(`no JSON: ${before}${address}.`, address)).toBe(true);
          expect(namesAddress(body(`${before}${ahead}${address}`), address)).toBe(false);
          expect(namesAddress(body(`${before}${address}${behind}`), address)).toBe(false);
        },
      ),
    );
  });

  it('looks into what is no JSON', () => {
    expect(namesAddress('{"from": bob@x.example', 'bob@x.example')).toBe(true);
  });
});

describe('emailAddress', () => {
  it('takes every legal address that a mail may come from, lower-cased', () => {
    fc.assert(
      fc.property(legalAddress, (address) => {
        expect(emailAddress(` ${address.toUpperCase()} `)).toBe(address);
      }),
    );
  });

  it.each([
    '',
    'nobody',
    '@x.example',
    'bob@',
    'bob@x@y.example',
    'bob smith@x.example',
    '<bob@x.example>',
    'bob@x.example,',
    `${'a'.repeat(250)}@x.example`,
  ])('refuses %s', (text) => {
    expect(() => emailAddress(text)).toThrow('e-mail address');
  });
});
