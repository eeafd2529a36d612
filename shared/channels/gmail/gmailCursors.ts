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

/** Remembers where reading each Gmail account stands. */
export interface GmailCursors {
  /** A cursor that was never saved has version 0 and null in place of every instant. */
  getGmailCursor(account: string): Promise<GmailCursor>;
  /** @returns false when another poll moved the cursor since `expectedVersion` was read. */
  saveGmailCursor(cursor: Omit<GmailCursor, 'version'>, expectedVersion: number): Promise<boolean>;
}
