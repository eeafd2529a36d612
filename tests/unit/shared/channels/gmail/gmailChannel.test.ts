import { describe, expect, it } from 'vitest';
import { createGmailChannels } from '#shared/channels/gmail/gmailChannel.ts';
import type { IncomingMessage } from '#shared/channels/incomingMessage.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { threadMapKey } from '#shared/store/keys.ts';
import { fakeGmail } from '#tests/support/fakeGmail.ts';
import { createInMemoryStore } from '#tests/support/inMemoryStore.ts';
import { buildMail, type MailHeaders } from '#tests/support/mailBuilder.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { recordingLog } from '#tests/support/recordingLog.ts';

const job = {
  kind: 'incoming-message',
  channel: 'gmail',
  alias: 'support',
  messageId: 'm1',
  threadId: 't1',
  cause: 'poll',
  requestId: 'run-1',
} as const;

function channelUnderTest(settings: object = {}) {
  const clock = manualClock();
  const gmail = fakeGmail({ clock });
  const lookup = createGmailChannels({
    settings: parseSettings({
      channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 7 }],
      ...settings,
    }),
    client: () => gmail.client,
    state: createInMemoryStore({ clock }).state,
    customers: { isKnown: async () => false },
    clock,
  });
  const channel = lookup('gmail', 'support');
  if (channel === null) {
    throw new Error('The settings have this account.');
  }
  return { lookup, channel, gmail, clock };
}

async function readMail(headers: MailHeaders, settings: object = {}): Promise<IncomingMessage> {
  const { channel, gmail } = channelUnderTest(settings);
  const raw = buildMail({ To: 'support@example.com', 'Message-ID': '<m1@mail.example>', ...headers });
  gmail.deliver({ messageId: 'm1', gmailThreadId: 't1', raw });
  const message = await channel.read(job, { anyway: false });
  if (message?.kind !== 'message') {
    throw new Error(`It was read as ${message?.kind}.`);
  }
  return message;
}

describe('the channel of a Gmail account', () => {
  it('is found by kind and alias alone', () => {
    const { lookup } = channelUnderTest();
    expect(lookup('gmail', 'support')).toMatchObject({ kind: 'gmail', alias: 'support', mailboxId: 7 });
    expect(lookup('gmail', 'sales')).toBeNull();
    expect(lookup('form', 'support')).toBeNull();
  });

  it('answers nothing for a mail that is gone, and why it keeps one out', async () => {
    const { channel, gmail, clock } = channelUnderTest();
    expect(await channel.read(job, { anyway: false })).toBeNull();
    gmail.deliver({ messageId: 'm1', labelIds: ['SPAM'] });
    expect(await channel.read(job, { anyway: false })).toEqual({ kind: 'filtered', reason: 'label:SPAM' });
    expect(await channel.read(job, { anyway: true })).toMatchObject({ kind: 'message' });
    gmail.deliver({ messageId: 'm1', internalDate: new Date(clock.now().getTime() - 400 * 86_400_000) });
    const old = { kind: 'filtered', reason: 'before-intake' };
    expect(await channel.read(job, { anyway: false })).toEqual(old);
    expect(await channel.read(job, { anyway: true })).toMatchObject({ kind: 'message' });
    expect(await channel.read({ ...job, cause: 'replay' }, { anyway: false })).toMatchObject({
      kind: 'message',
    });
  });

  it('sets the label of the settings, and only tells when it cannot', async () => {
    const { channel, gmail } = channelUnderTest({ gmail: { label: 'In FreeScout' } });
    gmail.deliver({ messageId: 'm1' });
    const log = recordingLog();
    await channel.acknowledge?.('m1', log);
    expect(gmail.messages.get('m1')?.labelIds).toContain('In FreeScout');
    gmail.client.addLabel = () => Promise.reject(new Error('refused'));
    await channel.acknowledge?.('m1', log);
    expect(log.of('GMAIL_LABEL_FAILED')).toHaveLength(1);
    const unlabelled = channelUnderTest();
    await unlabelled.channel.acknowledge?.('m1', log);
    expect(unlabelled.gmail.calls).toEqual([]);
  });
});

describe('a mail as a message', () => {
  it('is its sender’s, in its thread, and is found by both of its keys', async () => {
    const message = await readMail({ From: 'Nina Noll <Nina@Customer.example>', Cc: 'otto@else.example' });
    const thread = 'gmail:support:t1';
    expect(message).toMatchObject({
      key: 'gmail:support:m1',
      identity: { kind: 'email', address: 'nina@customer.example', name: 'Nina Noll', verified: true },
      writtenThrough: null,
      target: null,
      thread,
      answers: [],
      ownKeys: [thread, threadMapKey.mail('<m1@mail.example>')],
      startsOwn: false,
      recipients: ['support@example.com', 'otto@else.example'],
      verdict: { kind: 'customer', noDraft: null },
    });
  });

  it('answers what In-Reply-To names, then the newest of References, then replies of FreeScout', async () => {
    const { answers } = await readMail({
      'In-Reply-To': '<b@mail.example>',
      References: '<a@mail.example> <FS_reply-9-0000000000000000@example.com>',
    });
    expect(answers).toEqual([
      threadMapKey.mail('<b@mail.example>'),
      threadMapKey.mail('<FS_reply-9-0000000000000000@example.com>'),
      threadMapKey.mail('<a@mail.example>'),
      'freescout:9',
    ]);
  });

  it('is the person’s whom a form names, who is not verified, written through the form', async () => {
    const message = await readMail({
      From: 'Shop <forms@shop.example>',
      'Reply-To': 'Ann <ann@customer.example>',
      'Auto-Submitted': 'auto-generated',
    });
    expect(message).toMatchObject({
      identity: { address: 'ann@customer.example', name: 'Ann', verified: false },
      writtenThrough: { address: 'forms@shop.example', verified: true },
      startsOwn: true,
    });
  });

  it('has a sender who is only claimed where anybody could have written who it is', async () => {
    const group = 'info@example.com';
    const channels = [
      {
        kind: 'gmail',
        alias: 'support',
        address: 'support@example.com',
        mailboxId: 7,
        ownAddresses: [group],
      },
    ];
    const passedOn = {
      From: `Nina via Info <${group}>`,
      'X-Original-From': 'nina@customer.example',
      'X-Google-Group-Id': '1',
    };
    expect(await readMail(passedOn, { channels })).toMatchObject({
      identity: { address: 'nina@customer.example', verified: false },
    });
  });

  it('that names nobody is that of somebody who can never be mailed', async () => {
    const message = await readMail({ From: [] });
    expect(message.identity).toMatchObject({ address: 'unknown-sender@unknown.invalid' });
  });

  it('that reports about another leads to the conversation of that one', async () => {
    const { verdict } = await readMail({
      From: 'MAILER-DAEMON@mx.example',
      'In-Reply-To': '<FS_reply-9-0000000000000000@example.com>',
      'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
    });
    expect(verdict).toMatchObject({ kind: 'report', reason: 'bounce' });
    expect(verdict.kind === 'report' && verdict.about).toContain('freescout:9');
  });
});
