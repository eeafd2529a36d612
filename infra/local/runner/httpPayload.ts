import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';

export interface HttpRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface MatchedRoute {
  /** For example `POST /freescout`. */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/**
 * Builds the event an HTTP API hands to a function, payload format 2.0: header names in lower case, repeated ones joined with
 * commas, cookies apart, and a body that is base64 unless its content type is text.
 */
export function toEvent(
  request: HttpRequest,
  route: MatchedRoute,
  ids: { readonly apiId: string; readonly domainName: string; readonly requestId: string },
  now: Date,
): APIGatewayProxyEventV2 {
  const [path = '/', query = ''] = splitOnce(request.target, '?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) {
      headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(',');
    }
  }
  const cookies = headers.cookie?.split(/;\s*/);
  delete headers.cookie;
  const isText = isTextBody(headers['content-type'], headers['content-encoding']);
  const parameters = new URLSearchParams(query);
  const queryStringParameters = Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  );
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(query === '' ? {} : { queryStringParameters }),
    ...(Object.keys(route.pathParameters).length === 0
      ? {}
      : { pathParameters: { ...route.pathParameters } }),
    requestContext: {
      accountId: 'anonymous',
      apiId: ids.apiId,
      domainName: ids.domainName,
      domainPrefix: ids.domainName.split('.')[0] ?? '',
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: ids.requestId,
      routeKey: route.routeKey,
      stage: '$default',
      time: accessLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(request.body.length === 0 ? {} : { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

function isTextBody(contentType: string | undefined, contentEncoding: string | undefined): boolean {
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    return false;
  }
  const mediaType = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return /^text\/|^application\/(.+\+)?(json|xml|javascript)$/.test(mediaType);
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

/** `12/Mar/2020:19:03:58 +0000` */
function accessLogTime(now: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

const structuredAnswer = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * Turns what a function returned into an HTTP answer. Without `statusCode` the value itself is the JSON body of a 200;
 * a malformed answer is a 500, as API Gateway does it.
 */
export function toAnswer(result: unknown): HttpAnswer {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : JSON.stringify(result);
    return { status: 200, headers: [['content-type', 'application/json']], body: Buffer.from(body) };
  }
  const parsed = structuredAnswer.safeParse(result);
  if (!parsed.success) {
    return messageAnswer(500, 'Internal Server Error');
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const entries = Object.entries(headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  if (!entries.some(([name]) => name === 'content-type')) {
    entries.push(['content-type', 'text/plain; charset=utf-8']);
  }
  return {
    status: statusCode,
    headers: [...entries, ...(cookies ?? []).map((cookie) => ['set-cookie', cookie] as const)],
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** An answer API Gateway gives itself. */
export function messageAnswer(status: number, message: string): HttpAnswer {
  return {
    status,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(JSON.stringify({ message })),
  };
}
