import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  eventually,
  type InspectedConversation,
  type RunningSystem,
  startSystem,
} from '#tests/support/runningSystem.ts';
import { type SmtpServer, smtpCertificateFile, startSmtpServer } from '#tests/support/smtpServer.ts';

let system: RunningSystem;
let smtp: SmtpServer;
let sqs: SQSClient;
let seenOnTopic: string[];

const lookSeconds = 1;
/** Hours after which a conversation is stale here: two seconds. */
const hoursWithoutReply = 2 / 3600;

beforeAll(async () => {
  smtp = await startSmtpServer();
  system = await startSystem({
    settings: {
      worker: { retryDelaysSeconds: [1, 2, 5, 5] },
      freescout: { rateLimit: { maxRequests: 0 } },
      openai: { rateLimit: { maxRequests: 0 } },
      followUps: { hoursWithoutReply },
      // One customer writes everything.
      limits: { messagesPerAddress: 0, messagesPerDomain: 0 },
    },
    environment: {
      CSM_FOLLOW_UP_SECONDS: String(lookSeconds),
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(smtp.port),
      SMTP_USERNAME: 'csm',
      SMTP_PASSWORD: 'secret',
      SMTP_FROM: 'alerts@company.test',
      SMTP_TO: 'ops@company.test, night@company.test',
      NODE_EXTRA_CA_CERTS: smtpCertificateFile,
    },
  });
  const access = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  sqs = new SQSClient({ ...access, endpoint: system.local.aws.sqs, useQueueUrlAsEndpoint: false });
  seenOnTopic = [];
  await listenToTopic(access);
});

afterAll(async () => {
  sqs.destroy();
  expect(await system.stop()).toBe(0);
  await smtp.close();
});

const topicMessage = z.object({ Subject: z.string(), Message: z.string() });

/** Subscribes a queue to the topic, as an operator would a mailbox. */
async function listenToTopic(access: ConstructorParameters<typeof SNSClient>[0]): Promise<void> {
  const sns = new SNSClient({ ...access, endpoint: system.local.alerts.sns });
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'operators' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: system.local.aws.alertTopicArn,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:operators',
    }),
  );
  sns.destroy();
  const url = `${system.local.aws.sqs}${new URL(QueueUrl).pathname}`;
  operators = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 3600 }),
    );
    seenOnTopic.push(...Messages.map(({ Body }) => topicMessage.parse(JSON.parse(Body ?? '')).Message));
    return seenOnTopic;
  };
}
/** What was published so far. */
let operators: () => Promise<readonly string[]>;

const slackMessages = async () =>
  z.array(z.string()).parse(await (await fetch(`${system.local.alerts.slack}/control/messages`)).json());

function mail(subject: string, text: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    From: 'Nina Okafor <nina@customer.test>',
    To: 'support@example.com',
    Subject: subject,
    'Message-ID': `<${Math.random()}@customer.test>`,
    Date: new Date().toUTCString(),
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n${text}\r\n`;
}

const drafts = (conversation: InspectedConversation) =>
  conversation.threads.filter(({ type, state }) => type === 'message' && state === 'draft');
const isTagged = (conversation: InspectedConversation) => conversation.tags.includes('followup-ready');

const conversationWith = (subject: string, fits: (conversation: InspectedConversation) => boolean) =>
  eventually(
    `"${subject}" as expected`,
    async () => (await system.conversations()).find((each) => each.subject === subject && fits(each)) ?? null,
    system,
    60,
  );

const lines = (code: string) =>
  system
    .output()
    .split('\n')
    .filter((line) => line.includes(code)).length;

const followUpRows = async (conversationId: number) =>
  (await system.rows('ProcessedMessages')).filter((row) =>
    String(row.key).startsWith(`followup:${conversationId}:`),
  );

/** Time for three further looks. */
const threeLooks = () => sleep(3.5 * lookSeconds * 1000);

describe('a conversation that waits too long', () => {
  const subject = 'Broken lamp';
  let id: number;

  it('gets exactly one late draft and the tag, however often it is looked at', async () => {
    // The judgement comes through, the reply does not: the conversation has no draft.
    await system.fault('openai', { path: '/v1/responses', delayMilliseconds: 1 });
    await system.fault('openai', { path: '/v1/responses', answer: 'refusal' });
    await system.receiveMail(
      mail(subject, 'My new lamp does not work. What can I do?', { 'Message-ID': '<lamp@customer.test>' }),
    );
    const conversation = await conversationWith(subject, isTagged);
    id = conversation.id;
    expect(drafts(conversation)).toHaveLength(1);
    expect(drafts(conversation)[0]?.body).toMatch(/sorry that you have had to wait/);
    expect(drafts(conversation)[0]?.body).not.toMatch(/today|tomorrow|within|hours|days/);
    await threeLooks();
    const later = await system.conversation(id);
    expect(drafts(later)).toHaveLength(1);
    expect(later.tags.filter((tag) => tag === 'followup-ready')).toHaveLength(1);
    expect(await followUpRows(id)).toMatchObject([{ status: 'success', action: 'drafted' }]);
    const live = (await system.rows('BotDrafts')).find(
      (item) => item.item === 'live' && item.conversationId === String(id),
    );
    expect(live).toMatchObject({ kind: 'followup', state: 'live' });
  });

  it("loses the tag with the customer's next mail and is followed up anew", async () => {
    const calls = (await system.deskRequests()).length;
    await system.receiveMail(
      mail(`Re: ${subject}`, 'Hello? Is anybody there?', { 'In-Reply-To': '<lamp@customer.test>' }),
    );
    const removal = await eventually(
      'the tags without ours',
      async () =>
        (await system.deskRequests())
          .slice(calls)
          .find(({ method, path, body }) =>
            method === 'PUT' && path.endsWith(`/conversations/${id}/tags`)
              ? !JSON.stringify(body).includes('followup-ready')
              : false,
          ) ?? null,
      system,
    );
    expect(JSON.stringify(removal.body)).toContain('customer');
    const again = await conversationWith(subject, isTagged);
    expect(drafts(again)).toHaveLength(1);
    // The outcome is written after the tag.
    await eventually(
      'both rows, ended',
      async () => {
        const actions = (await followUpRows(id)).map(({ action }) => action).sort();
        return isDeepStrictEqual(actions, ['drafted', 'noted']) ? true : null;
      },
      system,
    );
  });

  it('loses the tag for good when an agent answers', async () => {
    await sleep(1500);
    await system.deskAction(
      `/conversations/${id}/drafts/${drafts(await system.conversation(id))[0]?.id}/send`,
      {
        status: 'active',
      },
    );
    await conversationWith(subject, (each) => !isTagged(each));
    await threeLooks();
    const later = await system.conversation(id);
    expect(isTagged(later)).toBe(false);
    expect(drafts(later)).toHaveLength(0);
    const cycles = (await system.rows('BotDrafts')).filter(
      (item) => String(item.item).startsWith('cycle#') && item.conversationId === String(id),
    );
    expect(cycles).toMatchObject([{ kind: 'followup', outcome: 'unchanged' }]);
  });
});

describe('a conversation whose draft waits', () => {
  it('is not answered by that draft: it keeps it, and gets the tag with late words in a note', async () => {
    const subject = 'Second key for the cupboard';
    await system.receiveMail(mail(subject, 'Could you please send me a second key for my cupboard?'));
    const conversation = await conversationWith(subject, isTagged);
    await threeLooks();
    const later = await system.conversation(conversation.id);
    expect(drafts(later)).toHaveLength(1);
    expect(drafts(later)[0]?.body).not.toMatch(/had to wait/);
    const notes = later.threads.filter(({ type, body }) => type === 'note' && body?.includes('had to wait'));
    expect(notes).toHaveLength(1);
    expect(await followUpRows(conversation.id)).toMatchObject([{ status: 'success', action: 'noted' }]);
  });

  it('keeps the tags that people set', async () => {
    const subject = 'Third key';
    await system.receiveMail(mail(subject, 'Could you please send me a third key for my cupboard?'));
    await conversationWith(subject, () => true);
    // No follow-up until the tags are put: its own tag would be undone when it comes between the look and that.
    await system.fault('desk', { method: 'GET', path: '^/api/conversations$', status: 503, times: 1000 });
    const { id, tags } = await conversationWith(subject, (each) => drafts(each).length === 1);
    await system.deskApi('PUT', `/conversations/${id}/tags`, { tags: [...tags, 'vip'] });
    await fetch(`${system.local.desk.url}/control/faults`, { method: 'DELETE' });
    const later = await conversationWith(subject, isTagged);
    expect(later.tags).toEqual(expect.arrayContaining([...tags, 'vip']));
  });
});

describe('an urgent mail', () => {
  const subject = 'Your last chance';
  let id: number;
  const about = (texts: readonly string[]) => texts.filter((text) => text.includes(`conversation ${id}\n`));

  it('reaches the operators once on every channel, although Slack answers 500 first', async () => {
    await system.fault('slack', { method: 'POST', path: '/services/', status: 500 });
    await system.receiveMail(mail(subject, 'I will call my lawyer tomorrow if you do not repair it.'));
    const conversation = await conversationWith(
      subject,
      (each) => each.tags.includes('p0') && drafts(each).length === 1,
    );
    id = conversation.id;
    await eventually(
      'Slack, topic and mail',
      async () =>
        about(await slackMessages()).length > 0 &&
        about(await operators()).length > 0 &&
        smtp.mails.some(({ raw }) => raw.includes(`conversation ${id}`))
          ? true
          : null,
      system,
    );
    expect(lines('did not get through')).toBeGreaterThan(0);
    const row = await eventually(
      'the row, ended',
      async () =>
        (await system.rows('ProcessedMessages')).find(
          ({ key, status }) => key === `alert:${id}:p0` && status === 'success',
        ),
      system,
    );
    expect(row).toMatchObject({ action: 'alerted', alertedBy: ['sns', 'smtp', 'slack'] });
    const [text = ''] = about(await slackMessages());
    expect(text).toMatch(
      /^Urgent conversation \d+\nWhy: It is p0, by its judgement or by words of escalation\./,
    );
    expect(text).toContain(`${system.local.desk.url}/conversation/${id}`);
    expect(text).toMatch(/Tags: .*p0/);
    expect(text).not.toMatch(/lawyer|chance|repair|nina|customer\.test/i);
  });

  it('is told of once more when it waits, and never twice of the same', async () => {
    const waiting = `Urgent conversation waits ${id}\n`;
    await eventually(
      'the alert about the follow-up',
      async () => ((await slackMessages()).some((text) => text.startsWith(waiting)) ? true : null),
      system,
    );
    for (const requestId of ['again', 'and-again']) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: system.local.aws.queueUrl,
          MessageBody: JSON.stringify({
            kind: 'alert',
            conversationId: id,
            alert: 'p0',
            cause: 'replay',
            requestId,
          }),
          MessageGroupId: `alert:${id}`,
          MessageDeduplicationId: requestId,
        }),
      );
    }
    await threeLooks();
    const ofSlack = await slackMessages();
    const ofTopic = await operators();
    for (const texts of [ofSlack, ofTopic]) {
      expect(texts.filter((text) => text.startsWith(`Urgent conversation ${id}\n`))).toHaveLength(1);
      expect(texts.filter((text) => text.startsWith(waiting))).toHaveLength(1);
    }
    const mails = smtp.mails.filter(({ raw }) => raw.includes(`Subject: Urgent conversation ${id}\r\n`));
    expect(mails).toMatchObject([{ to: ['ops@company.test', 'night@company.test'], encrypted: true }]);
  });
});

describe('words of a threat', () => {
  const firstLines = async () => (await slackMessages()).map((text) => text.split('\n')[0]);

  it('below a drawn line reach the operators as well', async () => {
    const text =
      'The lamp is broken.\r\n----------\r\nPaid 240 EUR\r\n----------\r\nOn Friday I call my lawyer.';
    await system.receiveMail(mail('A broken lamp', text));
    const { id } = await conversationWith('A broken lamp', ({ tags }) => tags.includes('p0'));
    await eventually(
      'the alert',
      async () => ((await firstLines()).includes(`Urgent conversation ${id}`) ? true : null),
      system,
    );
  });

  it('that threaten nobody set the tags and alert nobody', async () => {
    await system.receiveMail(
      mail('Ten lamps', 'Our lawyer is happy with the lamp, we order ten. Which price?'),
    );
    const { id } = await conversationWith(
      'Ten lamps',
      (each) => each.tags.includes('p0') && drafts(each).length === 1,
    );
    await threeLooks();
    expect(await firstLines()).not.toContain(`Urgent conversation ${id}`);
  });
});

describe('everything that was written', () => {
  it('mailed nobody but the operators and published nothing', async () => {
    expect(new Set(smtp.mails.flatMap(({ to }) => to))).toEqual(
      new Set(['ops@company.test', 'night@company.test']),
    );
    const messages = (await system.deskRequests())
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/threads'))
      .map(({ body }) => z.looseObject({ type: z.string() }).parse(body))
      .filter(({ type }) => type === 'message');
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.filter(({ state }) => state !== 'draft')).toEqual([]);
  });

  it('logged neither text nor addresses', () => {
    expect(system.output()).not.toMatch(/customer\.test|company\.test|lamp|cupboard|lawyer|Okafor/);
  });
});
