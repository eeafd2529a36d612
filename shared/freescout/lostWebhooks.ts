/** A webhook as FreeScout lists it. */
export interface ListedWebhook {
  readonly url: string;
  readonly events: readonly string[];
}

/** Webhooks of FreeScout that lead to us. */
export function webhooksTo(webhookUrl: string, webhooks: readonly ListedWebhook[]): readonly ListedWebhook[] {
  const plain = (url: string) => url.trim().replace(/\/+$/, '').toLowerCase();
  return webhooks.filter(({ url }) => plain(url) === plain(webhookUrl));
}

/**
 * What can be the matter, and what to do, when FreeScout was made to send a webhook and none came with our signature.
 *
 * @param hasWebhook - whether FreeScout lists a webhook that leads to us; null: its API module lists none, which newer ones than 1.0.87 do.
 */
export function adviceOnLostWebhooks(webhookUrl: string, hasWebhook: boolean | null): string {
  const register = `Give FreeScout a webhook that leads to ${webhookUrl}: npm run csm -- connect freescout, or its page Manage → API & Webhooks.`;
  const compare =
    'compare the Secret Key of that page with FREESCOUT_WEBHOOK_SECRET, and give the right one with connect freescout; see there what its last deliveries ended in; see that its cron job and queue run.';
  switch (hasWebhook) {
    case false:
      return `No webhook of FreeScout leads here. ${register}`;
    case true:
      return `FreeScout has a webhook to ${webhookUrl}, so its secret is another one, or it does not reach that address. On its page Manage → API & Webhooks ${compare}`;
    case null:
      return `FreeScout has no webhook to ${webhookUrl}, its secret is another one, or it does not reach that address. Look at its page Manage → API & Webhooks: add the webhook if it is not there; ${compare}`;
  }
}
