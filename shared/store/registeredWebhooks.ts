/** A webhook that we had FreeScout make. */
export interface RegisteredWebhook {
  /** FreeScout's own id. */
  readonly id: number;
  readonly freescoutUrl: string;
  /** Where it delivers to. */
  readonly target: string;
}

/** Remembers the webhook that `connect freescout` registered: FreeScout would take a second one and deliver everything twice. */
export interface RegisteredWebhooks {
  getRegisteredWebhook(): Promise<RegisteredWebhook | null>;
  saveRegisteredWebhook(webhook: RegisteredWebhook): Promise<void>;
}
