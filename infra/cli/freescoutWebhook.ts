import type { SendToFreeScout } from '#shared/freescout/freescoutRequest.ts';
import type { InstallationReader } from '#shared/freescout/installationReader.ts';
import { webhookEvents } from '#shared/freescout/webhookEvents.ts';
import type { RegisteredWebhooks } from '#shared/store/registeredWebhooks.ts';

/**
 * Has FreeScout call us, once: it would take the same webhook a second time and deliver everything twice. Newer API modules can
 * list webhooks; with older ones only what we remember tells.
 *
 * @returns `there`: it was registered before.
 */
export async function registerWebhookOnce(
  client: Pick<InstallationReader, 'listWebhooks'>,
  send: SendToFreeScout,
  state: RegisteredWebhooks,
  freescoutUrl: string,
  target: string,
): Promise<'registered' | 'there'> {
  const listed = await client.listWebhooks();
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
