import { startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { startGmailStandIn } from '#infra/standins/gmail/standIn.ts';
import { startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';

/*
 * The stand-ins for FreeScout, Gmail and OpenAI in a process of their own, so that the system can be killed and they stay. Prints
 * where they are as one line of JSON, and runs until it is ended.
 */
const address = 'support@example.com';
const [desk, gmail, openai] = await Promise.all([
  startFreeScoutStandIn({ delayFactor: 0.01 }),
  startGmailStandIn({ port: 0, accounts: [address] }),
  startOpenaiStandIn({ port: 0 }),
]);
process.stdout.write(
  `${JSON.stringify({
    desk: { url: desk.url, apiKey: desk.apiKey, webhookSecret: desk.webhookSecret },
    gmail: { url: gmail.url, tokenUrl: gmail.tokenUrl, refreshToken: gmail.refreshTokenOf(address) },
    openai: { baseUrl: openai.baseUrl },
  })}\n`,
);
