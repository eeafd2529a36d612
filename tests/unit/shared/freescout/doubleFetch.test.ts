import { describe, expect, it } from 'vitest';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import { doubleFetches } from '#shared/freescout/doubleFetch.ts';
import { type Conversation, conversationSchemaFor } from '#shared/freescout/model.ts';

interface Message {
  readonly by: 'us' | 'fetching' | 'another program';
  readonly text: string;
  readonly sender?: string;
  readonly at?: string;
}

function conversation(id: number, ...messages: readonly Message[]): Conversation {
  return conversationSchemaFor(defaultBot).parse({
    id,
    status: 'active',
    state: 'published',
    mailboxId: 1,
    _embedded: {
      threads: messages.map(
        ({ by, text, sender = 'lee@example.org', at = '2026-11-20T12:00:00Z' }, index) => ({
          id: id * 10 + index,
          type: 'customer',
          state: 'published',
          body: `${text}${by === 'us' ? markerFor(`gmail:support:m${id}`) : ''}`,
          source: { type: by === 'fetching' ? 'email' : 'api', via: 'customer' },
          customer: { id: 1, type: 'customer', email: sender },
          createdAt: at,
        }),
      ),
    },
  });
}

const long = 'My order has not arrived although I paid for it two weeks ago.';

describe('a mail that is there twice', () => {
  it('is found across conversations and within one', () => {
    expect(
      doubleFetches([
        conversation(1, { by: 'us', text: `<div>${long}</div>` }),
        conversation(2, { by: 'fetching', text: `<p>${long.replace(' ', '\n ')}</p>` }),
      ]),
    ).toEqual([{ conversationId: 2, threadId: 20, otherConversationId: 1 }]);
    expect(
      doubleFetches([conversation(3, { by: 'fetching', text: long }, { by: 'us', text: long })]),
    ).toEqual([{ conversationId: 3, threadId: 30, otherConversationId: 3 }]);
  });

  it('is found when FreeScout cut off what it quotes', () => {
    expect(
      doubleFetches([
        conversation(1, { by: 'us', text: `${long}<br>On Monday Ada wrote: …` }),
        conversation(2, { by: 'fetching', text: long }),
      ]),
    ).toHaveLength(1);
  });

  it.each<[string, Message, Message]>([
    [
      'another text',
      { by: 'us', text: long },
      { by: 'fetching', text: 'Something else entirely, and quite long too.' },
    ],
    ['another sender', { by: 'us', text: long }, { by: 'fetching', text: long, sender: 'kim@example.org' }],
    ['days between', { by: 'us', text: long }, { by: 'fetching', text: long, at: '2026-11-23T12:00:00Z' }],
    [
      'a short text that another begins with',
      { by: 'us', text: 'Thanks a lot' },
      { by: 'fetching', text: 'Thanks' },
    ],
    ['no text', { by: 'us', text: '' }, { by: 'fetching', text: '' }],
    [
      'a message that another program wrote',
      { by: 'another program', text: long },
      { by: 'fetching', text: long },
    ],
    ['both from us', { by: 'us', text: long }, { by: 'us', text: long }],
  ])('is not seen in %s', (_, one, other) => {
    expect(doubleFetches([conversation(1, one), conversation(2, other)])).toEqual([]);
  });
});
