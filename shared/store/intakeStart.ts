/** Remembers the moment at which intake began. */
export interface IntakeStart {
  /** Stores `proposed` at the first call ever and answers what is stored. The system never brings in anything older. */
  intakeSince(proposed: Date): Promise<Date>;
}
