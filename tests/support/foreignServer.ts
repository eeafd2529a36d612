import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Socket } from 'node:net';
import { createBrotliCompress, createDeflate, createGzip } from 'node:zlib';

/** A server of somebody else, on this machine. */
export interface ForeignServer {
  readonly url: string;
  readonly host: string;
  /** Method and path of every request, in their order. */
  readonly requests: readonly string[];
  /** Bytes of bodies that it handed to the network so far. */
  readonly sentBytes: () => number;
  readonly close: () => void;
}

export type ForeignAnswer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Starts a server that answers every request so. */
export async function startForeignServer(answer: ForeignAnswer): Promise<ForeignServer> {
  const requests: string[] = [];
  let sent = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const write = response.write.bind(response);
    // Only what goes through `write` is counted: that is how large bodies are sent below.
    response.write = (chunk: Uint8Array) => {
      sent += chunk.byteLength;
      return write(chunk);
    };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    sentBytes: () => sent,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Starts a server that writes these bytes to whoever has sent a request, whatever HTTP says about them. */
export async function startRawServer(write: (socket: Socket) => void): Promise<ForeignServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      requests.push(String(data).split('\r\n')[0] ?? '');
      write(socket);
    });
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    sentBytes: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    close: () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}

async function listening(server: { listen: (...args: never[]) => unknown; address: () => unknown }) {
  await new Promise<void>((resolve) =>
    (server.listen as (port: number, host: string, then: () => void) => void)(0, '127.0.0.1', resolve),
  );
  const address = server.address();
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;
}

/** An answer that sends its reader elsewhere, to an address with a secret in it. */
export function redirectTo(elsewhere: () => string, status: () => number): ForeignAnswer {
  return (_request, response) => {
    response.writeHead(status(), { location: `${elsewhere()}/taken?key=s3cret` }).end('Elsewhere.');
  };
}

const compressors = { gzip: createGzip, deflate: createDeflate, br: createBrotliCompress };
const chunk = Buffer.alloc(64 * 1024, ' ');

/** How a body of blanks is sent; `identity` as it is, without its length. */
export type Encoding = keyof typeof compressors | 'identity';

/** An answer of JSON that consists of that many blanks, made while it is sent. */
export function blanks(bytes: number, encoding: Encoding, status = 200): ForeignAnswer {
  return (_request, response) => {
    response.on('error', () => undefined);
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    });
    const target = encoding === 'identity' ? response : compressors[encoding]();
    if (target !== response) {
      target.on('data', (data: Buffer) => void response.write(data));
      target.on('end', () => void response.end());
    }
    let left = bytes;
    const pour = (): void => {
      while (left > 0) {
        if (response.destroyed) {
          return;
        }
        left -= chunk.byteLength;
        if (!target.write(chunk)) {
          target.once('drain', pour);
          return;
        }
      }
      target.end();
    };
    pour();
  };
}
