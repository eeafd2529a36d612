import { gmailChannelOf } from '#shared/settings/channels.ts';
import { gmailCredentialsOf, type Secrets } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { SearchableGmail } from './gmailClient.ts';
import { gmailScope } from './gmailCredentials.ts';
import { createGmailClient, type GmailClientOptions } from './googleGmailClient.ts';

/**
 * The client of each Gmail channel by its alias, made when it is first asked for.
 *
 * @param credentialsOf - omitted: what the account's secret holds.
 */
export function createGmailClients(
  {
    settings,
    secrets,
    clock,
    log,
    measure,
  }: Pick<GmailClientOptions, 'clock' | 'log' | 'measure'> & {
    readonly settings: Pick<Settings, 'channels' | 'gmail'>;
    readonly secrets: Pick<Secrets, 'channel'>;
  },
  credentialsOf: (alias: string) => GmailClientOptions['credentials'] = (alias) =>
    gmailCredentialsOf(secrets, alias),
): (alias: string) => SearchableGmail {
  const clients = new Map<string, SearchableGmail>();
  return (alias) => {
    const known = clients.get(alias);
    if (known !== undefined) {
      return known;
    }
    const client = createGmailClient({
      account: alias,
      address: gmailChannelOf(settings, alias)?.address ?? '',
      scope: gmailScope(settings.gmail.label),
      credentials: credentialsOf(alias),
      rootUrl: settings.gmail.rootUrl,
      tokenUrl: settings.gmail.tokenUrl,
      timeoutMilliseconds: settings.gmail.timeoutSeconds * 1000,
      attempts: settings.gmail.attempts,
      clock,
      log,
      measure,
    });
    clients.set(alias, client);
    return client;
  };
}
