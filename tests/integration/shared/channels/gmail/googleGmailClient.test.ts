import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GmailStandIn, startGmailStandIn } from '#infra/standins/gmail/standIn.ts';
import type { HistoryPage, SearchableGmail } from '#shared/channels/gmail/gmailClient.ts';
import { createGmailClient, type GmailClientOptions } from '#shared/channels/gmail/googleGmailClient.ts';
import { type ManualClock, manualClock } from '#tests/support/manualClock.ts';
import { type RecordingLog, recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';

const address = 'support@example.com';
let gmail: GmailStandIn;
let clock: ManualClock;
let log: RecordingLog;

beforeAll(async () => {
  gmail = await startGmailStandIn({ port: 0, accounts: [address] });
});
afterAll(() => gmail.close());
beforeEach(() => {
  gmail.faults.clear();
  gmail.setRevoked(false);
  clock = manualClock();
  log = recordingLog();
});

function clientWith(options: Partial<GmailClientOptions> = {}): SearchableGmail {
  return createGmailClient({
    account: 'support',
    address,
    scope: 'https://www.googleapis.com/auth/gmail.readonly',
    credentials: async () => ({
      clientId: 'id',
      clientSecret: 'secret',
      refreshToken: gmail.refreshTokenOf(address),
    }),
    rootUrl: gmail.url,
    tokenUrl: gmail.tokenUrl,
    clock,
    timeoutMilliseconds: 1000,
    attempts: 3,
    log,
    measure: recordingMeasure().measure,
    ...options,
  });
}

const raw = (subject: string) =>
  Buffer.concat([
    Buffer.from(`From: a@b.example\r\nTo: ${address}\r\nSubject: ${subject}\r\nX-Odd:  two  spaces\r\n\r\n`),
    Buffer.from([0xe4, 0xff, 0x00, 0x0a, 0x80]),
  ]);

function assertPage(page: HistoryPage) {
  if (page.outcome !== 'page') {
    throw new Error('The history has expired.');
  }
  return page;
}

describe('reading', () => {
  it('finds what was added since, with labels, and the id to go on from', async () => {
    const client = clientWith();
    const start = await client.currentHistoryId();
    expect(assertPage(await client.history(start, null))).toMatchObject({ added: [], lastRecordId: null });
    const { id, threadId } = await gmail.insert({ raw: raw('one') });
    const sent = await gmail.insert({ raw: raw('two'), labelIds: ['SENT'] });
    const page = assertPage(await client.history(start, null));
    expect(page.added).toEqual([
      { messageId: id, gmailThreadId: threadId, labelIds: ['INBOX', 'UNREAD'] },
      { messageId: sent.id, gmailThreadId: sent.threadId, labelIds: ['SENT'] },
    ]);
    expect(page.lastRecordId).not.toBeNull();
    expect(assertPage(await client.history(page.historyId, null)).added).toEqual([]);
  });

  it('finds what was relabelled since, each mail once, in the same call', async () => {
    const client = clientWith();
    const { id, threadId } = await gmail.insert({ raw: raw('rescued'), labelIds: ['SPAM'] });
    const other = await gmail.insert({ raw: raw('archived') });
    const start = await client.currentHistoryId();
    const before = client.unitsSpent();
    await gmail.relabel({ id, add: ['STARRED'] });
    await gmail.relabel({ id, add: ['INBOX'], remove: ['SPAM'] });
    await gmail.relabel({ id: other.id, remove: ['INBOX', 'UNREAD'] });
    const added = await gmail.insert({ raw: raw('new') });
    const page = assertPage(await client.history(start, null));
    expect(page.relabelled).toEqual([
      {
        messageId: id,
        gmailThreadId: threadId,
        labelIds: ['STARRED', 'INBOX'],
        recordId: expect.stringMatching(/^\d+$/),
      },
      {
        ...{ messageId: other.id, gmailThreadId: other.threadId, labelIds: null },
        recordId: expect.anything(),
      },
    ]);
    expect(page.added.map(({ messageId }) => messageId)).toEqual([added.id]);
    expect(Number(page.lastRecordId)).toBeGreaterThan(Number(page.relabelled[1]?.recordId));
    expect(client.unitsSpent() - before).toBe(2);
  });

  it('finds the labels of an account, and what carries one of them', async () => {
    const client = clientWith();
    const { id } = await gmail.insert({ raw: raw('labelled'), labelIds: ['INBOX', 'CATEGORY_FORUMS'] });
    await gmail.insert({ raw: raw('not labelled') });
    expect(await client.labels()).toContainEqual({ id: 'CATEGORY_FORUMS', name: expect.any(String) });
    const { messages } = await client.listSince(new Date(0), null, 'CATEGORY_FORUMS');
    expect(messages.map(({ messageId }) => messageId)).toEqual([id]);
    expect(client.unitsSpent()).toBe(1 + 5);
  });

  it('finds what somebody sent', async () => {
    const client = clientWith();
    const found = await client.messageIdsFrom('only-one@b.example');
    expect(found).toEqual([]);
    const { id } = await gmail.insert({
      raw: Buffer.from(`From: Only <only-one@b.example>\r\nTo: ${address}\r\nSubject: x\r\n\r\nx`),
    });
    expect(await client.messageIdsFrom('only-one@b.example')).toEqual([id]);
  });

  it('says when Gmail forgot the history', async () => {
    const client = clientWith();
    const start = await client.currentHistoryId();
    await gmail.insert({ raw: raw('three') });
    await gmail.expireHistory();
    expect(await client.history(start, null)).toEqual({ outcome: 'expired' });
  });

  it('lists what came in since a moment, without spam', async () => {
    const client = clientWith();
    const since = new Date('2026-06-01T00:00:00Z');
    await gmail.insert({ raw: raw('old'), receivedAt: new Date('2026-05-31T23:59:00Z') });
    const wanted = await gmail.insert({ raw: raw('new'), receivedAt: new Date('2026-06-01T00:01:00Z') });
    const spam = await gmail.insert({ raw: raw('spam'), labelIds: ['SPAM'] });
    const ids = (await client.listSince(since, null)).messages.map(({ messageId }) => messageId);
    expect(ids).toContain(wanted.id);
    expect(ids).not.toContain(spam.id);
    const laterIds = (await client.listSince(new Date('2026-06-01T00:02:00Z'), null)).messages.map(
      ({ messageId }) => messageId,
    );
    expect(laterIds).not.toContain(wanted.id);
  });

  it('gets labels, and the very bytes that came in', async () => {
    const client = clientWith();
    const receivedAt = new Date('2026-07-01T10:00:00Z');
    const { id, threadId } = await gmail.insert({ raw: raw('bytes'), receivedAt });
    expect(await client.getLabels(id)).toEqual({ labelIds: ['INBOX', 'UNREAD'], internalDate: receivedAt });
    const message = await client.getRaw(id);
    expect(message).toMatchObject({ messageId: id, gmailThreadId: threadId, internalDate: receivedAt });
    expect(Buffer.from(message?.raw ?? []).equals(raw('bytes'))).toBe(true);
  });

  it('gets a mail of 25 MB, the largest that Gmail sends', async () => {
    const large = Buffer.concat([raw('large'), Buffer.alloc(25 * 1024 * 1024, 'A large attachment.\r\n')]);
    const { id } = await gmail.insert({ raw: large });
    const message = await clientWith({ timeoutMilliseconds: 15_000 }).getRaw(id);
    expect(Buffer.from(message?.raw ?? []).equals(large)).toBe(true);
  });

  it('knows that a mail is gone', async () => {
    const client = clientWith();
    expect(await client.getRaw('18f0000000000000')).toBeNull();
    expect(await client.getLabels('18f0000000000000')).toBeNull();
  });

  it('counts quota units as Google does', async () => {
    const client = clientWith();
    const { id } = await gmail.insert({ raw: raw('units') });
    const start = await client.currentHistoryId();
    await client.history(start, null);
    await client.listSince(new Date(), null);
    await client.getRaw(id);
    expect(client.unitsSpent()).toBe(1 + 2 + 5 + 20);
    expect(log.of('GMAIL_CALL').map(({ method, units }) => `${method} ${units}`)).toEqual([
      'getProfile 1',
      'history.list 2',
      'messages.list 5',
      'messages.get 20',
    ]);
  });

  it('labels a mail, making the label the first time', async () => {
    const client = clientWith();
    const first = await gmail.insert({ raw: raw('label 1') });
    const second = await gmail.insert({ raw: raw('label 2') });
    await client.addLabel(first.id, 'Ticketed');
    await client.addLabel(second.id, 'Ticketed');
    const before = await client.getLabels(first.id);
    const after = await client.getLabels(second.id);
    expect(before?.labelIds).toHaveLength(3);
    expect(after?.labelIds.filter((label) => before?.labelIds.includes(label))).toHaveLength(3);
    expect(log.of('GMAIL_CALL').filter(({ method }) => method === 'labels.create')).toHaveLength(1);
    await expect(client.addLabel('18f0000000000000', 'Ticketed')).resolves.toBeUndefined();
  });
});

describe('when Gmail does not answer as hoped', () => {
  it.each([
    ['rate limit of the user', { status: 403, reason: 'userRateLimitExceeded' }],
    ['rate limit of the project', { status: 403, reason: 'rateLimitExceeded' }],
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['a broken connection', { connection: 'drop' as const }],
  ])('goes on after a pause: %s', async (_, fault) => {
    const client = clientWith();
    gmail.faults.add({ path: '/profile', ...fault });
    expect(await client.currentHistoryId()).toMatch(/^\d+$/);
    expect(clock.sleeps).toEqual([375]);
  });

  it.each([
    [{ status: 403, reason: 'userRateLimitExceeded' }, 'gmail-rate-limited', true],
    [{ status: 429, retryAfterSeconds: 2 }, 'gmail-rate-limited', true],
    [{ status: 500 }, 'gmail-unreachable', true],
    [{ status: 403, reason: 'insufficientPermissions' }, 'gmail-rejected', false],
    [{ status: 400, reason: 'invalidArgument' }, 'gmail-rejected', false],
    [{ connection: 'drop' as const }, 'gmail-unreachable', true],
  ])('gives up with the right failure: %j', async (fault, code, retryable) => {
    const client = clientWith();
    gmail.faults.add({ path: '/profile', times: 9, ...fault });
    await expect(client.currentHistoryId()).rejects.toMatchObject({ code, retryable });
    expect(clock.sleeps).toHaveLength(retryable ? 2 : 0);
  });

  it('waits as long as Gmail asks, and leaves a long wait to the queue', async () => {
    const client = clientWith();
    gmail.faults.add({ path: '/profile', status: 429, retryAfterSeconds: 3 });
    await client.currentHistoryId();
    expect(clock.sleeps).toEqual([3500]);
    gmail.faults.add({ path: '/profile', status: 429, retryAfterSeconds: 300 });
    await expect(client.currentHistoryId()).rejects.toMatchObject({ retryAfterSeconds: 300 });
    expect(clock.sleeps).toHaveLength(1);
  });

  it('does not wait for ever for an answer', async () => {
    const client = clientWith({ timeoutMilliseconds: 100, attempts: 1 });
    gmail.faults.add({ path: '/profile', connection: 'hang' });
    await expect(client.currentHistoryId()).rejects.toMatchObject({ code: 'gmail-unreachable' });
  });

  it('asks for a new access token when the old one ended early, even with one attempt', async () => {
    const client = clientWith({ attempts: 1 });
    await client.currentHistoryId();
    gmail.expireTokens();
    expect(await client.currentHistoryId()).toMatch(/^\d+$/);
  });

  it('reads revoked credentials again once, and uses new ones', async () => {
    let isRenewed = false;
    const client = clientWith({
      credentials: async (options) => {
        if (options?.refresh) {
          isRenewed = true;
          gmail.setRevoked(false);
        }
        return { clientId: 'id', clientSecret: 'secret', refreshToken: isRenewed ? 'new' : 'old' };
      },
    });
    gmail.setRevoked(true);
    expect(await client.currentHistoryId()).toMatch(/^\d+$/);
    expect(log.of('SECRET_REFRESHED')).toEqual([{ module: 'gmail', account: 'support' }]);
  });

  it('acts for the account as a service account', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const serviceAccount = {
      serviceAccountEmail: 'csm@project.iam.gserviceaccount.example',
      serviceAccountPrivateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    const client = clientWith({ credentials: async () => serviceAccount, attempts: 1 });
    expect(await client.currentHistoryId()).toMatch(/^\d+$/);
    gmail.expireTokens();
    expect(await client.currentHistoryId()).toMatch(/^\d+$/);
    const other = clientWith({ credentials: async () => serviceAccount, address: 'other@example.com' });
    await expect(other.currentHistoryId()).rejects.toMatchObject({ code: 'gmail-invalid-grant' });
  });

  it('tells the operator what to do about revoked credentials', async () => {
    const client = clientWith();
    gmail.setRevoked(true);
    await expect(client.currentHistoryId()).rejects.toMatchObject({
      code: 'gmail-invalid-grant',
      retryable: false,
      message: expect.stringContaining('Consent again'),
    });
    expect(client.unitsSpent()).toBe(0);
  });
});
