import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  conversationSchema,
  newestAgentMessage,
  newestCustomerMessage,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';

function captured(name: string) {
  const file = new URL(`../../../fixtures/freescout/webhooks/${name}.body.json`, import.meta.url);
  return conversationSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

describe('who answered last', () => {
  it('is not an agent when FreeScout says so for a draft: its event and latestReplyFrom mislead', () => {
    const conversation = captured('03-convo.agent.reply.created');
    expect(newestAgentMessage(conversation)).toBeUndefined();
    expect(unansweredCustomerMessages(conversation).map(({ id }) => id)).toEqual([12]);
  });

  it('is still not an agent once the customer wrote again', () => {
    const conversation = captured('04-convo.customer.reply.created');
    expect(unansweredCustomerMessages(conversation).map(({ id }) => id)).toEqual([12, 15]);
    expect(newestCustomerMessage(conversation)?.id).toBe(15);
  });

  it('is an agent once a reply was sent, although its draft is older than the last message and keeps its id', () => {
    const conversation = captured('07-convo.agent.reply.created');
    expect(newestAgentMessage(conversation)?.id).toBe(14);
    expect(unansweredCustomerMessages(conversation)).toEqual([]);
  });
});
