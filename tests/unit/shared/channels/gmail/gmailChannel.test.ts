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
  const log = recordingLog();
  const { state } = createInMemoryStore({ clock });
  const lookup = createGmailChannels({
    settings: parseSettings({
      channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 7 }],
      ...settings,
    }),
    client: () => gmail.client,
    state,
    users: async () => new Set(['jonas@elsewhere.example']),
    customers: { isKnown: async () => false },
    clock,
    log,
  });
  const channel = lookup('gmail', 'support');
  if (channel === null) {
    throw new Error('The settings have this account.');
  }
  return { lookup, channel, gmail, clock, log, state };
}

async function readAnything(headers: MailHeaders, settings: object = {}, body?: string) {
  const { channel, gmail } = channelUnderTest(settings);
  const raw = buildMail({ To: 'support@example.com', 'Message-ID': '<m1@mail.example>', ...headers }, body);
  gmail.deliver({ messageId: 'm1', gmailThreadId: 't1', raw });
  return channel.read(job, { anyway: false });
}

async function readMail(
  headers: MailHeaders,
  settings: object = {},
  body?: string,
): Promise<IncomingMessage> {
  const message = await readAnything(headers, settings, body);
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
      // Nobody joins it by the thread, into which Gmail puts the forms of others.
      ownKeys: [threadMapKey.mail('<m1@mail.example>')],
      recipients: [],
      remarks: [{ code: 'written-through', address: 'forms@shop.example' }],
      verdict: { kind: 'customer', noDraft: null },
    });
  });

  it('counts as one of the person’s who wrote through a form', async () => {
    const { channel, gmail } = channelUnderTest({ hygiene: { loopLimitPerHour: 1 } });
    const people = ['ann', 'bob', 'ann'].map((name) => `${name}@customer.example`);
    const verdicts: unknown[] = [];
    for (const [at, person] of people.entries()) {
      const messageId = `m${at}`;
      const raw = buildMail({ From: 'forms@shop.example', 'Reply-To': person });
      gmail.deliver({ messageId, gmailThreadId: 't1', raw });
      const message = await channel.read({ ...job, messageId }, { anyway: false });
      verdicts.push(message?.kind === 'message' ? message.verdict : message);
    }
    expect(verdicts).toMatchObject([{ noDraft: null }, { noDraft: null }, { noDraft: 'loop' }]);
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
    expect(message.identity).toMatchObject({ address: 'unknown-sender@unknown.invalid', verified: false });
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

describe('a mail of one of us', () => {
  const proofOf = (domain: string) => ({
    'Authentication-Results': `mx.google.com; dmarc=pass header.from=${domain}`,
  });
  const user = { From: 'Jonas <jonas@elsewhere.example>' };
  const notified = {
    'In-Reply-To': '<FS_notify-12-3-1793700000@example.com>',
    References:
      '<FS_conversation-7-8f14e45fceea167a5a36dedd4bea2543@example.com> <FS_notify-12-3-1793700000@example.com>',
  };
  const forward =
    '---------- Forwarded message ---------\nFrom: Ola <ola@privat.example>\nDate: Mon\nSubject: Lamp\nTo: <jonas@elsewhere.example>\n\nBroken.';

  it.each([
    ['of our domain', { From: 'Jonas <jonas@example.com>', ...proofOf('example.com') }],
    ['who is a user of FreeScout', { ...user, ...proofOf('elsewhere.example') }],
  ])('that answers a notification is the team’s, in that conversation: %s', async (_, headers) => {
    const body =
      'Send him a new one.\n\nOn Mon, 30 Nov 2026 at 09:00, Help <support@example.com> wrote:\n> Broken.';
    const message = await readAnything({ ...headers, ...notified }, {}, body);
    expect(message).toMatchObject({
      kind: 'team-message',
      key: 'gmail:support:m1',
      target: 7,
      thread: 'freescout:12',
      author: 'Jonas',
      reachedCustomer: false,
    });
    const html = message?.kind === 'team-message' ? message.html() : '';
    expect(html).toContain('Send him a new one.');
    expect(html).not.toContain('Broken');
  });

  it('is a ticket without a draft when nothing proves it', async () => {
    for (const headers of [notified, {}]) {
      expect(await readMail({ ...user, ...headers })).toMatchObject({
        identity: { address: 'jonas@elsewhere.example' },
        remarks: [{ code: 'unproven-own', address: 'jonas@elsewhere.example' }],
        verdict: { kind: 'customer', noDraft: 'unproven-own' },
      });
    }
  });

  it('is no note when a machine answered the notification for them', async () => {
    const headers = {
      ...user,
      ...proofOf('elsewhere.example'),
      ...notified,
      'Auto-Submitted': 'auto-replied',
    };
    expect(await readMail(headers)).toMatchObject({ verdict: { kind: 'filtered', reason: 'auto-reply' } });
  });

  it('that forwards is the author’s, and joins nothing', async () => {
    const headers = { ...user, ...proofOf('elsewhere.example'), Cc: 'boss@elsewhere.example' };
    expect(await readMail(headers, {}, forward)).toMatchObject({
      identity: { address: 'ola@privat.example', name: 'Ola', verified: false },
      writtenThrough: { address: 'jonas@elsewhere.example' },
      startsOwn: true,
      recipients: [],
      remarks: [{ code: 'forwarded-by', address: 'jonas@elsewhere.example' }],
      verdict: { kind: 'customer', noDraft: null },
    });
  });
});

describe('a mail that came in by an address of ours that the settings lack', () => {
  const list = {
    To: 'sales@example.com',
    'List-Id': '<sales.example.com>',
    'List-Post': '<mailto:sales@example.com>',
    'List-Unsubscribe': '<mailto:sales+unsubscribe@example.com>',
    Precedence: 'list',
  };

  it('is a ticket, of which the address gets no copy, and the address is told of once', async () => {
    const { channel, gmail, log, state } = channelUnderTest();
    for (const messageId of ['m1', 'm2']) {
      gmail.deliver({ messageId, gmailThreadId: messageId, raw: buildMail(list) });
      expect(await channel.read({ ...job, messageId }, { anyway: false })).toMatchObject({
        recipients: [],
        verdict: { kind: 'customer', noDraft: null },
      });
    }
    expect(await state.missingAddressesOf('support')).toEqual(['sales@example.com']);
    expect(log.of('OWN_ADDRESS_MISSING')).toMatchObject([
      { account: 'support', ownAddress: 'sales@example.com' },
    ]);
  });
});
