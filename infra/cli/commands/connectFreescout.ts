import { isLocalRunning, silentLog } from '#infra/cli/deployment.ts';
import { readKeptSecrets } from '#infra/local/secretsFile.ts';
import { createFreeScoutRequests } from '#shared/freescout/freescoutRequest.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import type { InstallationReader } from '#shared/freescout/installationReader.ts';
import { webhookEvents } from '#shared/freescout/webhookEvents.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import type { FreeScoutSecret } from '#shared/settings/secrets.ts';
import type { RegisteredWebhooks } from '#shared/store/registeredWebhooks.ts';
import { systemClock } from '#shared/time/clock.ts';
import { type AddCommand, type Cli, print } from '../command.ts';
import { registerWebhookOnce } from '../freescoutWebhook.ts';
import { positiveInteger } from '../options.ts';
import { CommandFailed, columns } from '../terminal.ts';
import { settingsForConnecting, storeCredentials } from './connectCredentials.ts';

interface Options {
  readonly url?: string;
  readonly mailbox?: number;
  readonly botUser?: number;
  readonly webhookUrl?: string;
}

interface Listed {
  readonly id: number;
  readonly name: string;
  readonly email: string;
}

/** FreeScout's own secret key has 32 characters; a shorter one of somebody's choice must not be guessable. */
const shortestSecret = 16;

export const addConnectFreescout: AddCommand = (connect, run) => {
  connect
    .command('freescout')
    .description(
      'check and keep the FreeScout key, list mailboxes and users to choose from, register the webhook once; reads FREESCOUT_KEY and FREESCOUT_WEBHOOK_SECRET, or asks',
    )
    .option('--url <url>', 'address of FreeScout without /api; else that of the settings')
    .option('--mailbox <id>', 'mailbox that the first channel feeds', positiveInteger)
    .option('--bot-user <id>', 'user who writes notes and drafts', positiveInteger)
    .option('--webhook-url <url>', 'address under which FreeScout reaches POST /freescout of this system')
    .action(
      run(async (cli, options: Options) => {
        const settings = await settingsForConnecting(cli);
        const url = (options.url ?? (settings.freescout.url || (await asked(cli, 'url')))).replace(
          /\/+$/,
          '',
        );
        const apiKey = cli.terminal.environment.FREESCOUT_KEY || (await asked(cli, 'key'));
        const connection = {
          baseUrl: url,
          apiKey: async () => apiKey,
          fetch,
          clock: systemClock,
          limiter: unlimited,
          timeoutMilliseconds: 15_000,
          attempts: 1,
          log: silentLog,
          measure: () => {},
        };
        const client: InstallationReader = createFreeScoutClient({
          ...connection,
          botUserId: settings.freescout.botUserId,
        });
        const [mailboxes, users] = await Promise.all([client.listMailboxes(), client.listUsers()]);
        if (!cli.json) {
          cli.terminal.out(
            `FreeScout takes the key.\n\nMailboxes\n${listOf(mailboxes)}\nUsers\n${listOf(users)}\n`,
          );
        }
        const [channel] = settings.channels;
        const mailboxId = await chosen(cli, 'mailbox', mailboxes, options.mailbox, channel?.mailboxId);
        const botUserId = await chosen(cli, 'bot user', users, options.botUser, settings.freescout.botUserId);
        const webhookSecret =
          cli.terminal.environment.FREESCOUT_WEBHOOK_SECRET || (await asked(cli, 'webhook secret'));
        if (webhookSecret.length < shortestSecret) {
          throw new CommandFailed(
            `The webhook secret has fewer than ${shortestSecret} characters: take the Secret Key of Manage → Settings → API & Webhooks. Nothing was stored.`,
          );
        }
        const webhookSecretPrevious = previousSecret(await secretsBefore(cli), webhookSecret);
        const kept = await storeCredentials(
          cli,
          { name: 'FreeScout', values: { apiKey, webhookSecret, webhookSecretPrevious } },
          {
            FREESCOUT_URL: url,
            FREESCOUT_KEY: apiKey,
            FREESCOUT_WEBHOOK_SECRET: webhookSecret,
            FREESCOUT_WEBHOOK_SECRET_PREVIOUS: webhookSecretPrevious,
          },
        );
        const webhook = await webhookFor(cli, options, (state, target) =>
          registerWebhookOnce(client, createFreeScoutRequests(connection), state, url, target),
        );
        const fragment = {
          channels: settings.channels.map((each) => (each === channel ? { ...each, mailboxId } : each)),
          freescout: { url, botUserId },
        };
        print(
          cli,
          { mailboxes, users, mailboxId, botUserId, webhook, kept, settings: fragment },
          () =>
            `${kept}\n${webhook.sentence}\n\nThese belong into the settings (cdk.json, or CSM_SETTINGS on one machine):\n${JSON.stringify(fragment, null, 2)}\n`,
        );
      }),
    );
};

const questions = {
  url: { text: 'Address of FreeScout: ', option: '--url', secret: false },
  key: { text: 'API key (is not shown): ', option: 'FREESCOUT_KEY', secret: true },
  'webhook secret': {
    text: 'Secret Key of the webhooks (is not shown): ',
    option: 'FREESCOUT_WEBHOOK_SECRET',
    secret: true,
  },
} as const;

async function asked({ terminal }: Cli, what: keyof typeof questions): Promise<string> {
  const { text, option, secret } = questions[what];
  const answer = !terminal.isInteractive
    ? ''
    : secret
      ? await terminal.askSecret(text)
      : await terminal.ask(text);
  if (answer === '') {
    throw new CommandFailed(`The ${what} is missing: give ${option}. Nothing was stored.`);
  }
  return answer;
}

/** The one that was named, else the one of the settings if it exists, else a person chooses. */
async function chosen(
  { terminal }: Cli,
  what: string,
  listed: readonly Listed[],
  named: number | undefined,
  set: number | undefined,
): Promise<number> {
  const exists = (id: number | undefined) => listed.some((each) => each.id === id);
  let id = named ?? (exists(set) ? set : undefined);
  if (named === undefined && terminal.isInteractive) {
    id = Number(await terminal.ask(`Which ${what}${id === undefined ? '' : ` [${id}]`}? `)) || id;
  }
  if (id === undefined || !exists(id)) {
    throw new CommandFailed(
      `FreeScout has no ${what} ${id ?? set ?? ''}. Choose one of: ${listed.map((each) => `${each.id} (${each.name})`).join(', ')}. Nothing was stored.`,
    );
  }
  return id;
}

type WebhookSecrets = Pick<FreeScoutSecret, 'webhookSecret' | 'webhookSecretPrevious'>;

/** What is kept so far. */
async function secretsBefore(cli: Cli): Promise<WebhookSecrets> {
  if (cli.stack !== null) {
    return (await cli.deployment()).secrets.freescout();
  }
  const kept = readKeptSecrets(cli.dataDirectory);
  return {
    webhookSecret: kept.FREESCOUT_WEBHOOK_SECRET ?? null,
    webhookSecretPrevious: kept.FREESCOUT_WEBHOOK_SECRET_PREVIOUS ?? null,
  };
}

/** The webhook secret that is in use stays valid while FreeScout changes over. Empty = there is none. */
function previousSecret(before: WebhookSecrets, webhookSecret: string): string {
  const previous =
    before.webhookSecret === webhookSecret ? before.webhookSecretPrevious : before.webhookSecret;
  return previous ?? '';
}

async function webhookFor(
  cli: Cli,
  { webhookUrl }: Options,
  register: (webhooks: RegisteredWebhooks, target: string) => Promise<'registered' | 'there'>,
): Promise<{ readonly result: 'registered' | 'there' | 'by-hand'; readonly sentence: string }> {
  const deployment = cli.stack !== null || isLocalRunning(cli.dataDirectory) ? await cli.deployment() : null;
  const target = webhookUrl ?? deployment?.webhookUrl;
  if (deployment === null || target === undefined || (webhookUrl === undefined && isOfThisMachine(target))) {
    return {
      result: 'by-hand',
      sentence: `No webhook was registered: run this again while the system runs, with --webhook-url or with CSM_PUBLIC_URL set for it, or add one by hand (Manage → Settings → API & Webhooks) with ${webhookEvents.join(', ')}.`,
    };
  }
  const result = await register(deployment.store.state, target);
  return {
    result,
    sentence:
      result === 'there'
        ? `FreeScout calls ${target} already.`
        : `FreeScout calls ${target} from now on. If one was added by hand before, delete it, or everything is delivered twice.`,
  };
}

/** FreeScout on another machine would call itself there. */
function isOfThisMachine(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

function listOf(listed: readonly Listed[]): string {
  return columns(
    ['id', 'name', 'address'],
    listed.map(({ id, name, email }) => [String(id), name, email]),
  );
}
