import { z } from 'zod';
import type { SendToFreeScout } from '#shared/freescout/freescoutRequest.ts';
import type { SystemState } from '#shared/store/systemState.ts';

/** Events that the webhook function acts on. */
export const webhookEvents = [
  'convo.created',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
  'convo.deleted',
  'convo.restored',
  'convo.moved',
] as const;

const listSchema = z.object({
  _embedded: z.object({ webhooks: z.array(z.object({ id: z.int().positive(), url: z.string() })) }),
});

/**
 * Has FreeScout call us, once: it would take the same webhook a second time and deliver everything twice. Newer API modules can
 * list webhooks; with older ones only what we remember tells.
 *
 * @returns `there`: it was registered before.
 */
export async function registerWebhookOnce(
  send: SendToFreeScout,
  state: Pick<SystemState, 'getRegisteredWebhook' | 'saveRegisteredWebhook'>,
  freescoutUrl: string,
  target: string,
): Promise<'registered' | 'there'> {
  const listed = await listWebhooks(send);
  const remembered = await state.getRegisteredWebhook();
  const isThere =
    listed === null
      ? remembered?.freescoutUrl === freescoutUrl && remembered.target === target
      : listed.some(({ url }) => url === target);
  if (isThere) {
    return 'there';
  }
  const { resourceId } = await send({
    method: 'POST',
    route: '/webhooks',
    body: { url: target, events: webhookEvents },
  });
  await state.saveRegisteredWebhook({ id: resourceId ?? 1, freescoutUrl, target });
  return 'registered';
}

/** null where the API module is too old to tell. */
async function listWebhooks(send: SendToFreeScout) {
  const answer = await send({ method: 'GET', route: '/webhooks', mayBeUnknown: true });
  const parsed = listSchema.safeParse(answer.json);
  return answer.status < 300 && parsed.success ? parsed.data._embedded.webhooks : null;
}
