import type { LedgerKey, ThreadMapKey } from './keys.ts';

/**
 * Remembers which mail is about to start the conversation of a channel's thread. A worker may stop between FreeScout's write and the
 * ledger's, and its job may end among the dead letters; then this entry is all that is left. The next mail of the thread looks for
 * what the remembered mail wrote. An entry stays for 30 days, longer than a job can stay anywhere.
 */
export interface ThreadStarters {
  /** Replaces the mail that was remembered before. */
  rememberThreadStarter(thread: ThreadMapKey, mail: LedgerKey): Promise<void>;
  /** The mail that was remembered last for the thread; null when there is none. */
  threadStarterOf(thread: ThreadMapKey): Promise<LedgerKey | null>;
  /** For the operator's `forget`: removes the entry if it names that mail. @returns whether it did. */
  forgetThreadStarter(thread: ThreadMapKey, mail: LedgerKey): Promise<boolean>;
}
