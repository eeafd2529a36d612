import type { Delivery } from '#functions/conversation-worker/delivery.ts';
import { underClaim } from '#functions/conversation-worker/underClaim.ts';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { alertText } from '#shared/alerts/alertText.ts';
import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import { newestCustomerMessage } from '#shared/freescout/model.ts';
import type { AlertJob } from '#shared/jobs/jobs.ts';
import { alertKey } from '#shared/store/keys.ts';
import type { LedgerOutcome, LedgerRow } from '#shared/store/ledger.ts';
import { sendOnEach } from './sendOnEach.ts';

/** An alert reads the conversation and changes nothing in FreeScout. */
interface AlertDependencies
  extends Pick<
    WorkerDependencies,
    'settings' | 'store' | 'alertChannels' | 'clock' | 'log' | 'measure' | 'leaseSeconds'
  > {
  readonly freescout: ConversationReader;
}

/**
 * Tells the operators of something urgent, once on every channel. A channel that took it is remembered before the next is tried,
 * so that a retry repeats only what failed.
 */
export async function sendAlert(deps: AlertDependencies, job: AlertJob, delivery: Delivery): Promise<void> {
  const { conversationId, alert } = job;
  await underClaim(deps, alertKey(conversationId, alert), delivery, { conversationId }, (row) =>
    alertOperators(deps, job, delivery, row),
  );
}

async function alertOperators(
  deps: AlertDependencies,
  { conversationId, alert }: AlertJob,
  delivery: Delivery,
  row: LedgerRow,
): Promise<LedgerOutcome> {
  const channels = await deps.alertChannels();
  if (channels.length === 0) {
    deps.log.write('ALERT_WITHOUT_CHANNEL', { alert });
    return { status: 'filtered', reason: 'no-channel' };
  }
  const conversation = await deps.freescout.getConversation(conversationId);
  if (conversation === null || conversation.state === 'deleted') {
    return { status: 'filtered', reason: 'gone' };
  }
  const written = newestCustomerMessage(conversation)?.createdAt;
  const text = alertText(
    alert,
    { ...conversation, customerWroteAt: written === undefined ? null : new Date(written) },
    {
      deskUrl: deps.settings.freescout.url,
      includeSubject: deps.settings.alerts.includeSubject,
      loopLimit: deps.settings.hygiene.loopLimitPerHour,
      now: deps.clock.now(),
    },
  );
  await sendOnEach(deps, channels, text, delivery, row);
  return { status: 'success', action: 'alerted', conversationId };
}
