import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { AlertChannel } from '#shared/alerts/alertChannel.ts';
import type { Alert } from '#shared/alerts/alertText.ts';
import { asFailure, type Failure } from '#shared/failure/failure.ts';
import type { LedgerRow } from '#shared/store/ledger.ts';

/**
 * Sends once on every channel. A channel that took it is remembered in the row before the next is tried, so that a retry repeats only
 * what failed.
 *
 * @throws the first failure, after every channel was tried.
 */
export async function sendOnEach(
  deps: Pick<WorkerDependencies, 'store' | 'log' | 'measure'>,
  channels: readonly AlertChannel[],
  alert: Alert,
  delivery: Delivery,
  row: LedgerRow,
): Promise<void> {
  let alertedBy = row.alertedBy ?? [];
  let failure: Failure | null = null;
  for (const channel of channels.filter(({ name }) => !alertedBy.includes(name))) {
    try {
      await channel.send(alert);
    } catch (thrown) {
      const failed = asFailure(thrown);
      failure ??= failed;
      deps.log.write('ALERT_FAILED', { rowKey: row.key, channel: channel.name, code: failed.code });
      deps.measure('AlertsFailed');
      continue;
    }
    alertedBy = [...alertedBy, channel.name];
    await deps.store.ledger.progress(row.key, delivery.owner, { alertedBy });
    deps.log.write('ALERT_SENT', { rowKey: row.key, channel: channel.name });
    deps.measure('AlertsSent');
  }
  if (failure !== null) {
    throw failure;
  }
}
