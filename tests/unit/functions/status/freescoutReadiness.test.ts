import { describe, expect, it } from 'vitest';
import { checkFreeScout } from '#functions/status/freescoutReadiness.ts';
import { webhookEvents } from '#shared/freescout/webhookEvents.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createDraftDesk } from '#tests/support/drafts/draftDesk.ts';

const webhookUrl = 'http://worker.test/freescout';

const channels = ['support', 'sales'].map((alias) => ({
  kind: 'gmail',
  alias,
  address: `${alias}@example.com`,
  mailboxId: 1,
}));

function readinessOf(
  desk: ReturnType<typeof createDraftDesk>,
  freescout: object = {},
  feeding: readonly object[] = channels,
  unansweredSince: string | null = null,
) {
  const settings = parseSettings({
    channels: feeding,
    freescout: { url: 'http://freescout.test', botUserId: desk.settings.freescout.botUserId, ...freescout },
  });
  return checkFreeScout({
    settings,
    freescout: desk.client,
    webhookUrl,
    webhookTrial: async () => unansweredSince,
  });
}

it.each(['guarded', 'managed'] as const)('tells what the companion module allows: %s', async (mode) => {
  expect(await readinessOf(createDraftDesk({ mode }))).toMatchObject({ draftMode: mode, issues: [] });
});

it('tells nothing of the mode while FreeScout cannot be asked', async () => {
  const desk = createDraftDesk({ mode: 'managed' });
  desk.failNext('GET', /\/csm$/, '500-before');
  const { draftMode, issues } = await readinessOf(desk);
  expect(draftMode).toBeNull();
  expect(issues).toEqual([{ condition: 'FreeScoutFailing', says: 'FreeScout answers 500' }]);
});

it('tells where to set the address that a redirect leads to', async () => {
  const desk = createDraftDesk({ mode: 'managed' });
  desk.failNext('GET', /\/csm$/, 301);
  expect((await readinessOf(desk)).issues).toEqual([
    {
      condition: 'FreeScoutFailing',
      says: 'FreeScout answers 301, a redirect, which is not followed: set freescout.url to the address it leads to',
    },
  ]);
});

it('names every value that a dropdown lacks, and whose it is', async () => {
  const desk = createDraftDesk({ mode: 'guarded' });
  const dropdown = { mailboxId: 1, type: 'dropdown', required: false, sortOrder: 1 } as const;
  desk.desk.customFields.set(7, { ...dropdown, id: 7, name: 'Priority', options: { 1: 'Low', 2: 'High' } });
  desk.desk.customFields.set(8, { ...dropdown, id: 8, name: 'Type', options: { 1: 'lead' } });
  desk.desk.customFields.set(9, { ...dropdown, id: 9, name: 'Importance', type: 'number', options: {} });
  const fields = { priorityFieldId: 7, typeFieldId: 8, importanceFieldId: 9 };

  expect((await readinessOf(desk, fields)).issues.map(({ says }) => says)).toEqual([
    'custom field 7 in mailbox 1 is a dropdown without the options "4" (p0), "3" (p1): they are not written',
    'custom field 8 in mailbox 1 is a dropdown without the options "lead", "customer", "other": they are not written',
  ]);

  const values = { p0: '2', p1: '2', p2: '1', p3: '1' };
  expect((await readinessOf(desk, { priorityFieldId: 7, priorityFieldValues: values })).issues).toEqual([]);
  expect((await readinessOf(desk, { ...fields, updatePriority: false, typeFieldId: null })).issues).toEqual(
    [],
  );
});

it('warns of an address that is reached over the internet without TLS', async () => {
  const desk = createDraftDesk({ mode: 'managed' });
  expect((await readinessOf(desk, { url: 'http://desk.example.com' })).issues).toEqual([
    { condition: 'PlainHttp', says: expect.stringContaining('set it to https://') },
  ]);
  expect((await readinessOf(desk, { url: 'https://desk.example.com' })).issues).toEqual([]);
});

describe('users of the settings', () => {
  const sales = { id: 2, name: 'Sales', email: 'sales@example.com', signature: '', createdAt: '' };
  const twoMailboxes = [
    { kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 },
    { kind: 'gmail', alias: 'sales', address: 'sales@example.com', mailboxId: 2 },
  ];
  const setUp = () => {
    const desk = createDraftDesk({ mode: 'managed' });
    const { botUserId } = desk.settings.freescout;
    desk.desk.mailboxes.set(2, sales);
    const bot = desk.desk.users.get(botUserId);
    if (bot === undefined) {
      throw new Error('no bot');
    }
    return { desk, bot, botUserId, readiness: () => readinessOf(desk, { assignTo: 9 }, twoMailboxes) };
  };

  it('must have access to every mailbox of a channel', async () => {
    const { desk, bot, botUserId, readiness } = setUp();
    desk.desk.users.set(botUserId, { ...bot, mailboxIds: [2, 7] });
    desk.desk.users.set(9, { ...bot, id: 9, mailboxIds: [] });
    expect((await readiness()).issues).toEqual([
      {
        condition: 'BotUserUnfit',
        says: `bot user ${botUserId} has no access to mailbox 1 "Support" of FreeScout: give it under Manage → Mailboxes → Permissions`,
      },
      {
        condition: 'AssigneeUnfit',
        says: 'user 9 (freescout.assignTo) has no access to mailbox 1 "Support" of FreeScout: give it under Manage → Mailboxes → Permissions',
      },
      {
        condition: 'AssigneeUnfit',
        says: 'user 9 (freescout.assignTo) has no access to mailbox 2 "Sales" of FreeScout: give it under Manage → Mailboxes → Permissions',
      },
    ]);
    desk.desk.users.set(9, { ...bot, id: 9, role: 'admin', mailboxIds: [] });
    desk.desk.users.set(botUserId, { ...bot, mailboxIds: [1, 2] });
    expect((await readiness()).issues).toEqual([]);
  });

  it('must not be deleted, although FreeScout lists them still', async () => {
    const { desk, bot, botUserId, readiness } = setUp();
    desk.desk.users.set(botUserId, {
      ...bot,
      email: `${bot.email}_deleted20261120100000`,
      mailboxIds: [],
    });
    expect((await readiness()).issues).toEqual([
      {
        condition: 'BotUserUnfit',
        says: `bot user ${botUserId} was deleted in FreeScout: enter another one in freescout.botUserId`,
      },
      {
        condition: 'AssigneeUnfit',
        says: 'user 9 (freescout.assignTo) does not exist in FreeScout: enter another one in freescout.assignTo',
      },
    ]);
  });
});

describe('a mailbox', () => {
  it('must be there', async () => {
    const desk = createDraftDesk({ mode: 'managed' });
    desk.desk.mailboxes.clear();
    expect((await readinessOf(desk)).issues).toEqual([
      {
        condition: 'MailboxGone',
        says: 'mailbox 1 does not exist in FreeScout: enter the mailbox of "support", "sales" as its mailboxId (channels)',
      },
    ]);
  });

  it('must have an address of a channel that feeds it; its name may be any', async () => {
    const desk = createDraftDesk({ mode: 'managed' });
    const mailbox = { id: 1, name: 'Billing', signature: '', createdAt: '' };
    desk.desk.mailboxes.set(1, { ...mailbox, email: 'billing@example.com' });
    expect((await readinessOf(desk)).issues).toEqual([
      {
        condition: 'MailboxRenamed',
        says: 'mailbox 1 of FreeScout is "Billing" with the address billing@example.com, which is none of "support", "sales" (support@example.com, sales@example.com): enter the right mailboxId, or that address in ownAddresses (channels)',
      },
    ]);
    for (const email of ['Sales@example.com', 'support+desk@example.com']) {
      desk.desk.mailboxes.set(1, { ...mailbox, email });
      expect((await readinessOf(desk)).issues).toEqual([]);
    }
  });
});

describe('webhooks that get lost', () => {
  const since = '2026-11-20T12:00:00.000Z';

  it('are told with all causes while FreeScout does not list its webhooks', async () => {
    const { issues } = await readinessOf(createDraftDesk({ mode: 'guarded' }), {}, channels, since);
    expect(issues).toEqual([
      {
        condition: 'WebhookLost',
        says: expect.stringMatching(
          /made to send a webhook at 2026-11-20T12:00.*has no webhook to http:\/\/worker.test\/freescout, its secret is another one, or/s,
        ),
      },
    ]);
  });

  it('are told without the causes that FreeScout rules out', async () => {
    const desk = createDraftDesk({ mode: 'guarded' });
    const listing = (url: string) => ({
      ...desk,
      client: { ...desk.client, listWebhooks: async () => [{ id: 1, url, events: webhookEvents }] },
    });
    const registered = await readinessOf(listing(webhookUrl), {}, channels, since);
    expect(registered.issues.map(({ says }) => says)).toEqual([
      expect.stringContaining('FreeScout has a webhook to http://worker.test/freescout, so its secret is'),
    ]);
    const elsewhere = await readinessOf(listing('http://other.test'), {}, channels, since);
    expect(elsewhere.issues.map(({ says }) => says)).toEqual([
      expect.stringContaining('none of its 1 webhooks leads to http://worker.test/freescout'),
    ]);
  });

  it('are told of nobody who only polls', async () => {
    const desk = createDraftDesk({ mode: 'guarded' });
    expect((await readinessOf(desk, { webhookEnabled: false }, channels, since)).issues).toEqual([]);
  });
});
