import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Invocation } from './functionThreads.ts';
import { type HttpAnswer, type MatchedRoute, messageAnswer, toAnswer, toEvent } from './httpPayload.ts';

/** API Gateway's own limits for HTTP APIs. */
const BODY_LIMIT = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT = 30_000;

export interface HttpRoute {
  readonly routeKey: string;
  readonly invoke: (event: unknown) => Promise<Invocation>;
}

export interface HttpApi {
  readonly url: string;
  /** Until this is called every request is answered 503. */
  readonly serve: (apiId: string, routes: readonly HttpRoute[]) => void;
  /** Takes no new requests; resolves when those in hand are answered. */
  readonly close: () => Promise<void>;
}

/**
 * @param host address to listen on; the URL names it too, or 127.0.0.1 where that is every address of the machine.
 * @throws the error of `listen`, for example EADDRINUSE.
 */
export async function openHttpApi(port: number, host = '127.0.0.1'): Promise<HttpApi> {
  let current: { apiId: string; routes: readonly HttpRoute[] } | undefined;
  let domainName = '';
  let closing = false;
  const server: Server = createServer((request, response) => {
    const answering = current === undefined ? undefined : answer(request, domainName, current);
    (answering ?? Promise.resolve(messageAnswer(503, 'Service Unavailable'))).then(
      (done) => write(request, response, done, closing),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  domainName = domainNameOf(server.address());
  return {
    url: `http://${domainName}`,
    serve: (apiId, routes) => {
      current = { apiId, routes };
    },
    close: () =>
      new Promise((resolve) => {
        closing = true;
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function domainNameOf(bound: ReturnType<Server['address']>): string {
  if (bound === null || typeof bound === 'string') {
    throw new Error('The server does not listen on a port.');
  }
  const { address, port } = bound;
  const isEvery = address === '0.0.0.0' || address === '::';
  return `${isEvery ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address}:${port}`;
}

async function answer(
  request: IncomingMessage,
  domainName: string,
  api: { readonly apiId: string; readonly routes: readonly HttpRoute[] },
): Promise<HttpAnswer> {
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const body = await readBody(request);
  if (body === undefined) {
    return messageAnswer(413, 'Request Entity Too Large');
  }
  const matched = matchRoute(api.routes, method, target.split('?')[0] ?? '/');
  if (matched === undefined) {
    return messageAnswer(404, 'Not Found');
  }
  const event = toEvent(
    { method, target, headers: request.headersDistinct, body, sourceIp: request.socket.remoteAddress ?? '' },
    matched.route,
    { apiId: api.apiId, domainName, requestId: randomUUID() },
    new Date(),
  );
  const tooLong = new AbortController();
  try {
    const invocation = await Promise.race([
      matched.invoke(event),
      sleep(INTEGRATION_TIMEOUT, undefined, { signal: tooLong.signal }).catch(() => undefined),
    ]);
    if (invocation === undefined) {
      return messageAnswer(503, 'Service Unavailable');
    }
    return invocation.ok ? toAnswer(invocation.result) : messageAnswer(500, 'Internal Server Error');
  } finally {
    tooLong.abort();
  }
}

/** Reads the whole body; undefined when it is larger than API Gateway takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) {
      chunks.push(chunk);
    }
  }
  return size > BODY_LIMIT ? undefined : Buffer.concat(chunks);
}

function write(request: IncomingMessage, response: ServerResponse, done: HttpAnswer, last: boolean): void {
  response.statusCode = done.status;
  for (const [name, value] of done.headers) {
    response.appendHeader(name, value);
  }
  response.setHeader('content-length', done.body.length);
  if (last) {
    response.setHeader('connection', 'close');
  }
  response.end(request.method === 'HEAD' ? undefined : done.body);
}

/**
 * Finds the route as API Gateway does: a full match before one with variables before a greedy one before `$default`; the
 * method itself before ANY.
 */
export function matchRoute<Route extends { readonly routeKey: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): (Route & { readonly route: MatchedRoute }) | undefined {
  const candidates = routes.flatMap((route) => {
    if (route.routeKey === '$default') {
      return [{ route, pathParameters: {}, rank: 1000 }];
    }
    const [routeMethod = '', routePath = ''] = route.routeKey.split(' ');
    const pathParameters = matchPath(routePath, path);
    if (pathParameters === undefined || (routeMethod !== method && routeMethod !== 'ANY')) {
      return [];
    }
    const variables = Object.keys(pathParameters).length;
    const rank = (routePath.includes('+}') ? 100 : 0) + variables * 2 + (routeMethod === 'ANY' ? 1 : 0);
    return [{ route, pathParameters, rank }];
  });
  const [best] = candidates.toSorted((a, b) => a.rank - b.rank);
  return (
    best && { ...best.route, route: { routeKey: best.route.routeKey, pathParameters: best.pathParameters } }
  );
}

/** Segments match themselves, `{name}` any one segment, `{name+}` at the end all that are left. */
function matchPath(routePath: string, path: string): Record<string, string> | undefined {
  const wanted = routePath.split('/');
  const given = path.split('/');
  const parameters: Record<string, string> = {};
  const isMatch = wanted.every((segment, index) => {
    const variable = /^\{(\w+)(\+?)\}$/.exec(segment);
    if (variable === null) {
      return segment === given[index];
    }
    const [, name = '', greedy] = variable;
    const value = given.slice(index, greedy === '+' ? undefined : index + 1).join('/');
    parameters[name] = decodeSafely(value);
    return value !== '';
  });
  const isWhole = routePath.endsWith('+}') || wanted.length === given.length;
  return isMatch && isWhole ? parameters : undefined;
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
