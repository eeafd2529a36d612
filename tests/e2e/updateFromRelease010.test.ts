import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { type FreeScoutStandIn, startFreeScoutStandIn } from '#infra/standins/freescout/standIn.ts';
import { type GmailStandIn, startGmailStandIn } from '#infra/standins/gmail/standIn.ts';
import { type OpenaiStandIn, startOpenaiStandIn } from '#infra/standins/openai/standIn.ts';
import { csm } from '#tests/support/csm.ts';
import {
  copyDataDirectory,
  deskOfRelease010,
  jobsOfRelease010,
  mailOfRelease010,
  mailsOfRelease010,
  restoreDesk,
} from '#tests/support/release010/captures.ts';
import { unreadableByRelease010 } from '#tests/support/release010/readItems.ts';
import { eventually, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

/*
 * A data directory that release 0.1.0 wrote until it was killed, opened by the present system. What does not lie in a data directory
 * is rebuilt beside it: the stand-ins of Gmail and FreeScout get the mails and conversations that they held then, under their ids, and
 * the job that waited in the queue, which one machine keeps in memory, is sent with the bytes that it had.
 */
const gmailAddress = 'support@example.com';
let desk: FreeScoutStandIn;
let gmail: GmailStandIn;
let openai: OpenaiStandIn;
let latest: RunningSystem | undefined;
const folder = mkdtempSync(join(tmpdir(), 'csm-updated-'));
const dataDirectory = join(folder, 'data');

beforeAll(async () => {
  copyDataDirectory(dataDirectory);
  desk = await startFreeScoutStandIn({ delayFactor: 0.01 });
  restoreDesk(desk.model);
  gmail = await startGmailStandIn({
    port: 0,
    accounts: [gmailAddress],
    mails: mailsOfRelease010.map((mail) => ({ ...mail, account: gmailAddress })),
  });
  openai = await startOpenaiStandIn({ port: 0 });
});
afterAll(async () => {
  await latest?.stop();
  await Promise.all([desk.close(), gmail.close(), openai.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const start = async (): Promise<RunningSystem> => {
  latest = await startSystem({
    dataDirectory,
    settings: {
      freescout: { webhookEnabled: false, rateLimit: { maxRequests: 0 } },
      openai: { rateLimit: { maxRequests: 0 } },
      worker: { retryDelaysSeconds: [1, 1, 1, 1] },
    },
    environment: {
      // The data lies in the file that its own database reads.
      DYNAMODB_ENDPOINT: '',
      FREESCOUT_URL: desk.url,
      FREESCOUT_KEY: desk.apiKey,
      FREESCOUT_WEBHOOK_SECRET: desk.webhookSecret,
      GMAIL_CLIENT_ID: 'id',
      GMAIL_CLIENT_SECRET: 'secret',
      GMAIL_REFRESH_TOKEN: gmail.refreshTokenOf(gmailAddress),
      GMAIL_ROOT_URL: gmail.url,
      GOOGLE_TOKEN_URL: gmail.tokenUrl,
      OPENAI_API_KEY: 'stand-in',
      OPENAI_BASE_URL: openai.baseUrl,
    },
  });
  return latest;
};

const keyOf = (name: string) => `gmail:support:${mailOfRelease010(name).id}`;

/** Keys of the ledger with what was left to do when the release ended. */
const unfinished = {
  /** A worker had it; FreeScout had written the conversation but not answered. */
  written: keyOf('door'),
  /** A worker had it; FreeScout had not written anything. */
  notWritten: keyOf('desk'),
  /** They waited for the budget. */
  deferred: ['freescout:7:21', 'freescout:8:22'],
  failedMail: keyOf('chair'),
  failedThread: 'freescout:6:20',
  /** It had no row: its job waited in the queue. */
  queued: keyOf('bench'),
} as const;
const ended = ['success', 'filtered'];

it('goes on with the data of release 0.1.0', async () => {
  // The desk has another port than it had then, which the system takes for another FreeScout.
  await expect(start()).rejects.toThrow(
    /belongs to FreeScout http:\/\/127\.0\.0\.1:43877, not http:\/\/127\.0\.0\.1:\d+: use another CSM_DATA_DIR/,
  );
  const ownerFile = join(dataDirectory, 'owner.json');
  writeFileSync(ownerFile, readFileSync(ownerFile, 'utf8').replace('http://127.0.0.1:43877', desk.url));

  const system = await start();
  const ledger = () => system.rows('ProcessedMessages');
  const rowOf = (key: string) => system.row('ProcessedMessages', key);
  const succeeded = (key: string) =>
    eventually(
      `success of ${key}`,
      async () => ((await rowOf(key))?.status === 'success' ? true : null),
      system,
      60,
    );
  const sqs = new SQSClient({
    endpoint: system.local.aws.sqs,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    useQueueUrlAsEndpoint: false,
  });
  const send = (queueUrl: string, message: (typeof jobsOfRelease010)['queued']) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: message.body,
        MessageGroupId: message.group,
        MessageDeduplicationId: message.deduplicationId,
      }),
    );

  // What was in hand or waited goes on by itself.
  for (const key of [unfinished.written, unfinished.notWritten, ...unfinished.deferred]) {
    await succeeded(key);
  }
  // The mail is older than what is read again after a stop: only its job brings it in.
  expect(await rowOf(unfinished.queued)).toBeUndefined();
  await send(system.local.aws.queueUrl, jobsOfRelease010.queued);
  await succeeded(unfinished.queued);

  // What failed waits for the operator.
  const failures = await csm(['failures', '--json'], { dataDirectory });
  expect(failures.out).toContain(unfinished.failedMail);
  expect(failures.out).toContain(unfinished.failedThread);
  const replayed = await csm(['replay', unfinished.failedMail, '--json'], { dataDirectory });
  expect(replayed).toMatchObject({ code: 0, err: '' });
  await succeeded(unfinished.failedMail);
  const deadLetter = jobsOfRelease010.everyKind.find(({ body }) => body.includes(unfinished.failedThread));
  if (deadLetter === undefined) {
    throw new Error('no captured job of the failed row');
  }
  await send(system.local.aws.deadLetterQueueUrl, deadLetter);
  const redriven = await csm(['redrive', '--json'], { dataDirectory });
  expect(redriven.json()).toEqual({ back: 1, ended: 0, malformed: 0 });
  await succeeded(unfinished.failedThread);

  // Further mail finds its conversation: by its Gmail thread alone, and by the mail that it answers alone.
  for (const { from, subject, answers, threadId, conversationId } of [
    {
      from: 'Ida Lund <ida@customer.test>',
      subject: 'A table with three legs',
      threadId: mailOfRelease010('table').threadId,
      conversationId: 4,
    },
    {
      from: 'Nina Okafor <nina@customer.test>',
      subject: 'Re: Broken lamp',
      answers: '<lamp@customer.test>',
      conversationId: 1,
    },
  ]) {
    const raw = [
      `From: ${from}`,
      `To: ${gmailAddress}`,
      `Subject: ${subject}`,
      `Message-ID: <further-${conversationId}@customer.test>`,
      ...(answers === undefined ? [] : [`In-Reply-To: ${answers}`]),
      `Date: ${new Date().toUTCString()}`,
      '',
      'It is still not repaired.',
      '',
    ].join('\r\n');
    const answer = await fetch(`${gmail.url}/gmail/v1/users/me/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
      body: JSON.stringify({
        raw: Buffer.from(raw).toString('base64url'),
        labelIds: ['INBOX', 'UNREAD'],
        threadId,
      }),
    });
    const { id } = z.object({ id: z.string() }).parse(await answer.json());
    await succeeded(`gmail:support:${id}`);
    expect(await rowOf(`gmail:support:${id}`)).toMatchObject({ action: 'append', conversationId });
  }
  await eventually(
    'the end of all work',
    async () => ((await ledger()).every(({ status }) => ended.includes(String(status))) ? true : null),
    system,
    60,
  );

  // Each mail is in FreeScout once, those that were filtered are not.
  const conversations = await system.conversations();
  const threads = conversations.flatMap((conversation) =>
    conversation.threads.map((thread) => ({ ...thread, conversationId: conversation.id })),
  );
  const filtered = (await ledger()).filter(({ status }) => status === 'filtered').map(({ key }) => key);
  for (const { id, raw } of mailsOfRelease010) {
    const key = `gmail:support:${id}`;
    const text = raw.slice(raw.indexOf('\r\n\r\n')).trim();
    const entries = threads.filter(({ type, body }) => type === 'customer' && body?.includes(text));
    expect({ key, entries: entries.length }).toEqual({ key, entries: filtered.includes(key) ? 0 : 1 });
  }
  // What FreeScout held then is there, byte for byte.
  for (const { id, conversationId, body, state } of deskOfRelease010.threads) {
    expect(threads.find((thread) => thread.id === id)).toMatchObject({ conversationId, body, state });
  }
  expect(desk.model.mail).toEqual([]);

  // The update can be taken back: that release reads what was written since.
  for (const table of Object.keys(system.local.aws.tables)) {
    expect(unreadableByRelease010(table, await system.rows(table))).toEqual([]);
  }

  // Of every kind of job that may lie among the dead letters the operator's command knows what it is.
  for (const job of jobsOfRelease010.everyKind) {
    await send(system.local.aws.deadLetterQueueUrl, {
      ...job,
      deduplicationId: `again:${job.deduplicationId}`,
    });
  }
  const all = z
    .object({ back: z.int(), ended: z.int(), malformed: z.int() })
    .parse((await csm(['redrive', '--json'], { dataDirectory })).json());
  expect(all.malformed).toBe(0);
  expect(all.back + all.ended).toBe(jobsOfRelease010.everyKind.length);
  sqs.destroy();
  expect(await system.stop()).toBe(0);
}, 600_000);
