import type { FailureCode } from '#shared/failure/failure.ts';
import type { Remark } from '#shared/intake/remark.ts';
import type { Triage } from '#shared/triage/triage.ts';
import type { LedgerKey, ThreadMapKey } from './keys.ts';

export type LedgerStatus = 'processing' | 'deferred' | 'failed' | 'filtered' | 'success';

/**
 * What a deferred row waits for. `budget`: until the model may be asked again. `share`: until another day, because its sender has used up
 * their share of this one. `relabelled`: people took out of the way what kept a message
 * out, and its job is on its way. `thread-pending`: a message of the team, until an earlier message of its thread has its conversation.
 */
export type DeferReason = 'budget' | 'share' | 'relabelled' | 'thread-pending';

/** What was done for a row; only on terminal rows. */
export type LedgerAction =
  // an incoming message
  | 'create'
  | 'append'
  | 'note'
  // a customer thread
  | 'drafted'
  | 'noted'
  | 'no-draft'
  | 'answered'
  | 'covered'
  | 'superseded'
  | 'closed'
  | 'spam'
  | 'deleted'
  // a follow-up: a draft was there already, only the tag was added
  | 'tagged'
  // an alert
  | 'alerted';

/**
 * One row of the ledger: an incoming message or a customer thread and what became of it. Times are ISO 8601 in UTC.
 * `success` and `filtered` are terminal: never touched again, except by the operator's command, or when people changed what a row was
 * filtered for.
 */
export interface LedgerRow {
  readonly key: LedgerKey;
  readonly status: LedgerStatus;
  readonly statusAt: string;
  readonly firstSeenAt: string;
  /** Deliveries that claimed the row so far. */
  readonly attempts: number;
  readonly action?: LedgerAction;
  /** Why: a failure code, a hygiene reason, a reason for no draft. Never text of a message. */
  readonly reason?: string;
  /** On `failed`: whether the next attempt may work. */
  readonly retryable?: boolean;
  /** On `failed`: when the first of the failures in a row happened. */
  readonly failedSince?: string;
  /** Thread of the channel that the message came in by. */
  readonly channelThreadId?: string;
  readonly conversationId?: number;
  /** FreeScout thread that was written for an incoming message. */
  readonly threadId?: number;
  /** Present while a worker has the row. */
  readonly leaseOwner?: string;
  readonly leaseUntil?: string;
  /** Set before FreeScout is asked to write; a later attempt that finds it searches for that write. */
  readonly writeStartedAt?: string;
  /**
   * Hygiene verdict, written before FreeScout is called: why this message gets no draft; null = it may get one. Also in the row of the
   * customer's thread that the message became, once its work began.
   */
  readonly noDraft?: string | null;
  /** Another conversation that the message refers to but was not added to; named in the note. */
  readonly related?: RelatedConversation;
  /** What the note of the message tells the agents of how it came in. */
  readonly remarks?: readonly Remark[];
  /** Of a message beyond the loop limit; {@link Burst}. */
  readonly burst?: Burst;
  /** Stored before it is used, so that a retry never pays twice. */
  readonly triage?: Triage;
  /** The operator restored the message: it becomes a ticket whatever its channel and its headers say. */
  readonly ticketAnyway?: true;
  /** Of a follow-up: what came of the draft. Once it stands here, only the tag is missing. */
  readonly followUp?: FollowUpResult;
  /** Of an alert: channels that took it. */
  readonly alertedBy?: readonly string[];
}

/** Place of a message among those of its sender beyond the loop limit in an hour; `deciding`: a delivery began to find it out. */
export type Burst = 'deciding' | 'first' | 'later';

/** `waiting`: a draft of ours was there already. `noted`: the text went into a note. `no-draft`: a note says why there is none. */
export type FollowUpResult = 'drafted' | 'noted' | 'waiting' | 'no-draft';

export interface RelatedConversation {
  readonly conversationId: number;
  readonly why: 'sender-has-no-part' | 'revived';
}

export type Claim =
  | { readonly outcome: 'claimed'; readonly row: LedgerRow }
  | { readonly outcome: 'terminal'; readonly row: LedgerRow }
  /** Another worker has it until then. */
  | { readonly outcome: 'leased'; readonly until: Date };

export interface ThreadMapEntry {
  readonly key: ThreadMapKey;
  readonly conversationId: number;
}

/** What a worker learns on the way; written only while it has the lease. */
export interface LedgerProgress {
  /** null takes it away: the write is known not to have happened. */
  readonly writeStartedAt?: string | null;
  readonly noDraft?: string | null;
  readonly related?: RelatedConversation;
  /** Added to what the row has, one of each code. */
  readonly remarks?: readonly Remark[];
  readonly burst?: Burst;
  readonly triage?: Triage;
  readonly followUp?: FollowUpResult;
  readonly alertedBy?: readonly string[];
  readonly conversationId?: number;
}

export type LedgerOutcome =
  | {
      readonly status: 'success';
      readonly action: LedgerAction;
      readonly reason?: string;
      readonly conversationId?: number;
      readonly threadId?: number;
      /** Written in the same transaction. */
      readonly threadMap?: readonly ThreadMapEntry[];
    }
  | { readonly status: 'filtered'; readonly reason: string }
  | { readonly status: 'deferred'; readonly reason: DeferReason; readonly conversationId?: number }
  | { readonly status: 'failed'; readonly reason: FailureCode; readonly retryable: boolean };

/**
 * The ledger: the only memory of what was done. Rows that ended may be forgotten after the days of the settings, and are not read from then
 * on, though they are still there for days; changes decide on what is really there, so what is known is never done twice. Every change of status owns its condition and moves the counters of
 * {@link Counters.counts} in the same transaction.
 *
 * All methods throw a retryable `store-contention` failure when DynamoDB refuses (throttled, or a transaction conflict after six
 * retries).
 */
export interface Ledger {
  get(key: LedgerKey): Promise<LedgerRow | null>;
  /** Rows of the keys that exist. */
  getAll(keys: readonly LedgerKey[]): Promise<ReadonlyMap<LedgerKey, LedgerRow>>;

  /**
   * Takes a row for one worker: a new row, or one that is `failed`, `deferred`, or `processing` with no lease or an ended one.
   *
   * @param lastDelivery - the queue gives the job up after this delivery: the row is written as `failed, retryable,
   * worker-stopped` at once, which the outcome overwrites, so that no job dies without a reason. The lease holds all the same.
   */
  claim(
    key: LedgerKey,
    options: {
      readonly owner: string;
      readonly leaseSeconds: number;
      readonly lastDelivery: boolean;
      readonly channelThreadId?: string;
      readonly conversationId?: number;
    },
  ): Promise<Claim>;
  /** @returns the row as it is now. Throws a retryable `store-contention` failure when the lease was lost. */
  progress(key: LedgerKey, owner: string, progress: LedgerProgress): Promise<LedgerRow>;
  /** Ends the work on a claimed row. Throws a retryable `store-contention` failure when the lease was lost. */
  finish(key: LedgerKey, owner: string, outcome: LedgerOutcome): Promise<void>;
  /** Gives the lease back without an outcome: the job goes on in another message group. */
  release(key: LedgerKey, owner: string): Promise<void>;
  /**
   * Writes terminal rows that need no work (skipped messages, customer threads that a newer one covers), where there is no row yet or
   * one that nobody works on. Rows that are terminal or leased stay as they are.
   *
   * @returns keys of the rows that were written.
   */
  settle(
    rows: readonly {
      readonly key: LedgerKey;
      readonly outcome: Extract<LedgerOutcome, { status: 'success' | 'filtered' }>;
      readonly channelThreadId?: string;
    }[],
  ): Promise<readonly LedgerKey[]>;

  /**
   * Rows that are not `success`, oldest change of status first.
   *
   * @param options - `retryable`: of the `failed` rows only those whose next attempt may work, however many others there are;
   * `changedSince`: only with `changedBefore`; `reason`: only rows with this one; `channelThreadId`: only rows of this thread.
   */
  listByStatus(
    status: Exclude<LedgerStatus, 'success'>,
    options: {
      readonly limit: number;
      readonly changedSince?: Date;
      readonly changedBefore?: Date;
      readonly retryable?: true;
      readonly reason?: string;
      readonly channelThreadId?: string;
      readonly newestFirst?: true;
    },
  ): Promise<readonly LedgerRow[]>;
  /**
   * Takes a row away of which nothing came and nothing is owed, as if nobody had claimed it: what it stands for may be due again
   * later.
   *
   * @param owner - who has claimed it; null: only a row that nobody works on.
   * @returns false when there is none, it is terminal, or somebody else works on it.
   */
  withdraw(key: LedgerKey, owner: string | null): Promise<boolean>;
  /**
   * Turns a retryable `failed` row into a permanent one (72 h are over).
   *
   * @returns false when the row changed meanwhile.
   */
  giveUp(key: LedgerKey): Promise<boolean>;

  /**
   * People changed what a row was filtered for: it is worked on again, and waits for its job as `deferred`.
   *
   * @param change - `was`: the reason that the row has to be filtered for.
   * @returns false when the row is anything else by now.
   */
  reconsider(
    key: LedgerKey,
    change: { readonly was: string; readonly reason: DeferReason },
  ): Promise<boolean>;
  /**
   * The operator's word that a row is worked on again, terminal or not. What was learned and written stays in it, so that the next
   * attempt finds an earlier write instead of repeating it.
   *
   * @returns the row, `processing` without a lease; null when there is none or a worker has it.
   */
  reopen(key: LedgerKey, options?: { readonly ticketAnyway?: true }): Promise<LedgerRow | null>;
  /**
   * The operator's `forget`: takes everything off a row but its key, `filtered: forgotten`, so that what it stood for is not brought
   * in a second time.
   *
   * @returns false when there is none or a worker has it.
   */
  forgetRow(key: LedgerKey): Promise<boolean>;
  /** Rows that name one of these conversations, with those that are forgotten and still there. Reads the whole table: for the operator's commands only. */
  listOfConversations(conversationIds: ReadonlySet<number>): Promise<readonly LedgerRow[]>;
  /** Proves that the table takes a conditional write; for `/ready`. Leaves nothing. */
  probe(): Promise<void>;
}

export function isTerminal(row: LedgerRow): boolean {
  return row.status === 'success' || row.status === 'filtered';
}
