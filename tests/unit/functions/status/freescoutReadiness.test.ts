import { expect, it } from 'vitest';
import { checkFreeScout } from '#functions/status/freescoutReadiness.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createDraftDesk } from '#tests/support/drafts/draftDesk.ts';

const webhookUrl = 'http://worker.test/freescout';

const channels = ['support', 'sales'].map((alias) => ({
  kind: 'gmail',
  alias,
  address: `${alias}@example.com`,
  mailboxId: 1,
}));

function readinessOf(desk: ReturnType<typeof createDraftDesk>, freescout: object = {}) {
  const settings = parseSettings({
    channels,
    freescout: { url: 'http://freescout.test', botUserId: desk.settings.freescout.botUserId, ...freescout },
  });
  return checkFreeScout({ settings, freescout: desk.client, webhookUrl });
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
