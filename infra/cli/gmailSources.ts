import type { SearchableGmail } from '#shared/channels/gmail/gmailClient.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { gmailChannelsOf } from '#shared/settings/channels.ts';
import type { Settings } from '#shared/settings/settings.ts';
import type { MessageSource } from './messageSource.ts';

type ReadableGmail = Pick<SearchableGmail, 'getRaw' | 'messageIdsFrom'>;

/** The Gmail addresses of the settings, in their order. */
export function gmailSources(
  settings: Pick<Settings, 'channels'>,
  client: (alias: string) => ReadableGmail,
): readonly MessageSource[] {
  return gmailChannelsOf(settings).map(({ kind, alias }) => ({
    kind,
    alias,
    threadOf: async (messageId) => (await client(alias).getRaw(messageId))?.gmailThreadId ?? null,
    mailOf: async (messageId) => {
      const message = await client(alias).getRaw(messageId);
      return message === null ? null : parseMail(message.raw);
    },
    messageIdsFrom: (address) => client(alias).messageIdsFrom(address),
  }));
}
