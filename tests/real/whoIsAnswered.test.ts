import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAgentMessage, isCustomerMessage } from '#shared/freescout/model.ts';
import { type FreeScoutTrial, startTrial, until } from './freescoutTrial.ts';

let trial: FreeScoutTrial;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial.end());

/** FreeScout's mails leave this long after what they tell of: 15 s to undo, then its queue. */
const mailsHaveLeft = () => sleep(40_000);

describe('two people who write through one form', () => {
  it('have a conversation each, and the answer to the second reaches nobody else', async () => {
    const { client, page, system, tag } = trial;
    const subject = `form ${tag}`;
    const form = (person: string, threadId?: string) =>
      system.receiveMail(
        [
          `From: Our Shop <noreply@forms-${tag}.test>`,
          'To: support@example.com',
          `Reply-To: ${person} <${trial.customerOf(person)}>`,
          `Subject: ${subject}`,
          `Message-ID: <${person}@forms-${tag}.test>`,
          `Date: ${new Date().toUTCString()}`,
          'Content-Type: text/plain; charset=utf-8',
          '',
          `Name: ${person}`,
          'Message: my lamp is broken, can you repair it?',
          '',
        ].join('\r\n'),
        undefined,
        threadId,
      );
    const { threadId } = await form('ola');
    expect((await form('kari', threadId)).threadId).toBe(threadId);
    const of = (person: string) =>
      until(`the conversation of ${person}`, async () => {
        const { conversations } = await client.listConversations({
          mailboxIds: [trial.variables.CSM_TRIAL_MAILBOX],
          customerEmail: trial.customerOf(person),
          embed: ['threads'],
          sort: { field: 'updatedAt', order: 'desc' },
          page: 1,
        });
        const [found] = conversations;
        return found?.threads.some(({ type }) => type === 'note') ? found : null;
      });
    const [ola, kari] = [await of('ola'), await of('kari')];
    expect(ola.id).not.toBe(kari.id);
    expect([ola.cc, kari.cc]).toEqual([[], []]);
    expect(kari.threads.filter(isCustomerMessage)).toHaveLength(1);

    await trial.openWithDrafts(kari.id, 1);
    await page.click('.thread-type-draft .edit-draft-trigger');
    await page.waitForSelector('.btn-send-text:visible');
    await page.click('.btn-send-text:visible');
    await until('the reply', async () =>
      (await client.getConversation(kari.id))?.threads.some(isAgentMessage) ? true : null,
    );
    await until('the mail of the reply', () => trial.mailsTo(trial.customerOf('kari')).length > 0 || null);
    await mailsHaveLeft();
    expect(trial.mailsTo(trial.customerOf('kari'))).toHaveLength(1);
    expect(trial.mailsTo(trial.customerOf('ola'))).toEqual([]);
    expect(trial.mailsTo(`noreply@forms-${tag}.test`)).toEqual([]);
  });
});

describe('an agent who answers FreeScout’s notification by mail', () => {
  it.each([
    ['proven', 'mx.google.com; dmarc=pass header.from=example.test'],
    ['unproven', null],
  ] as const)('is %s, and no customer with a draft', async (proof, result) => {
    const { client, system, tag, variables } = trial;
    const thread = `asked-${proof}`;
    await trial.customerWrites({ thread, text: 'Hello, where is my parcel?' });
    const { id } = await trial.conversation(thread, ({ threads }) =>
      threads.some(({ type }) => type === 'note'),
    );
    const notification = await until(
      'the notification',
      () => trial.mailsTo(variables.CSM_TRIAL_AGENT, `${thread} ${tag}`)[0] ?? null,
      120_000,
    );
    // Of the notification's ids the answer of some mail programs names the newest alone.
    const notificationId = /^Message-ID:\s*(<[^>]+>)/im.exec(notification.raw)?.[1] ?? '';
    expect(notificationId).toContain('FS_notify');
    await system.receiveMail(
      [
        ...(result === null ? [] : [`Authentication-Results: ${result}`]),
        `From: Anna Agent <${variables.CSM_TRIAL_AGENT}>`,
        'To: support@example.com',
        `Subject: Re: ${thread} ${tag}`,
        `Message-ID: <answer-${proof}@${tag}.test>`,
        `In-Reply-To: ${notificationId}`,
        `Date: ${new Date().toUTCString()}`,
        'Content-Type: text/plain; charset=utf-8',
        '',
        'It left our house on Monday.',
        '',
      ].join('\r\n'),
    );
    const after = await until('what became of the answer', async () => {
      const rows = await system.rows('ProcessedMessages');
      const { conversations } = await client.listConversations({
        mailboxIds: [variables.CSM_TRIAL_MAILBOX],
        customerEmail: variables.CSM_TRIAL_AGENT,
        embed: ['threads'],
        sort: { field: 'updatedAt', order: 'desc' },
        page: 1,
      });
      const strangers = conversations.filter(({ subject }) => subject.includes(`${thread} ${tag}`));
      const conversation = await client.getConversation(id);
      const noted = conversation?.threads.filter(
        ({ type, body }) => type === 'note' && body.includes('It left our house on Monday.'),
      );
      return rows.length > 0 && (noted?.length || strangers.length) ? { noted, strangers } : null;
    });
    expect(after.noted).toHaveLength(proof === 'proven' ? 1 : 0);
    expect(after.strangers).toHaveLength(proof === 'proven' ? 0 : 1);
    await mailsHaveLeft();
    const conversations = await Promise.all(
      after.strangers.map(({ id: each }) => client.getConversation(each)),
    );
    expect(conversations.flatMap((each) => each?.threads.filter(({ state }) => state === 'draft'))).toEqual(
      [],
    );
    expect(trial.mailsTo(trial.customerOf(thread))).toEqual([]);
  });
});
