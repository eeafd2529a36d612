import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSignature, faultInHeaders } from '#functions/freescout-webhook/webhookSignature.ts';
import { shortestSecret } from '#shared/settings/secretFillings.ts';

const secret = 'ebdc651671b3656441129dc26b6b4128';
const body = new TextEncoder().encode('{"id":7}');
const signature = createHmac('sha1', secret).update(body).digest('base64');

describe('what the headers alone tell', () => {
  it.each([
    ['no header', undefined, undefined, 'missing'],
    ['an empty signature', '', undefined, 'wrong'],
    ['hexadecimal', createHmac('sha1', secret).update(body).digest('hex'), undefined, 'wrong'],
    ['a signature twice', `${signature}, ${signature}`, undefined, 'wrong'],
    ['a wrong signature beside the secret', 'nonsense', secret, 'wrong'],
    ['a secret too short to be ours', undefined, 'x'.repeat(shortestSecret - 1), 'wrong'],
    ['a signature', signature, undefined, null],
    ['a signature of other bytes', `${'A'.repeat(27)}=`, undefined, null],
    ['the secret', undefined, secret, null],
  ])('of %s', (_, given, own, fault) => {
    expect(faultInHeaders({ signature: given, secret: own })).toBe(fault);
  });

  it('never refuses what is genuine', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.string({ minLength: shortestSecret }),
        fc.boolean(),
        (bytes, key, signs) => {
          const headers = signs
            ? { signature: createHmac('sha1', key).update(bytes).digest('base64'), secret: undefined }
            : { signature: undefined, secret: key };
          expect(checkSignature(bytes, headers, [key])).toBe('genuine');
          expect(faultInHeaders(headers)).toBeNull();
        },
      ),
    );
  });

  it('is what the whole check says', () => {
    const header = fc.option(fc.oneof(fc.string(), fc.base64String({ minLength: 28, maxLength: 28 })), {
      nil: undefined,
    });
    fc.assert(
      fc.property(header, header, (given, own) => {
        const headers = { signature: given, secret: own };
        const fault = faultInHeaders(headers);
        if (fault !== null) {
          expect(checkSignature(body, headers, [secret])).toBe(fault);
        }
      }),
    );
  });
});
