import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import { type AlertKind, gatheredReason } from '#shared/alerts/alertKinds.ts';
import { senderIn, sharersOf } from '#shared/customers/senderShare.ts';
import type { Conversation } from '#shared/freescout/model.ts';
import { type ConversationJob, deduplicationId } from '#shared/jobs/jobs.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { alertKey } from '#shared/store/keys.ts';

const switches = {
  p0: 'p0AtTriage',
  'p0-follow-up': 'p0AtFollowUp',
  loop: 'loop',
} as const satisfies Record<AlertKind, keyof Settings['alerts']>;

/** Alerts of one kind that are told one by one within a clock hour. */
const singlesPerHour = 10;
/** Of these, alerts about one sender: a flood leaves room for what others write meanwhile. */
const singlesOfSender = 3;

type AlertDependencies = Pick<WorkerDependencies, 'settings' | 'store' | 'queue' | 'clock' | 'log'>;

/**
 * Queues an alert about a conversation, unless the settings switch it off or there was one of that kind. Sending it is a job of its own:
 * a channel that fails never fails the conversation. What is beyond the alerts of an hour ends at once, and the digest of the hour tells
 * of it.
 */
export async function raiseAlert(
  deps: AlertDependencies,
  conversation: Conversation,
  { cause, requestId }: Pick<ConversationJob, 'cause' | 'requestId'>,
  alert: AlertKind,
): Promise<void> {
  const key = alertKey(conversation.id, alert);
  if (!deps.settings.alerts[switches[alert]] || (await deps.store.ledger.get(key)) !== null) {
    return;
  }
  if (await isToldByItself(deps, conversation, alert)) {
    await deps.queue.send(
      { kind: 'alert', conversationId: conversation.id, alert, cause, requestId },
      deduplicationId.alert(conversation.id, alert),
    );
    return;
  }
  await deps.store.ledger.settle([{ key, outcome: { status: 'filtered', reason: gatheredReason } }]);
  deps.log.write('ALERT_GATHERED', { alert, conversationId: conversation.id });
}

/** Takes a place among the alerts of the sender first, so that those beyond it take none from others. */
async function isToldByItself(
  { store, clock }: AlertDependencies,
  conversation: Conversation,
  alert: AlertKind,
): Promise<boolean> {
  const { address, domain } = sharersOf(senderIn(conversation));
  const takePlace = (by: string, most: number) =>
    store.state.takePlace(
      { of: `alert:${alert}`, by, per: 'hour' },
      alertKey(conversation.id, alert),
      most,
      clock.now(),
    );
  return (await takePlace(domain ?? address, singlesOfSender)) && takePlace('everybody', singlesPerHour);
}
