import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { proveDraftsStayDrafts } from '#shared/freescout/draftProof.ts';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import type { DraftProof } from '#shared/store/draftProofs.ts';
import { systemClock } from '#shared/time/clock.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';

let desk: FreeScoutStandIn;
let client: FreeScoutClient;

beforeEach(async () => {
  desk = await startFreeScoutStandIn();
  client = clientWith(desk.apiKey);
});
afterEach(() => desk.close());

function clientWith(key: string, timeoutMilliseconds = 10_000): FreeScoutClient {
  return createFreeScoutClient({
    baseUrl: desk.url,
    apiKey: async () => key,
    botUserId: 2,
    fetch,
    clock: { ...systemClock, sleep: async () => {} },
    limiter: unlimited,
    timeoutMilliseconds,
    attempts: 2,
    log: recordingLog(),
    measure: recordingMeasure().measure,
  });
}

const mail = {
  mailboxId: 1,
  subject: 'Invoice',
  customer: { email: 'lee@example.org', firstName: 'Lee', lastName: 'Young' },
  html: '<div>Please send it.</div>',
  cc: ['boss@example.org'],
  attachments: [{ fileName: 'a.txt', mimeType: 'text/plain', content: Buffer.from('hello') }],
  imported: true,
};

describe('the FreeScout client against the stand-in', () => {
  it('brings a mail in, reads it back and lists it', async () => {
    const createdAt = new Date(Date.now() - 3_600_000);
    const { conversationId, threadId } = await client.createConversation({ ...mail, createdAt });
    const conversation = await client.getConversation(conversationId);
    expect(conversation).toMatchObject({
      status: 'active',
      subject: 'Invoice',
      cc: ['boss@example.org'],
      customer: { email: 'lee@example.org', firstName: 'Lee', lastName: 'Young' },
      threads: [{ id: threadId, type: 'customer', body: mail.html, attachmentNames: ['a.txt'] }],
      tags: [],
    });
    expect(conversation?.threads[0]?.createdAt).toBe(Math.floor(createdAt.getTime() / 1000) * 1000);
    const page = await client.listConversations({
      mailboxIds: [1],
      statuses: ['active', 'pending'],
      state: 'published',
      customerEmail: 'lee@example.org',
      embed: ['threads', 'tags'],
      page: 1,
    });
    expect(page.conversations.map(({ id }) => id)).toEqual([conversationId]);
    expect(
      (await client.listConversations({ page: 1, updatedSince: new Date(Date.now() + 60_000) }))
        .conversations,
    ).toEqual([]);
  });

  it('adds a message, a note and a draft without losing cc or status', async () => {
    const { conversationId } = await client.createConversation(mail);
    const { cc } = mail;
    await client.addCustomerMessage(conversationId, { ...mail, attachments: [], keepSpam: false });
    await client.addNote(conversationId, { html: '<div>Note</div>', cc, imported: false });
    const draft = await client.createDraftReply(conversationId, {
      html: '<div>Draft</div>',
      cc,
      status: 'active',
    });
    expect(draft.state).toBe('draft');
    expect(await client.getConversation(conversationId)).toMatchObject({
      status: 'active',
      cc,
      threads: [{ type: 'customer' }, { type: 'customer' }, { type: 'note' }],
    });
    expect(desk.model.mail).toEqual([]);
  });

  it('sets tags, fields and assignee', async () => {
    const { conversationId } = await client.createConversation(mail);
    expect(await client.setTags(conversationId, ['Lead', 'p1'])).toBe('done');
    await client.assign(conversationId, 2);
    expect(await client.getConversation(conversationId)).toMatchObject({
      tags: expect.arrayContaining(['lead', 'p1']),
      assignee: { id: 2 },
    });
    desk.model.switches.tagsModule = false;
    desk.model.switches.customFieldsModule = false;
    expect(await client.setTags(conversationId, [])).toBe('module-absent');
    expect(await client.setCustomFields(conversationId, [{ id: 1, value: '2' }])).toBe('module-absent');
  });

  it('sees, replaces and withdraws drafts through the companion module', async () => {
    const { conversationId } = await client.createConversation(mail);
    const { threadId } = await client.createDraftReply(conversationId, {
      html: '<div>Draft</div>',
      cc: [],
      status: 'active',
    });
    desk.model.switches.companionModule = false;
    expect(await client.companionVersion()).toBeNull();
    expect(await client.listDrafts(conversationId)).toBeNull();
    desk.model.switches.companionModule = true;
    expect(await client.companionVersion()).toMatch(/^\d/);
    const version = async () => (await client.listDrafts(conversationId))?.[0]?.version ?? '';
    const change = { html: '<div>Better</div>', cc: mail.cc, ifVersion: await version() };
    expect(await client.replaceDraft(conversationId, threadId, change)).toBe('done');
    expect(await client.replaceDraft(conversationId, threadId, change)).toBe('changed');
    expect(await client.listDrafts(conversationId)).toMatchObject([
      { id: threadId, body: '<div>Better</div>', cc: mail.cc, createdByUserId: 2, editedByUserId: null },
    ]);
    expect(await client.withdrawDraft(conversationId, threadId, await version())).toBe('done');
    expect(await client.withdrawDraft(conversationId, threadId, 'any')).toBe('gone');
    expect(await client.listDrafts(conversationId)).toEqual([]);
  });

  it('lists mailboxes and users', async () => {
    expect((await client.listMailboxes()).map(({ id }) => id)).toContain(1);
    expect((await client.listUsers()).map(({ id }) => id)).toContain(2);
  });
});

describe('failures over a real connection', () => {
  const note = (to: FreeScoutClient) => to.addNote(1, { html: 'x', cc: [], imported: false });

  it.each([
    ['timeout', false],
    ['reset', false],
    ['noResourceId', false],
    ['afterWrite5xx', false],
    ['afterWriteTimeout', false],
    ['html', false],
    [413, true],
    [405, true],
  ] as const)('%s leaves open or proves that nothing was written', async (kind, nothingWritten) => {
    const { conversationId } = await client.createConversation(mail);
    const requests = desk.model.requests.length;
    desk.model.faults.failNext({ method: 'POST', kind, times: 2 });
    const hasNoAnswer = kind === 'timeout' || kind === 'afterWriteTimeout';
    const impatient = hasNoAnswer ? clientWith(desk.apiKey, 500) : client;
    await expect(
      impatient.addNote(conversationId, { html: 'x', cc: [], imported: false }),
    ).rejects.toMatchObject({
      nothingWritten,
    });
    expect(desk.model.requests.length).toBeLessThanOrEqual(requests + 1);
  });

  it.each(['timeout', 'reset', 'html', 500] as const)('a read goes on after one %s', async (kind) => {
    desk.model.faults.failNext({ method: 'GET', kind });
    const impatient = kind === 'timeout' ? clientWith(desk.apiKey, 1500) : client;
    expect(await impatient.listMailboxes()).not.toEqual([]);
  });

  it('knows a wrong key and a FreeScout that is not there', async () => {
    await expect(note(clientWith('wrong'))).rejects.toMatchObject({ code: 'freescout-unauthorized' });
    await desk.close();
    await expect(note(client)).rejects.toMatchObject({ code: 'freescout-unreachable', nothingWritten: true });
  });
});

describe('the proof that drafts stay drafts', () => {
  async function prove() {
    let proof: DraftProof | null = null;
    const outcome = await proveDraftsStayDrafts({
      client,
      state: {
        getDraftProof: async () => null,
        saveDraftProof: async (saved) => {
          proof = saved;
        },
      },
      url: desk.url,
      mailboxId: 1,
      clock: systemClock,
      log: recordingLog(),
      measure: recordingMeasure().measure,
    });
    return { outcome, proof };
  }

  it('is found and leaves nothing behind', async () => {
    expect(await prove()).toMatchObject({ outcome: 'proven', proof: { state: 'proven' } });
    expect((await client.listConversations({ page: 1 })).conversations).toEqual([]);
  });

  it('is refuted by a module too old to know drafts, and nobody is mailed', async () => {
    desk.model.switches.oldModule = true;
    expect(await prove()).toMatchObject({
      outcome: 'stopped',
      proof: { reason: expect.stringContaining('published') },
    });
    expect((await client.listConversations({ page: 1 })).conversations).toEqual([]);
    expect(desk.model.mail).toEqual([]);
  });
});
