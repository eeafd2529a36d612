import type { DraftOutcome, DraftState } from './botDrafts.ts';
import type { LedgerStatus } from './ledger.ts';

/** What is counted in the transactions that change it. */
export interface Counts {
  /** Rows of the ledger, with those that ended and were forgotten. */
  readonly messages: Readonly<Record<LedgerStatus, number>>;
  /** When a worker last took a row, ISO 8601. */
  readonly lastClaimAt: string | null;
  /** Entries of the thread map, with those that were forgotten. */
  readonly threadMappings: number;
  /** One draft per conversation that ever had one of ours, by the state of the newest. */
  readonly drafts: Readonly<Record<DraftState, number>>;
  /** Draft cycles that ended. */
  readonly draftOutcomes: Readonly<Record<DraftOutcome, number>>;
  /** Webhooks that FreeScout signed. */
  readonly webhooks: {
    readonly received: number;
    /** Those that could not be taken. */
    readonly failed: number;
    /** ISO 8601. */
    readonly lastAt: string | null;
  };
}

/** Reads what the other parts of the store count. */
export interface Counters {
  /** Sums over the counters: exact while others count, and without a scan. */
  counts(): Promise<Counts>;
}

/** Counts webhooks that FreeScout signed. */
export interface WebhookCounter {
  /**
   * @param spreadBy - any text that differs between webhooks: it picks one of several counters, so that many can count at once.
   * @param failed - whether the webhook could not be taken.
   */
  countWebhook(spreadBy: string, failed: boolean, at: Date): Promise<void>;
}
