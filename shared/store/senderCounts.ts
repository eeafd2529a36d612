import { hourMilliseconds } from '#shared/time/durations.ts';

/** Counts the mails of each sender. */
export interface SenderCounts {
  /**
   * Counts a mail of a sender once, however often it is counted.
   *
   * @param senderDigest - digest of the address, never the address itself.
   * @returns how many different mails of that sender came within the hour before `at`, this one included.
   */
  countMailOfSender(account: string, senderDigest: string, messageId: string, at: Date): Promise<number>;
  /**
   * For the operator's `forget`: removes what is stored about a sender, for every account, counts and lock alike.
   *
   * @returns number of items that went.
   */
  removeSender(senderDigest: string): Promise<number>;
}

/** Mails of one sender kept per hour: far above any limit, far below what an item may hold. */
export const mostMailsPerHour = 200;

export interface SeenMail {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly messageId: string;
}

/** Number of different mails in the hour up to and including `at`. */
export function mailsWithinHour(seen: Iterable<SeenMail>, at: Date): number {
  const end = at.getTime();
  const ids = new Set<string>();
  for (const mail of seen) {
    if (mail.at > end - hourMilliseconds && mail.at <= end) {
      ids.add(mail.messageId);
    }
  }
  return ids.size;
}

export function hourOf(at: number): number {
  return Math.floor(at / hourMilliseconds);
}
