import type { CustomerIdentity } from '#shared/customers/customerIdentity.ts';
import type { Remark } from '#shared/intake/remark.ts';
import type { MessageKey, ThreadMapKey } from '#shared/store/keys.ts';

/** A file that came with a message. */
export interface MessageFile {
  /** Never empty; no path, no control characters. */
  readonly fileName: string;
  /** In lower case. */
  readonly mimeType: string;
  readonly content: Uint8Array;
}

/** What a sender or a form says of the request. Hints only: none of them decides anything by itself. */
interface MessageHints {
  readonly category: string | null;
  readonly priority: string | null;
  /** BCP 47, for example `de`. */
  readonly language: string | null;
  /** The sender's own reference, for example the number of an order. */
  readonly reference: string | null;
}

/** What the channel found out about a message before any money is spent. `reason` is a short code that stands in the ledger. */
export type MessageVerdict =
  /** It becomes a customer's message; with a reason in `noDraft` no draft is prepared. */
  | { readonly kind: 'customer'; readonly noDraft: string | null }
  /** It becomes nothing. The operator can restore it. */
  | { readonly kind: 'filtered'; readonly reason: string }
  /** A report about an earlier message. It becomes a note of the conversation that one of the keys leads to; else it is filtered. */
  | { readonly kind: 'report'; readonly reason: string; readonly about: readonly ThreadMapKey[] };

/** By what a message is known again when it comes in a second time. */
export interface MessageDigests {
  /** Of the id that its sender's system gave it, by itself no proof: form scripts and copiers use one id for many messages. */
  readonly idDigest: string;
  /** Of who wrote it, when, and what. */
  readonly contentDigest: string;
}

/** A customer's message, whatever channel it came in by. Intake knows nothing else of it. */
export interface IncomingMessage {
  readonly kind: 'message';
  readonly key: MessageKey;
  /** Whose conversation the message starts. */
  readonly identity: CustomerIdentity;
  /** Who sent it, when that is not the person but a form or a machine that passes the person's words on; else null. */
  readonly writtenThrough: CustomerIdentity | null;
  /** The conversation that it was written in, where the channel knows that; null where it has to be found. */
  readonly target: number | null;
  readonly hints: MessageHints;
  /** The thread of the channel: what the channel itself puts together stays together. */
  readonly thread: ThreadMapKey;
  /** What the message says that it answers, strongest first. Anybody can write that, so the sender needs a part in what is found. */
  readonly answers: readonly ThreadMapKey[];
  /** Keys under which later messages find the conversation of this one. */
  readonly ownKeys: readonly ThreadMapKey[];
  /** null in a channel that names each message once. */
  readonly digests: MessageDigests | null;
  /** It joins no conversation that exists, whatever its thread: the channel threads what different people write through one form. */
  readonly startsOwn: boolean;
  /** Empty when there is none. */
  readonly subject: string;
  /** HTML that is safe to show to agents; made at every call. */
  html(): string;
  /** All of its words, without hidden ones. */
  readonly text: string;
  readonly attachments: readonly MessageFile[];
  /** Addresses of everybody whom the message names besides its sender, ourselves and the customer included. */
  readonly recipients: readonly string[];
  /** When it came in, by a clock that its sender has no hand on. */
  readonly receivedAt: Date;
  /** What its note tells the agents of how it came in. */
  readonly remarks: readonly Remark[];
  readonly verdict: MessageVerdict;
}

/** The team's own word from elsewhere: it becomes one internal note of its conversation. */
export interface TeamMessage {
  readonly kind: 'team-message';
  readonly key: MessageKey;
  /** The conversation that it belongs to; null: the one of its thread. */
  readonly target: number | null;
  readonly thread: ThreadMapKey;
  /** What the message says that it answers, strongest first. */
  readonly answers: readonly ThreadMapKey[];
  /** Who of the team wrote it, as the note names them. */
  readonly author: string;
  /** Whether it went to the customer: it counts as the team's answer then. */
  readonly reachedCustomer: boolean;
  /** Whom it went to, without ourselves, where only the conversation tells whether a customer is among them. */
  readonly recipients?: readonly string[];
  /** Reason of its row when it belongs to no conversation, or went to nobody there; `no-conversation` where the channel does not say. */
  readonly keptOutAs?: string;
  /** HTML that is safe to show to agents; made at every call. */
  html(): string;
  readonly receivedAt: Date;
}

/** Kept out by the channel alone, before it was read. */
export interface Filtered {
  readonly kind: 'filtered';
  readonly reason: string;
}
