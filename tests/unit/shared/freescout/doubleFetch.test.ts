import { describe, expect, it } from 'vitest';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import { doubleFetches, reportDoubleFetches } from '#shared/freescout/doubleFetch.ts';
import { type Conversation, conversationSchemaFor } from '#shared/freescout/model.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog } from '#tests/support/recordingLog.ts';

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

const fetchedAt = Date.parse('2026-11-20T12:00:00Z');
const long = 'My order has not arrived although I paid for it two weeks ago.';

describe('a mail that is there twice', () => {
  it('is found across conversations and within one', () => {
    expect(
      doubleFetches([
        conversation(1, { by: 'us', text: `<div>${long}</div>` }),
        conversation(2, { by: 'fetching', text: `<p>${long.replace(' ', '\n ')}</p>` }),
      ]),
    ).toEqual([{ conversationId: 2, threadId: 20, otherConversationId: 1, fetchedAt }]);
    expect(
      doubleFetches([conversation(3, { by: 'fetching', text: long }, { by: 'us', text: long })]),
    ).toEqual([{ conversationId: 3, threadId: 30, otherConversationId: 3, fetchedAt }]);
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

describe('what is reported', () => {
  const twice = (conversationId: number, at: string) => ({
    conversationId,
    threadId: 20,
    otherConversationId: 1,
    fetchedAt: Date.parse(at),
  });

  it('is all of it to the log, and the newest of the last day to /ready', async () => {
    const clock = manualClock(new Date('2026-11-20T12:00:00Z'));
    const store = createInMemoryStore({ clock });
    const log = recordingLog();
    await reportDoubleFetches({ log, clock, store }, [
      twice(2, '2026-11-20T11:00:00Z'),
      twice(3, '2026-11-20T11:30:00Z'),
      twice(4, '2026-11-19T12:00:00Z'),
    ]);
    expect(log.of('MAIL_FETCHED_TWICE')).toHaveLength(3);
    const at = '2026-11-20T11:30:00.000Z';
    const remembered = [
      {
        condition: 'DoubleFetching',
        ...{ code: 'fetched-twice', count: 2, conversationId: 3, since: at, at },
      },
    ];
    expect(await store.state.rememberedFaults()).toEqual(remembered);
    await reportDoubleFetches({ log, clock, store }, [twice(5, '2026-11-19T12:00:00Z')]);
    await reportDoubleFetches({ log, clock, store }, []);
    expect(await store.state.rememberedFaults()).toEqual(remembered);
  });

  it('does not keep anything from its work when it cannot be remembered', async () => {
    const clock = manualClock(new Date('2026-11-20T12:00:00Z'));
    const state = { rememberFault: () => Promise.reject(new Error('no table')) };
    const deps = { log: recordingLog(), clock, store: { state } };
    await reportDoubleFetches(deps, [twice(2, '2026-11-20T11:00:00Z')]);
  });
});
