import { expect, it } from 'vitest';
import { identityDigest } from '#shared/customers/customerIdentity.ts';
import { senderDigest } from '#shared/store/keys.ts';

it('stands for an address as it always did, whatever its case: stored items have that digest', () => {
  const digest = identityDigest({ kind: 'email', address: 'Nina@Customer.example' });
  expect(digest).toBe(senderDigest('nina@customer.example'));
  expect(digest).toBe('4d731e1852b53bae1ade629a17c9ef2ace267b3577ac6d51f1c164758eba7c2e');
});

it('tells a number from every other number and from every address', () => {
  const numbers = ['+491701234567', '+4917012345678'].map((number) =>
    identityDigest({ kind: 'phone', number }),
  );
  const address = identityDigest({ kind: 'email', address: 'phone:+491701234567@customer.example' });
  expect(new Set([...numbers, address, senderDigest('+491701234567')]).size).toBe(4);
});
