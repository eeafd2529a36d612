import { randomUUID } from 'node:crypto';
import { OAuth2Client } from 'google-auth-library';
import { gmail as createGmail } from 'googleapis/build/src/apis/gmail/index.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { composeMail } from '#infra/standins/gmail/composeMail.ts';
import { type GmailStandIn, startGmailStandIn } from '#infra/standins/gmail/standIn.ts';

const accounts: [string, ...string[]] = ['support@example.com', 'sales@example.com'];
let standIn: GmailStandIn;

beforeAll(async () => {
  standIn = await startGmailStandIn({ port: 0, accounts });
});
afterAll(() => standIn.close());
beforeEach(() => standIn.faults.clear());

const mail = (subject: string, more: { messageId?: string; inReplyTo?: string; date?: Date } = {}) =>
  composeMail({
    from: { name: 'Käthe Müller', email: 'kaethe@customer.example' },
    to: [{ email: 'support@example.com' }],
    subject,
    text: 'Grüße\n\nKäthe',
    messageId: more.messageId ?? `${randomUUID()}@customer.example`,
    inReplyTo: more.inReplyTo ?? null,
    date: more.date ?? new Date(),
  });

function client(account = 'support@example.com') {
  const auth = new OAuth2Client({
    clientId: 'id',
    clientSecret: 'secret',
    endpoints: { oauth2TokenUrl: standIn.tokenUrl },
  });
  auth.setCredentials({ refresh_token: standIn.refreshTokenOf(account) });
  return createGmail({ version: 'v1', auth, rootUrl: `${standIn.url}/`, retry: false });
}

describe('Gmail stand-in through the real client', () => {
  it('gives back the very bytes that came in, dated when they came in', async () => {
    const raw = Buffer.concat([
      Buffer.from(
        'From: a@b.example\r\nTo: support@example.com\r\nDate: Mon, 1 Jan 2001 00:00:00 +0000\r\nX-Odd:  two  spaces\r\n\r\n',
      ),
      Buffer.from([0xe4, 0xf6, 0xff, 0x00, 0x0a, 0x80]),
    ]);
    const before = Date.now();
    const posted = await fetch(`${standIn.url}/gmail/v1/users/me/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ raw: raw.toString('base64url'), labelIds: ['INBOX', 'UNREAD'] }),
    });
    const { id, threadId } = (await posted.json()) as { id: string; threadId: string };
    const { data } = await client().users.messages.get({ userId: 'me', id, format: 'raw' });
    expect(Buffer.from(data.raw ?? '', 'base64url').equals(raw)).toBe(true);
    expect(data).toMatchObject({ id, threadId, labelIds: ['INBOX', 'UNREAD'] });
    expect(Number(data.internalDate)).toBeGreaterThanOrEqual(before);
  });

  it('holds mails from the beginning, under the ids and dates that they had', async () => {
    const [account] = accounts;
    const raw = 'From: a@b.example\r\nTo: support@example.com\r\nSubject: Old\r\n\r\nGrüße';
    const kept = {
      id: 'msg_old',
      threadId: 'thread_old',
      account,
      raw,
      labelIds: ['INBOX'],
      receivedAt: '2026-11-30T12:00:00.000Z',
    };
    const filled = await startGmailStandIn({ port: 0, accounts, mails: [kept] });
    onTestFinished(filled.close);
    const answer = await fetch(`${filled.url}/gmail/v1/users/me/messages/msg_old?format=raw`);
    const data = (await answer.json()) as Record<string, unknown>;
    expect(data).toMatchObject({ id: kept.id, threadId: kept.threadId, labelIds: kept.labelIds });
    expect(data.internalDate).toBe(String(Date.parse(kept.receivedAt)));
    expect(Buffer.from(String(data.raw), 'base64url').toString()).toBe(raw);
  });

  it('lists history since the profile, in pages, with labels on what was added', async () => {
    const gmail = client();
    const { data: profile } = await gmail.users.getProfile({ userId: 'me' });
    expect(profile.emailAddress).toBe('support@example.com');
    const quiet = await gmail.users.history.list({ userId: 'me', startHistoryId: profile.historyId ?? '' });
    expect(quiet.data).toEqual({ historyId: profile.historyId });
    const inserted = [];
    for (const subject of ['one', 'two', 'three']) {
      inserted.push(await standIn.insert({ raw: mail(subject) }));
    }
    const seen = [];
    let pageToken: string | undefined;
    let pages = 0;
    do {
      const { data } = await gmail.users.history.list({
        userId: 'me',
        startHistoryId: profile.historyId ?? '',
        historyTypes: ['messageAdded'],
        maxResults: 2,
        ...(pageToken ? { pageToken } : {}),
      });
      seen.push(...(data.history ?? []).flatMap((record) => record.messagesAdded ?? []));
      pageToken = data.nextPageToken ?? undefined;
      pages += 1;
    } while (pageToken);
    expect(pages).toBe(2);
    expect(seen).toEqual(
      inserted.map(({ id, threadId }) => ({ message: { id, threadId, labelIds: ['INBOX', 'UNREAD'] } })),
    );
  });

  it('forgets history on request, gives a usable new cursor at once, and goes on from there', async () => {
    const gmail = client();
    const old = (await gmail.users.getProfile({ userId: 'me' })).data.historyId ?? '';
    await standIn.expireHistory();
    await expect(gmail.users.history.list({ userId: 'me', startHistoryId: old })).rejects.toMatchObject({
      status: 404,
    });
    const fresh = (await gmail.users.getProfile({ userId: 'me' })).data.historyId ?? '';
    expect(
      (await gmail.users.history.list({ userId: 'me', startHistoryId: fresh })).data.history,
    ).toBeUndefined();
    await standIn.insert({ raw: mail('after the gap') });
    expect(
      (await gmail.users.history.list({ userId: 'me', startHistoryId: fresh })).data.history,
    ).toHaveLength(1);
  });

  it('joins an answer to the thread it names if the subject is the same, and only then', async () => {
    const first = await standIn.insert({ raw: mail('Broken lamp', { messageId: 'root@customer.example' }) });
    const answer = await standIn.insert({
      raw: mail('AW: Re: broken  lamp', { inReplyTo: 'root@customer.example' }),
    });
    const other = await standIn.insert({ raw: mail('New question', { inReplyTo: 'root@customer.example' }) });
    const unrelated = await standIn.insert({ raw: mail('Broken lamp') });
    expect(answer.threadId).toBe(first.threadId);
    expect(new Set([first.threadId, other.threadId, unrelated.threadId]).size).toBe(3);
  });

  it('finds what came in after a moment, without spam and trash', async () => {
    const boundary = new Date();
    const at = (seconds: number) => new Date(boundary.getTime() + seconds * 1000);
    await standIn.insert({ raw: mail('before'), receivedAt: at(-100) });
    const wanted = await standIn.insert({ raw: mail('after'), receivedAt: at(100) });
    await standIn.insert({ raw: mail('spam'), receivedAt: at(110), labelIds: ['SPAM'] });
    const { data } = await client().users.messages.list({
      userId: 'me',
      q: `after:${Math.floor(at(50).getTime() / 1000)}`,
    });
    expect(data.messages).toEqual([wanted]);
  });

  it('tells in its history who changed labels, with those that the mail has since', async () => {
    const gmail = client();
    const { id, threadId } = await standIn.insert({ raw: mail('spam?'), labelIds: ['SPAM'] });
    const startHistoryId = (await gmail.users.getProfile({ userId: 'me' })).data.historyId ?? '';
    await standIn.relabel({ id, add: ['INBOX'], remove: ['SPAM'] });
    await standIn.relabel({ id, remove: ['INBOX'] });
    const { data } = await gmail.users.history.list({
      userId: 'me',
      startHistoryId,
      historyTypes: ['labelAdded', 'labelRemoved'],
    });
    // Gmail leaves out the empty list of labels that it has in the end.
    const message = { id, threadId };
    expect(data.history?.map(({ labelsAdded, labelsRemoved }) => ({ labelsAdded, labelsRemoved }))).toEqual([
      {
        labelsAdded: [{ message, labelIds: ['INBOX'] }],
        labelsRemoved: [{ message, labelIds: ['SPAM'] }],
      },
      { labelsAdded: undefined, labelsRemoved: [{ message, labelIds: ['INBOX'] }] },
    ]);
    await standIn.relabel({ id, add: ['STARRED'] });
    const starred = await gmail.users.history.list({
      userId: 'me',
      startHistoryId,
      historyTypes: ['labelAdded'],
    });
    expect(starred.data.history?.at(-1)?.labelsAdded).toEqual([
      { message: { ...message, labelIds: ['STARRED'] }, labelIds: ['STARRED'] },
    ]);
    await expect(standIn.relabel({ id: 'none' })).rejects.toThrow();
  });

  it('lists labels, and mails by their labels', async () => {
    const gmail = client();
    const { data: label } = await gmail.users.labels.create({
      userId: 'me',
      requestBody: { name: 'Tickets' },
    });
    const { data } = await gmail.users.labels.list({ userId: 'me' });
    expect(data.labels).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'INBOX', name: 'INBOX' }),
        expect.objectContaining({ id: label.id, name: 'Tickets' }),
      ]),
    );
    const { id } = await standIn.insert({ raw: mail('ticket') });
    await standIn.relabel({ id, add: [label.id ?? ''] });
    const listed = await gmail.users.messages.list({ userId: 'me', labelIds: [label.id ?? ''] });
    expect(listed.data.messages?.map((message) => message.id)).toEqual([id]);
  });

  it('puts what somebody sends under SENT, in the thread of the mail it answers', async () => {
    const question = await standIn.insert({ raw: mail('Lamp', { messageId: 'lamp@customer.example' }) });
    const answer = (email: string) =>
      composeMail({
        from: { email: 'support@example.com' },
        to: [{ email }],
        subject: 'Re: Lamp',
        text: 'It left today.',
        messageId: `${randomUUID()}@example.com`,
        inReplyTo: 'lamp@customer.example',
        date: new Date(),
      });
    const sent = await standIn.send({ raw: answer('kaethe@customer.example') });
    const labelsOf = async (id: string) =>
      (await client().users.messages.get({ userId: 'me', id, format: 'minimal' })).data.labelIds;
    expect(sent.threadId).toBe(question.threadId);
    expect(await labelsOf(sent.id)).toEqual(['SENT']);
    const { data } = await client().users.messages.send({
      userId: 'me',
      requestBody: { raw: answer('support@example.com').toString('base64url') },
    });
    expect(data.threadId).toBe(question.threadId);
    expect((await labelsOf(data.id ?? ''))?.toSorted()).toEqual(['INBOX', 'SENT', 'UNREAD']);
  });

  it('keeps the accounts apart', async () => {
    const { id } = await standIn.insert({ raw: mail('for sales'), account: 'sales@example.com' });
    expect((await client('sales@example.com').users.messages.get({ userId: 'me', id })).status).toBe(200);
    await expect(client().users.messages.get({ userId: 'me', id })).rejects.toMatchObject({ status: 404 });
  });

  it('fails as told: rate limit with its reason, no answer, lost grant, ended token', async () => {
    const gmail = client();
    await fetch(`${standIn.url}/control/faults`, {
      method: 'POST',
      body: JSON.stringify({
        path: '/profile',
        status: 403,
        reason: 'rateLimitExceeded',
        retryAfterSeconds: 3,
      }),
    });
    await expect(gmail.users.getProfile({ userId: 'me' })).rejects.toMatchObject({
      status: 403,
      response: { data: { error: { errors: [{ reason: 'rateLimitExceeded' }] } } },
    });
    expect((await gmail.users.getProfile({ userId: 'me' })).status).toBe(200);

    standIn.faults.add({ path: '/profile', connection: 'hang' });
    await expect(gmail.users.getProfile({ userId: 'me' }, { timeout: 200 })).rejects.toThrow();

    standIn.expireTokens();
    await expect(
      fetch(`${standIn.url}/gmail/v1/users/me/profile`, {
        headers: {
          authorization: `Bearer ${((await gmail.context._options.auth) as OAuth2Client).credentials.access_token}`,
        },
      }).then((answer) => answer.status),
    ).resolves.toBe(401);

    standIn.setRevoked(true);
    await expect(client().users.getProfile({ userId: 'me' })).rejects.toMatchObject({
      response: { data: { error: 'invalid_grant' } },
    });
    standIn.setRevoked(false);
    expect((await client().users.getProfile({ userId: 'me' })).status).toBe(200);
  });
});
