import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Nothing here is a page: no browser may sniff, frame, cache or render an answer. */
const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'permissions-policy': 'interest-cohort=()',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** A JSON answer of an HTTP function, with the security headers that every answer carries. */
export function jsonAnswer(
  statusCode: number,
  body: Readonly<Record<string, unknown>>,
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...securityHeaders },
    body: JSON.stringify(body),
  };
}

/** A text answer in the version of Prometheus' format that it is. */
export function textAnswer(statusCode: number, body: string): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...securityHeaders },
    body,
  };
}
