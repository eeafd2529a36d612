import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlackStandIn } from '#infra/standins/slack/standIn.ts';
import { createSlackChannel } from '#shared/alerts/slackChannel.ts';

let slack: SlackStandIn;
beforeAll(async () => {
  slack = await startSlackStandIn({ port: 0 });
});
afterAll(() => slack.close());

const alert = { title: 'Urgent conversation 7', text: 'Urgent conversation 7\nTags: <!channel> & co' };

describe('alerts by Slack', () => {
  it('are posted to the webhook, without what Slack would take for a command', async () => {
    await createSlackChannel({ webhookUrl: slack.webhookUrl, fetch }).send(alert);
    expect(slack.messages).toEqual(['Urgent conversation 7\nTags: &lt;!channel&gt; &amp; co']);
    const seen = await fetch(`${slack.url}/control/messages`);
    expect(await seen.json()).toEqual(slack.messages);
  });

  it.each([500, 429, 404])('are tried again later when Slack answers %i', async (status) => {
    const before = slack.messages.length;
    slack.faults.add({ status });
    const channel = createSlackChannel({ webhookUrl: slack.webhookUrl, fetch });
    await expect(channel.send(alert)).rejects.toMatchObject({
      code: 'alert-undelivered',
      retryable: true,
      message: expect.stringContaining(String(status)),
    });
    expect(slack.messages).toHaveLength(before);
  });

  it('never tell the address of the webhook', async () => {
    slack.faults.add({ connection: 'drop' });
    const failure = await createSlackChannel({ webhookUrl: slack.webhookUrl, fetch })
      .send(alert)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'alert-undelivered' });
    expect(String(failure)).not.toContain('/services/');
    expect(failure).not.toHaveProperty('cause');
  });
});
