import { describe, expect, it } from 'vitest';
import { sharersOf } from '#shared/customers/senderShare.ts';
import { senderDigest } from '#shared/store/keys.ts';

describe('who shares with whom', () => {
  it.each([
    ['Ida@Shop.Example', 'ida@shop.example', '@shop.example'],
    ['ida+7@shop.example', 'ida@shop.example', '@shop.example'],
    ['ida+a+b@mail.shop.example', 'ida@mail.shop.example', '@shop.example'],
    ['ida@one.shop.co.uk', 'ida@one.shop.co.uk', '@shop.co.uk'],
    ['ida@shop.de', 'ida@shop.de', '@shop.de'],
    ['ida+x@gmail.com', 'ida@gmail.com', null],
    ['+x@shop.example', '+x@shop.example', '@shop.example'],
    ['conversation 7', 'conversation 7', null],
  ])('%s', (sender, address, domain) => {
    expect(sharersOf(sender)).toEqual({
      address: senderDigest(address),
      domain: domain === null ? null : senderDigest(domain),
    });
  });
});
