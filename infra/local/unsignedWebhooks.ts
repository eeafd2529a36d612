import type { IncomingHttpHeaders } from 'node:http';
import { refusedByHeaders } from '#functions/freescout-webhook/receiveWebhook.ts';
import { jsonAnswer } from '#functions/runtime/jsonAnswer.ts';

/** Where FreeScout sends its webhooks. */
const webhookRoute = 'POST /freescout';

/** What the function would return for a webhook that nobody can have signed; undefined when the body has to be read. */
export function refusedUnread(routeKey: string, headers: IncomingHttpHeaders): unknown {
  if (routeKey !== webhookRoute) {
    return undefined;
  }
  const refused = refusedByHeaders({
    signature: headers['x-freescout-signature']?.toString(),
    secret: headers['x-webhook-secret']?.toString(),
  });
  return refused === null ? undefined : jsonAnswer(refused.statusCode, { message: refused.message });
}
