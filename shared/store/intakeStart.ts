/** Remembers the moment at which intake began, and how far back the ledger was ever made to forget. */
export interface IntakeStart {
  /**
   * Before which moment nothing is ever brought in or answered: `proposed`, stored at the first call ever, or the moment from which on
   * the ledger still knows every message, whichever is later.
   *
   * @param keepDays - retention of the ledger in days; null = it forgets nothing. The shortest that was ever given counts from then on:
   * rows keep the expiry that they were written with, so they go by it also after the settings changed.
   */
  intakeSince(proposed: Date, keepDays: number | null): Promise<Date>;
}
