import { createHash } from 'node:crypto';

/**
 * Keys of the ledger. `<account>` is the alias of the settings, never an address. A key also is the marker that we leave in
 * what we write to FreeScout.
 */
export type LedgerKey = `gmail:${string}:${string}` | `freescout:${number}:${number | '-'}`;

/** Row of one Gmail message. */
export function gmailKey(account: string, messageId: string): LedgerKey {
  return `gmail:${account}:${messageId}`;
}

/** Row of the work on one customer thread; thread `-` stands for a conversation that could not be read. */
export function threadKey(conversationId: number, threadId: number | '-'): LedgerKey {
  return `freescout:${conversationId}:${threadId}`;
}

/** Reads a ledger key out of text from outside; null when it is none. */
export function asLedgerKey(text: string): LedgerKey | null {
  return /^(gmail:[a-z0-9-]{1,32}:[\w-]{1,64}|freescout:\d+:(\d+|-))$/.test(text)
    ? (text as LedgerKey)
    : null;
}

/** Keys of the thread map: each leads to a conversation. */
export type ThreadMapKey = `gmail:${string}:${string}` | `mail:${string}` | `freescout:${number}`;

export const threadMapKey = {
  gmailThread: (account: string, gmailThreadId: string): ThreadMapKey => `gmail:${account}:${gmailThreadId}`,
  /** By Message-ID, hashed: the id can hold an address and can be longer than a key may be. */
  message: (messageId: string): ThreadMapKey =>
    `mail:${createHash('sha256').update(messageId).digest('hex')}`,
  freescoutThread: (threadId: number): ThreadMapKey => `freescout:${threadId}`,
} as const;
