import type { Alert } from './alertText.ts';

/** A way to reach the operators. To whom it leads is fixed when it is made, so that whoever sends names nobody. */
export interface AlertChannel {
  readonly name: 'slack' | 'sns' | 'smtp';
  /** Throws a retryable `alert-undelivered` failure when the channel does not take it. */
  send(alert: Alert): Promise<void>;
}
