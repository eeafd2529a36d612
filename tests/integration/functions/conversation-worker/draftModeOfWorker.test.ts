import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorker } from '#functions/conversation-worker/dependencies.ts';
import { createConfigurationCheck } from '#functions/runtime/configuration.ts';
import { defaultBot } from '#infra/standins/freescout/model.ts';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import type { Secrets } from '#shared/settings/secrets.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { systemClock } from '#shared/time/clock.ts';
import { suggestionFor } from '#tests/support/drafts/draftDesk.ts';
import { type LocalDynamo, startDynamo } from '#tests/support/dynoxide.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';

let dynamo: LocalDynamo;
let freescout: FreeScoutStandIn;
beforeAll(async () => {
  [dynamo, freescout] = await Promise.all([startDynamo(), startFreeScoutStandIn()]);
});
afterAll(() => Promise.all([dynamo.stop(), freescout.close()]));

/** The worker as it is bound in production, minutes ahead when told so. */
async function setUp() {
  let ahead = 0;
  const clock = { ...systemClock, now: () => new Date(Date.now() + ahead) };
  const tables = await dynamo.createTables();
  const settings = parseSettings({
    channels: [{ kind: 'gmail', alias: 'support', address: 'support@example.com', mailboxId: 1 }],
    freescout: { url: freescout.url, botUserId: defaultBot },
  });
  const secrets: Secrets = {
    freescout: async () => ({
      apiKey: freescout.apiKey,
      webhookSecret: null,
      webhookSecretPrevious: null,
    }),
    openai: async () => ({ apiKey: null }),
    channel: () => Promise.reject(new Error('not asked for')),
    slack: async () => ({ webhookUrl: null }),
    status: async () => ({ token: null }),
  };
  const { dependencies } = createWorker(
    {
      settings,
      secrets,
      checkConfiguration: createConfigurationCheck({ settings, secrets, clock }),
      dynamo: { client: createDocumentClient(dynamo.config), clock },
      clock,
      log: recordingLog(),
      measure: recordingMeasure().measure,
      correlate: () => undefined,
      wrap: () => {
        throw new Error('not wrapped here');
      },
    },
    {
      AWS_REGION: 'us-east-1',
      TABLE_PROCESSED_MESSAGES: tables.processedMessages,
      TABLE_THREAD_MAP: tables.threadMap,
      TABLE_BOT_DRAFTS: tables.botDrafts,
      TABLE_SYSTEM_STATE: tables.systemState,
      JOBS_QUEUE_URL: 'http://127.0.0.1/jobs',
      TOPIC_ALERTS: 'arn:aws:sns:us-east-1:1:alerts',
      LEASE_SECONDS: '210',
    },
  );
  const customer = { email: 'nina@example.org' };
  const message = { customer, html: '<div>Help</div>', cc: [], attachments: [], imported: false };
  const { conversationId } = await dependencies.freescout.createConversation({
    ...message,
    mailboxId: 1,
    subject: 'Help',
  });
  return {
    waitMinutes: (minutes: number) => {
      ahead += minutes * 60_000;
    },
    /** What becomes of a suggestion for one more message of the customer. */
    async offerOnceMore() {
      const { threadId } = await dependencies.freescout.addCustomerMessage(conversationId, {
        ...message,
        keepSpam: false,
      });
      const conversation = await dependencies.freescout.getConversation(conversationId);
      if (conversation === null) {
        throw new Error('The conversation is not there');
      }
      return dependencies.draftKeeper.offer(conversation, suggestionFor(threadId));
    },
  };
}

it('a worker replaces its draft where the companion module is', async () => {
  freescout.model.switches.companionModule = true;
  const { offerOnceMore } = await setUp();
  expect([await offerOnceMore(), await offerOnceMore()]).toEqual(['drafted', 'replaced']);
});

it('a worker leaves its draft alone without the module, and takes up the module once it is there', async () => {
  freescout.model.switches.companionModule = false;
  const { offerOnceMore, waitMinutes } = await setUp();
  expect([await offerOnceMore(), await offerOnceMore()]).toEqual(['drafted', 'noted']);
  freescout.model.switches.companionModule = true;
  waitMinutes(5);
  expect(await offerOnceMore()).toBe('replaced');
});
