import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { shortenAddress } from '#shared/http/shortenAddress.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { type BodyRoom, openBodyRoom } from './bodyRoom.ts';
import { type BoundSockets, boundSockets } from './boundSockets.ts';
import type { Invocation } from './functionThreads.ts';
import { type HttpAnswer, messageAnswer, toAnswer, toEvent } from './httpPayload.ts';
import { type Lane, openLane } from './lane.ts';
import { matchRoute } from './matchRoute.ts';
import { countRefusals, type Refusal, type RefusalCount } from './refusals.ts';
import { type Throttle, tokenBucket } from './throttle.ts';

/** API Gateway's own limits for HTTP APIs. */
const bodyLimit = 10 * 1024 * 1024;
const integrationTimeout = 30_000;

/** Connections that may come at once. `idleSockets` is more, so that they do not push out each other before they can send. */
const backlog = 4096;

/** Bytes of a body that Node holds before a reader takes them. Node still reads 64 kB at a time. */
const highWaterMark = 1024;

/** The most that requests of strangers can make this machine hold. */
interface HttpBounds {
  /** Bodies of all requests together. */
  readonly bodyBytes: number;
  /** Events of one route that its function works on at a time; fewer than it has threads, so that no route blocks another. */
  readonly atATime: number;
  /** Further events of a route that wait for their turn. */
  readonly inLine: number;
  /** Sockets that wait for a head. */
  readonly idleSockets: number;
  /** Sockets that wait for the rest of a body. */
  readonly sendingSockets: number;
  /** Sockets on which a body was refused that is still coming. */
  readonly refusedSockets: number;
  /** How long such a socket stays open, so that its sender gets to read the answer. */
  readonly lingerMilliseconds: number;
  /** Time for a head, also for the first byte of it. */
  readonly headMilliseconds: number;
  /** Time for head and body. */
  readonly requestMilliseconds: number;
  readonly reportMilliseconds: number;
}

const usualBounds: HttpBounds = {
  bodyBytes: 16 * 1024 * 1024,
  atATime: 3,
  inLine: 100,
  idleSockets: 5000,
  sendingSockets: 100,
  refusedSockets: 50,
  lingerMilliseconds: 100,
  headMilliseconds: 10_000,
  requestMilliseconds: 30_000,
  reportMilliseconds: minuteMilliseconds,
};

export interface HttpRoute {
  readonly routeKey: string;
  readonly throttle?: Throttle | undefined;
  readonly invoke: (event: unknown) => Promise<Invocation>;
}

export interface HttpApi {
  readonly url: string;
  /** Until this is called every request is answered 503. */
  readonly serve: (apiId: string, routes: readonly HttpRoute[]) => void;
  /** Takes no new requests; resolves when those in hand are answered. One that is not whole yet is given up. */
  readonly close: () => Promise<void>;
}

export interface HttpApiOptions {
  /** Address to listen on; the URL names it too, or 127.0.0.1 where that is every address of the machine. */
  readonly host?: string;
  /** What the function would return without looking at the body, for a request whose headers give it away; else undefined. */
  readonly refusedUnread?: (routeKey: string, headers: IncomingHttpHeaders) => unknown;
  /** Gets a sentence a minute while requests are refused. */
  readonly report?: (sentence: string) => void;
  readonly bounds?: Partial<HttpBounds>;
}

interface ServedRoute extends HttpRoute {
  readonly mayPass: () => boolean;
  readonly lane: Lane;
}

/** What the requests share. */
interface Gate {
  readonly bounds: HttpBounds;
  readonly bodies: BodyRoom;
  readonly idle: BoundSockets;
  readonly sending: BoundSockets;
  readonly refused: BoundSockets;
  readonly refusals: RefusalCount;
  readonly refusedUnread: NonNullable<HttpApiOptions['refusedUnread']>;
  domainName: string;
  serving: { readonly apiId: string; readonly routes: readonly ServedRoute[] } | undefined;
}

/**
 * Answers HTTP as API Gateway would, within bounds: what is refused is refused as early as possible, before its body is read.
 *
 * @throws the error of `listen`, for example EADDRINUSE.
 */
export async function openHttpApi(port: number, options: HttpApiOptions = {}): Promise<HttpApi> {
  const bounds = { ...usualBounds, ...options.bounds };
  const server = createServer({
    headersTimeout: bounds.headMilliseconds,
    requestTimeout: bounds.requestMilliseconds,
    highWaterMark: highWaterMark,
    connectionsCheckingInterval: Math.min(1000, bounds.headMilliseconds / 2),
  });
  const refusals = countRefusals(options.report ?? (() => {}), bounds.reportMilliseconds);
  const gate: Gate = {
    bounds,
    bodies: openBodyRoom(bounds.bodyBytes),
    idle: boundSockets(bounds.idleSockets, () => refusals.add('idle connections for newer ones')),
    // What these had to do with is counted in another way.
    sending: boundSockets(bounds.sendingSockets),
    refused: boundSockets(bounds.refusedSockets),
    refusals,
    refusedUnread: options.refusedUnread ?? (() => undefined),
    domainName: '',
    serving: undefined,
  };
  let closing = false;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    gate.idle.remove(request.socket);
    response.once('close', () => gate.idle.add(request.socket));
    answer(request, response, gate).then(
      (done) => write(request, response, done, closing, gate),
      () => response.destroy(),
    );
  };
  server.on('connection', (socket) => {
    gate.idle.add(socket);
    socket.once('close', () => {
      for (const sockets of [gate.idle, gate.sending, gate.refused]) {
        sockets.remove(socket);
      }
    });
  });
  server.on('request', handle);
  // A sender that asks first (`Expect: 100-continue`) is told to go on only after its head has been accepted.
  server.on('checkContinue', handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: options.host ?? '127.0.0.1', backlog: backlog }, resolve);
  });
  gate.domainName = domainNameOf(server.address());
  return {
    url: `http://${gate.domainName}`,
    serve: (apiId, routes) => {
      gate.serving = {
        apiId,
        routes: routes.map((route) => ({
          ...route,
          mayPass: route.throttle === undefined ? () => true : tokenBucket(route.throttle),
          lane: openLane(bounds.atATime, bounds.inLine),
        })),
      };
    },
    close: () =>
      new Promise((resolve) => {
        closing = true;
        server.close(() => resolve());
        for (const sockets of [gate.idle, gate.sending, gate.refused]) {
          sockets.destroyAll();
        }
        refusals.stop();
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

/** @throws when the sender goes away or takes too long. */
async function answer(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<HttpAnswer> {
  const { serving, refusals } = gate;
  if (serving === undefined) {
    return messageAnswer(503, 'Service Unavailable');
  }
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const matched = matchRoute(serving.routes, method, target.split('?')[0] ?? '/');
  if (matched === undefined) {
    return messageAnswer(404, 'Not Found');
  }
  const refuse = (what: Refusal, refusal: HttpAnswer) => {
    refusals.add(what);
    return refusal;
  };
  const tooLarge = () => refuse('bodies that are too large', messageAnswer(413, 'Request Entity Too Large'));
  const tooMuch = () =>
    refuse('requests beyond what is held at a time', messageAnswer(503, 'Service Unavailable'));
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) {
    return tooLarge();
  }
  const unread = gate.refusedUnread(matched.routeKey, request.headers);
  if (unread !== undefined) {
    return refuse('requests without a usable signature', toAnswer(unread));
  }
  if (!matched.mayPass()) {
    return refuse('requests above the throttle', messageAnswer(429, 'Too Many Requests'));
  }
  if (matched.lane.isFull()) {
    return tooMuch();
  }
  const read = await bodyOf(request, response, gate);
  if (read.kind !== 'whole') {
    return read.kind === 'too-large' ? tooLarge() : tooMuch();
  }
  const { body, release } = read;
  const now = new Date();
  // What a function never gets it cannot log. API Gateway gives it whole, and no line of the log has a field for it.
  const sourceIp = shortenAddress(request.socket.remoteAddress ?? '');
  const invoked = matched.lane.run(() => {
    const event = toEvent(
      { method, target, headers: request.headersDistinct, body, sourceIp },
      matched.route,
      { apiId: serving.apiId, domainName: gate.domainName, requestId: randomUUID() },
      now,
    );
    return matched.invoke(event);
  });
  if (invoked === undefined) {
    release();
    return tooMuch();
  }
  return await answerOf(invoked.finally(release));
}

/** A GET has no body that anybody needs: what comes with it is left unread. */
async function bodyOf(request: IncomingMessage, response: ServerResponse, gate: Gate) {
  if (request.method === 'GET' || request.method === 'HEAD') {
    return { kind: 'whole', body: Buffer.alloc(0), release: () => {} } as const;
  }
  if (request.headers.expect !== undefined) {
    response.writeContinue();
  }
  gate.sending.add(request.socket);
  try {
    return await gate.bodies.read(request, bodyLimit);
  } catch (error) {
    gate.refusals.add('bodies that did not come whole');
    throw error;
  } finally {
    gate.sending.remove(request.socket);
  }
}

async function answerOf(invoked: Promise<Invocation>): Promise<HttpAnswer> {
  const tooLong = new AbortController();
  try {
    const invocation = await Promise.race([
      invoked,
      sleep(integrationTimeout, undefined, { signal: tooLong.signal }).catch(() => undefined),
    ]);
    if (invocation === undefined) {
      return messageAnswer(503, 'Service Unavailable');
    }
    return invocation.ok ? toAnswer(invocation.result) : messageAnswer(500, 'Internal Server Error');
  } finally {
    tooLong.abort();
  }
}

function write(
  request: IncomingMessage,
  response: ServerResponse,
  done: HttpAnswer,
  last: boolean,
  { bounds, refused }: Gate,
): void {
  response.statusCode = done.status;
  for (const [name, value] of done.headers) {
    response.appendHeader(name, value);
  }
  response.setHeader('content-length', done.body.length);
  const unreadBody = !request.complete && hasBody(request.headers);
  if (last || unreadBody) {
    response.setHeader('connection', 'close');
  }
  const body = request.method === 'HEAD' ? '' : done.body;
  if (!unreadBody) {
    response.end(body);
    return;
  }
  // The answer is out at once, and the end of it closes the socket. A socket that is closed on unread bytes may take the answer with it.
  refused.add(request.socket);
  response.flushHeaders();
  response.write(body);
  const timer = setTimeout(() => response.end(), bounds.lingerMilliseconds);
  response.once('close', () => clearTimeout(timer));
  request.once('close', () => response.end());
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
