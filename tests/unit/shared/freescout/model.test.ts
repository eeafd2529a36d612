import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultAgent, defaultBot } from '#infra/standins/freescout/model.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import {
  conversationSchemaFor,
  isAgentMessage,
  newestCustomerMessage,
  newestTeamAnswer,
  unansweredCustomerMessages,
} from '#shared/freescout/model.ts';

function captured(name: string) {
  const file = new URL(`../../../fixtures/freescout/webhooks/${name}.body.json`, import.meta.url);
  return conversationSchemaFor(defaultBot).parse(JSON.parse(readFileSync(file, 'utf8')));
}

describe('who answered last', () => {
  it('is not an agent when FreeScout says so for a draft: its event and latestReplyFrom mislead', () => {
    const conversation = captured('03-convo.agent.reply.created');
    expect(newestTeamAnswer(conversation)).toBeUndefined();
    expect(unansweredCustomerMessages(conversation).map(({ id }) => id)).toEqual([12]);
  });

  it('is still not an agent once the customer wrote again', () => {
    const conversation = captured('04-convo.customer.reply.created');
    expect(unansweredCustomerMessages(conversation).map(({ id }) => id)).toEqual([12, 15]);
    expect(newestCustomerMessage(conversation)?.id).toBe(15);
  });

  it('is an agent once a reply was sent, although its draft is older than the last message and keeps its id', () => {
    const conversation = captured('07-convo.agent.reply.created');
    expect(newestTeamAnswer(conversation)?.id).toBe(14);
    expect(unansweredCustomerMessages(conversation)).toEqual([]);
  });

  it.each([
    ['our bot user', defaultBot, []],
    ['anybody else', defaultAgent, [1]],
  ])('is the team when a note of %s has the marker of a team message', (_, userId, unanswered) => {
    const conversation = conversationSchemaFor(defaultBot).parse({
      id: 1,
      status: 'active',
      state: 'published',
      mailboxId: 1,
      _embedded: {
        threads: [
          { id: 1, type: 'customer', state: 'published', createdAt: '2026-11-20T10:00:00Z' },
          {
            id: 2,
            type: 'note',
            state: 'published',
            createdAt: '2026-11-20T11:00:00Z',
            createdBy: { id: userId, type: 'user' },
            body: `<div>Sent</div>${markerFor('team:gmail:support:1')}`,
          },
        ],
      },
    });
    expect(unansweredCustomerMessages(conversation).map(({ id }) => id)).toEqual(unanswered);
    expect(newestTeamAnswer(conversation)?.id).toBe(unanswered.length === 0 ? 2 : undefined);
    expect(conversation.threads.some(isAgentMessage)).toBe(false);
  });
});
