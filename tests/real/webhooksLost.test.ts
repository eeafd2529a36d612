import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { proofSubject } from '#shared/freescout/proofConversations.ts';
import { webhookEvents } from '#shared/freescout/webhookEvents.ts';
import { minuteMilliseconds } from '#shared/time/durations.ts';
import { launchChromium } from '#tests/support/chromium.ts';
import { csm } from '#tests/support/csm.ts';
import { type LightsScene, startLightsScene } from '#tests/support/lightsScene.ts';
import { type SmtpServer, startSmtpServer } from '#tests/support/smtpServer.ts';
import { connectToFreeScout } from './freescoutTrial.ts';

const { variables, url, client, requests } = connectToFreeScout();
let sink: SmtpServer;
let browser: Browser;
let page: Page;
let scene: LightsScene | undefined;

beforeAll(async () => {
  sink = await startSmtpServer({ starttls: false, port: variables.CSM_TRIAL_SMTP_PORT });
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  await page.goto(`${url}/login`);
  await page.fill('input[name=email]', variables.CSM_TRIAL_AGENT);
  await page.fill('input[name=password]', variables.CSM_TRIAL_AGENT_PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForURL((address) => !address.pathname.endsWith('/login'));
});
afterEach(async () => {
  await scene?.stop();
  scene = undefined;
});
afterAll(async () => {
  await browser.close();
  await sink.close();
});

async function start(webhookSecret: string): Promise<LightsScene> {
  scene = await startLightsScene(
    {
      channels: [
        {
          kind: 'gmail',
          alias: 'support',
          address: 'support@example.com',
          mailboxId: variables.CSM_TRIAL_MAILBOX,
        },
      ],
      freescout: { botUserId: variables.CSM_TRIAL_BOT_USER, rateLimit: { maxRequests: 0 }, applyTags: false },
    },
    {
      FREESCOUT_URL: url,
      FREESCOUT_KEY: variables.CSM_TRIAL_FREESCOUT_KEY,
      FREESCOUT_WEBHOOK_SECRET: webhookSecret,
      CSM_STAND_INS: 'allowed',
    },
  );
  return scene;
}

/** FreeScout's API cannot delete it afterwards on every version: it stays, and leads to a port that is closed then. */
async function register({ system }: LightsScene): Promise<void> {
  await requests({
    method: 'POST',
    route: '/webhooks',
    body: { url: `${system.description.api}/freescout`, events: webhookEvents },
  });
}

const doctor = ({ system }: LightsScene, waitSeconds: number) =>
  csm(['doctor', '--fetching-off', '--webhook-wait', String(waitSeconds)], {
    dataDirectory: system.dataDirectory,
  });

/** What an agent hears and sees: mails, the page's own notifications, conversations of the mailbox. */
async function whatAgentsHear() {
  await page.goto(`${url}/mailbox/${variables.CSM_TRIAL_MAILBOX}`);
  const notified = await page.locator('.web-notification').count();
  const shown = await page.getByText(proofSubject).count();
  const { conversations } = await client.listConversations({
    mailboxIds: [variables.CSM_TRIAL_MAILBOX],
    updatedSince: new Date(Date.now() - 60 * minuteMilliseconds),
    embed: [],
    sort: { field: 'updatedAt', order: 'desc' },
    page: 1,
  });
  const left = conversations.filter(({ subject }) => subject === proofSubject).length;
  return { mails: sink.mails.filter(({ raw }) => raw.includes(proofSubject)).length, notified, shown, left };
}

async function saysLost(of: LightsScene): Promise<void> {
  await of.sweep();
  await expect
    .poll(
      async () => {
        await of.ageTrial(11 * minuteMilliseconds);
        return of.ready();
      },
      { timeout: 30_000, interval: 1000 },
    )
    .toMatchObject({
      conditions: expect.arrayContaining(['WebhookLost']),
      issues: expect.arrayContaining([
        expect.stringMatching(/none has come with our signature.*connect freescout/),
      ]),
    });
  const { code, out } = await doctor(of, 30);
  expect(out).toMatch(/FAIL {2}webhooks: .*FREESCOUT_WEBHOOK_SECRET/);
  expect(code).toBe(1);
}

it('another secret than FreeScout’s is found out', async () => {
  const before = await whatAgentsHear();
  const of = await start('not-the-secret-of-freescout');
  await register(of);
  await saysLost(of);
  expect(await whatAgentsHear()).toEqual({ ...before, mails: 0, shown: 0, left: 0 });
});

it('a webhook that is not registered is found out, and it is over once it is', async () => {
  const before = await whatAgentsHear();
  const of = await start(variables.CSM_TRIAL_FREESCOUT_WEBHOOK_SECRET);
  await saysLost(of);
  await register(of);
  const { out } = await doctor(of, 90);
  expect(out).toContain('ok    webhooks: FreeScout sent one, and its signature was right');
  expect(out).toContain('ok    drafts stay drafts');
  expect((await of.ready()).conditions).not.toContain('WebhookLost');
  // Webhooks of the trials that are late.
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  expect((await of.state.counts()).messages.filtered).toBe(0);
  expect(await whatAgentsHear()).toEqual({ ...before, mails: 0, shown: 0, left: 0 });
});
