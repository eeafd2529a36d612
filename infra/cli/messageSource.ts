import type { ChannelKind } from '#shared/channels/channelKinds.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';

/** What commands ask one channel of the settings about its messages, which the ledger may not know. */
export interface MessageSource {
  readonly kind: ChannelKind;
  /** Its name in the settings. */
  readonly alias: string;
  /** The thread that a message is in; null: the channel does not have the message (any more). */
  threadOf(messageId: string): Promise<string | null>;
  /** A message as it came in; null: the channel does not have it (any more). */
  mailOf(messageId: string): Promise<ParsedMail | null>;
  /** Ids of every message that an address sent, and of some from addresses that contain it. */
  messageIdsFrom(address: string): Promise<readonly string[]>;
}

/** The source of a message; undefined when the settings have no such channel (any more). */
export function sourceOf<Source extends Pick<MessageSource, 'kind' | 'alias'>>(
  sources: readonly Source[],
  { channel, alias }: { readonly channel: ChannelKind; readonly alias: string },
): Source | undefined {
  return sources.find((source) => source.kind === channel && source.alias === alias);
}
