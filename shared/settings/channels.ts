import type { ChannelSettings, GmailChannelSettings, Settings } from './settings.ts';

type NamesChannels = Pick<Settings, 'channels'>;

/** The part of the settings that says how far back messages are brought in. */
export interface IntakeSettings {
  readonly gmail: Pick<Settings['gmail'], 'backfillDays'>;
  readonly ledger: Settings['ledger'];
}

/** Days before the first start from which on messages are brought in. */
export function backFillDaysOf({ gmail }: IntakeSettings): number {
  return gmail.backfillDays;
}

/** The channels that are Gmail addresses, in the order of the settings. */
export function gmailChannelsOf({ channels }: NamesChannels): readonly GmailChannelSettings[] {
  return channels.filter((channel) => channel.kind === 'gmail');
}

/** The Gmail channel with that alias; undefined when the settings have none (any more). */
export function gmailChannelOf(settings: NamesChannels, alias: string): GmailChannelSettings | undefined {
  return gmailChannelsOf(settings).find((channel) => channel.alias === alias);
}

/** Settings that say how often the channels that are polled are. */
export interface PollSettings {
  readonly gmail: Pick<Settings['gmail'], 'pollMinutes'>;
}

/** Minutes between two polls of the channels that are polled. */
export function pollMinutesOf({ gmail }: PollSettings): number {
  return gmail.pollMinutes;
}

/** Ids of the FreeScout mailboxes that channels feed, each once; the others are not ours. */
export function mailboxIdsOf({ channels }: NamesChannels): readonly number[] {
  return [...new Set(channels.map(({ mailboxId }) => mailboxId))];
}

/**
 * The addresses of ours that the settings name, lower-cased: mail from them is never ticketed and they are left out of cc lists.
 * Whether an address is one of them `isOurs` tells, which knows additions.
 */
export function ownAddresses({ channels }: NamesChannels): ReadonlySet<string> {
  return new Set(channels.flatMap(addressesOf).map((address) => address.toLowerCase()));
}

function addressesOf(channel: ChannelSettings): readonly string[] {
  switch (channel.kind) {
    case 'gmail':
      return [channel.address, ...channel.ownAddresses];
  }
}
