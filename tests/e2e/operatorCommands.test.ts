import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { readEnvironment } from '#infra/local/environment.ts';
import { keepSecrets, readKeptSecrets } from '#infra/local/secretsFile.ts';
import { proofSubject } from '#shared/freescout/proofConversations.ts';
import { type CloudFormation, startCloudFormation } from '#tests/support/cloudFormation.ts';
import { type CommandOptions, csm } from '#tests/support/csm.ts';
import { legalAddress } from '#tests/support/legalAddress.ts';
import { eventually, type RunningSystem, startSystem } from '#tests/support/runningSystem.ts';

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({
    settings: {
      worker: { retryDelaysSeconds: [0, 0, 0, 0] },
      freescout: { rateLimit: { maxRequests: 0 }, attachmentLimitMegabytes: 4, botUserId: 3 },
      openai: { rateLimit: { maxRequests: 0 } },
      gmail: { attempts: 1 },
    },
  });
});
afterAll(async () => {
  expect(await system.stop()).toBe(0);
});

const run = (args: readonly string[], options: CommandOptions = {}) =>
  csm(args, { dataDirectory: system.dataDirectory, ...options });
const runJson = async <Schema extends z.ZodType>(
  schema: Schema,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<z.output<Schema>> => {
  const { json, err, code } = await run([...args, '--json'], options);
  expect(err).toBe('');
  expect(code).toBe(0);
  return schema.parse(json());
};

const mail = (from: string, subject: string, headers: readonly string[] = []) =>
  [
    `From: ${from}`,
    'To: support@example.com',
    `Subject: ${subject}`,
    `Message-ID: <${subject.replaceAll(/\W+/g, '-')}@customer.test>`,
    `Date: ${new Date().toUTCString()}`,
    ...headers,
    '',
    'Hello, my order 4711 has not arrived. When will it come? Please answer me.',
    '',
  ].join('\r\n');

const rowSchema = z.looseObject({
  key: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  action: z.string().optional(),
  conversationId: z.int().optional(),
  leaseOwner: z.string().optional(),
});
const rows = async () => z.array(rowSchema).parse(await system.rows('ProcessedMessages'));
const mailRows = async () => (await rows()).filter(({ key }) => key.startsWith('gmail:'));

/** Puts a mail into Gmail and waits for its row to come out in the wanted way. */
async function bringIn(raw: string, is: (row: z.output<typeof rowSchema>) => boolean) {
  const before = new Set((await mailRows()).map(({ key }) => key));
  await system.receiveMail(raw);
  return eventually(
    'the row of the mail',
    async () => (await mailRows()).find((row) => !before.has(row.key) && is(row)),
    system,
    60,
  );
}

/** The conversation with so many drafts, once nobody is at work on it. */
const conversationWith = (subject: string, draftCount: number) =>
  eventually(
    `${draftCount} draft(s) in "${subject}"`,
    async () => {
      const found = (await system.conversations()).find(
        (conversation) =>
          conversation.subject === subject &&
          conversation.threads.filter(({ state }) => state === 'draft').length === draftCount,
      );
      // Work begins before its draft is there.
      const isAtWork = (await rows()).some(
        ({ conversationId, leaseOwner }) => conversationId === found?.id && leaseOwner !== undefined,
      );
      return isAtWork ? null : found;
    },
    system,
  );

/** Until FreeScout has told of every message in a conversation: a later webhook would be kept anew. Of notes none is kept. */
const toldOfAll = (id: number) =>
  eventually(
    'a kept webhook for every message',
    async () => {
      const told = (await system.rows('WebhookEvents')).filter(
        ({ event, body }) =>
          /^convo\..*created$/.test(String(event)) &&
          body instanceof Uint8Array &&
          z.looseObject({ id: z.unknown() }).parse(JSON.parse(gunzipSync(body).toString('utf8'))).id === id,
      );
      const { threads } = await system.conversation(id);
      return told.length >= threads.filter(({ type }) => type === 'customer').length ? true : null;
    },
    system,
  );

const gmailIdOf = (key: string) => key.split(':')[2] ?? '';

describe('the command line', () => {
  it('tells wrong use from what could not be done', async () => {
    expect(await run(['dance'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('dance') });
    expect(await run(['reset-draft', 'seven'])).toMatchObject({ code: 2 });
    expect(await run(['forget', 'nobody'])).toMatchObject({ code: 2 });
    expect(await run(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('restore-filtered'),
    });
    const nowhere = await csm(['status'], { dataDirectory: join(tmpdir(), 'csm-nowhere') });
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('npm start') });
    expect(await run(['show', 'unknown-id'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing is known of unknown-id'),
    });
  });

  it.each([
    [['show', '99999999'], 'Neither FreeScout nor the ledger knows conversation 99999999'],
    [['replay', '99999999'], 'FreeScout has no such conversation'],
    [['replay', 'unknown-id'], 'neither the ledger nor its channel has it'],
    [['reset-draft', '99999999'], 'FreeScout has no conversation 99999999'],
    [['dismiss', 'unknown-id'], 'names no row'],
    [['restore-filtered', 'unknown-id'], 'names no row'],
    [['export', 'nobody@customer.test'], 'Nothing is known of nobody@customer.test'],
    [['forget', 'nobody@customer.test', '--yes'], 'Nothing is known of nobody@customer.test'],
  ])('ends with 1 what names nothing that there is: %j', async (args, sentence) => {
    const { code, out, err } = await run(args);
    expect(`${out}${err}`).toContain(sentence);
    expect(code).toBe(1);
  });

  it('shows the figures in words, with the age of every instant', async () => {
    const { out } = await run(['status']);
    expect(out).toMatch(/^db_messages_by_status +processing \d+, /m);
    expect(out).toMatch(/^last_poll +support \S+Z \(\d+ min ago\)$/m);
    expect(out).not.toMatch(/[{}]/);
  });
});

describe('looking', () => {
  const subject = 'Where is order 4711';
  let conversationId: number;
  let key: string;

  it('status tells readiness and figures', async () => {
    ({ key } = await bringIn(mail('Ann <ann@customer.test>', subject), ({ status }) => status === 'success'));
    conversationId = (await conversationWith(subject, 1)).id;
    const { code, json } = await run(['status', '--json']);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ mode: 'guarded', metrics: { dead_letters: 0 } });
    expect((await run(['status'])).out).toContain('dead_letters');
  });

  it('drafts lists the newest with a link', async () => {
    const drafts = await runJson(
      z.array(z.looseObject({ state: z.string(), kind: z.string(), link: z.url() })),
      ['drafts'],
    );
    expect(drafts[0]).toMatchObject({
      state: 'live',
      kind: 'reply',
      link: `${system.local.desk.url}/conversations/${conversationId}`,
    });
    const page = await fetch(drafts[0]?.link ?? '');
    expect(page.status).toBe(200);
  });

  it.each([
    ["Gmail's id", () => gmailIdOf(key)],
    ['the key', () => key],
    ['the conversation', () => String(conversationId)],
  ])('show by %s tells the whole way', async (_, id) => {
    const shown = await runJson(
      z.looseObject({ conversation: z.looseObject({ rows: z.array(rowSchema) }) }),
      ['show', id()],
    );
    expect(shown).toMatchObject({
      conversation: {
        conversationId,
        inFreeScout: { state: 'published', status: 'active' },
        draft: { state: 'live' },
      },
    });
    expect(shown.conversation.rows.map(({ action }) => action)).toEqual(['create', 'drafted']);
    expect((await run(['show', id()])).out).toContain('drafted');
  });

  it('follow-ups says what a run would do, and runs nothing', async () => {
    const told = await runJson(z.array(z.looseObject({ conversationId: z.int() })), [
      'follow-ups',
      '--dry-run',
    ]);
    expect(told).toContainEqual(expect.objectContaining({ conversationId, due: null }));
  });

  it('doctor finds nothing wrong', async () => {
    const { code, json } = await run(['doctor', '--fetching-off', '--json']);
    expect(json()).toMatchObject({ healthy: true });
    expect(code).toBe(0);
    const { findings } = z
      .object({ findings: z.array(z.object({ check: z.string(), result: z.string() })) })
      .parse(json());
    for (const check of ['drafts stay drafts', "FreeScout's own fetching", 'attachments', 'webhooks']) {
      expect(findings).toContainEqual(expect.objectContaining({ check, result: 'passed' }));
    }
    const subjects = (await system.conversations()).map((conversation) => conversation.subject);
    expect(subjects).not.toContain(proofSubject);
    expect((await system.rows('ProcessedMessages')).filter(({ reason }) => reason === 'gone')).toEqual([]);
  });

  it('doctor asks about what only a person can see', async () => {
    expect((await run(['doctor'])).out).toContain('--fetching-off');
    const { out, err } = await run(['doctor'], { answers: ['y'] });
    expect(err).toContain('Connection settings');
    expect(out).toContain('off, by your word');
  });
});

describe('repairing', () => {
  it('failures explains, replay --failed does the work', async () => {
    const subject = 'The model refuses this';
    await system.fault('openai', { status: 400, times: 1000 });
    await bringIn(mail('Bea <bea@customer.test>', subject), ({ status }) => status === 'success');
    // Every event has a worker try again; in between the row is not failed.
    const failure = await eventually(
      'the failure',
      async () => (await runJson(z.array(z.looseObject({ key: z.string() })), ['failures']))[0],
      system,
    );
    expect(failure).toMatchObject({
      reason: 'openai-rejected',
      retryable: false,
      advice: expect.stringContaining('replay'),
    });
    const told = await eventually(
      'the failure, told',
      async () => {
        const { out } = await run(['failures']);
        return out.includes(failure.key) ? out : null;
      },
      system,
    );
    expect(told).toContain('with replay');
    expect(told).not.toContain('bea@customer.test');
    const replay = async () => (await run(['replay', '--failed', '--json'])).json();
    const queued = [{ id: failure.key, result: 'queued' }];
    await eventually(
      'the replay',
      async () => (isDeepStrictEqual(await replay(), queued) ? true : null),
      system,
    );
    await fetch(`${system.local.openai.url}/control/faults`, { method: 'DELETE' });
    await eventually(
      'the work, done',
      async () => {
        await replay();
        return (await rows()).find(({ key, status }) => key === failure.key && status === 'success');
      },
      system,
    );
    await conversationWith(subject, 1);
    expect((await run(['failures'])).out).toBe('Nothing is failed.\n');
  });

  it('dismiss ends what failed for good, and /ready with it', async () => {
    await system.fault('gmail', { method: 'GET', path: '/messages/[^/]+$', status: 400 });
    const failure = await bringIn(
      mail('Dan <dan@customer.test>', 'Not to be read'),
      ({ status }) => status === 'failed',
    );
    expect(failure).toMatchObject({ reason: 'gmail-rejected' });
    const told = async () =>
      z
        .object({ status: z.string(), issues: z.array(z.string()), metrics: z.looseObject({}) })
        .parse((await run(['status', '--json'])).json());
    expect(await told()).toMatchObject({
      status: 'degraded',
      issues: [expect.stringContaining('1 row(s) failed for good')],
      metrics: { failed_for_good: 1 },
    });
    expect((await run(['dismiss'])).code).toBe(2);
    expect((await run(['dismiss', '--reason', 'gmail-rejected'])).err).toContain('say --yes to mean it');
    expect((await run(['dismiss', '--reason', 'gmail-rejected', '--yes'])).out).toBe(
      `${failure.key}: dismissed\n`,
    );
    expect(await run(['dismiss', gmailIdOf(failure.key)])).toMatchObject({
      code: 1,
      out: expect.stringContaining('nothing was done'),
    });
    expect(await told()).toMatchObject({ status: 'ready', metrics: { failed_for_good: 0 } });
    expect((await run(['dismiss', '--reason', 'gmail-rejected'])).out).toBe('There is nothing to dismiss.\n');
  });

  it('restore-filtered makes a ticket of what was filtered', async () => {
    const subject = 'Our newsletter';
    const newsletter = mail('News <news@shop.test>', subject, [
      'List-Unsubscribe: <https://shop.test/u>',
      'List-Id: <news.shop.test>',
      'Precedence: bulk',
    ]);
    const { key } = await bringIn(newsletter, ({ status }) => status === 'filtered');
    const filtered = await runJson(z.array(rowSchema), ['failures', '--filtered', '--reason', 'bulk']);
    expect(filtered.map((row) => row.key)).toContain(key);
    const again = ['replay', '--filtered', '--reason', 'bulk'];
    expect(await run(again)).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
    expect(await run(again, { answers: ['no'] })).toMatchObject({ code: 1 });
    expect(await run([...again, '--yes'])).toMatchObject({ code: 0, out: `${key}: queued again\n` });
    await eventually(
      'the same verdict',
      async () => (await mailRows()).find((row) => row.key === key && row.status === 'filtered'),
      system,
    );
    expect(await run(['restore-filtered', gmailIdOf(key)])).toMatchObject({ code: 0 });
    await eventually(
      'the ticket',
      async () => (await system.conversations()).find((conversation) => conversation.subject === subject),
      system,
    );
    expect(await run(['restore-filtered', gmailIdOf(key)])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no filtered message'),
    });
  });

  it('reset-draft and replay bring a new draft', async () => {
    const subject = 'Draft twice';
    await bringIn(mail('Cem <cem@customer.test>', subject), ({ status }) => status === 'success');
    const { id, threads } = await conversationWith(subject, 1);
    expect(await run(['reset-draft', String(id)])).toMatchObject({
      code: 1,
      err: expect.stringContaining('--yes'),
    });
    const first = threads.find(({ state }) => state === 'draft');
    await system.deskAction(`/conversations/${id}/drafts/${first?.id}/discard`);
    expect(await run(['reset-draft', String(id)], { answers: ['y'] })).toMatchObject({ code: 0 });
    expect(await run(['reset-draft', String(id)])).toMatchObject({
      code: 0,
      out: expect.stringContaining('no draft'),
    });
    expect(await run(['replay', String(id)])).toMatchObject({ code: 0 });
    const again = await conversationWith(subject, 1);
    expect(again.threads.find(({ state }) => state === 'draft')?.id).not.toBe(first?.id);
    expect(again.threads.filter(({ type }) => type === 'note')).toHaveLength(1);
  });

  it('replay writes nothing twice', async () => {
    const subject = 'Only once';
    const { key } = await bringIn(
      mail('Dan <dan@customer.test>', subject),
      ({ status }) => status === 'success',
    );
    await conversationWith(subject, 1);
    expect(await run(['replay', gmailIdOf(key)])).toMatchObject({ code: 0 });
    await eventually(
      'the row ended again',
      async () => (await mailRows()).find((row) => row.key === key && row.status === 'success'),
      system,
      90,
    );
    const found = (await system.conversations()).filter((conversation) => conversation.subject === subject);
    expect(found).toHaveLength(1);
    expect(found[0]?.threads.filter(({ type }) => type === 'customer')).toHaveLength(1);
    expect(await run(['replay', 'no-such-mail'])).toMatchObject({
      code: 1,
      out: 'no-such-mail: neither the ledger nor its channel has it\n',
    });
    expect(await run(['replay', '999'])).toMatchObject({
      code: 1,
      out: '999: FreeScout has no such conversation\n',
    });
  }, 150_000);

  it('redrive puts dead letters back, but not those whose row has ended', async () => {
    const subject = 'Five times in vain';
    expect((await run(['redrive'])).out).toBe('There are no dead letters.\n');
    await system.fault('desk', { method: 'POST', path: '^/api/conversations$', status: 403, times: 5 });
    const { key } = await bringIn(
      mail('Eve <eve@customer.test>', subject),
      ({ status }) => status === 'failed',
    );
    const deadLetters = async () => {
      const { json } = await run(['status', '--json']);
      return z.object({ metrics: z.object({ dead_letters: z.int() }) }).parse(json()).metrics.dead_letters;
    };
    await eventually('the dead letter', async () => ((await deadLetters()) === 1 ? true : null), system, 60);
    const ended = (await mailRows()).find(({ status }) => status === 'success')?.key ?? '';
    const sqs = new SQSClient({
      endpoint: system.local.aws.sqs,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      useQueueUrlAsEndpoint: false,
    });
    const letter = (id: string, body: string) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: system.local.aws.deadLetterQueueUrl,
          MessageBody: body,
          MessageGroupId: id,
          MessageDeduplicationId: id,
        }),
      );
    await letter(
      'ended',
      JSON.stringify({
        kind: 'incoming-message',
        channel: 'gmail',
        alias: 'support',
        messageId: gmailIdOf(ended),
        threadId: 't',
        cause: 'poll',
        requestId: 'r',
      }),
    );
    await letter('odd', 'no job');
    sqs.destroy();
    const { code, json } = await run(['redrive', '--json']);
    expect(json()).toEqual({ back: 1, ended: 1, malformed: 1 });
    expect(code).toBe(1);
    await conversationWith(subject, 1);
    expect((await mailRows()).find((row) => row.key === key)).toMatchObject({ status: 'success' });
    await eventually('what is left', async () => ((await deadLetters()) === 1 ? true : null), system);
  });

  it('send-test-webhook says what it shows, and delivers a kept event again', async () => {
    expect(await run(['send-test-webhook'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ 200 .*\n.*Whether FreeScout has the same secret .* doctor finds out/),
    });
    const { id } = await conversationWith('Where is order 4711', 1);
    const { conversation } = await runJson(
      z.object({ conversation: z.object({ webhooks: z.array(z.object({ id: z.string() })).min(1) }) }),
      ['show', String(id)],
    );
    const sent = await run(['send-test-webhook', '--event', conversation.webhooks[0]?.id ?? '']);
    expect(sent).toMatchObject({ code: 0, out: expect.stringContaining('convo.') });
    expect(await run(['send-test-webhook', '--event', 'gone'])).toMatchObject({ code: 1 });
    await conversationWith('Where is order 4711', 1);
  });
});

describe('one customer', () => {
  const address = 'fay@customer.test';

  it('is exported, then forgotten; the mail does not come in again', async () => {
    const subject = 'Forget me please';
    const { key } = await bringIn(mail(`Fay <${address}>`, subject), ({ status }) => status === 'success');
    const { id } = await conversationWith(subject, 1);
    await toldOfAll(id);
    const exported = await runJson(
      z.looseObject({
        conversationIds: z.array(z.int()),
        rows: z.array(rowSchema),
        conversations: z.array(z.looseObject({ draftTexts: z.array(z.unknown()) })),
        webhooks: z.array(z.object({ body: z.string() })).min(1),
      }),
      ['export', address],
    );
    expect(exported.conversationIds).toEqual([id]);
    expect(exported.rows.map((row) => row.key)).toContain(key);
    expect(exported.conversations[0]?.draftTexts).toHaveLength(1);
    expect(exported.webhooks[0]?.body).toContain(address);
    const file = join(system.dataDirectory, 'export.json');
    writeFileSync(file, 'older', { mode: 0o644 });
    expect(await run(['export', address, '--out', file])).toMatchObject({ code: 0, out: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ address });

    expect(await run(['forget', address])).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
    const { code, out } = await run(['forget', address, '--yes']);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/kept webhooks +[1-9]/) });

    const everything = JSON.stringify(
      await Promise.all(
        ['ProcessedMessages', 'ThreadMap', 'BotDrafts', 'WebhookEvents', 'SystemState'].map((table) =>
          system.rows(table),
        ),
      ),
    );
    expect(everything).not.toContain('4711 has not');
    expect((await system.rows('BotDrafts')).filter((item) => item.conversationId === String(id))).toEqual([]);
    expect((await system.rows('WebhookEvents')).filter((event) => event.conversationId === id)).toEqual([]);
    expect((await mailRows()).find((row) => row.key === key)).toEqual({
      key,
      status: 'filtered',
      reason: 'forgotten',
      listedStatus: 'filtered',
      attempts: expect.any(Number),
      firstSeenAt: expect.any(String),
      statusAt: expect.any(String),
      version: expect.any(Number),
    });
    const left = await runJson(
      z.looseObject({
        rows: z.array(rowSchema),
        webhooks: z.array(z.unknown()),
        threadMap: z.array(z.unknown()),
      }),
      ['export', address],
    );
    expect(left).toMatchObject({ webhooks: [], threadMap: [] });
    expect(left.rows.every(({ reason }) => reason === 'forgotten')).toBe(true);
  });
});

describe('addresses that are odd but legal', () => {
  const found = z.looseObject({
    conversationIds: z.array(z.int()),
    rows: z.array(rowSchema),
    threadMap: z.array(z.unknown()).min(2),
    conversations: z.array(z.looseObject({ draftTexts: z.array(z.unknown()).length(1) })).length(1),
    webhooks: z.array(z.looseObject({ conversationId: z.int().nullable() })).min(1),
  });

  it('are exported and forgotten each alone, also those that are a part of another', async () => {
    const addresses = [
      'ida@part.test',
      'joida@part.test',
      'ida-x@part.test',
      'x-ida@part.test',
      'x.ida@part.test',
      'ida@part.test.example',
      "o'hara+shop@two-words.test",
      'müller@bücher.test',
      `${'long-'.repeat(12)}name@${'domain-'.repeat(8)}one.${'domain-'.repeat(8)}two.${'d-'.repeat(28)}three.test`,
      ...fc.sample(legalAddress, { numRuns: 8, seed: 4711 }),
    ];
    const subjectOf = (address: string) => `Odd address ${addresses.indexOf(address) + 1}`;
    const conversationIds = new Map<string, number>();
    for (const address of addresses) {
      await bringIn(mail(`<${address}>`, subjectOf(address)), ({ status }) => status === 'success');
    }
    for (const address of addresses) {
      const { id } = await conversationWith(subjectOf(address), 1);
      await toldOfAll(id);
      conversationIds.set(address, id);
    }
    const theirs = (address: string) => {
      const id = conversationIds.get(address);
      return {
        address,
        conversationIds: [id],
        partIn: [],
        rows: expect.toSatisfy((rows: z.output<typeof rowSchema>[]) =>
          rows.every(({ conversationId }) => conversationId === id),
        ),
        // Of a customer who is new FreeScout tells without a conversation.
        webhooks: expect.toSatisfy((events: { readonly conversationId: number | null }[]) =>
          events.every(({ conversationId }) => conversationId === null || conversationId === id),
        ),
      };
    };
    for (const address of addresses) {
      const exported = await runJson(found, ['export', address.toUpperCase()]);
      expect(exported).toMatchObject(theirs(address));
      expect(exported.rows.map(({ action }) => action)).toEqual(['create', 'drafted']);
    }
    for (const [index, address] of addresses.entries()) {
      expect(await run(['forget', address, '--yes'])).toMatchObject({
        code: 0,
        out: expect.stringContaining(`in conversations ${conversationIds.get(address)}\n`),
      });
      const left = await runJson(z.looseObject({ rows: z.array(rowSchema) }), ['export', address]);
      expect(left).toMatchObject({ webhooks: [], threadMap: [], conversations: [{ draft: null }] });
      expect(left.rows.every(({ reason }) => reason === 'forgotten')).toBe(true);
      const next = addresses[index + 1];
      if (next !== undefined) {
        expect(await runJson(found, ['export', next])).toMatchObject(theirs(next));
      }
    }
  }, 300_000);
});

describe('a customer in the conversation of another', () => {
  it('is exported and forgotten with what he wrote there; the other is left alone', async () => {
    const subject = 'Our common order';
    const ann = 'ann.common@customer.test';
    const bob = 'bob.common@customer.test';
    const begun = await bringIn(
      mail(`Ann <${ann}>`, subject, [`Cc: ${bob}`]),
      ({ status }) => status === 'success',
    );
    const { id } = await conversationWith(subject, 1);
    const joined = await bringIn(
      mail(`Bob <${bob}>`, `Re: ${subject}`, [
        `In-Reply-To: <${subject.replaceAll(/\W+/g, '-')}@customer.test>`,
        `References: <${subject.replaceAll(/\W+/g, '-')}@customer.test>`,
      ]).replace('4711', '4712'),
      ({ status }) => status === 'success',
    );
    expect(joined).toMatchObject({ action: 'append', conversationId: id });
    const workOn = async (threadId: unknown) =>
      eventually(
        'the work on the message',
        async () =>
          (await rows()).find(
            ({ key, status }) => key === `freescout:${id}:${threadId}` && status === 'success',
          ),
        system,
        60,
      );
    const annsWork = await workOn(begun.threadId);
    const bobsWork = await workOn(joined.threadId);
    expect(bobsWork).toHaveProperty('triage');
    await toldOfAll(id);

    const exported = await runJson(
      z.looseObject({ rows: z.array(rowSchema), threadMap: z.array(z.looseObject({ key: z.string() })) }),
      ['export', bob],
    );
    expect(exported).toMatchObject({
      conversationIds: [],
      partIn: [{ conversationId: id, threadIds: [joined.threadId] }],
    });
    expect(exported.rows.map(({ key }) => key).sort()).toEqual([bobsWork.key, joined.key].sort());
    expect(exported.threadMap).toEqual([
      { key: expect.stringMatching(/^mail:/), conversationId: id },
      { key: expect.stringMatching(/^gmail:.*:[0-9a-f]{64}$/), conversationId: id },
    ]);
    const mapOf = async () =>
      (await system.rows('ThreadMap'))
        .filter(({ conversationId }) => conversationId === id)
        .map(({ key }) => key);
    const mapBefore = await mapOf();
    // The thread, and for each of the two mails its writer in the thread and its Message-ID; beside them threads of FreeScout, notes too.
    expect(mapBefore.filter((key) => !String(key).startsWith('freescout:'))).toHaveLength(5);
    const draftsBefore = (await system.rows('BotDrafts')).filter(
      ({ conversationId }) => conversationId === String(id),
    );

    expect(await run(['forget', bob, '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringContaining(`threads ${joined.threadId} of ${id}, which somebody else began`),
    });
    const after = new Map((await rows()).map((row) => [row.key, row]));
    expect(after.get(joined.key)).toMatchObject({ status: 'filtered', reason: 'forgotten' });
    expect(after.get(bobsWork.key)).toMatchObject({ status: 'filtered', reason: 'forgotten' });
    expect(after.get(bobsWork.key)).not.toHaveProperty('triage');
    expect(after.get(begun.key)).toEqual(begun);
    expect(after.get(annsWork.key)).toEqual(annsWork);
    const forgotten = exported.threadMap.map(({ key }) => key);
    expect(await mapOf()).toEqual(mapBefore.filter((key) => !forgotten.includes(String(key))));
    const drafts = (await system.rows('BotDrafts')).filter(
      ({ conversationId }) => conversationId === String(id),
    );
    expect(drafts).toEqual(
      draftsBefore.filter(({ answeredThreadId }) => answeredThreadId !== joined.threadId),
    );
    const events = (await system.rows('WebhookEvents')).map(({ body }) =>
      body instanceof Uint8Array ? gunzipSync(body).toString('utf8') : '',
    );
    expect(events.filter((text) => text.includes(bob))).toEqual([]);

    const whatNamesIt = async () =>
      (await system.rows('SystemState'))
        .filter((item) => item.mail === begun.key)
        .map(({ key }) => String(key).split('#')[0])
        .sort();
    expect(await whatNamesIt()).toEqual(['beginning', 'sender']);
    expect(await run(['forget', ann, '--yes'])).toMatchObject({ code: 0 });
    expect(await whatNamesIt()).toEqual([]);
    expect(await mapOf()).toEqual([]);
  });
});

describe('connecting on one machine', () => {
  let dataDirectory: string;
  beforeAll(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'csm-connect-'));
  });
  afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

  const google = () => ({
    GMAIL_ROOT_URL: `${system.local.gmail.url}/`,
    GOOGLE_TOKEN_URL: `${system.local.gmail.url}/token`,
  });
  const started = () => readEnvironment({ CSM_STAND_INS: 'allowed', ...readKeptSecrets(dataDirectory) });

  it('connect gmail consents in the browser and keeps the refresh token for npm start', async () => {
    const visits: Promise<Response>[] = [];
    const { code, err, out } = await csm(['connect', 'gmail'], {
      dataDirectory,
      environment: { ...google(), GMAIL_CLIENT_ID: 'id', GMAIL_CLIENT_SECRET: 'secret' },
      onBrowser: (url) => {
        const asked = new URL(url).searchParams;
        expect(asked.get('scope')).toBe('https://www.googleapis.com/auth/gmail.readonly');
        expect(asked.get('code_challenge_method')).toBe('S256');
        expect(asked.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
        visits.push(fetch(url));
      },
    });
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('Consent in the browser') });
    expect(out).toContain('support@example.com');
    expect(await (await visits[0])?.text()).toContain('Go back to the terminal');
    expect(statSync(join(dataDirectory, 'secrets.env')).mode & 0o777).toBe(0o600);
    expect(started().gmail?.credentials).toEqual({
      clientId: 'id',
      clientSecret: 'secret',
      refreshToken: expect.stringMatching(/^refresh-/),
    });
  });

  it('connect gmail refuses a consent to less, or of somebody else', async () => {
    const visit = (change: (query: URLSearchParams) => void) =>
      csm(['connect', 'gmail'], {
        dataDirectory,
        environment: { ...google(), GMAIL_CLIENT_ID: 'id', GMAIL_CLIENT_SECRET: 'secret' },
        onBrowser: (text) => {
          const url = new URL(text);
          change(url.searchParams);
          void fetch(url);
        },
      });
    expect(await visit((query) => query.set('scope', 'openid'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not cover'),
    });
    const refused = await csm(['connect', 'gmail'], {
      dataDirectory,
      environment: { ...google(), GMAIL_CLIENT_ID: 'id', GMAIL_CLIENT_SECRET: 'secret' },
      onBrowser: (text) => {
        const { searchParams } = new URL(text);
        void fetch(
          `${searchParams.get('redirect_uri')}/?error=access_denied&state=${searchParams.get('state')}`,
        );
      },
    });
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('refused') });
    expect(await csm(['connect', 'gmail'], { dataDirectory, environment: google() })).toMatchObject({
      code: 1,
      err: expect.stringContaining('--client-file'),
    });
  });

  it('connect freescout checks the key, lists what there is, and registers the webhook once', async () => {
    const environment = {
      FREESCOUT_URL: system.local.desk.url,
      FREESCOUT_KEY: system.local.desk.apiKey,
      FREESCOUT_WEBHOOK_SECRET: system.local.desk.webhookSecret,
    };
    const target = 'https://csm.example.test/freescout';
    const connect = (...args: string[]) => run(['connect', 'freescout', ...args], { environment });
    const first = await connect('--webhook-url', target);
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('from now on') });
    expect(first.out).toContain('Bot Assistant');
    expect(await connect('--webhook-url', target)).toMatchObject({
      code: 0,
      out: expect.stringContaining('already'),
    });
    const { registered } = z
      .object({ registered: z.array(z.object({ url: z.string() })) })
      .parse(await (await fetch(`${system.local.desk.url}/inspect/webhooks`)).json());
    expect(registered.filter(({ url }) => url === target)).toHaveLength(1);
    expect(await connect('--mailbox', '99')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no mailbox 99. Choose one of: 1 (Support)'),
    });
    expect(
      await run(['connect', 'freescout'], { environment: { ...environment, FREESCOUT_KEY: 'no' } }),
    ).toMatchObject({ code: 1 });
    keepSecrets(dataDirectory, { FREESCOUT_WEBHOOK_SECRET: 'the one in use till now' });
    const kept = await csm(['connect', 'freescout'], {
      dataDirectory,
      // Nothing runs there that could tell its settings.
      environment: { ...environment, CSM_SETTINGS: '{"freescout":{"botUserId":3}}' },
    });
    expect(kept).toMatchObject({ code: 0, out: expect.stringContaining('No webhook was registered') });
    expect(started().freescout).toEqual({
      url: system.local.desk.url,
      apiKey: system.local.desk.apiKey,
      webhookSecret: system.local.desk.webhookSecret,
      webhookSecretPrevious: 'the one in use till now',
    });
    rmSync(join(system.dataDirectory, 'secrets.env'));
  });

  it('connect openai checks the key', async () => {
    const environment = { OPENAI_BASE_URL: `${system.local.openai.url}/v1` };
    await expect(
      csm(['connect', 'openai'], { dataDirectory, environment, answers: [] }),
    ).resolves.toMatchObject({ code: 1 });
    const asked = await csm(['connect', 'openai'], { dataDirectory, environment, answers: ['sk-typed'] });
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining('takes the key') });
    expect(asked.out + asked.err).not.toContain('sk-typed');
    expect(started().openai?.apiKey).toBe('sk-typed');
  });

  it('what was connected is used by the next start', async () => {
    const connected = await startSystem({
      dataDirectory,
      environment: {
        ...google(),
        OPENAI_BASE_URL: `${system.local.openai.url}/v1`,
        FREESCOUT_URL: '',
      },
    });
    try {
      expect(connected.local).toMatchObject({
        desk: { url: system.local.desk.url, external: true },
        gmail: { external: true },
        openai: { external: true },
      });
    } finally {
      expect(await connected.stop()).toBe(0);
    }
    expect(readFileSync(join(dataDirectory, 'secrets.env'), 'utf8')).toContain('sk-typed');
  });
});

describe('a stack on AWS', () => {
  let cloudFormation: CloudFormation;

  beforeAll(async () => {
    cloudFormation = await startCloudFormation('production', system.dataDirectory);
    for (const [name, value] of Object.entries(cloudFormation.environment)) {
      vi.stubEnv(name, value);
    }
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    cloudFormation.close();
  });

  it('is found by its outputs and asked with its own settings', async () => {
    const { code, out } = await csm(['status', '--stack', 'production']);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('the stack production: ') });
    const drafts = await csm(['drafts', '--stack', 'production', '--json']);
    expect(drafts.json()).not.toEqual([]);
  });

  it('keeps connections in its secrets', async () => {
    const { code, out } = await csm(['connect', 'openai', '--stack', 'production'], {
      environment: { OPENAI_API_KEY: 'sk-on-aws' },
    });
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('within ten minutes') });
    const gmail = await csm(['connect', 'gmail', '--stack', 'production'], {
      environment: { GMAIL_CLIENT_ID: 'id', GMAIL_CLIENT_SECRET: 'secret' },
      onBrowser: (url) => void fetch(url),
    });
    expect(gmail).toMatchObject({ code: 0, out: expect.stringContaining('the secret GmailSupport') });
  });

  it('is told when it cannot be read', async () => {
    expect(await csm(['status', '--stack', 'unknown'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('The stack unknown cannot be read'),
    });
  });
});
