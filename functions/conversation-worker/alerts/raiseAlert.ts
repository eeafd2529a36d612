import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { AlertKind } from '#shared/alerts/alertKinds.ts';
import { type ConversationJob, deduplicationId } from '#shared/jobs/jobs.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { alertKey } from '#shared/store/keys.ts';

const switches = {
  p0: 'p0AtTriage',
  'p0-follow-up': 'p0AtFollowUp',
  loop: 'loop',
} as const satisfies Record<AlertKind, keyof Settings['alerts']>;

/**
 * Queues an alert about the job's conversation, unless the settings switch it off or there was one of that kind. Sending it is a
 * job of its own: a channel that fails never fails the conversation.
 */
export async function raiseAlert(
  deps: Pick<WorkerDependencies, 'settings' | 'store' | 'queue'>,
  { conversationId, cause, requestId }: ConversationJob,
  alert: AlertKind,
): Promise<void> {
  if (!deps.settings.alerts[switches[alert]]) {
    return;
  }
  if ((await deps.store.ledger.get(alertKey(conversationId, alert))) === null) {
    await deps.queue.send(
      { kind: 'alert', conversationId, alert, cause, requestId },
      deduplicationId.alert(conversationId, alert),
    );
  }
}
