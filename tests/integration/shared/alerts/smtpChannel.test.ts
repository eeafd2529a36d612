import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import PostalMime from 'postal-mime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { operatorAddresses } from '#shared/alerts/recipients.ts';
import { createSmtpChannel } from '#shared/alerts/smtpChannel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { type SmtpServer, smtpCertificateFile, startSmtpServer } from '#tests/support/smtpServer.ts';

const usual = getCACertificates('default');
const to = operatorAddresses(
  parseSettings({ alerts: { emails: ['ops@company.test', 'night@company.test'] } }),
);
const alert = {
  title: 'Urgent conversation 7',
  text: 'Urgent conversation 7\nWhy: It is p0, by its judgement or by words of escalation.',
};

let server: SmtpServer | undefined;

beforeAll(() => setDefaultCACertificates([...usual, readFileSync(smtpCertificateFile, 'utf8')]));
afterAll(() => setDefaultCACertificates(usual));
afterEach(() => server?.close());

function channelTo({ port }: SmtpServer) {
  return createSmtpChannel(
    {
      host: '127.0.0.1',
      port,
      login: { username: 'csm', password: 'secret' },
      from: 'Alerts <alerts@company.test>',
    },
    to,
  );
}

describe('alerts by mail', () => {
  it('reach every address of the settings, encrypted and after a login', async () => {
    server = await startSmtpServer();
    await channelTo(server).send(alert);
    expect(server.mails).toMatchObject([
      {
        from: 'alerts@company.test',
        to: ['ops@company.test', 'night@company.test'],
        encrypted: true,
        login: '\0csm\0secret',
      },
    ]);
    const mail = await PostalMime.parse(server.mails[0]?.raw ?? '');
    expect(mail.subject).toBe(alert.title);
    expect(mail.text?.trim()).toBe(alert.text);
  });

  it('are not sent over a connection without encryption', async () => {
    server = await startSmtpServer({ starttls: false });
    await expect(channelTo(server).send(alert)).rejects.toMatchObject({
      code: 'alert-undelivered',
      retryable: true,
    });
    expect(server.mails).toEqual([]);
  });

  it('are not sent to a server whose certificate nobody vouches for', async () => {
    server = await startSmtpServer();
    setDefaultCACertificates(usual);
    await expect(channelTo(server).send(alert)).rejects.toMatchObject({ code: 'alert-undelivered' });
    setDefaultCACertificates([...usual, readFileSync(smtpCertificateFile, 'utf8')]);
    expect(server.mails).toEqual([]);
  });

  it('are tried again later when the server is busy, and its words are not passed on', async () => {
    server = await startSmtpServer();
    server.refuse(1);
    const failure = await channelTo(server)
      .send(alert)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'alert-undelivered', retryable: true });
    expect(String(failure)).not.toMatch(/busy|company\.test/);
    await channelTo(server).send(alert);
    expect(server.mails).toHaveLength(1);
  });
});
