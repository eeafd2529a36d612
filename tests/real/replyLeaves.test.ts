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

async function sendTheDraft(): Promise<void> {
  const { page } = trial;
  await page.click('.thread-type-draft .edit-draft-trigger');
  await page.waitForSelector('.btn-send-text:visible');
  await page.click('.btn-send-text:visible');
}

describe('an agent who sends a draft while messages of the customer come in', () => {
  // The moment within a second decides whether a message of that second is there before FreeScout decides whether to mail.
  it.each([0, 300, 600])('reaches the customer (%i ms into a second)', async (moment) => {
    const { client, page } = trial;
    const thread = `flood${moment}`;
    await trial.customerWrites({ thread, text: 'Hello, my lamp is broken.' });
    const { id } = await trial.conversation(thread, ({ threads }) =>
      threads.some(({ type }) => type === 'note'),
    );
    await trial.openWithDrafts(id, 1);
    const customer = { email: trial.customerOf(thread) };
    let flooding = true;
    const writing = async () => {
      for (let count = 1; flooding; count += 1) {
        const html = `<div>Message ${count}</div>`;
        await client.addCustomerMessage(id, { customer, html, cc: [], attachments: [], keepSpam: false });
      }
    };
    const flood = [writing(), writing(), writing()];
    await page.click('.thread-type-draft .edit-draft-trigger');
    await page.waitForSelector('.btn-send-text:visible');
    await sleep(1000 + moment - (Date.now() % 1000));
    await page.click('.btn-send-text:visible');
    await sleep(5000);
    flooding = false;
    await Promise.all(flood);

    const conversation = await until('the reply', async () => {
      const now = await client.getConversation(id);
      return now?.threads.some(isAgentMessage) ? now : null;
    });
    const reply = conversation.threads.find(isAgentMessage);
    const inTheSameSecond = conversation.threads.filter(
      (message) => isCustomerMessage(message) && message.createdAt === reply?.createdAt,
    );
    expect(inTheSameSecond).not.toEqual([]);
    await mailsHaveLeft();
    // FreeScout's one queue first tells its users of every message of the flood, which can take a minute more.
    await until('the mail of the reply', async () => trial.mailsTo(customer.email).length > 0 || null);
    expect(trial.mailsTo(customer.email)).toHaveLength(1);
  });
});

describe('the agent to whom a conversation is assigned', () => {
  it('gets one mail about a later message of the customer, in the customer’s words', async () => {
    await trial.customerWrites({ thread: 'notice', text: 'Hello, where is my parcel?' });
    const { id } = await trial.conversation('notice', ({ threads }) =>
      threads.some(({ type }) => type === 'note'),
    );
    await trial.openWithDrafts(id, 1);
    await sendTheDraft();
    await trial.conversation('notice', ({ threads }) => threads.some(isAgentMessage));
    await mailsHaveLeft();
    const agent = trial.variables.CSM_TRIAL_AGENT;
    const before = trial.mailsTo(agent, `notice ${trial.tag}`).length;

    await trial.customerWrites({ thread: 'notice', text: 'It still has not arrived, please look.' });
    await trial.openWithDrafts(id, 1);
    await mailsHaveLeft();
    const told = trial.mailsTo(agent, `notice ${trial.tag}`).slice(before);
    expect(told.map(({ raw }) => raw.includes('It still has not arrived'))).toEqual([true]);
    // The agent's reply, and no automatic one.
    expect(trial.mailsTo(trial.customerOf('notice'))).toHaveLength(1);
  });

  it('is told of a new conversation', async () => {
    await trial.customerWrites({ thread: 'new', text: 'Hello, do you repair lamps?' });
    const { id } = await trial.conversation('new', ({ threads }) =>
      threads.some(({ type }) => type === 'note'),
    );
    await trial.openWithDrafts(id, 1);
    await mailsHaveLeft();
    expect(trial.mailsTo(trial.variables.CSM_TRIAL_AGENT, `new ${trial.tag}`)).not.toEqual([]);
    expect(trial.mailsTo(trial.customerOf('new'))).toEqual([]);
  });
});
