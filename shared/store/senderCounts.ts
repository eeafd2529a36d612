import type { AlertKind } from '#shared/alerts/alertKinds.ts';
import { hourMilliseconds } from '#shared/time/durations.ts';
import type { LedgerKey } from './keys.ts';

/** Counts what comes of each sender. */
export interface SenderCounts {
  /**
   * Counts a mail of a sender once, however often it is counted.
   *
   * @param senderDigest - digest of the address, never the address itself.
   * @returns how many different mails of that sender came within the hour before `at`, this one included.
   */
  countMailOfSender(account: string, senderDigest: string, messageId: string, at: Date): Promise<number>;
  /**
   * Takes one place in a share of the period that `at` lies in. Who has taken a place keeps it.
   *
   * @param holder - key of what takes the place.
   * @param most - places of a period.
   * @returns false when others have taken them all.
   */
  takePlace(share: Share, holder: LedgerKey, most: number, at: Date): Promise<boolean>;
  /**
   * For the operator's `forget`: removes what is stored about a sender, for every account, counts and lock alike.
   *
   * @returns number of items that went.
   */
  removeSender(senderDigest: string): Promise<number>;
}

/** Whose share of what. */
export interface Share {
  readonly of: 'model' | `alert:${AlertKind}`;
  /** Digest of the sender, or `everybody`. */
  readonly by: string;
  /** Clock hour or day, in UTC. */
  readonly per: 'hour' | 'day';
}

/** The period of a share that an instant lies in, as `2026-11-20` or `2026-11-20T14`. */
export function periodOfShare({ per }: Pick<Share, 'per'>, at: Date): string {
  return at.toISOString().slice(0, per === 'day' ? 10 : 13);
}

/** Places that an item can hold: each is a key of the ledger. */
export const mostPlaces = 1000;

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
