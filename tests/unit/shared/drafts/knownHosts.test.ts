import { describe, expect, it } from 'vitest';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { knownHosts } from '#shared/drafts/knownHosts.ts';
import { markerFor } from '#shared/drafts/markers.ts';
import { type Conversation, conversationSchemaFor } from '#shared/freescout/model.ts';

function conversationWith(
  threads: readonly { type: string; body: string; createdBy?: { id: number } }[],
): Conversation {
  return conversationSchemaFor(defaultBot).parse({
    id: 1,
    status: 'active',
    state: 'published',
    mailboxId: 1,
    _embedded: {
      threads: threads.map((thread, index) => ({ id: index + 1, state: 'published', ...thread })),
    },
  });
}

describe('hosts a draft may link to', () => {
  it('are those of the messages and of the settings', () => {
    const conversation = conversationWith([
      {
        type: 'customer',
        body: '<div>See <a href="https://shop.test/order/1">my order</a> and http://status.test.</div>',
      },
      { type: 'message', body: '<div>Our page: www.help.test/faq</div>' },
      {
        type: 'note',
        createdBy: { id: defaultBot },
        body: `<div>Sent from the mail program: www.team.test</div>${markerFor('team:gmail:support:1')}`,
      },
    ]);
    expect([...knownHosts(conversation, ['docs.test', ' HTTPS://Www.Other.test/x '.trim()])].sort()).toEqual([
      'docs.test',
      'help.test',
      'other.test',
      'shop.test',
      'status.test',
      'team.test',
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

  it.each([
    ['without words', '<a href="https://evil.test"></a>'],
    ['with blank words', '<a href="https://evil.test"> &nbsp;\u200b\u2800</a>'],
    ['around a picture', '<a href="https://evil.test"><img src="https://evil.test/a.png" alt=""></a>'],
    ['with hidden words', '<a href="https://evil.test"><span style="display:none">x</span></a>'],
    ['with words of no size', '<a href="https://evil.test" style="font-size:0">x</a>'],
    ['with words in the colour of the page', '<a href="https://evil.test"><i style="color:#fff">x</i></a>'],
    ['around another link', '<a href="https://evil.test"><a href="/x">x</a></a>'],
    ['behind words of another link', '<a href="/x">x<a href="https://evil.test"></a>x</a>'],
    ['that is relative', '<a href="www.evil.test">x</a><a href="//evil.test/">x</a>'],
    ['that no program is sure to read as absolute', '<a href="https:evil.test">x</a>'],
    ['whose words name another host', '<a href="https://evil.test">bank.test/pay</a>'],
  ])('are not those of a link %s', (_, body) => {
    expect([...knownHosts(conversationWith([{ type: 'customer', body: `<p>Hi</p>${body}` }]), [])]).toEqual(
      [],
    );
  });

  it('are read of the whole address, in whatever pieces it is written', () => {
    const body =
      'See https://shop&#46;test/a and <a href="https://other.test"><b>oth</b>er.test</a>, <a href="https://open.test">x';
    expect([...knownHosts(conversationWith([{ type: 'customer', body }]), [])].sort()).toEqual([
      'open.test',
      'other.test',
      'shop.test',
    ]);
  });
});
