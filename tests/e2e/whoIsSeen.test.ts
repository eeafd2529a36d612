import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  type InspectedConversation,
  type RunningSystem,
  startSystem,
} from '#tests/support/runningSystem.ts';

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({
    settings: {
      channels: [
        { kind: 'gmail', alias: 'support', address: 'support@ourshop.test', mailboxId: 1 },
        { kind: 'gmail', alias: 'sales', address: 'sales@ourshop.test', mailboxId: 2 },
      ],
      worker: { retryDelaysSeconds: [2, 2, 5, 5] },
      freescout: { rateLimit: { maxRequests: 0 } },
      openai: { rateLimit: { maxRequests: 0 } },
    },
  });
});

afterAll(async () => {
  expect(await system.stop()).toBe(0);
});

const proven = 'mx.google.com; dmarc=pass (p=NONE) header.from=ourshop.test';

function mail(headers: Readonly<Record<string, string>>, text = 'Hello, my lamp is broken.'): string {
  const all = {
    From: 'Nina Okafor <nina@customer.test>',
    To: 'support@ourshop.test',
    Date: 'Mon, 30 Nov 2026 09:00:00 +0000',
    'Message-ID': `<${headers.Subject}@customer.test>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n${text}\r\n`;
}

const drafts = ({ threads }: InspectedConversation) => threads.filter(({ state }) => state === 'draft');
const notes = ({ threads }: InspectedConversation) =>
  threads.flatMap(({ type, body }) => (type === 'note' ? [body ?? ''] : []));
const emailOf = ({ customer }: InspectedConversation) => customer?.email ?? '';

/** Conversations with that subject, by their customers, once there are so many and each has its note. */
const conversations = (subject: string, count: number) =>
  eventually(
    `${count} conversations "${subject}" with notes`,
    async () => {
      const found = (await system.conversations()).filter((each) => each.subject === subject);
      return found.length === count && found.every((each) => notes(each).length > 0) ? found : null;
    },
    system,
  );

const conversation = async (subject: string) => {
  const [only] = await conversations(subject, 1);
  if (only === undefined) {
    throw new Error(`There is no conversation "${subject}".`);
  }
  return only;
};

const rowOf = (messageId: string, end: object, alias = 'support') =>
  eventually(
    `the row of ${messageId} as ${JSON.stringify(end)}`,
    async () => {
      const row = await system.row('ProcessedMessages', `gmail:${alias}:${messageId}`);
      return row !== undefined && Object.entries(end).every(([name, value]) => row[name] === value)
        ? row
        : null;
    },
    system,
  );

describe('two people who write through one form', () => {
  it('have a conversation and a draft each, though Gmail puts both into one thread', async () => {
    const form = (name: string, threadId?: string) =>
      system.receiveMail(
        mail(
          {
            From: 'Web shop <wordpress@ourshop.test>',
            'Reply-To': `${name} <${name}@privat.test>`,
            Subject: 'Contact form',
            'Message-ID': `<form-${name}@ourshop.test>`,
          },
          `Name: ${name}\r\nMessage: my lamp is broken, please help.`,
        ),
        undefined,
        threadId,
      );
    const { threadId } = await form('ola');
    await form('kari', threadId);
    const both = await conversations('Contact form', 2);
    expect(both.map(emailOf).sort()).toEqual(['kari@privat.test', 'ola@privat.test']);
    for (const each of both) {
      expect(each.cc).toEqual([]);
      expect(notes(each).join()).toContain('Written through wordpress@ourshop.test');
      expect(drafts(each)).toHaveLength(1);
    }
  });
});

describe('a stranger in somebody’s Gmail thread', () => {
  it('has a conversation of their own, and each note names the other', async () => {
    const { threadId } = await system.receiveMail(mail({ Subject: 'Thread' }));
    const first = await conversation('Thread');
    await system.receiveMail(
      mail({
        From: 'Otto <otto@elsewhere.test>',
        Subject: 'Thread',
        'Message-ID': '<otto@elsewhere.test>',
      }),
      undefined,
      threadId,
    );
    const both = await conversations('Thread', 2);
    const other = both.find(({ id }) => id !== first.id);
    expect(other && notes(other).join()).toContain(`conversation ${first.id}`);
    const told = await eventually(
      'the note in the conversation of the thread',
      async () => {
        const now = await system.conversation(first.id);
        return notes(now).some((body) => body.includes(`conversation ${other?.id}`)) ? now : null;
      },
      system,
    );
    expect(told.cc).toEqual([]);
  });
});

describe('what people do in Gmail', () => {
  it('brings in a mail that is rescued from spam, once', async () => {
    const { id } = await system.receiveMail(mail({ Subject: 'Rescued' }), ['SPAM']);
    await rowOf(id, { status: 'filtered', reason: 'label:SPAM' });
    await system.relabelMail(id, { add: ['INBOX'], remove: ['SPAM'] });
    await conversation('Rescued');
    await system.relabelMail(id, { add: ['STARRED'] });
    await sleep(3000);
    expect((await conversation('Rescued')).threads.filter(({ type }) => type === 'customer')).toHaveLength(1);
  });

  it('counts as the team’s answer when it is one', async () => {
    const { threadId } = await system.receiveMail(mail({ Subject: 'Answered in Gmail' }));
    await conversation('Answered in Gmail');
    await system.sendFromGmail(
      mail(
        {
          From: 'Tom <support@ourshop.test>',
          To: 'nina@customer.test',
          Subject: 'Re: Answered in Gmail',
          'Message-ID': '<from-gmail@ourshop.test>',
          'In-Reply-To': '<Answered in Gmail@customer.test>',
        },
        'We send a new lamp today.',
      ),
      threadId,
    );
    const answered = await eventually(
      'the note of the answer',
      async () => {
        const now = await conversation('Answered in Gmail');
        return notes(now).some((body) => body.includes('We send a new lamp today.')) ? now : null;
      },
      system,
    );
    expect(notes(answered).find((body) => body.includes('new lamp'))).toContain('Tom wrote:');
  });
});

describe('mail in the name of one of us', () => {
  it('gets no draft without proof', async () => {
    await system.receiveMail(mail({ From: 'Boss <boss@ourshop.test>', Subject: 'Forged' }));
    const forged = await conversation('Forged');
    expect(emailOf(forged)).toBe('boss@ourshop.test');
    expect(drafts(forged)).toEqual([]);
    expect(forged.tags).toContain('doubtful');
    expect(notes(forged).join()).toContain('nothing proves that');
  });

  it('is not believed for a result that stands below Gmail’s own', async () => {
    await system.receiveMail(
      `Authentication-Results: mx.google.com; dmarc=fail header.from=ourshop.test\r\n${mail({
        'Authentication-Results': proven,
        From: 'Boss <boss@ourshop.test>',
        Subject: 'Forged twice',
      })}`,
    );
    expect(drafts(await conversation('Forged twice'))).toEqual([]);
  });

  it('with proof forwards a customer’s mail as that customer’s', async () => {
    await system.receiveMail(
      mail(
        {
          'Authentication-Results': proven,
          From: 'Jonas <jonas@ourshop.test>',
          Subject: 'Fwd: Broken lamp',
        },
        [
          'Please look.',
          '',
          '---------- Forwarded message ---------',
          'From: Ola Nordmann <ola@forwarded.test>',
          'Date: Mon, 30 Nov 2026 at 08:00',
          'Subject: Broken lamp',
          'To: <jonas@ourshop.test>',
          '',
          'Hello, my lamp is broken. Can you help?',
        ].join('\r\n'),
      ),
    );
    const forwarded = await conversation('Fwd: Broken lamp');
    expect(emailOf(forwarded)).toBe('ola@forwarded.test');
    expect(notes(forwarded).join()).toContain('Forwarded by jonas@ourshop.test');
    expect(drafts(forwarded)).toHaveLength(1);
    expect(forwarded.cc).toEqual([]);
  });
});

describe('a mail that comes twice', () => {
  it('is one entry, and another mail of that id is one of its own', async () => {
    const twice = mail({ Subject: 'Twice' });
    await system.receiveMail(twice);
    await conversation('Twice');
    const { id } = await system.receiveMail(twice);
    await rowOf(id, { status: 'filtered', reason: 'double' });
    await system.receiveMail(
      mail({ Subject: 'Twice', From: 'Otto <otto@elsewhere.test>' }, 'My own matter.'),
    );
    const both = await conversations('Twice', 2);
    const first = both.find((each) => emailOf(each) === 'nina@customer.test');
    const other = both.find((each) => emailOf(each) === 'otto@elsewhere.test');
    expect(other && notes(other).join()).toContain(`conversation ${first?.id}`);
  });
});
