import { hourMilliseconds } from '#shared/time/durations.ts';

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
