import { describe, expect, it } from 'vitest';
import { hostOf, knownHosts } from '#shared/drafts/knownHosts.ts';
import { type Conversation, conversationSchema } from '#shared/freescout/model.ts';

function conversationWith(threads: readonly { type: string; body: string }[]): Conversation {
  return conversationSchema.parse({
    id: 1,
    status: 'active',
    state: 'published',
    mailboxId: 1,
    _embedded: {
      threads: threads.map((thread, index) => ({ id: index + 1, state: 'published', ...thread })),
    },
  });
}

describe('host of an address', () => {
  it.each([
    ['https://Example.com/a', 'example.com'],
    ['http://www.example.com', 'example.com'],
    ['www.example.com/x', 'example.com'],
    ['https://example.com:8443/', 'example.com:8443'],
    ['https://example.com:443/', 'example.com'],
    ['https://bücher.example/', 'xn--bcher-kva.example'],
    ['https://example.com@evil.test/', null],
    ['javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['mailto:a@example.com', null],
    ['example.com', null],
    ['', null],
  ])('%s: %s', (address, host) => {
    expect(hostOf(address)).toBe(host);
  });
});

describe('hosts a draft may link to', () => {
  it('are those of the messages and of the settings', () => {
    const conversation = conversationWith([
      {
        type: 'customer',
        body: '<div>See <a href="https://shop.test/order/1">my order</a> and http://status.test.</div>',
      },
      { type: 'message', body: '<div>Our page: www.help.test/faq</div>' },
    ]);
    expect([...knownHosts(conversation, ['docs.test', ' HTTPS://Www.Other.test/x '.trim()])].sort()).toEqual([
      'docs.test',
      'help.test',
      'other.test',
      'shop.test',
      'status.test',
    ]);
  });

  it('are not those of notes, nor of what a mail hides, nor of pictures', () => {
    const conversation = conversationWith([
      { type: 'note', body: '<a href="https://note.test">x</a>' },
      {
        type: 'customer',
        body: '<div style="display:none"><a href="https://hidden.test">x</a> https://hidden2.test</div>',
      },
      { type: 'customer', body: '<img src="https://pixel.test/a.gif"><!-- https://comment.test -->' },
    ]);
    expect([...knownHosts(conversation, [])]).toEqual([]);
  });
});
