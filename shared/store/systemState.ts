import type { DraftOutcome, DraftState } from './botDrafts.ts';
import type { LedgerKey, ThreadMapKey } from './keys.ts';
import type { LedgerStatus } from './ledger.ts';

/** Where reading a Gmail account stands. */
export interface GmailCursor {
  readonly account: string;
  /** Everything up to here is queued. null: reading starts with a back-fill. */
  readonly historyId: string | null;
  /** ISO 8601: start of the last poll that went through. */
  readonly polledAt: string | null;
  /** ISO 8601: start of the last gap check that went through. */
  readonly gapCheckedAt: string | null;
  /** Why the last poll failed; null = it did not. */
  readonly fault: string | null;
  /** Mails that the last gap check found missing. */
  readonly missing: number;
  readonly version: number;
}

export interface SweepCursor {
  /** ISO 8601: start of the last list of all conversations that went through. */
  readonly listedAt: string | null;
  /** ISO 8601: start of the last run of any kind. */
  readonly ranAt: string | null;
  /** ISO 8601: last time that failed rows were woken. */
  readonly failedWokenAt: string | null;
  readonly missing: number;
}

/** Whether FreeScout was seen to keep drafts as drafts. Holds for one FreeScout address. */
export type DraftProof =
  | { readonly state: 'proven'; readonly url: string; readonly at: string }
  | { readonly state: 'stopped'; readonly url: string; readonly at: string; readonly reason: string };

export type SpendKind = 'triage' | 'draft';

export interface SpendLimits {
  readonly dailyUsd: number;
  readonly monthlyUsd: number;
  readonly draftsPerDay: number;
}

export interface Meter {
  /** UTC day `2026-11-20` and month `2026-11` that the figures belong to. */
  readonly day: string;
  readonly month: string;
  /** Reserved and settled spend; a reservation that was never settled counts as spent. */
  readonly dayUsd: number;
  readonly monthUsd: number;
  readonly draftsToday: number;
}

/** What is counted in the transactions that change it. */
export interface Counts {
  /** Rows of the ledger. */
  readonly messages: Readonly<Record<LedgerStatus, number>>;
  /** When a worker last took a row, ISO 8601. */
  readonly lastClaimAt: string | null;
  /** Entries of the thread map. */
  readonly threadMappings: number;
  /** One draft per conversation that ever had one of ours, by the state of the newest. */
  readonly drafts: Readonly<Record<DraftState, number>>;
  /** Draft cycles that ended. */
  readonly draftOutcomes: Readonly<Record<DraftOutcome, number>>;
  readonly webhooks: {
    readonly received: number;
    readonly failed: number;
    /** ISO 8601. */
    readonly lastAt: string | null;
  };
}

/** A webhook that we had FreeScout make. */
export interface RegisteredWebhook {
  /** FreeScout's own id. */
  readonly id: number;
  readonly freescoutUrl: string;
  /** Where it delivers to. */
  readonly target: string;
}

/** Cursors, switches, counters and the budget meter: small facts of the whole system. */
export interface SystemState {
  getGmailCursor(account: string): Promise<GmailCursor>;
  /** @returns false when another poll moved the cursor since `expectedVersion` was read. */
  saveGmailCursor(cursor: Omit<GmailCursor, 'version'>, expectedVersion: number): Promise<boolean>;
  getSweepCursor(): Promise<SweepCursor>;
  saveSweepCursor(cursor: SweepCursor): Promise<void>;

  /** Stores `proposed` at the first call ever and answers what is stored. Nothing older is ever brought in. */
  intakeSince(proposed: Date): Promise<Date>;

  /**
   * Remembers the mail that is about to start the conversation of a Gmail thread; a later one replaces it. Nothing else is left when
   * a worker stops between FreeScout's write and the ledger's and its job ends among the dead letters: the next mail of the thread
   * then looks for what that one wrote. The entry stays for 30 days, longer than a job can stay anywhere.
   */
  rememberThreadStarter(gmailThread: ThreadMapKey, mail: LedgerKey): Promise<void>;
  /** The mail that was remembered last for a Gmail thread; null when there is none. */
  threadStarterOf(gmailThread: ThreadMapKey): Promise<LedgerKey | null>;
  /** For the operator's `forget`: removes the entry if it names that mail. @returns whether it did. */
  forgetThreadStarter(gmailThread: ThreadMapKey, mail: LedgerKey): Promise<boolean>;

  getDraftProof(): Promise<DraftProof | null>;
  /** A `proven` does not replace a `stopped` of the same address: only {@link clearDraftProof} ends that. */
  saveDraftProof(proof: DraftProof): Promise<void>;
  /** The operator's word that drafts are safe again: the next worker proves it anew. */
  clearDraftProof(): Promise<void>;

  /** Sums over the counters: exact whatever happens at the same time, without a scan. */
  counts(): Promise<Counts>;
  countWebhook(spreadBy: string, failed: boolean, at: Date): Promise<void>;

  /**
   * Takes `usd` from today's and this month's budget in one conditional write.
   *
   * @returns false when that would pass a limit (0 = no limit). Throws when the meter cannot be read: then nothing may be spent.
   */
  reserveSpend(kind: SpendKind, usd: number, limits: SpendLimits, at: Date): Promise<boolean>;
  /** Corrects a reservation made at `reservedAt` to what was really spent. */
  settleSpend(reservedUsd: number, spentUsd: number, reservedAt: Date): Promise<void>;
  getMeter(at: Date): Promise<Meter>;

  /**
   * Takes up to `count` calls out of the window of the clock that `at` lies in; all who name the same limit share it.
   *
   * @returns how many were taken: fewer than `count` at the end of the window's calls, 0 when they are used up.
   */
  takeCalls(
    name: string,
    count: number,
    limit: { readonly maxRequests: number; readonly windowSeconds: number },
    at: Date,
  ): Promise<number>;

  /**
   * Counts a mail of a sender and tells how many different mails of that sender came within the hour before `at`, this one
   * included. The same mail is counted once.
   *
   * @param senderDigest - digest of the address, never the address itself.
   */
  countMailOfSender(account: string, senderDigest: string, messageId: string, at: Date): Promise<number>;

  /**
   * Acquires the lock of a sender for one mail: FreeScout races with itself when two requests at once tell it of a new customer.
   *
   * @param seconds - how long the lock lasts when nobody releases it.
   * @returns null, also when that mail holds the lock already; or until when another mail holds it.
   */
  acquireSenderLock(senderDigest: string, mail: LedgerKey, seconds: number, at: Date): Promise<Date | null>;
  /** Releases the lock if that mail holds it. */
  releaseSenderLock(senderDigest: string, mail: LedgerKey, at: Date): Promise<void>;

  /** Removes what {@link countMailOfSender} and {@link acquireSenderLock} stored, for every account. @returns number of items that went. */
  removeSender(senderDigest: string): Promise<number>;

  /** The webhook that `connect freescout` registered: FreeScout would take a second one and deliver everything twice. */
  getRegisteredWebhook(): Promise<RegisteredWebhook | null>;
  saveRegisteredWebhook(webhook: RegisteredWebhook): Promise<void>;

  /** Proves that the table takes a conditional write; for `/ready`. Leaves nothing. */
  probe(): Promise<void>;
}
