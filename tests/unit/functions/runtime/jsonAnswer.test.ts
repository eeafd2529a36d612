import { describe, expect, it } from 'vitest';
import { jsonAnswer, textAnswer } from '#functions/runtime/jsonAnswer.ts';

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'permissions-policy': 'interest-cohort=()',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

describe('an answer', () => {
  it('in JSON carries the security headers, whatever its status', () => {
    for (const statusCode of [200, 401, 503]) {
      expect(jsonAnswer(statusCode, { message: 'ok' })).toEqual({
        statusCode,
        headers: { ...securityHeaders, 'content-type': 'application/json' },
        body: '{"message":"ok"}',
      });
    }
  });

  it('in text carries them too', () => {
    expect(textAnswer(200, 'up 1\n')).toEqual({
      statusCode: 200,
      headers: { ...securityHeaders, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: 'up 1\n',
    });
  });
});
