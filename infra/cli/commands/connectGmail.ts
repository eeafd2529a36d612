import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { silentLog } from '#infra/cli/deployment.ts';
import type { KeptSecrets } from '#infra/local/secretsFile.ts';
import {
  gmailScope,
  type OAuthCredentials,
  type ServiceAccountCredentials,
} from '#shared/channels/gmail/gmailCredentials.ts';
import { createGmailClient } from '#shared/channels/gmail/googleGmailClient.ts';
import { gmailChannelOf, gmailChannelsOf } from '#shared/settings/channels.ts';
import { gmailSecretName } from '#shared/settings/secrets.ts';
import type { GmailChannelSettings, Settings } from '#shared/settings/settings.ts';
import { systemClock } from '#shared/time/clock.ts';
import { type AddCommand, type Cli, print } from '../command.ts';
import { CommandFailed } from '../terminal.ts';
import { settingsForConnecting, storeCredentials } from './connectCredentials.ts';
import { consentInBrowser } from './connectGmailConsent.ts';

interface Options {
  readonly account?: string;
  readonly clientFile?: string;
  readonly serviceAccount?: string;
}

export const addConnectGmail: AddCommand = (connect, run) => {
  connect
    .command('gmail')
    .description(
      'consent in the browser, or use a service account; checks scope and address, then keeps the credentials',
    )
    .option('--account <alias>', 'alias of a Gmail channel of the settings; else the first')
    .option(
      '--client-file <file>',
      'OAuth client as downloaded from Google (type "Desktop app"); else GMAIL_CLIENT_ID and GMAIL_CLIENT_SECRET, or asked for',
    )
    .option(
      '--service-account <file>',
      'key of a service account with domain-wide delegation instead of a consent',
    )
    .action(
      run(async (cli, options: Options) => {
        const settings = await settingsForConnecting(cli);
        const channel = channelOf(settings, options.account);
        if (cli.stack === null && channel !== gmailChannelsOf(settings)[0] && !options.serviceAccount) {
          throw new CommandFailed(
            'On one machine only the first Gmail channel can be connected by consent; use --service-account, which serves all of them. Nothing was stored.',
          );
        }
        const credentials: OAuthCredentials | ServiceAccountCredentials =
          options.serviceAccount === undefined
            ? await consent(cli, settings, channel, options.clientFile)
            : await serviceAccount(settings, channel, options.serviceAccount);
        const kept = await storeCredentials(
          cli,
          { name: gmailSecretName(channel.alias), values: { ...noCredentials, ...credentials } },
          variablesOf({ ...noCredentials, ...credentials }),
        );
        const told = { connected: true, account: channel.alias, address: channel.address, kept };
        print(cli, told, () => `Gmail lets us read ${channel.address}.\n${kept}\n`);
      }),
    );
};

const noCredentials = {
  clientId: '',
  clientSecret: '',
  refreshToken: '',
  serviceAccountEmail: '',
  serviceAccountPrivateKey: '',
};

function variablesOf(values: typeof noCredentials): KeptSecrets {
  return {
    GMAIL_CLIENT_ID: values.clientId,
    GMAIL_CLIENT_SECRET: values.clientSecret,
    GMAIL_REFRESH_TOKEN: values.refreshToken,
    GMAIL_SERVICE_ACCOUNT_EMAIL: values.serviceAccountEmail,
    GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY: values.serviceAccountPrivateKey,
  };
}

function channelOf(settings: Settings, alias: string | undefined): GmailChannelSettings {
  const channels = gmailChannelsOf(settings);
  const channel = alias === undefined ? channels[0] : gmailChannelOf(settings, alias);
  if (channel === undefined) {
    throw new CommandFailed(
      `The settings have no Gmail channel${alias === undefined ? '' : ` "${alias}"`}. There are: ${channels.map((each) => each.alias).join(', ') || 'none'}.`,
    );
  }
  return channel;
}

async function consent(
  cli: Cli,
  settings: Settings,
  channel: GmailChannelSettings,
  clientFile: string | undefined,
): Promise<OAuthCredentials> {
  const client = clientFile === undefined ? await clientAsked(cli) : clientIn(clientFile);
  const { refreshToken, address } = await consentInBrowser(cli.terminal, {
    ...client,
    scope: gmailScope(settings.gmail.label),
    loginHint: channel.address,
    tokenUrl: settings.gmail.tokenUrl,
    rootUrl: settings.gmail.rootUrl ?? 'https://gmail.googleapis.com/',
  });
  if (address.toLowerCase() !== channel.address.toLowerCase()) {
    throw new CommandFailed(
      `You consented as ${address}, but the channel "${channel.alias}" reads ${channel.address}. Nothing was stored; consent again as that address, or change channels[].address.`,
    );
  }
  return { ...client, refreshToken };
}

const clientSchema = z
  .union([z.object({ installed: clientShape() }), z.object({ web: clientShape() })])
  .transform((file) => ('installed' in file ? file.installed : file.web));

function clientShape() {
  return z.object({ client_id: z.string().min(1), client_secret: z.string().min(1) });
}

function clientIn(file: string) {
  const parsed = clientSchema.safeParse(jsonIn(file));
  if (!parsed.success) {
    throw new CommandFailed(
      `${file} is no OAuth client as Google lets one download it (Credentials → OAuth 2.0 Client IDs → Download JSON).`,
    );
  }
  return { clientId: parsed.data.client_id, clientSecret: parsed.data.client_secret };
}

async function clientAsked({ terminal }: Cli) {
  const { GMAIL_CLIENT_ID, GMAIL_CLIENT_SECRET } = terminal.environment;
  if (GMAIL_CLIENT_ID && GMAIL_CLIENT_SECRET) {
    return { clientId: GMAIL_CLIENT_ID, clientSecret: GMAIL_CLIENT_SECRET };
  }
  if (!terminal.isInteractive) {
    throw new CommandFailed(
      'The OAuth client is missing: give --client-file, or set GMAIL_CLIENT_ID and GMAIL_CLIENT_SECRET. Nothing was stored.',
    );
  }
  return {
    clientId: await terminal.ask('Client id: '),
    clientSecret: await terminal.askSecret('Client secret (is not shown): '),
  };
}

const serviceAccountSchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
});

async function serviceAccount(
  settings: Settings,
  channel: GmailChannelSettings,
  file: string,
): Promise<ServiceAccountCredentials> {
  const parsed = serviceAccountSchema.safeParse(jsonIn(file));
  if (!parsed.success) {
    throw new CommandFailed(`${file} is no key of a service account (Keys → Add key → JSON).`);
  }
  const credentials = {
    serviceAccountEmail: parsed.data.client_email,
    serviceAccountPrivateKey: parsed.data.private_key,
  };
  const scope = gmailScope(settings.gmail.label);
  const client = createGmailClient({
    account: channel.alias,
    address: channel.address,
    scope,
    credentials: async () => credentials,
    rootUrl: settings.gmail.rootUrl,
    tokenUrl: settings.gmail.tokenUrl,
    timeoutMilliseconds: 15_000,
    attempts: 1,
    clock: systemClock,
    log: silentLog,
    measure: () => {},
  });
  try {
    await client.currentHistoryId();
  } catch {
    throw new CommandFailed(
      `Google does not let ${credentials.serviceAccountEmail} read ${channel.address}. In the Workspace's admin console (Security → API controls → Domain-wide delegation) allow its client id the scope ${scope}. Nothing was stored.`,
    );
  }
  return credentials;
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new CommandFailed(`${file} cannot be read as JSON.`);
  }
}
