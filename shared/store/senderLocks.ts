import type { LedgerKey } from './keys.ts';

/** Locks senders: FreeScout races with itself when two requests at once tell it of the same new customer. */
export interface SenderLocks {
  /**
   * Acquires the lock of a sender for one mail.
   *
   * @param senderDigest - digest of the address, never the address itself.
   * @param seconds - how long the lock lasts when nobody releases it.
   * @returns null when the mail has the lock, also when it had it before; or until when another mail has it.
   */
  acquireSenderLock(senderDigest: string, mail: LedgerKey, seconds: number, at: Date): Promise<Date | null>;
  /** Releases the lock if that mail has it. */
  releaseSenderLock(senderDigest: string, mail: LedgerKey, at: Date): Promise<void>;
}
