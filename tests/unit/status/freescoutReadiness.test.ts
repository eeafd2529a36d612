import { expect, it } from 'vitest';
import { checkFreeScout } from '#functions/status/freescoutReadiness.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createDraftDesk } from '#tests/support/drafts/draftDesk.ts';

const webhookUrl = 'http://worker.test/freescout';

function readinessOf(desk: ReturnType<typeof createDraftDesk>) {
  const settings = parseSettings({
    accounts: [{ alias: 'support', gmailAddress: 'support@example.com', mailboxId: 1 }],
    freescout: { url: 'http://freescout.test', botUserId: desk.settings.freescout.botUserId },
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
  expect(issues).toEqual(['FreeScout answers 500']);
});

it('tells where to set the address that a redirect leads to', async () => {
  const desk = createDraftDesk({ mode: 'managed' });
  desk.failNext('GET', /\/csm$/, 301);
  expect((await readinessOf(desk)).issues).toEqual([
    'FreeScout answers 301, a redirect, which is not followed: set freescout.url to the address it leads to',
  ]);
});
