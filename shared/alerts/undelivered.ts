import { type Failure, retryable } from '#shared/failure/failure.ts';
import type { AlertChannel } from './alertChannel.ts';

/** The failure of a channel. Always retryable: what refuses now (a changed webhook, a password) an operator mends meanwhile. */
export function undelivered(channel: AlertChannel['name'], why: string, cause?: unknown): Failure {
  return retryable(
    'alert-undelivered',
    `An alert did not get through by ${channel}: ${why}. It is kept and tried again, for three days.`,
    cause === undefined ? {} : { cause },
  );
}
