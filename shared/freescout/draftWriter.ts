import type { ConversationStatus } from './model.ts';

export interface NewDraftReply {
  readonly html: string;
  readonly cc: readonly string[];
  /** The status read in the same step: without one FreeScout makes the conversation pending. */
  readonly status: ConversationStatus;
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
 * Writes drafts of replies, the only messages that we write. FreeScout's API can create drafts; the companion module lists, replaces
 * and withdraws them. A failed change is never repeated: the method throws `FreeScoutFailure`.
 */
export interface DraftWriter {
  /** `state` is what FreeScout says it stored: anything but `draft` means that FreeScout may have sent it. */
  createDraftReply(
    conversationId: number,
    draft: NewDraftReply,
  ): Promise<{ threadId: number; state: string }>;
  /** Drafts of the conversation; null: FreeScout does not know the conversation, or the companion module is not installed. */
  listDrafts(conversationId: number): Promise<readonly ListedDraft[] | null>;
  /** Replaces text and cc, if the draft still has that version. */
  replaceDraft(
    conversationId: number,
    draftThreadId: number,
    change: { readonly html: string; readonly cc: readonly string[]; readonly ifVersion: string },
  ): Promise<DraftChange>;
  /** Deletes the draft, if it still has that version. */
  withdrawDraft(conversationId: number, draftThreadId: number, ifVersion: string): Promise<DraftChange>;
}
