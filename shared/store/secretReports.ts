import type { Fillings } from '#shared/settings/secretFillings.ts';

/** What a function last saw of a secret: which of its values are filled in, never a value. */
export interface SecretReport {
  /** Environment variable in which functions find the secret's ARN: its name here, too. */
  readonly variable: string;
  /** By the keys of the secret's JSON; empty when the secret could not be read. */
  readonly fillings: Fillings;
  /** Why the secret could not be read, in words for the operator; null = it was read. */
  readonly fault: string | null;
  /** ISO 8601: when a function last saw this. */
  readonly at: string;
}

/** Remembers what functions see of the secrets that only they may read. */
export interface SecretReports {
  /** null: no function has read the secret yet. */
  secretReportOf(variable: string): Promise<SecretReport | null>;
  /** Keeps a report. Nothing is written when the kept one says the same and is not older than `renewBefore`. */
  saveSecretReport(report: SecretReport, renewBefore: Date): Promise<void>;
}
