import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { type Fault, type Faults, faultQueue, faultSchema } from './faults.ts';
import { serveOnLoopback } from './serveOnLoopback.ts';

export type FaultProxyContext = Context<{ Bindings: HttpBindings }>;

/** One call as it arrived, for checks on recorded traffic. */
export interface RecordedCall {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly query: string;
  readonly status: number;
}

export interface FaultProxyOptions {
  readonly port: number;
  /** Answers every call that no fault and no control route answers. */
  readonly handle: (
    context: FaultProxyContext,
    fault: z.output<typeof faultSchema> | undefined,
  ) => Promise<Response>;
  /** The error the service itself would send. */
  readonly errorAnswer: (status: number, reason: string | undefined) => Response;
  /** Further routes below `/control`. */
  readonly control?: (app: Hono) => void;
}

export interface FaultProxy {
  readonly url: string;
  readonly faults: Faults;
  readonly calls: RecordedCall[];
  readonly close: () => Promise<void>;
}

const keptCalls = 10_000;

/**
 * A server in front of a stand-in. It records every call and makes calls fail on request; both are controlled under `/control`.
 *
 * @throws the error of `listen`, for example EADDRINUSE.
 */
export async function openFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const faults = faultQueue();
  const calls: RecordedCall[] = [];
  const app = new Hono<{ Bindings: HttpBindings }>();

  const control = new Hono();
  control.post('/faults', async (context) => {
    const parsed = z.union([faultSchema, z.array(faultSchema)]).safeParse(await context.req.json());
    if (!parsed.success) {
      return context.json({ error: z.prettifyError(parsed.error) }, 400);
    }
    for (const fault of [parsed.data].flat()) {
      faults.add(fault as Fault);
    }
    return context.body(null, 204);
  });
  control.delete('/faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });
  control.get('/calls', (context) => context.json(calls));
  control.delete('/calls', (context) => {
    calls.length = 0;
    return context.body(null, 204);
  });
  options.control?.(control);
  app.route('/control', control);

  app.all('*', async (context) => {
    const { method, path } = context.req;
    const fault = faults.take(method, path);
    const record = (status: number) => {
      calls.push({ method, path, query: new URL(context.req.url).search, status });
      if (calls.length > keptCalls) {
        calls.shift();
      }
    };
    if (fault?.delayMilliseconds !== undefined) {
      await sleep(fault.delayMilliseconds);
    }
    if (fault?.connection !== undefined) {
      record(0);
      if (fault.connection === 'lose-answer') {
        await options.handle(context, fault);
      }
      return await breakConnection(context.env.incoming, fault.connection === 'hang');
    }
    const answer =
      fault?.status === undefined
        ? await options.handle(context, fault)
        : options.errorAnswer(fault.status, fault.reason);
    if (fault?.retryAfterSeconds !== undefined) {
      answer.headers.set('retry-after', String(fault.retryAfterSeconds));
    }
    record(answer.status);
    return answer;
  });
  app.onError((error) => options.errorAnswer(500, error.message));

  const { server, port } = await serveOnLoopback(app, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Leaves the caller without an answer until it gives up, or at once. */
async function breakConnection(incoming: IncomingMessage, hang: boolean): Promise<Response> {
  if (hang && !incoming.socket.destroyed) {
    await new Promise((resolve) => incoming.socket.once('close', resolve));
  }
  incoming.socket.destroy();
  return new Response(null, { status: 599 });
}
