/**
 * What an agent has to know of how a message came in, beside its text. The note of the message says it in words.
 * `docs/intake.md` names the rule behind each code.
 */
export const remarkCodes = [
  /** A form or a machine, `address`, passed on what a person wrote; that person is the customer. */
  'written-through',
  /** One of our own people, `address`, forwarded it; the customer is the author of what was forwarded. */
  'forwarded-by',
  /** One of our own people, `address`, forwarded it, and no author can be read in it: the customer is the forwarder. */
  'forward-unreadable',
  /** Somebody forwarded another person's mail; the customer is who forwarded it. */
  'forward',
  /** It names one of our own domains or people as its sender, and nothing proves that: an answer would come back to us. */
  'unproven-own',
  /** Its sender has no part in conversation `conversationId`, in whose thread the channel put it. */
  'stranger-in-thread',
  /** Another mail with its Message-ID became conversation `conversationId`, and the two differ. */
  'same-message-id',
  /** The same mail came to another of our mailboxes and became conversation `conversationId`. */
  'same-mail-elsewhere',
] as const;

export type RemarkCode = (typeof remarkCodes)[number];

/** Stands in the row of the message, so it never holds an address of a customer. */
export interface Remark {
  readonly code: RemarkCode;
  /** Of a form, a machine or one of our own people. */
  readonly address?: string;
  readonly conversationId?: number;
}
