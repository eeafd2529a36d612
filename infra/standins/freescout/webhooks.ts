import { createHmac } from 'node:crypto';
import { type DeskState, nextId, pushBounded, scaled } from './deskState.ts';
import { phpJson } from './phpText.ts';
import { presentConversation, presentCustomer } from './presentation.ts';
import {
  type ConversationRecord,
  type CustomerRecord,
  type WebhookDelivery,
  type WebhookEvent,
  type WebhookRecord,
  webhookEvents,
} from './records.ts';

/** How long the queue worker takes to pick up a job, before the delay factor. */
const workerMilliseconds = 1_000;
const maxAttempts = 10;
const keptDeliveries = 500;

/** `X-FreeScout-Signature`: base64 HMAC-SHA1 of the raw body with the instance's secret key. */
export const signWebhook = (body: string, secret: string): string =>
  createHmac('sha1', secret).update(body).digest('base64');

/** Registers a receiver. Unknown events are dropped silently; null when none is left. Twice means double deliveries. */
export function registerWebhook(
  desk: DeskState,
  url: string,
  events: readonly string[],
): WebhookRecord | null {
  const known = webhookEvents.filter((event) => events.includes(event));
  if (known.length === 0) {
    return null;
  }
  const webhook = { id: nextId(desk, 'webhook'), url, events: known };
  desk.webhooks.set(webhook.id, webhook);
  return webhook;
}

/**
 * Queues an event for every receiver that wants it.
 *
 * FreeScout's job carries the conversation as it was when the event fired but reads the threads when it runs, so a
 * payload can contradict itself; and it signs and repeats the same bytes up to ten times.
 */
export function emit(
  desk: DeskState,
  event: WebhookEvent,
  subject: { conversation: ConversationRecord } | { customer: CustomerRecord },
  delay = 0,
): void {
  desk.revision.value += 1;
  if (desk.webhooks.size === 0) {
    return;
  }
  const snapshot = 'conversation' in subject ? { ...subject.conversation } : null;
  desk.clock.setTimer(scaled(desk, delay + workerMilliseconds), () => {
    const receivers = [...desk.webhooks.values()].filter(({ events }) => events.includes(event));
    if (receivers.length === 0) {
      return;
    }
    const payload =
      snapshot !== null
        ? presentConversation(desk, snapshot, { threads: true })
        : 'customer' in subject
          ? presentCustomer(subject.customer)
          : null;
    const body = phpJson(payload);
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': 'GuzzleHttp/8',
      'X-FreeScout-Event': event,
      'X-FreeScout-Signature': signWebhook(body, desk.webhookSecret),
    };
    for (const { id, url } of receivers) {
      attemptDelivery(desk, id, { url, event, body, headers, attempt: 1 });
    }
  });
}

function attemptDelivery(desk: DeskState, webhookId: number, delivery: WebhookDelivery): void {
  pushBounded(desk.deliveries, delivery, keptDeliveries);
  const settle = (status: number) => {
    if ((status >= 200 && status <= 299) || delivery.attempt >= maxAttempts) {
      return;
    }
    // A cron job looks every minute and waits 2·(attempts − 1) minutes since the last try.
    const minutes = (delivery.attempt - 1) * 2 + 1;
    desk.clock.setTimer(scaled(desk, minutes * 60_000), () => {
      if (!desk.webhooks.has(webhookId)) {
        return;
      }
      attemptDelivery(desk, webhookId, { ...delivery, attempt: delivery.attempt + 1 });
    });
  };
  const result = desk.deliverWebhook(delivery);
  if (typeof result === 'number') {
    settle(result);
  } else {
    result.then(settle, () => settle(0));
  }
}
