import { describe, expect, it } from 'vitest';
import { judgeMail } from '#shared/mail/hygiene.ts';
import { hygieneSettingsSchema } from '#shared/mail/hygieneSettings.ts';
import { splitReply } from '#shared/mail/newlyWritten.ts';
import { parseMail } from '#shared/mail/parseMail.ts';
import { safeHtmlForFreeScout, visibleText } from '#shared/mail/safeHtml.ts';
import { buildMail, buildMultipart, textPart } from '#tests/support/mailBuilder.ts';

const SIZE = 100_000;
/** Processor time: far above what these take (well under a second), far below what a runaway expression needs. */
const LIMIT_MS = 6_000;

const repeated = (text: string) => text.repeat(Math.ceil(SIZE / text.length));

const TEXTS: readonly (readonly [string, string])[] = [
  ['one long line', repeated('a')],
  ['spaces', repeated(' ')],
  ['spaces and a letter', `${repeated(' ')}x`],
  ['dashes', repeated('-')],
  ['dashes and a letter', `${repeated('-')}x`],
  ['underscores with spaces', repeated('_ ')],
  ['quote marks', repeated('>')],
  ['quoted lines', repeated('> a\n')],
  ['blank lines', repeated('\n')],
  ['blank lines and a letter', `${repeated('\n')}x`],
  ['lines with spaces', repeated(' \n')],
  ['openings of attributions', repeated('On 2 Nov 2026 at 18:26, Ann <ann@shop.example>\n')],
  ['attributions', repeated('On 2 Nov 2026 at 18:26, Ann <ann@shop.example> wrote:\n')],
  ['weak attributions', repeated('Ann wrote:\n')],
  ['an endless attribution', `On ${repeated('2 Nov 2026 18:26 Ann ')} wrote:`],
  ['labels', repeated('From: a@b.example\n')],
  ['labels of all kinds', repeated('From: a\nx\nTo: b\ny\nSubject: c\n')],
  ['addresses', repeated('a@b.example ')],
  ['at signs', repeated('@')],
  ['angle brackets', repeated('<')],
  ['colons', repeated('a:\n')],
  ['signatures', repeated('a\n-- \nb\n')],
  ['mobile signatures', repeated('Sent from my iPhone ')],
  ['disclaimers', repeated('This e-mail is \n\n')],
  ['answers between quotations', repeated('> a\nb\n')],
  ['ids', repeated('Message-ID: <a@b>\n ')],
  ['JSON', `{${repeated('"notificationType" : ')}`],
  ['status codes', repeated('550 5.1.')],
  ['failure words', repeated('the message could not ')],
  ['joiners', repeated('\u200d\u200c')],
  ['flowed lines', repeated('a \r\n')],
];

const HTML: readonly (readonly [string, string])[] = [
  ['open elements', repeated('<div>')],
  ['quotations in quotations', repeated('<blockquote>a')],
  ['open angle brackets', repeated('<')],
  ['attributes', `<div ${repeated('a="b" ')}>x`],
  ['styles', repeated('<p style="color:#fff;opacity:0;left:-9999px">x</p>')],
  ['one endless style', `<p style="${repeated('a:b;')}">x</p>`],
  ['an endless sheet', `<style>${repeated('.a{color:red}')}</style><p class="a">x</p>`],
  ['open comments in a sheet', `<style>${repeated('/*')}</style>x`],
  ['open blocks in a sheet', `<style>${repeated('@a{')}</style>x`],
  ['comments', repeated('<!-- a -->')],
  ['an open comment', `<!--${repeated('-')}`],
  ['hidden elements', repeated('<i hidden>a</i>b')],
  ['links', repeated('<a href="https://x.example/unsubscribe">unsubscribe</a>')],
  ['entities', repeated('&amp;')],
  ['broken entities', repeated('&')],
  ['lists', repeated('<ul><li>')],
  ['classes', `<style>.a{color:red}</style><p class="${repeated('a ')}">x`],
];

/** Milliseconds of processor time, which other programs on the machine do not lengthen. */
async function timeOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

async function throughEverything(raw: Uint8Array): Promise<void> {
  const mail = await parseMail(raw);
  judgeMail(mail, {
    ownAddresses: new Set(['help@desk.example']),
    labelIds: [],
    recentFromSender: 0,
    settings: hygieneSettingsSchema.parse(undefined),
  });
  safeHtmlForFreeScout(mail);
  splitReply(mail.text);
}

describe('hostile input takes bounded time', { timeout: 120_000 }, () => {
  it.each(TEXTS)('%s', async (_, text) => {
    expect(await timeOf(() => splitReply(text))).toBeLessThan(LIMIT_MS);
    const headers = {
      From: 'MAILER-DAEMON@x.example',
      'Content-Type': 'text/plain; charset=utf-8; format=flowed',
    };
    expect(await timeOf(() => throughEverything(buildMail(headers, text)))).toBeLessThan(LIMIT_MS);
  });

  it.each(HTML)('HTML with %s', async (_, html) => {
    expect(await timeOf(() => visibleText(html))).toBeLessThan(LIMIT_MS);
    expect(
      await timeOf(() => throughEverything(buildMail({ 'Content-Type': 'text/html' }, html))),
    ).toBeLessThan(LIMIT_MS);
  });

  it.each([
    ['Subject', repeated('Re: ')],
    ['Subject', repeated('=?utf-8?Q?a?= ')],
    ['From', repeated('"a" <')],
    ['To', repeated('a@b.example, ')],
    ['To', repeated('(')],
    ['References', repeated('<a@b> ')],
    ['References', repeated('<')],
    ['Content-Type', `text/plain; ${repeated('charset=')}`],
    ['Content-Type', `multipart/mixed; ${repeated('boundary="')}`],
    ['Auto-Submitted', repeated('(')],
    ['X-Spam-Status', repeated(' ')],
    ['List-Id', repeated('<a.b>')],
  ])('header %s', async (name, value) => {
    expect(await timeOf(() => throughEverything(buildMail({ [name]: value })))).toBeLessThan(LIMIT_MS);
  });

  it('more lines than any mail has, which is kept unread', async () => {
    const raw = buildMail({}, '\n'.repeat(1_200_000));
    let parsed = true;
    const time = await timeOf(async () => {
      parsed = (await parseMail(raw)).parsed;
    });
    expect(time).toBeLessThan(LIMIT_MS);
    expect(parsed).toBe(false);
  });

  it('five thousand parts', async () => {
    const { type, body } = buildMultipart(
      'mixed',
      Array.from({ length: 5_000 }, () => textPart('a')),
    );
    expect(await timeOf(() => throughEverything(buildMail({ 'Content-Type': type }, body)))).toBeLessThan(
      LIMIT_MS,
    );
  });
});
