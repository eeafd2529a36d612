/** Where the sweep of FreeScout stands. */
export interface SweepCursor {
  /** ISO 8601: start of the last list of all conversations that went through. */
  readonly listedAt: string | null;
  /** ISO 8601: start of the last run of any kind. */
  readonly ranAt: string | null;
  /** ISO 8601: last time that failed rows were woken. */
  readonly failedWokenAt: string | null;
  /** The last day, YYYY-MM-DD in UTC, whose digests are queued; null = none yet. */
  readonly digestDay: string | null;
  /** The last hour, as 2026-11-20T14 in UTC, whose digest is queued; null = none yet. */
  readonly digestHour: string | null;
  /** Unanswered messages that the last list found and that no worker had seen. */
  readonly missing: number;
  /** The last trial of whether FreeScout's webhooks reach us; absent = none yet. Releases up to 0.1.0 write none. */
  readonly webhookTrial?: WebhookTrial;
}

/** A conversation that the sweep made and deleted, so that FreeScout sends a webhook. */
interface WebhookTrial {
  /** ISO 8601: when the last trial began. */
  readonly at: string;
  /**
   * ISO 8601: when the first of the trials began since which no signed webhook had come, as far as the last trial knows; null when
   * FreeScout took none.
   */
  readonly unansweredSince: string | null;
}

/** Remembers where the sweep stands. */
export interface SweepCursors {
  getSweepCursor(): Promise<SweepCursor>;
  saveSweepCursor(cursor: SweepCursor): Promise<void>;
}
