import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWorker } from '#functions/conversation-worker/dependencies.ts';
import { createConfigurationCheck } from '#functions/runtime/configuration.ts';
import { retryable } from '#shared/failure/failure.ts';
import type { Secrets } from '#shared/settings/secrets.ts';
import { parseSettings } from '#shared/settings/settings.ts';
import { createDocumentClient } from '#shared/store/dynamo/documentClient.ts';
import { systemClock } from '#shared/time/clock.ts';
import { recordingLog, recordingMeasure } from '#tests/support/recordingLog.ts';

const topicArn = 'arn:aws:sns:us-east-1:000000000000:alerts';
const ofPerson = { Protocol: 'email', SubscriptionArn: `${topicArn}:1` };
const pending = { Protocol: 'email', SubscriptionArn: 'PendingConfirmation' };
const ofFunction = { Protocol: 'lambda', SubscriptionArn: `${topicArn}:2` };

/** What SNS lists; null: it refuses. */
let subscriptions: readonly { readonly Protocol: string; readonly SubscriptionArn: string }[] | null;
/** What SQS was asked for. */
const queueCalls: unknown[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.headers['x-amz-target'] !== undefined) {
      queueCalls.push(JSON.parse(body));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
      return;
    }
    const members = subscriptions?.map(
      ({ Protocol, SubscriptionArn }) =>
        `<member><Protocol>${Protocol}</Protocol><SubscriptionArn>${SubscriptionArn}</SubscriptionArn></member>`,
    );
    response
      .writeHead(members === undefined ? 403 : 200, { 'content-type': 'text/xml' })
      .end(
        members === undefined
          ? '<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code></Error></ErrorResponse>'
          : `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members.join('')}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

beforeEach(() => {
  const address = server.address();
  vi.stubEnv(
    'AWS_ENDPOINT_URL',
    `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
  );
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  subscriptions = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const environment = Object.fromEntries(
  [
    'TABLE_PROCESSED_MESSAGES',
    'TABLE_THREAD_MAP',
    'TABLE_BOT_DRAFTS',
    'TABLE_SYSTEM_STATE',
    'JOBS_QUEUE_URL',
  ].map((name) => [name, `http://127.0.0.1/${name}`]),
);

function worker(slack: Secrets['slack'], alerts: object = {}) {
  const settings = parseSettings({ alerts });
  const secrets: Secrets = {
    freescout: async () => ({ apiKey: null, webhookSecret: null, webhookSecretPrevious: null }),
    openai: async () => ({ apiKey: null }),
    channel: () => Promise.reject(new Error('not asked for')),
    slack,
    status: async () => ({ token: null }),
  };
  return createWorker(
    {
      settings,
      secrets,
      checkConfiguration: createConfigurationCheck({ settings, secrets, clock: systemClock }),
      dynamo: { client: createDocumentClient(), clock: systemClock },
      clock: systemClock,
      log: recordingLog(),
      measure: recordingMeasure().measure,
      correlate: () => undefined,
      wrap: () => {
        throw new Error('not wrapped here');
      },
    },
    { ...environment, TOPIC_ALERTS: topicArn, LEASE_SECONDS: '210' },
  );
}

const noSlack = async () => ({ webhookUrl: null });
const channelsOf = async (...args: Parameters<typeof worker>) =>
  await worker(...args).dependencies.alertChannels();
const namesOf = async (...args: Parameters<typeof worker>) =>
  (await channelsOf(...args)).map(({ name }) => name);

describe('the channels of alerts', () => {
  it('are none where nobody hears, so that an alert does not count as told', async () => {
    expect(await namesOf(noSlack)).toEqual([]);
    subscriptions = [pending, ofFunction];
    expect(await namesOf(noSlack)).toEqual([]);
  });

  it('are the topic once somebody has confirmed, whoever made the subscription', async () => {
    subscriptions = [pending, ofFunction, ofPerson];
    expect(await namesOf(noSlack)).toEqual(['sns']);
    subscriptions = [ofFunction, { ...ofFunction, SubscriptionArn: `${topicArn}:3` }];
    expect(await namesOf(noSlack)).toEqual(['sns']);
    subscriptions = [ofFunction];
    expect(await namesOf(noSlack, { slack: false })).toEqual(['sns']);
  });

  it('are the topic too where it cannot be found out who hears it', async () => {
    subscriptions = null;
    expect(await namesOf(noSlack)).toEqual(['sns']);
  });

  it('are Slack once its secret is filled in', async () => {
    const slack = async () => ({ webhookUrl: 'http://127.0.0.1:1/' });
    expect(await namesOf(slack)).toEqual(['slack']);
    expect(await namesOf(slack, { slack: false })).toEqual([]);
  });

  it('stay open when the Slack secret cannot be read: only Slack fails', async () => {
    subscriptions = [ofPerson];
    const unreadable = retryable('secret-unreadable', 'It is no JSON.');
    const channels = await channelsOf(() => Promise.reject(unreadable));
    expect(channels.map(({ name }) => name)).toEqual(['slack', 'sns']);
    await expect(channels[0]?.send({ title: 'a', text: 'a' })).rejects.toBe(unreadable);
  });
});

it('a job comes back within the twelve hours that the queue counts from its receipt', async () => {
  await worker(noSlack).delayDelivery('receipt', 100_000);
  expect(queueCalls).toEqual([expect.objectContaining({ VisibilityTimeout: 43_000 })]);
});
