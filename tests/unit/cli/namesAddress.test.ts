import { describe, expect, it } from 'vitest';
import { namesAddress } from '#infra/cli/customerTraces.ts';

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

  it('looks into what is no JSON', () => {
    expect(namesAddress('{"from": bob@x.example', 'bob@x.example')).toBe(true);
  });
});
