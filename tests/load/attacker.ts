import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Attack } from './attacks.ts';

/*
 * The attacker, in a process of its own so that its work does not count as the system's slowness: `attacker.ts <port>
 * <attack as JSON>`, on loopback alone. Ends by itself and prints how its connections ended as one line of JSON.
 */
const [port = '', attackJson = '{}'] = process.argv.slice(2);
// Written by the process that starts this one.
const attack = z.custom<Attack>(() => true).parse(JSON.parse(attackJson));
const { path, signature, sending, connections, connectionsInAll, seconds } = attack;

const forged = `${'A'.repeat(27)}=`;
const ended: Record<string, number> = {};
const over = AbortSignal.timeout(seconds * 1000);
const open = new Set<Socket>();
let opened = 0;

const body = bodyBytes();

function bodyBytes(): Buffer {
  switch (sending.kind) {
    case 'body':
      return Buffer.alloc(sending.bytes, 'a');
    case 'bomb':
      return gzipSync(Buffer.alloc(1_000_000_000));
    case 'slow':
      return Buffer.alloc(1000, 'a');
    case 'nothing':
      return Buffer.alloc(0);
  }
}

function head(): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    ...(signature === 'forged' ? [`X-FreeScout-Signature: ${forged}`] : []),
    ...(sending.kind === 'bomb' ? ['Content-Encoding: gzip'] : []),
    sending.kind === 'body' && sending.chunkBytes !== undefined
      ? 'Transfer-Encoding: chunked'
      : `Content-Length: ${body.length}`,
    '',
    '',
  ].join('\r\n');
}

/** The pieces that go out one after the other. */
function* pieces(): Generator<Buffer> {
  if (sending.kind === 'body' && sending.chunkBytes !== undefined) {
    const size = sending.chunkBytes;
    const chunk = Buffer.concat([
      Buffer.from(`${size.toString(16)}\r\n`),
      Buffer.alloc(size, 'a'),
      Buffer.from('\r\n'),
    ]);
    // Many small ones go out together, so that the sender is fast.
    const together = Math.max(1, Math.floor(65_536 / chunk.length));
    for (let sent = 0; sent < sending.bytes; sent += size * together) {
      yield Buffer.concat(Array.from({ length: together }, () => chunk));
    }
    yield Buffer.from('0\r\n\r\n');
    return;
  }
  for (let start = 0; start < body.length; start += 65_536) {
    yield body.subarray(start, start + 65_536);
  }
}

/** How one connection ended: the status it was answered, or in which way it was not answered. */
function oneConnection(): Promise<string> {
  const done = Promise.withResolvers<string>();
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  open.add(socket);
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    answer += text;
  });
  const end = (how: string) => {
    open.delete(socket);
    done.resolve(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? how);
  };
  socket.on('error', () => socket.destroy());
  socket.on('close', () => end(over.aborted ? 'open until the end' : 'closed without an answer'));
  void send(socket);
  return done.promise;
}

async function send(socket: Socket): Promise<void> {
  const write = (piece: Buffer | string) =>
    new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  if (sending.kind === 'nothing') {
    return;
  }
  if (sending.kind !== 'slow') {
    await write(head());
    for (const piece of pieces()) {
      if (socket.destroyed || socket.readableEnded) {
        break;
      }
      await write(piece);
    }
    // The answer ends it.
    return;
  }
  const slowly = sending.part === 'head' ? Buffer.from(head()) : body;
  if (sending.part === 'body') {
    await write(head());
  }
  for (let at = 0; at < slowly.length && !socket.destroyed; at += 1) {
    await write(slowly.subarray(at, at + 1));
    await sleep(1000, undefined, { signal: over }).catch(() => undefined);
  }
}

over.addEventListener('abort', () => {
  for (const socket of open) {
    socket.destroy();
  }
});

await Promise.all(
  Array.from({ length: connections }, async () => {
    while (opened < connectionsInAll && !over.aborted) {
      opened += 1;
      const how = await oneConnection();
      ended[how] = (ended[how] ?? 0) + 1;
    }
  }),
);
process.stdout.write(`${JSON.stringify(ended)}\n`);
process.exit(0);
