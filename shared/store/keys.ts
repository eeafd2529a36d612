import { createHash } from 'node:crypto';
import { type AlertKind, alertKinds } from '#shared/alerts/alertKinds.ts';

/**
 * Keys of the ledger. `<account>` is the alias of the settings, never an address. A key also is the marker that we leave in
 * what we write to FreeScout.
 */
export type LedgerKey =
  | `gmail:${string}:${string}`
  | `freescout:${number}:${number | '-'}`
  | `followup:${number}:${number}`
  | `alert:${number}:${AlertKind}`;

/** Row of one Gmail message. */
export function gmailKey(account: string, messageId: string): LedgerKey {
  return `gmail:${account}:${messageId}`;
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

const keyPattern = new RegExp(
  `^(gmail:[a-z0-9-]{1,32}:[\\w-]{1,64}|freescout:\\d+:(\\d+|-\\d*)|followup:\\d+:\\d+|alert:\\d+:(${alertKinds.join('|')}))$`,
);

/** Reads a ledger key out of text from outside; null when it is none. */
export function asLedgerKey(text: string): LedgerKey | null {
  return keyPattern.test(text) ? (text as LedgerKey) : null;
}

/** What a row of the ledger is about. */
export type LedgerSubject =
  | { readonly kind: 'gmail'; readonly account: string; readonly messageId: string }
  | { readonly kind: 'freescout'; readonly conversationId: number }
  | { readonly kind: 'followup'; readonly conversationId: number }
  | { readonly kind: 'alert'; readonly conversationId: number; readonly alert: AlertKind };

/** Reads what a key of the ledger says. @throws {TypeError} for what is none, which the types rule out. */
export function subjectOf(key: LedgerKey): LedgerSubject {
  const [kind, owner = '', id = ''] = key.split(':');
  switch (kind) {
    case 'gmail':
      return { kind, account: owner, messageId: id };
    case 'freescout':
    case 'followup':
      return { kind, conversationId: Number(owner) };
    case 'alert': {
      const alert = alertKinds.find((each) => each === id);
      if (alert !== undefined) {
        return { kind, conversationId: Number(owner), alert };
      }
    }
  }
  throw new TypeError('This is no key of the ledger.');
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

/** What stands for an address in the state: the address itself never does. */
export function senderDigest(address: string): string {
  return createHash('sha256').update(address.toLowerCase()).digest('hex');
}

/** Partition key that no item ever has; the only one that the status function may write. */
export const probeName = 'probe';
