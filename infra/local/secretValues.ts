import * as z from 'zod';
import { gmailChannelsOf } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { LocalOptions } from './environment.ts';
import type { RunningTemplate } from './runner/runTemplate.ts';
import type { StandIns } from './startStandIns.ts';

/** Fills the secrets of the template, which start empty, with what the parts that run ask for. */
export function fillSecrets(
  running: Pick<RunningTemplate, 'secrets' | 'stackOutput' | 'stackOutputNames'>,
  settings: Settings,
  options: LocalOptions,
  standIns: StandIns,
): void {
  const put = (name: string, value: Readonly<Record<string, string>>) =>
    running.secrets.put(secretOf(running, name), JSON.stringify(value));
  const noFreeScout = { apiKey: '', webhookSecret: '', webhookSecretPrevious: '' };
  const { apiKey, webhookSecret, webhookSecretPrevious } = {
    ...noFreeScout,
    ...(standIns.freescout ?? options.freescout),
  };
  put('FreeScout', { apiKey, webhookSecret, webhookSecretPrevious });
  put('OpenAI', { apiKey: options.openai?.apiKey ?? 'stand-in' });
  put('Slack', { webhookUrl: standIns.slack?.webhookUrl ?? options.slackWebhookUrl ?? '' });
  if (options.statusToken !== undefined) {
    put('Status', { token: options.statusToken });
  }
  gmailChannelsOf(settings).forEach(({ alias, address }, index) => {
    const { gmail } = standIns;
    if (gmail) {
      put(`Gmail${alias}`, {
        clientId: 'stand-in',
        clientSecret: 'stand-in',
        refreshToken: gmail.refreshTokenOf(address),
      });
    } else if (options.gmail && (index === 0 || !('refreshToken' in options.gmail.credentials))) {
      // A person's consent is for one account; a service account may act for all of them.
      put(`Gmail${alias}`, { ...noGmailSecret, ...options.gmail.credentials });
    }
  });
}

/** What a Gmail secret holds before it is filled in: a reader must find every key. */
const noGmailSecret = { clientId: '', clientSecret: '', refreshToken: '' };

/** The generated token for `/ready` and `/metrics`. */
export function statusToken(
  running: Pick<RunningTemplate, 'secrets' | 'stackOutput' | 'stackOutputNames'>,
): string {
  return z.object({ token: z.string() }).parse(JSON.parse(running.secrets.get(secretOf(running, 'Status'))))
    .token;
}

/** Slack's incoming webhook; empty while there is none. */
export function slackWebhookUrl(
  running: Pick<RunningTemplate, 'secrets' | 'stackOutput' | 'stackOutputNames'>,
): string {
  return z
    .object({ webhookUrl: z.string() })
    .parse(JSON.parse(running.secrets.get(secretOf(running, 'Slack')))).webhookUrl;
}

/** ARN of a secret by its output; an alias stands in it without dashes and with capitals. */
function secretOf(running: Pick<RunningTemplate, 'stackOutput' | 'stackOutputNames'>, name: string): string {
  const plain = (text: string) => text.replaceAll('-', '').toLowerCase();
  const output = running.stackOutputNames.find((each) => plain(each) === plain(`Secret${name}`));
  const arn = output === undefined ? undefined : running.stackOutput(output);
  if (arn === undefined) {
    throw new Error(`The stack has no output for the secret ${name}.`);
  }
  return arn;
}
