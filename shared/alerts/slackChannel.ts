import {
  boundedFetch,
  isRedirect,
  mostBytesOfAnswer,
  redirectNotFollowed,
} from '#shared/http/boundedFetch.ts';
import type { Secrets } from '#shared/settings/secrets.ts';
import type { AlertChannel } from './alertChannel.ts';
import { undelivered } from './undelivered.ts';

const timeoutMilliseconds = 10_000;

/**
 * Posts alerts to an incoming webhook of Slack.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function createSlackChannel(options: {
  readonly webhookUrl: string;
  readonly fetch: typeof fetch;
}): AlertChannel {
  const call = boundedFetch(mostBytesOfAnswer, options.fetch);
  return {
    name: 'slack',
    async send({ text }) {
      let answer: Response;
      try {
        answer = await call(options.webhookUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: withoutCommands(text) }),
          signal: AbortSignal.timeout(timeoutMilliseconds),
        });
        await answer.body?.cancel();
      } catch {
        // The cause is left out: its message can quote the address, which is a secret.
        throw undelivered('slack', 'it could not be reached');
      }
      const { status, headers } = answer;
      if (isRedirect(status)) {
        throw undelivered(
          'slack',
          `it answered ${status}, ${redirectNotFollowed(headers)}; put the address it leads to into the Slack secret`,
        );
      }
      if (status !== 200) {
        throw undelivered('slack', `it answered ${status}`);
      }
    },
  };
}

/**
 * The channel that Slack's secret names; null while the secret is empty. A secret that cannot be read makes a channel that fails,
 * so that whoever sends tells the others and tries this one again.
 */
export async function openSlackChannel({
  secrets,
  ...options
}: {
  readonly secrets: Pick<Secrets, 'slack'>;
  readonly fetch: typeof fetch;
}): Promise<AlertChannel | null> {
  try {
    const { webhookUrl } = await secrets.slack();
    return webhookUrl === null ? null : createSlackChannel({ webhookUrl, ...options });
  } catch (error) {
    return { name: 'slack', send: () => Promise.reject(error) };
  }
}

/**
 * Slack reads `<!channel>` and `<address|words>` as commands.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
function withoutCommands(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
