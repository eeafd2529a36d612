/** Verified webhooks as they came, kept for a while so that they can be shown and delivered again. */
export interface WebhookEvents {
  /** Stores the raw bytes, compressed; the same event again changes nothing. */
  keep(event: {
    readonly id: string;
    readonly event: string | null;
    readonly conversationId: number | null;
    readonly rawBody: Uint8Array;
    readonly receivedAt: Date;
    readonly keepDays: number;
  }): Promise<void>;
  /** null when it was never kept or its days are over. */
  get(id: string): Promise<KeptEvent | null>;
  /**
   * Shows every kept event, one after the other, in no particular order. Reads the whole table: for the operator's commands only.
   */
  visitAll(visit: (event: KeptEvent) => void): Promise<void>;
  removeEvent(id: string): Promise<void>;
  /** Proves that the table takes a conditional write; for `/ready`. Leaves nothing. */
  probe(): Promise<void>;
}

export interface KeptEvent {
  readonly id: string;
  readonly event: string | null;
  readonly conversationId: number | null;
  readonly rawBody: Uint8Array;
  readonly receivedAt: string;
}
