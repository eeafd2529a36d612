import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { launchChromium } from '#tests/support/chromium.ts';
import {
  eventually,
  type InspectedConversation,
  type RunningSystem,
  startSystem,
} from '#tests/support/runningSystem.ts';

let system: RunningSystem;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  system = await startSystem({
    settings: {
      freescout: { rateLimit: { maxRequests: 0 } },
      openai: { rateLimit: { maxRequests: 0 } },
    },
    // Long enough to press undo, short enough to wait for.
    environment: { CSM_DESK_DELAY_FACTOR: '0.6' },
  });
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('dialog', (dialog) => void dialog.accept());
});

afterAll(async () => {
  await browser?.close();
  expect(await system?.stop()).toBe(0);
});

const ofType = (conversation: InspectedConversation, type: string, state = 'published') =>
  conversation.threads.filter((thread) => thread.type === type && thread.state === state);
const drafts = (conversation: InspectedConversation) => ofType(conversation, 'message', 'draft');

/** The conversation with that subject, once the condition holds. */
const conversationWhere = (
  subject: string,
  what: string,
  holds: (conversation: InspectedConversation) => boolean,
  seconds = 60,
) =>
  eventually(
    `"${subject}": ${what}`,
    async () => {
      const found = (await system.conversations()).find((conversation) => conversation.subject === subject);
      return found && holds(found) ? found : null;
    },
    system,
    seconds,
  );

async function writeAsCustomer(subject: string, text: string): Promise<void> {
  await page.goto(`${system.local.desk.url}/`);
  await page.getByRole('link', { name: 'Write as a customer' }).first().click();
  await page.locator('input[name=name]').fill('Mara Lind');
  await page.locator('input[name=email]').fill('mara@customer.test');
  await page.locator('input[name=subject]').fill(subject);
  await page.locator('textarea[name=text]').fill(text);
  await page.locator('form[action="/customer-mails"] button[type=submit]').click();
}

const open = (conversation: InspectedConversation) =>
  page.goto(`${system.local.desk.url}/conversations/${conversation.id}`);

/** Opens the draft in the editor, as an agent who begins to type at once. */
const edit = async () => {
  await page.locator('article.draft a', { hasText: 'Edit' }).click();
  await expect.poll(isWriting).toBe(true);
};
const isWriting = async () => (await page.locator('.canvas:focus').count()) === 1;

it('the link of an alert opens its conversation', async () => {
  const subject = 'Everything is down, I will call my lawyer';
  await writeAsCustomer(subject, 'Hello,\nnothing works since this morning. This is urgent, answer at once!');
  const link = await eventually(
    'an alert',
    async () => {
      const answer = await fetch(`${system.local.alerts.slack}/control/messages`);
      const [alert] = z.array(z.string()).parse(await answer.json());
      return alert?.match(/^Link: (\S+)$/m)?.[1] ?? null;
    },
    system,
  );
  expect(link).toMatch(/\/conversation\/\d+$/);
  await page.goto(link);
  expect(await page.locator('h1').innerText()).toBe(subject);
  await expect.poll(() => page.locator('article.note').count(), { timeout: 20_000 }).toBeGreaterThan(0);
});

describe('an agent on the desk page', () => {
  const subject = 'Our door reader rejects every card';
  let conversation: InspectedConversation;

  it('sees a customer’s mail become a conversation with tags and a draft', async () => {
    await writeAsCustomer(
      subject,
      'Hello,\nsince this morning the reader rejects every card. Please help, order 1234.',
    );
    conversation = await conversationWhere(subject, 'a draft', (found) => drafts(found).length === 1);
    await page.goto(`${system.local.desk.url}/`);
    const row = page.locator('li, article, a').filter({ hasText: subject }).first();
    await expect.poll(() => row.innerText()).toContain('Draft ready');
    expect(await row.innerText()).toContain('customer');
    await open(conversation);
    expect(await page.locator('article.note').count()).toBe(1);
    expect(await page.locator('article.draft').innerText()).toContain('Draft – not sent');
  });

  it('opens the editor and changes nothing: nothing is saved, and the page says so', async () => {
    const [before] = drafts(await system.conversation(conversation.id));
    await edit();
    // Past the time at which the editor saves itself, and past two looks for something new.
    await page.waitForTimeout(9000);
    expect(await isWriting()).toBe(true);
    expect(await page.locator('.saved').innerText()).not.toContain('Saved');
    expect(await page.locator('.fresh').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Save draft' }).click();
    expect(await page.locator('.notice').innerText()).toContain('Nothing was changed');
    expect(await page.locator('article.draft .what').innerText()).toBe('Draft – not sent');
    expect(drafts(await system.conversation(conversation.id))).toEqual([before]);
  });

  it('keeps focus and words in the editor while the page is refreshed and re-loaded', async () => {
    await edit();
    await page.keyboard.type('Words at the start. ');
    await expect.poll(() => page.locator('.saved').innerText(), { timeout: 20_000 }).toBe('Saved');
    // Past the next look for something new: what the editor itself saved is none.
    await page.waitForTimeout(2500);
    expect(await page.locator('.fresh').isVisible()).toBe(false);
    await system.deskAction(`/conversations/${conversation.id}/notes`, { body: 'A note of a colleague' });
    await expect.poll(() => page.locator('.fresh').isVisible(), { timeout: 20_000 }).toBe(true);
    expect(await isWriting()).toBe(true);
    await page.keyboard.type('More words. ');
    await page.locator('.fresh').click();
    await expect.poll(() => page.locator('article.note', { hasText: 'of a colleague' }).count()).toBe(1);
    await expect.poll(isWriting).toBe(true);
    expect(await page.locator('.canvas').innerText()).toContain('Words at the start. More words. ');
    await page.keyboard.type('And more. ');
    await page.getByRole('link', { name: 'Close editor' }).click();
    await expect
      .poll(() => page.locator('article.draft').innerText())
      .toMatch(/edited by Ada Admin[\s\S]*And more\. Words at the start\. More words\. /);
  });

  it('edits the draft; the customer writes again; the edit stays byte for byte and one note suggests anew', async () => {
    await edit();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' I have asked our technician – he calls you at 5 & brings «new» cards.');
    await expect.poll(() => page.locator('.saved').innerText(), { timeout: 40_000 }).toBe('Saved');
    const [edited] = drafts(await system.conversation(conversation.id));
    expect(edited?.body).toContain('he calls you at 5 &amp; brings «new» cards.');
    const notesBefore = ofType(await system.conversation(conversation.id), 'note').length;

    await page.goto(`${system.local.desk.url}/conversations/${conversation.id}`);
    await page
      .getByLabel('Mail from the customer')
      .fill('It now rejects even the master card. This is urgent!');
    await page.locator('form[action$="/customer-reply"] button[type=submit]').click();
    const now = await conversationWhere(
      subject,
      'a note with the new suggestion',
      (found) => ofType(found, 'note').length >= notesBefore + 2,
    );
    expect(ofType(now, 'customer')).toHaveLength(2);
    expect(drafts(now)).toHaveLength(1);
    expect(drafts(now)[0]?.body).toBe(edited?.body);
    const suggestions = ofType(now, 'note').filter((note) => note.body?.includes('Updated suggestion'));
    expect(suggestions).toHaveLength(1);
  });

  it('sends it, takes it back, and sends it for good', async () => {
    await open(conversation);
    await page.locator('form[action$="/send"] button[type=submit]').first().click();
    await page.locator('form[action$="/undo"] button[type=submit]').click();
    await expect.poll(() => page.locator('article.draft').count()).toBe(1);
    expect(drafts(await system.conversation(conversation.id))).toHaveLength(1);

    await page.locator('form[action$="/send"] button[type=submit]').first().click();
    const sent = await conversationWhere(
      subject,
      'the sent reply',
      (found) => ofType(found, 'message').length === 1,
    );
    expect(ofType(sent, 'message')[0]?.createdBy?.id).toBe(1);
    expect(ofType(sent, 'message')[0]?.body).toContain('«new» cards');
  });

  it('is answered by the customer in the same conversation, which gets a new draft', async () => {
    await expect
      .poll(
        async () =>
          ((await (await fetch(`${system.local.desk.url}/inspect/mail`)).json()) as unknown[]).length,
        {
          timeout: 40_000,
        },
      )
      .toBe(1);
    await open(conversation);
    await page
      .getByLabel('Mail from the customer')
      .fill('Thank you. But when does he come, and does it cost anything?');
    await page.locator('form[action$="/customer-reply"] button[type=submit]').click();
    const now = await conversationWhere(subject, 'a new draft', (found) => drafts(found).length === 1, 90);
    expect(ofType(now, 'customer')).toHaveLength(3);
    expect((await system.conversations()).filter((each) => each.subject === subject)).toHaveLength(1);
  });

  it('discards the draft, writes a note and a reply, and closes', async () => {
    await open(conversation);
    await page.locator('form[action$="/discard"] button[type=submit]').click();
    await conversationWhere(subject, 'no draft', (found) => drafts(found).length === 0);
    await page.locator('summary', { hasText: 'Add an internal note' }).click();
    await page.getByLabel('Note').fill('Technician booked');
    await page.locator('form[action$="/notes"] button[type=submit]').click();
    await page.locator('summary', { hasText: 'Write your own reply' }).click();
    await page.getByLabel('Reply', { exact: true }).fill('He comes tomorrow.');
    await page.locator('form[action$="/replies"] button[type=submit]').click();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    const now = await conversationWhere(subject, 'closed', (found) => found.status === 'closed');
    expect(ofType(now, 'message').map((reply) => reply.body)).toContain('<div>He comes tomorrow.</div>');
    expect(ofType(now, 'note').some((note) => note.body?.includes('Technician booked'))).toBe(true);
  });
});
