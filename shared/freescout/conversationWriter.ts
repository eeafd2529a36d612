export interface NewAttachment {
  readonly fileName: string;
  readonly mimeType: string;
  readonly content: Uint8Array;
}

/** Whom FreeScout finds by address or number, or makes. A number is E.164 with `+`. */
export type NewCustomer = ({ readonly email: string } | { readonly phone: string }) & {
  readonly firstName?: string;
  readonly lastName?: string;
};

/** Only sent when more than ten minutes in the past: a future date swallows every later reply of an agent. */
type Backdated = { readonly createdAt?: Date };

export interface NewConversation extends Backdated {
  readonly mailboxId: number;
  readonly subject: string;
  readonly customer: NewCustomer;
  readonly html: string;
  readonly cc: readonly string[];
  readonly attachments: readonly NewAttachment[];
  /** FreeScout sends no auto-reply and notifies no agent. */
  readonly imported: boolean;
}

/**
 * A message for a conversation that exists. It goes in as imported only when it is backdated: FreeScout takes a date for imported
 * messages only. Any other imported message could keep an agent's reply of the same second from being mailed, because core 1.8.235
 * mails nothing while the newest message is imported, and of one second takes the later id for the newer.
 */
export interface NewCustomerMessage extends Backdated {
  readonly customer: NewCustomer;
  readonly html: string;
  /** The conversation's whole cc list: FreeScout overwrites it with what is sent, and clears it when nothing is. */
  readonly cc: readonly string[];
  readonly attachments: readonly NewAttachment[];
  /** Sent only for a conversation that is spam, to keep it so; otherwise omitted, which re-opens the conversation. */
  readonly keepSpam: boolean;
}

export interface NewNote {
  /** Sent only when it is past, and with `imported`, without which FreeScout takes no date. */
  readonly createdAt?: Date;
  readonly html: string;
  readonly cc: readonly string[];
  /**
   * FreeScout notifies nobody of the note, nor of a draft that follows it. For a note about a message of which FreeScout has told the
   * agents.
   */
  readonly imported: boolean;
}

/** Writes internal notes. A failed call is never repeated: the method throws `FreeScoutFailure`. */
export interface NoteWriter {
  addNote(conversationId: number, note: NewNote): Promise<{ threadId: number }>;
}

/** Writes what customers said and what triage decided. A failed call is never repeated: the method throws `FreeScoutFailure`. */
export interface ConversationWriter extends NoteWriter {
  /**
   * Of type `chat` for a customer with a number, from which FreeScout mails nothing; else of type `email`.
   *
   * `threadId` is null when the answer did not carry the new conversation. `customerHasAddress` is false when FreeScout made a person
   * without an address the customer: no agent could answer that person.
   */
  createConversation(
    conversation: NewConversation,
  ): Promise<{ conversationId: number; threadId: number | null; customerHasAddress: boolean }>;
  addCustomerMessage(conversationId: number, message: NewCustomerMessage): Promise<{ threadId: number }>;
  /** Replaces the whole list. `module-absent`: the Tags module is not there. */
  setTags(conversationId: number, tags: readonly string[]): Promise<'done' | 'module-absent'>;
  /** `module-absent`: the Custom Fields module is not there. */
  setCustomFields(
    conversationId: number,
    fields: readonly { readonly id: number; readonly value: string | number }[],
  ): Promise<'done' | 'module-absent'>;
  assign(conversationId: number, userId: number): Promise<void>;
  /** Makes the conversation active, as a customer's message does. */
  reopen(conversationId: number): Promise<void>;
  /** Makes a customer whom FreeScout knows the customer of the conversation. */
  setCustomer(conversationId: number, customerId: number): Promise<void>;
}
