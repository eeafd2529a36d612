import type { Bucket, TriageType } from '#shared/triage/triage.ts';

/**
 * `reply`: answers a message. `followup`: answers it late, when no reply was sent. `reminder`: asks after a reply of ours that the
 * customer did not answer; the "answered thread" of such a draft is that reply.
 */
export type DraftKind = 'reply' | 'followup' | 'reminder';

/**
 * `creating`: the intent is stored, the call may or may not have reached FreeScout; counts as live. `live`: the draft is there.
 * `sent`, `replaced`, `gone`: the cycle ended.
 */
export type DraftState = 'creating' | 'live' | 'sent' | 'replaced' | 'gone';

/** What a draft was made from; copied into the outcome so that figures can be told apart. */
export interface DraftOrigin {
  readonly type: TriageType;
  readonly bucket: Bucket;
  /** ISO 639-1. */
  readonly language: string;
  readonly promptVersion: string;
}

/** The one draft of ours that counts in a conversation. Times are ISO 8601 in UTC. */
export interface LiveDraft extends DraftOrigin {
  readonly conversationId: number;
  readonly state: DraftState;
  readonly kind: DraftKind;
  /** Customer thread that the draft answers; names the cycle. */
  readonly answeredThreadId: number;
  /** Id of the draft's thread; null while `creating`. A sent draft keeps it. */
  readonly draftThreadId: number | null;
  /** Of the text as we wrote it. */
  readonly fingerprint: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Changes with every write; the next write names the one it read. */
  readonly version: number;
}

export type DraftOutcome = 'unchanged' | 'light-edit' | 'heavy-edit' | 'replaced' | 'discarded' | 'withdrawn';

/** Names a cycle within its conversation: a message that was replied to may be followed up later. */
export function cycleName({ answeredThreadId, kind }: Pick<LiveDraft, 'answeredThreadId' | 'kind'>): string {
  return kind === 'reply' ? String(answeredThreadId) : `${answeredThreadId}:${kind}`;
}

/** How one cycle ended. */
export interface DraftCycle extends DraftOrigin {
  readonly conversationId: number;
  readonly answeredThreadId: number;
  readonly draftThreadId: number | null;
  readonly kind: DraftKind;
  readonly outcome: DraftOutcome;
  /** 0 to 1 between our text and what was sent; null when nothing of ours was sent or our text is no longer kept. */
  readonly similarity: number | null;
  /** From draft to sent reply; null when no reply was sent. */
  readonly minutesToSend: number | null;
  readonly endedAt: string;
}

/** Extra writes that belong to a change of the live draft, in the same transaction. */
export interface DraftSideWrites {
  /** Also counted in {@link Counters.counts}, once: an existing cycle of the same thread is not written again. */
  readonly cycle?: DraftCycle;
  readonly text?: { readonly draftThreadId: number; readonly html: string; readonly keepDays: number };
}

export interface BotDrafts {
  getLive(conversationId: number): Promise<LiveDraft | null>;
  /**
   * Writes the live item, and moves the counters of {@link Counters.counts} with its state, when it still has `expectedVersion` (null = there is none yet); its version becomes the next one.
   *
   * @returns the item as stored. Throws a retryable `store-contention` failure when another writer came first.
   */
  saveLive(
    draft: Omit<LiveDraft, 'version' | 'updatedAt'>,
    expectedVersion: number | null,
    sideWrites?: DraftSideWrites,
  ): Promise<LiveDraft>;
  /** HTML of a draft as we wrote it; null when it was never kept or its days are over. */
  getText(draftThreadId: number, conversationId: number): Promise<string | null>;
  listCycles(conversationId: number): Promise<readonly DraftCycle[]>;
  /** Newest change first. */
  listNewest(limit: number): Promise<readonly LiveDraft[]>;
  /** The operator's `reset-draft`: the live item goes, cycles stay. @returns false when there was none. */
  reset(conversationId: number): Promise<boolean>;
  /** Texts of drafts that are still kept; for the operator's `export`. */
  listTexts(conversationId: number): Promise<readonly DraftText[]>;
  /**
   * The operator's `forget`: everything about a conversation's drafts goes, or about those that answer these threads.
   *
   * @returns number of items that went.
   */
  removeConversation(conversationId: number, answeredThreadIds?: ReadonlySet<number>): Promise<number>;
  /** Proves that the table takes a conditional write; for `/ready`. Leaves nothing. */
  probe(): Promise<void>;
}

export interface DraftText {
  readonly draftThreadId: number;
  readonly html: string;
}
