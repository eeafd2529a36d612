import type { Server } from 'node:http';
import { type HttpBindings, serve } from '@hono/node-server';
import type { Hono } from 'hono';

/**
 * Serves a stand-in on 127.0.0.1, to callers who name this machine alone.
 *
 * A page that somebody opens in a browser on this machine can have its own name lead to 127.0.0.1 (DNS rebinding) and would then read and
 * write here as the browser's user. Its requests carry that name in `Host`, so they are answered 421 and reach nothing.
 *
 * @param port - 0: any free port.
 * @throws the error of `listen`, for example EADDRINUSE.
 */
export function serveOnLoopback(
  app: Hono<{ Bindings: HttpBindings }>,
  port: number,
): Promise<{ readonly server: Server; readonly port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: (request, bindings) =>
          namesLoopback(request.headers.get('host') ?? '')
            ? app.fetch(request, bindings)
            : new Response('This stand-in answers to localhost and 127.0.0.1 only.\n', { status: 421 }),
        hostname: '127.0.0.1',
        port,
      },
      (info) =>
        // Without TLS options it is a plain HTTP server.
        resolve({ server: server as Server, port: info.port }),
    );
    server.once('error', reject);
  });
}

/** Whether the value of a `Host` header, with or without a port, is a name or an address of this machine's loopback. */
function namesLoopback(host: string): boolean {
  const url = URL.parse(`http://${host}`);
  return (
    url !== null && url.host !== '' && /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  );
}
