import { describe, expect, it } from 'vitest';
import { boundedHtml, boundedText } from '#shared/mail/parsing/longMails.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { safeHtmlForFreeScout, textToHtml } from '#shared/mail/visible/safeHtml.ts';
import { firstCharacters } from '#shared/text/firstCharacters.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';

describe('the beginning of a text', () => {
  it.each([
    ['a😀b', 0, ''],
    ['a😀b', 1, 'a'],
    ['a😀b', 2, 'a'],
    ['a😀b', 3, 'a😀'],
    ['a😀b', 4, 'a😀b'],
    ['a😀b', 9, 'a😀b'],
    ['', 3, ''],
    ['😀', 1, ''],
  ])('of %j, at most %i: %j', (text, most, beginning) => {
    expect(firstCharacters(text, most)).toBe(beginning);
  });
});

// An odd letter ahead, so that every even bound falls into the middle of an emoji.
const long = `a${'😀'.repeat(5_100_000)}`;

it.each<[string, () => string | Promise<string>]>([
  ['a text', () => boundedText(long)],
  ['HTML', () => boundedHtml(long)],
  ['a text for FreeScout', () => textToHtml(long)],
  [
    'HTML for FreeScout',
    async () =>
      safeHtmlForFreeScout(
        await parseMail(buildMail({ 'Content-Type': 'text/html; charset=utf-8' }, long.slice(0, 2_100_001))),
      ),
  ],
  ['a subject', async () => (await parseMail(buildMail({ Subject: long.slice(0, 2_101) }))).subject],
])('%s is cut between characters', async (_, cut) => {
  const beginning = await cut();
  expect(beginning.length).toBeLessThan(10_001_000);
  expect(beginning).toContain('a😀😀');
  expect(beginning).not.toContain('\ufffd');
  expect(beginning.isWellFormed()).toBe(true);
});
