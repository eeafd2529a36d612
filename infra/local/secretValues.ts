import * as z from 'zod';
import type { Settings } from '#shared/settings/settings.ts';
import type { LocalOptions } from './environment.ts';
import type { RunningTemplate } from './runner/runTemplate.ts';
import { channelSecretValues, type StandIns } from './startStandIns.ts';

/** Fills the secrets of the template, which start empty, with what the parts that run ask for. */
export function fillSecrets(
  running: Pick<RunningTemplate, 'secrets' | 'stackOutput'>,
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
  for (const { name, value } of channelSecretValues(settings, options, standIns)) {
    put(name, value);
  }
}

/** The generated token for `/ready` and `/metrics`. */
export function statusToken(running: Pick<RunningTemplate, 'secrets' | 'stackOutput'>): string {
  return z.object({ token: z.string() }).parse(JSON.parse(running.secrets.get(secretOf(running, 'Status'))))
    .token;
}

/** Slack's incoming webhook; empty while there is none. */
export function slackWebhookUrl(running: Pick<RunningTemplate, 'secrets' | 'stackOutput'>): string {
  return z
    .object({ webhookUrl: z.string() })
    .parse(JSON.parse(running.secrets.get(secretOf(running, 'Slack')))).webhookUrl;
}

/** ARN of a secret by its output. */
function secretOf(running: Pick<RunningTemplate, 'stackOutput'>, name: string): string {
  const arn = running.stackOutput(`Secret${name}`);
  if (arn === undefined) {
    throw new Error(`The stack has no output for the secret ${name}.`);
  }
  return arn;
}
