import { createFreeScoutApp } from '#infra/standins/freescout/api.ts';
import { createHelpDesk, type HelpDesk, type HelpDeskOptions } from '#infra/standins/freescout/model.ts';
import type { WebhookDelivery } from '#infra/standins/freescout/records.ts';
import { registerWebhook } from '#infra/standins/freescout/webhooks.ts';
import { createVirtualClock, type VirtualClock } from './virtualClock.ts';

const apiKey = 'key-under-test';

/** An answer of the API: its JSON is kept as text because the escaping matters too. */
export type Answer = {
  status: number;
  resourceId: string | null;
  contentType: string | null;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into, not trusted; each test asserts what it reads
  body: any;
};

export type DeskUnderTest = {
  desk: HelpDesk;
  clock: VirtualClock;
  /** Every webhook that the desk delivered. */
  deliveries: WebhookDelivery[];
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
};

/** A help desk on virtual time whose API is called in process, with one webhook receiver for everything. */
export function deskUnderTest(
  options: Omit<HelpDeskOptions, 'clock'> & { start?: string; answerWebhook?: () => number } = {},
): DeskUnderTest {
  const clock = createVirtualClock(options.start ?? '2026-11-20T10:00:00Z');
  const deliveries: WebhookDelivery[] = [];
  const desk = createHelpDesk({
    ...options,
    clock,
    deliverWebhook: (delivery) => {
      deliveries.push(delivery);
      return options.answerWebhook?.() ?? 200;
    },
  });
  registerWebhook(desk, 'http://receiver.test/hook', [
    ...['convo.created', 'convo.customer.reply.created', 'convo.agent.reply.created', 'convo.note.created'],
    ...['convo.status', 'convo.assigned', 'convo.moved', 'convo.deleted', 'convo.deleted_forever'],
    ...['convo.restored', 'customer.created', 'customer.updated'],
  ]);
  const app = createFreeScoutApp(desk, { apiKey });
  return {
    desk,
    clock,
    deliveries,
    async call(method, path, body, headers = {}) {
      const response = await app.fetch(
        new Request(`http://freescout.test/api${path}`, {
          method,
          headers: {
            'X-FreeScout-API-Key': apiKey,
            'Content-Type': 'application/json',
            Accept: 'application/json',
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      return {
        status: response.status,
        resourceId: response.headers.get('resource-id'),
        contentType: response.headers.get('content-type'),
        text,
        body: parse(text),
      };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
