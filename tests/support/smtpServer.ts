import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';

const fixtures = join(import.meta.dirname, '../fixtures/smtp');

/** Certificate of the test mail server, which signed itself; whoever connects has to trust it. */
export const smtpCertificateFile = join(fixtures, 'certificate.pem');

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
  readonly encrypted: boolean;
  readonly login: string | null;
}

export interface SmtpServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Refuses the next mails, as a server that is busy. */
  refuse(times: number): void;
  close(): Promise<void>;
}

/**
 * A mail server that keeps what it is sent.
 *
 * @param options - `starttls: false`: it offers no encryption; `port`: else a free one.
 */
export async function startSmtpServer({
  starttls = true,
  port = 0,
}: {
  readonly starttls?: boolean;
  readonly port?: number;
} = {}): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  let refusing = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.write('220 mail.test ESMTP\r\n');
    converse(socket, false);
  });

  function converse(socket: Socket, encrypted: boolean): void {
    let envelope = { from: '', to: [] as string[] };
    let login: string | null = null;
    let received = '';
    let inData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const onLine = (line: string) => {
      const [verb = '', rest = ''] = line.split(/ (.*)/s);
      switch (verb.toUpperCase()) {
        case 'EHLO':
          say('250-mail.test');
          if (starttls && !encrypted) {
            say('250-STARTTLS');
          }
          return say('250 AUTH PLAIN');
        case 'STARTTLS': {
          if (!starttls) {
            return say('502 no encryption here');
          }
          say('220 go ahead');
          socket.removeAllListeners('data');
          const secure = new TLSSocket(socket, {
            isServer: true,
            secureContext: createSecureContext({
              key: readFileSync(join(fixtures, 'key.pem')),
              cert: readFileSync(smtpCertificateFile),
            }),
          });
          secure.on('error', () => secure.destroy());
          return converse(secure, true);
        }
        case 'AUTH':
          login = Buffer.from(rest.replace(/^PLAIN /i, ''), 'base64').toString();
          return say('235 welcome');
        case 'MAIL':
          envelope = { from: /<(.*?)>/.exec(rest)?.[1] ?? '', to: [] };
          if (refusing > 0) {
            refusing -= 1;
            return say('451 busy, come back later');
          }
          return say('250 ok');
        case 'RCPT':
          envelope.to.push(/<(.*?)>/.exec(rest)?.[1] ?? '');
          return say('250 ok');
        case 'DATA':
          inData = true;
          return say('354 go on');
        case 'QUIT':
          say('221 bye');
          return socket.end();
        default:
          return say('250 ok');
      }
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      for (;;) {
        const end = inData ? received.indexOf('\r\n.\r\n') : received.indexOf('\r\n');
        if (end < 0) {
          return;
        }
        const part = received.slice(0, end);
        received = received.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          mails.push({ ...envelope, raw: part, encrypted, login });
          say('250 taken');
        } else {
          onLine(part);
        }
      }
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    // A server that listens on TCP has an address of this kind.
    port: (server.address() as AddressInfo).port,
    mails,
    refuse: (times) => {
      refusing = times;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) {
          socket.destroy();
        }
        server.close(() => resolve());
      }),
  };
}
