import { createHash } from 'node:crypto';
import { type AlertKind, alertKinds, type DigestKind, digestKinds } from '#shared/alerts/alertKinds.ts';
import { type ChannelKind, channelKinds } from '#shared/channels/channelKinds.ts';

/** Key of the row of one message that came in by a channel. `<alias>` is the channel's name in the settings, never an address. */
export type MessageKey = `${ChannelKind}:${string}:${string}`;

/**
 * Keys of the ledger. A key also is the marker that we leave in what we write to FreeScout. Stored keys never change; what each of
 * them means is in docs/adr/0001-channel-seam.md.
 */
export type LedgerKey =
  | MessageKey
  | `freescout:${number}:${number | '-'}`
  | `followup:${number}:${number}`
  | `alert:${number}:${AlertKind}`
  | `digest:${string}:${string}`
  | `delivery:${number}:${number}:${number}`;

/** Row of one message that came in by a channel. */
export function messageKey(channel: ChannelKind, alias: string, messageId: string): MessageKey {
  return `${channel}:${alias}:${messageId}`;
}

/**
 * Row of the work on one customer thread. Thread `-` stands for the conversation itself: what failed before a thread could be looked
 * at; `-2`, `-3` and so on for later failures, once that row has ended.
 */
export function threadKey(conversationId: number, threadId: number | '-'): LedgerKey {
  return `freescout:${conversationId}:${threadId}`;
}

/** Row of the follow-up of one message that waits for an answer: the customer's, or ours that they do not answer. */
export function followUpKey(conversationId: number, threadId: number): LedgerKey {
  return `followup:${conversationId}:${threadId}`;
}

/** Row of one alert about a conversation; there is never a second of the same kind. */
export function alertKey(conversationId: number, alert: AlertKind): LedgerKey {
  return `alert:${conversationId}:${alert}`;
}

/**
 * Row of what operators are told once of a day, or of an hour.
 *
 * @param day - as YYYY-MM-DD, in UTC; with THH for an hour.
 */
export function digestKey(digest: DigestKind, day: string): LedgerKey {
  return `digest:${digest}:${day}`;
}

/** What a row of the ledger is about. `key` is the text that was read, unchanged. */
export type ParsedLedgerKey =
  | {
      readonly kind: 'message';
      readonly key: MessageKey;
      readonly channel: ChannelKind;
      readonly alias: string;
      readonly messageId: string;
    }
  | { readonly kind: 'thread'; readonly key: LedgerKey; readonly conversationId: number }
  | { readonly kind: 'follow-up'; readonly key: LedgerKey; readonly conversationId: number }
  | {
      readonly kind: 'alert';
      readonly key: LedgerKey;
      readonly conversationId: number;
      readonly alert: AlertKind;
    }
  /** One message a day, or an hour, to operators. `digest` is null for one that only a later release sends. */
  | {
      readonly kind: 'digest';
      readonly key: LedgerKey;
      readonly digest: DigestKind | null;
      readonly day: string;
    }
  /** A published reply, or a part of it, on its way out by a channel. No release writes such a row yet. */
  | { readonly kind: 'delivery'; readonly key: LedgerKey };

/** Reads a key of the ledger; null for a text that is none. */
export function parseLedgerKey(text: string): ParsedLedgerKey | null {
  const [begin = '', owner = '', id = ''] = text.split(':');
  const kind = kinds.find(([, form]) => form.test(text))?.[0];
  const key = text as LedgerKey;
  switch (kind) {
    case 'message': {
      const channel = channelKinds.find((each) => each === begin);
      return channel === undefined
        ? null
        : { kind, key: messageKey(channel, owner, id), channel, alias: owner, messageId: id };
    }
    case 'thread':
    case 'follow-up':
      return { kind, key, conversationId: Number(owner) };
    case 'alert': {
      const alert = alertKinds.find((each) => each === id);
      return alert === undefined ? null : { kind, key, conversationId: Number(owner), alert };
    }
    case 'digest':
      return { kind, key, digest: digestKinds.find((each) => each === owner) ?? null, day: id };
    case 'delivery':
      return { kind, key };
    case undefined:
      return null;
  }
}

const kinds: readonly (readonly [ParsedLedgerKey['kind'], RegExp])[] = [
  ['message', new RegExp(`^(?:${channelKinds.join('|')}):[a-z0-9-]{1,32}:[\\w-]{1,64}$`)],
  ['thread', /^freescout:\d+:(?:\d+|-\d*)$/],
  ['follow-up', /^followup:\d+:\d+$/],
  ['alert', new RegExp(`^alert:\\d+:(?:${alertKinds.join('|')})$`)],
  ['digest', /^digest:[a-z-]{1,32}:\d{4}-\d\d-\d\d(?:T\d\d)?$/],
  ['delivery', /^delivery:\d+:\d+:\d+$/],
];

/** Keys of the thread map: each leads to a conversation. `ticket:` is what a customer asks the status of; none is written yet. */
export type ThreadMapKey =
  | `${ChannelKind}:${string}:${string}`
  | `mail:${string}`
  | `freescout:${number}`
  | `ticket:${string}`;

export const threadMapKey = {
  /** By the thread of the channel: what the channel itself says belongs together. */
  thread: (channel: ChannelKind, alias: string, threadId: string): ThreadMapKey =>
    `${channel}:${alias}:${threadId}`,
  /**
   * By the thread of the channel and who writes in it: a channel may put people together who have nothing to do with each other.
   *
   * @param digest - of the writer.
   */
  ofWriter: (thread: ThreadMapKey, digest: string): ThreadMapKey => `${thread}:${digest}` as ThreadMapKey,
  /** By Message-ID, hashed: the id can hold an address and can be longer than a key may be. */
  mail: (messageId: string): ThreadMapKey => `mail:${createHash('sha256').update(messageId).digest('hex')}`,
  freescoutThread: (threadId: number): ThreadMapKey => `freescout:${threadId}`,
} as const;

/** FreeScout's id of the thread that a key of the thread map names; null when it names something else. */
export function freescoutThreadIn(key: ThreadMapKey): number | null {
  return key.startsWith('freescout:') ? Number(key.slice('freescout:'.length)) : null;
}

/** What stands for an address in the state: the address itself never does. */
export function senderDigest(address: string): string {
  return createHash('sha256').update(address.toLowerCase()).digest('hex');
}

/** Partition key that no item ever has, for the write that proves a table writable. */
export const probeName = 'probe';

/** Partition key of the answer of `/ready`; the only item that the status function may write. */
export const readinessKey = 'readiness';
