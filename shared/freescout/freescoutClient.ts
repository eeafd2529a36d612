import { Failure, type FailureCode } from '#shared/failure/failure.ts';
import type { Conversation, ConversationState, ConversationStatus } from './model.ts';

/**
 * A call to FreeScout failed. `nothingWritten` is true when the answer (or its absence: no connection, TLS failure) proves that
 * FreeScout wrote nothing: 400, 401, 403, 404, 405, 413, 422. A 5xx, a timeout or a missing `Resource-ID` prove nothing.
 */
export class FreeScoutFailure extends Failure {
  readonly status: number | null;
  readonly nothingWritten: boolean;

  constructor(
    code: FailureCode,
    message: string,
    options: {
      readonly retryable: boolean;
      readonly status: number | null;
      readonly nothingWritten: boolean;
      readonly retryAfterSeconds?: number | null;
      readonly cause?: unknown;
    },
  ) {
    super(code, message, options);
    this.name = 'FreeScoutFailure';
    this.status = options.status;
    this.nothingWritten = options.nothingWritten;
  }
}

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

/** A date counts only with `imported`. */
export interface NewNote extends Backdated {
  readonly html: string;
  readonly cc: readonly string[];
  /**
   * FreeScout notifies nobody of the note, nor of a draft that follows it. For a note about a message of which FreeScout has told the
   * agents.
   */
  readonly imported: boolean;
}

export interface NewDraftReply {
  readonly html: string;
  readonly cc: readonly string[];
  /** The status read in the same step: without one FreeScout makes the conversation pending. */
  readonly status: ConversationStatus;
}

export interface ConversationQuery {
  readonly mailboxIds?: readonly number[];
  readonly statuses?: readonly ConversationStatus[];
  readonly state?: ConversationState;
  /** Matches the customer's main address only. */
  readonly customerEmail?: string;
  /** E.164 with `+`; also matches longer numbers that contain its digits. */
  readonly customerPhone?: string;
  readonly updatedSince?: Date;
  readonly embed?: readonly ('threads' | 'tags')[];
  readonly sort?: {
    readonly field: 'createdAt' | 'updatedAt' | 'waitingSince';
    readonly order: 'asc' | 'desc';
  };
  /** 1-based. */
  readonly page: number;
  readonly pageSize?: number;
}

export interface ConversationPage {
  readonly conversations: readonly Conversation[];
  readonly totalPages: number;
}

export interface CustomField {
  readonly id: number;
  /** Ids of a dropdown's options: FreeScout stores any other value too, and shows it as empty. null: it takes any value. */
  readonly options: readonly string[] | null;
}

/** A draft as the companion module tells it. Times in milliseconds since 1970. */
export interface ListedDraft {
  readonly id: number;
  readonly body: string;
  /** Whom it was created for; stays when the conversation gets another customer. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly createdByUserId: number | null;
  readonly editedByUserId: number | null;
  readonly editedAt: number | null;
  readonly createdAt: number;
  readonly version: string;
}

/** What became of a conditional change of a draft; `changed` = somebody touched it since that version was read. */
export type DraftChange = 'done' | 'gone' | 'no-longer-a-draft' | 'changed' | 'not-ours';

/**
 * FreeScout as far as we use it. Nothing here publishes a reply: the only message it can write is a draft.
 *
 * Reading calls are repeated inside the call; writing calls never are. Every call throws {@link FreeScoutFailure}.
 * Ids are FreeScout's; `number` of a conversation is only for people.
 */
export interface FreeScoutClient {
  /** With threads and tags; null when FreeScout answers 404. */
  getConversation(conversationId: number): Promise<Conversation | null>;
  listConversations(query: ConversationQuery): Promise<ConversationPage>;
  /**
   * Of type `chat` for a customer with a number, from which FreeScout mails nothing; else of type `email`.
   *
   * `threadId` is null when the answer did not carry the new conversation. `customerHasAddress` is false when FreeScout took somebody
   * without an address for a customer with one: nobody could be answered.
   */
  createConversation(
    conversation: NewConversation,
  ): Promise<{ conversationId: number; threadId: number | null; customerHasAddress: boolean }>;
  addCustomerMessage(conversationId: number, message: NewCustomerMessage): Promise<{ threadId: number }>;
  addNote(conversationId: number, note: NewNote): Promise<{ threadId: number }>;
  /** `state` is what FreeScout says it stored: anything but `draft` means that FreeScout may have sent it. */
  createDraftReply(
    conversationId: number,
    draft: NewDraftReply,
  ): Promise<{ threadId: number; state: string }>;
  /** Replaces the whole list. `module-absent`: the Tags module is not there. */
  setTags(conversationId: number, tags: readonly string[]): Promise<'done' | 'module-absent'>;
  setCustomFields(
    conversationId: number,
    fields: readonly { readonly id: number; readonly value: string | number }[],
  ): Promise<'done' | 'module-absent'>;
  assign(conversationId: number, userId: number): Promise<void>;
  /** Makes it active, as a customer's message does. */
  reopen(conversationId: number): Promise<void>;
  /** Makes somebody the conversation's customer whom FreeScout knows. */
  setCustomer(conversationId: number, customerId: number): Promise<void>;

  listMailboxes(): Promise<readonly { readonly id: number; readonly name: string; readonly email: string }[]>;
  listUsers(): Promise<readonly { readonly id: number; readonly name: string; readonly email: string }[]>;
  /** null: this version of the API & Webhooks module does not tell (newer than 1.0.87 ones do). */
  listWebhooks(): Promise<
    readonly { readonly id: number; readonly url: string; readonly events: readonly string[] }[] | null
  >;
  /** Whether the Tags module is there; null: cannot be told. */
  hasTags(): Promise<boolean | null>;
  /** Those of a mailbox; `module-absent`: the Custom Fields module is not there; null: cannot be told. */
  listCustomFields(mailboxId: number): Promise<readonly CustomField[] | 'module-absent' | null>;

  /**
   * A phone conversation whose customer has no e-mail address, so that nobody can be mailed from it; used to prove that drafts
   * stay drafts. Only {@link deleteProofConversation} of the same client can delete it.
   */
  createProofConversation(mailboxId: number): Promise<{ conversationId: number }>;
  /** Deletes for good. Refuses (throws) ids that this client did not get from {@link createProofConversation}. */
  deleteProofConversation(conversationId: number): Promise<void>;

  /** Version of the companion module, or null when it is not installed. */
  companionVersion(): Promise<string | null>;
  listDrafts(conversationId: number): Promise<readonly ListedDraft[] | null>;
  replaceDraft(
    conversationId: number,
    draftThreadId: number,
    change: { readonly html: string; readonly cc: readonly string[]; readonly ifVersion: string },
  ): Promise<DraftChange>;
  withdrawDraft(conversationId: number, draftThreadId: number, ifVersion: string): Promise<DraftChange>;
}
