import type { Transporter } from 'nodemailer';
import type { AlertChannel } from './alertChannel.ts';
import type { MailServer } from './mailServer.ts';
import type { OperatorAddress } from './recipients.ts';
import { undelivered } from './undelivered.ts';

const timeoutMilliseconds = 15_000;

/** Mails alerts to the operators, over TLS only; for one machine, which has no topic that anybody could subscribe to. */
export function createSmtpChannel(server: MailServer, to: readonly OperatorAddress[]): AlertChannel {
  const { host, port, login, from } = server;
  let opened: Transporter | null = null;
  /** Loaded when it is used: what is deployed never mails by itself and carries no mailer. */
  const transport = async () => {
    const { createTransport } = await import('nodemailer');
    opened ??= createTransport({
      host,
      port,
      secure: port === 465,
      requireTLS: true,
      connectionTimeout: timeoutMilliseconds,
      greetingTimeout: timeoutMilliseconds,
      socketTimeout: timeoutMilliseconds,
      ...(login === null ? {} : { auth: { user: login.username, pass: login.password } }),
    });
    return opened;
  };
  return {
    name: 'smtp',
    async send({ title, text }) {
      try {
        await (await transport()).sendMail({ from, to: [...to], subject: title, text });
      } catch (error) {
        // The cause is left out: the server's words can quote addresses.
        throw undelivered('smtp', codeOf(error));
      }
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
