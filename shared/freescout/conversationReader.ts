import type { Conversation, ConversationState, ConversationStatus } from './model.ts';

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

/** Reads conversations. A failed call is repeated inside the method, then it throws `FreeScoutFailure`. */
export interface ConversationReader {
  /** With threads and tags; null when FreeScout answers 404. */
  getConversation(conversationId: number): Promise<Conversation | null>;
  listConversations(query: ConversationQuery): Promise<ConversationPage>;
}
