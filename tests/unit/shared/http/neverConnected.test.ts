import { APIConnectionError } from 'openai';
import { describe, expect, it } from 'vitest';
import { neverConnected } from '#shared/http/neverConnected.ts';
import { modelFaultOf } from '#shared/openai/openaiFailures.ts';

const fetchError = (cause: unknown) => new TypeError('fetch failed', { cause });
const systemError = (fields: object) => Object.assign(new Error('system'), fields);

describe('an error of fetch', () => {
  it.each([
    ['refused', { code: 'ECONNREFUSED' }, true],
    ['no name', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }, true],
    ['no answer to the connection', { code: 'ETIMEDOUT', syscall: 'connect' }, true],
    ['a certificate that is not accepted', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }, true],
    ['a connection that broke', { code: 'ECONNRESET', syscall: 'read' }, false],
    ['something else', {}, false],
  ])('tells whether the request never left: %s', (_, fields, expected) => {
    expect(neverConnected(fetchError(systemError(fields)))).toBe(expected);
    expect(neverConnected(systemError(fields))).toBe(expected);
  });

  it('costs no model call its money when the certificate was not accepted', () => {
    const cause = fetchError(systemError({ code: 'CERT_HAS_EXPIRED' }));
    expect(modelFaultOf(new APIConnectionError({ cause }), new Date())).toMatchObject({
      nothingGenerated: true,
    });
  });
});
