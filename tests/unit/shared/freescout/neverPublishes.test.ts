import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FreeScoutClient } from '#shared/freescout/freescoutClient.ts';
import { conversationJson, freescoutAnswering, jsonAnswer, nothing } from '#tests/support/fakeFreeScout.ts';

const projectRoot = join(import.meta.dirname, '../../../..');

/** Text that would publish, close or send if any of it were taken for a parameter. */
const hostile = 'published"},"state":"published","type":"message';
const customer = { email: 'lee@example.org', firstName: hostile, lastName: hostile };

/** One call of every method that the client has. */
const everyCall: {
  readonly [Method in keyof FreeScoutClient]: (client: FreeScoutClient) => Promise<unknown>;
} = {
  getConversation: (client) => client.getConversation(7),
  listConversations: (client) => client.listConversations({ page: 1, customerEmail: hostile }),
  createConversation: (client) =>
    client.createConversation({
      mailboxId: 1,
      subject: hostile,
      customer,
      html: hostile,
      cc: [hostile],
      attachments: [{ fileName: hostile, mimeType: hostile, content: new Uint8Array([1]) }],
      imported: true,
      createdAt: new Date('2026-01-01T00:00:00Z'),
    }),
  addCustomerMessage: (client) =>
    client.addCustomerMessage(7, {
      customer,
      html: hostile,
      cc: [hostile],
      attachments: [],
      keepSpam: true,
    }),
  addNote: (client) => client.addNote(7, { html: hostile, cc: [hostile], imported: false }),
  createDraftReply: (client) =>
    client.createDraftReply(7, { html: hostile, cc: [hostile], status: 'closed' }),
  setTags: (client) => client.setTags(7, [hostile]),
  setCustomFields: (client) => client.setCustomFields(7, [{ id: 1, value: hostile }]),
  assign: (client) => client.assign(7, 3),
  reopen: (client) => client.reopen(7),
  setCustomer: (client) => client.setCustomer(7, 5),
  listMailboxes: (client) => client.listMailboxes(),
  listUsers: (client) => client.listUsers(),
  listWebhooks: (client) => client.listWebhooks(),
  hasTags: (client) => client.hasTags(),
  listCustomFields: (client) => client.listCustomFields(1),
  createProofConversation: (client) => client.createProofConversation(1),
  deleteProofConversation: (client) =>
    client
      .createProofConversation(1)
      .then(({ conversationId }) => client.deleteProofConversation(conversationId)),
  companionVersion: (client) => client.companionVersion(),
  listDrafts: (client) => client.listDrafts(7),
  replaceDraft: (client) => client.replaceDraft(7, 30, { html: hostile, cc: [hostile], ifVersion: hostile }),
  withdrawDraft: (client) => client.withdrawDraft(7, 30, hostile),
};

function answeringAll() {
  return freescoutAnswering(({ method, path }) => {
    if (method === 'POST') {
      return jsonAnswer(
        201,
        { ...conversationJson({ customer: { id: 8, email: '' } }), state: 'draft' },
        { 'Resource-ID': '9' },
      );
    }
    if (method !== 'GET') {
      return nothing();
    }
    if (path.endsWith('/csm')) {
      return jsonAnswer(200, { module: 'CsmDrafts', version: '1.0.0' });
    }
    return path.endsWith('/conversations/7')
      ? jsonAnswer(200, conversationJson())
      : jsonAnswer(200, {
          _embedded: {
            conversations: [],
            mailboxes: [],
            users: [],
            drafts: [],
            webhooks: [],
            custom_fields: [],
          },
          page: { totalPages: 1 },
        });
  });
}

function objectsIn(value: unknown): readonly Record<string, unknown>[] {
  if (Array.isArray(value)) {
    return value.flatMap(objectsIn);
  }
  return typeof value === 'object' && value !== null
    ? [{ ...value }, ...Object.values(value).flatMap(objectsIn)]
    : [];
}

/** Every message in a body is a draft, and nothing else says a state that could publish it. */
function expectDraftsOnly(body: unknown, createsThreads: boolean): void {
  for (const part of objectsIn(body)) {
    if (part.type === 'message') {
      expect(part.state).toBe('draft');
      expect(part).not.toHaveProperty('imported');
    } else if (createsThreads) {
      expect(part).not.toHaveProperty('state');
    }
  }
}

describe('the FreeScout client never sends to a customer', () => {
  it('has no method but these', () => {
    const { client } = answeringAll();
    expect(Object.keys(client).sort()).toEqual(Object.keys(everyCall).sort());
  });

  it.each(Object.entries(everyCall))('%s writes no message that is not a draft', async (_, call) => {
    const { client, sent } = answeringAll();
    await call(client);
    expect(sent).not.toHaveLength(0);
    for (const { method, path, body } of sent) {
      const isThreads = method === 'POST' && path.endsWith('/threads');
      const isConversation = method === 'POST' && path === '/api/conversations';
      expectDraftsOnly(body, isThreads || isConversation);
      if (isThreads) {
        expect(body).toMatchObject({
          type: expect.stringMatching(/^(customer|note|message)$/),
          cc: expect.anything(),
        });
      }
      if (isConversation) {
        expect(body).toMatchObject({ threads: [{ type: expect.stringMatching(/^(customer|note)$/) }] });
      }
      if (method === 'PUT' && path === '/api/conversations/7') {
        expect([
          { byUser: 2, assignTo: 3 },
          { byUser: 2, status: 'active' },
          { byUser: 2, customerId: 5 },
        ]).toContainEqual(body);
      }
      if (method === 'POST') {
        expect(isThreads || isConversation).toBe(true);
      }
    }
  });

  it('writes a message in one method only', async () => {
    const writers: string[] = [];
    for (const [name, call] of Object.entries(everyCall)) {
      const { client, sent } = answeringAll();
      await call(client);
      if (sent.some(({ body }) => objectsIn(body).some(({ type }) => type === 'message'))) {
        writers.push(name);
      }
    }
    expect(writers).toEqual(['createDraftReply']);
  });
});

describe('the source', () => {
  const sources = globSync('{shared,functions}/**/*.ts', { cwd: projectRoot }).map((path) => ({
    path,
    text: readFileSync(join(projectRoot, path), 'utf8'),
  }));
  const pathsWith = (pattern: RegExp) =>
    sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  it('was found', () => {
    expect(pathsWith(/createGmailClient/)).toContain('shared/channels/gmail/googleGmailClient.ts');
  });

  it.each([
    ['a draft or a send call of Gmail', /\busers\s*\.\s*drafts\b|\bmessages\s*\.\s*(send|insert|import)\b/],
    ['a send or draft address of Gmail', /\/messages\/send|\/drafts\/send|users\/me\/drafts/],
    ['a scope that sends', /auth\/gmail\.(send|compose)|mail\.google\.com/],
    ['a service that mails', /from '@aws-sdk\/client-ses[^']*'/],
  ])('does not hold %s', (_, pattern) => {
    expect(pathsWith(pattern)).toEqual([]);
  });

  it('mails from one place only, which can be given no address but those of the settings', () => {
    expect(pathsWith(/from 'nodemailer[^']*'/)).toEqual(['shared/alerts/smtpChannel.ts']);
    expect(pathsWith(/\bsendMail\(/)).toEqual(['shared/alerts/smtpChannel.ts']);
    expect(pathsWith(/\bto: \[\.\.\.to\]/)).toEqual(['shared/alerts/smtpChannel.ts']);
    expect(pathsWith(/\bas (readonly )?OperatorAddress\b/)).toEqual(['shared/alerts/recipients.ts']);
    expect(pathsWith(/\boperatorAddresses\(settings\)/)).toEqual([
      'functions/conversation-worker/dependencies.ts',
    ]);
  });

  it('names a message as type of a thread to write in one place only, as a draft', () => {
    expect(pathsWith(/type:\s*'message',(?!\s*state:\s*'draft')/)).toEqual([]);
    expect(pathsWith(/type:\s*'message',\s*state:\s*'draft'/)).toEqual([
      'shared/freescout/freescoutBodies.ts',
    ]);
    expect(pathsWith(/state:\s*'published',/)).not.toContain('shared/freescout/freescoutBodies.ts');
  });
});
