import { parseArgs } from 'node:util';
import * as z from 'zod';
import { messageForFreeScout } from '#functions/conversation-worker/intake/messageForFreeScout.ts';
import { createSlackChannel } from '#shared/alerts/slackChannel.ts';
import { createGmailClient } from '#shared/channels/gmail/googleGmailClient.ts';
import { incomingMail } from '#shared/channels/gmail/incomingMail.ts';
import { asFailure } from '#shared/failure/failure.ts';
import { createFreeScoutClient } from '#shared/freescout/httpFreeScoutClient.ts';
import { unlimited } from '#shared/http/rateLimiter.ts';
import type { Log } from '#shared/observability/logCatalogue.ts';
import { createLanguageModel } from '#shared/openai/openaiLanguageModel.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { systemClock } from '#shared/time/clock.ts';

/*
 * One client of the product, alone in a process, against servers that the process which starts it has made. Writes what came of it
 * and its resident memory as one line of JSON. `answerCase.ts --client model --url … --token-url … --desk-url …`
 */
const { values } = parseArgs({
  options: {
    client: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
    'token-url': { type: 'string', default: '' },
    'desk-url': { type: 'string', default: '' },
  },
});
const { url } = values;
const log: Log = { write: () => {}, with: () => log };
const measure = () => {};
const settings = parseSettings({ openai: { baseUrl: `${url}/v1` } });

const gmail = () =>
  createGmailClient({
    account: 'support',
    address: 'support@example.com',
    scope: 'https://www.googleapis.com/auth/gmail.readonly',
    credentials: async () => ({ clientId: 'id', clientSecret: 'secret', refreshToken: 'refresh' }),
    rootUrl: url,
    tokenUrl: values['token-url'],
    clock: systemClock,
    timeoutMilliseconds: settings.gmail.timeoutSeconds * 1000,
    attempts: 1,
    log,
    measure,
  });

const freescout = (baseUrl: string) =>
  createFreeScoutClient({
    baseUrl,
    apiKey: async () => 'key',
    botUserId: 2,
    fetch,
    clock: systemClock,
    limiter: unlimited,
    timeoutMilliseconds: settings.freescout.timeoutSeconds * 1000,
    attempts: 1,
    log,
    measure,
  });

async function askModel(): Promise<string> {
  const model = createLanguageModel({
    apiKey: async () => 'key',
    settings,
    state: {
      reserveSpend: async () => true,
      settleSpend: async () => undefined,
      rememberFault: async () => undefined,
      forgetFault: async () => undefined,
    },
    limiter: unlimited,
    clock: systemClock,
    log,
    measure,
  });
  const request = {
    purpose: 'draft',
    instructions: 'Answer in JSON.',
    input: 'A conversation.',
    schemaName: 'answer',
    schema: z.object({ answer: z.string() }),
  } as const;
  return (await model.ask(request, 180_000)).outcome;
}

/** The whole way of a mail: out of Gmail, through the parser, into FreeScout. */
async function bringMailIn(): Promise<string> {
  const message = await gmail().getRaw('m1');
  if (message === null) {
    return 'gone';
  }
  const mail = await incomingMail(message, {
    alias: 'support',
    ownAddresses: new Set(),
    hygiene: settings.hygiene,
    state: { countMailOfSender: async () => 1 },
    customers: { isKnown: async () => false },
    users: async () => new Set(),
    tellMissing: async () => {},
  });
  if (mail.kind !== 'message') {
    throw new Error('A mail is no customer’s.');
  }
  const shaped = messageForFreeScout(
    { settings, clock: systemClock },
    { row: mail, message: mail },
    mail.identity,
  );
  await freescout(values['desk-url']).createConversation({ ...shaped, mailboxId: 1, imported: true });
  return `${mail.attachments.length} attachment`;
}

const clients: Readonly<Record<string, () => Promise<string>>> = {
  model: askModel,
  gmail: async () => ((await gmail().getRaw('m1')) === null ? 'gone' : 'read'),
  mail: bringMailIn,
  slack: async () => {
    await createSlackChannel({ webhookUrl: url, fetch }).send({ title: 'a', text: 'a' });
    return 'sent';
  },
  freescout: async () => {
    const page = await freescout(url).listConversations({
      mailboxIds: [1],
      updatedSince: new Date(0),
      embed: ['threads', 'tags'],
      sort: { field: 'createdAt', order: 'asc' },
      page: 1,
    });
    return `${page.conversations.length} conversations`;
  },
};

const call = clients[values.client];
if (call === undefined) {
  throw new Error(`There is no client ${values.client}.`);
}
const residentMegabytes = () => Math.round(process.memoryUsage().rss / 1e6);
const before = residentMegabytes();
const outcome = await call().catch((error: unknown) => asFailure(error).code);
const after = residentMegabytes();
// In kilobytes, of the whole life of the process.
const peak = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
process.stdout.write(`${JSON.stringify({ outcome, before, peak, after })}\n`);
process.exit(0);
