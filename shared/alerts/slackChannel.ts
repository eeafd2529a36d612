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
  return {
    name: 'slack',
    async send({ text }) {
      let status: number;
      try {
        const answer = await options.fetch(options.webhookUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: withoutCommands(text) }),
          signal: AbortSignal.timeout(timeoutMilliseconds),
        });
        await answer.body?.cancel();
        status = answer.status;
      } catch {
        // The cause is left out: its message can quote the address, which is a secret.
        throw undelivered('slack', 'it could not be reached');
      }
      if (status !== 200) {
        throw undelivered('slack', `it answered ${status}`);
      }
    },
  };
}

/**
 * Slack reads `<!channel>` and `<address|words>` as commands.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
function withoutCommands(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
