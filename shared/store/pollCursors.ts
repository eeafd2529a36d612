import type { ChannelKind } from '#shared/channels/channelKinds.ts';

/** Where reading a channel that is polled stands. */
export interface PollCursor {
  /** Alias of the channel. */
  readonly account: string;
  /** The channel's own id of a place in its history; everything up to there is queued. null: reading starts with a back-fill. */
  readonly historyId: string | null;
  /** ISO 8601: start of the last poll that went through. */
  readonly polledAt: string | null;
  /** ISO 8601: start of the last gap check that went through. */
  readonly gapCheckedAt: string | null;
  /** Why the last poll failed; null = it did not. */
  readonly fault: string | null;
  /** Messages that the last gap check found missing. */
  readonly missing: number;
  /** Labels that the settings name, as the account was last asked for them; absent until it was. */
  readonly labels?: KnownLabels;
  readonly version: number;
}

interface KnownLabels {
  /** ISO 8601. */
  readonly readAt: string;
  readonly named: readonly NamedLabel[];
}

/** A label as the settings write it, by its name or its id, and its id in the account; null: the account has none. */
export interface NamedLabel {
  readonly name: string;
  readonly id: string | null;
}

/** Remembers where reading each channel that is polled stands. */
export interface PollCursors {
  /** A cursor that was never saved has version 0 and null in place of every instant. */
  getPollCursor(channel: ChannelKind, alias: string): Promise<PollCursor>;
  /** @returns false when another poll moved the cursor since `expectedVersion` was read. */
  savePollCursor(
    channel: ChannelKind,
    cursor: Omit<PollCursor, 'version'>,
    expectedVersion: number,
  ): Promise<boolean>;
}
