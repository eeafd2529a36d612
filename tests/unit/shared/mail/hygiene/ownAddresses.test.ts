import { describe, expect, it } from 'vitest';
import { isOurs } from '#shared/mail/hygiene/ownAddresses.ts';
import { ownAddresses } from '#shared/settings/channels.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const own = ownAddresses(
  parseSettings({
    channels: [
      {
        kind: 'gmail',
        alias: 'support',
        address: 'Support@Example.com',
        mailboxId: 1,
        ownAddresses: ['Help+Desk@other.example'],
      },
    ],
  }),
);

describe('ours', () => {
  it.each([
    'support@example.com',
    'SUPPORT@example.COM',
    'support+x@example.com',
    'Support+X@Example.com',
    'support+x+y@example.com',
    'support+@example.com',
    'help+desk@other.example',
    'help+desk+more@other.example',
    'help+else@other.example',
    'help@other.example',
  ])('is %s', (address) => {
    expect(isOurs(address, own)).toBe(true);
  });

  it.each([
    'support@other.test',
    'support+x@other.test',
    'supporter@example.com',
    'supporter+x@example.com',
    'x+support@example.com',
    'ann+support@customer.example',
    'sup.port@example.com',
    'support@example.com.test',
    'support@sub.example.com',
    '+support@example.com',
    '+@example.com',
    'support',
    '',
  ])('is not %j', (address) => {
    expect(isOurs(address, own)).toBe(false);
  });
});
