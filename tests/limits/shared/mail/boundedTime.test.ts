import { describe, expect, it } from 'vitest';
import { classifyMail } from '#shared/mail/hygiene/classifyMail.ts';
import { writerOf } from '#shared/mail/hygiene/mailWriter.ts';
import type { ParsedMail } from '#shared/mail/parsing/parsedMail.ts';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { splitReply } from '#shared/mail/replies/newlyWritten.ts';
import { ownWords } from '#shared/mail/replies/ownWords.ts';
import { safeHtmlForFreeScout, visibleText } from '#shared/mail/visible/safeHtml.ts';
import { hygieneSettingsSchema } from '#shared/settings/hygieneSettings.ts';
import {
  ber,
  berWithoutLength,
  cmsMessage,
  cmsTypes,
  compressedCms,
  signedCms,
  streamedCms,
} from '#tests/support/cmsBuilder.ts';
import { base64Part, buildMail, buildMultipart, textPart } from '#tests/support/mailBuilder.ts';

const size = 100_000;
/** Processor time: far above what these take (well under a second), far below what a runaway expression needs. */
const limitMs = 6_000;

const repeated = (text: string) => text.repeat(Math.ceil(size / text.length));

const texts: readonly (readonly [string, string])[] = [
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
  ['addresses that break before their closing mark', repeated('On 2 Nov 2026 Ann <a@b.example\n> ')],
  ['open addresses above quotations', repeated('<a@b.example\n>\n')],
  ['open marks above quotations', repeated('<\n<\n<@\n> wrote:\n')],
  ['marks with blank lines between', repeated('<\n\n')],
  ['quotations with bars', repeated('Ann wrote:\n| a\n')],
  ['bars', repeated('|')],
  ['one line of bars and spaces', repeated('| ')],
  ['drawn lines', repeated('It is a broken lamp.\n----\n')],
  ['drawn lines far from each other', repeated('It is a broken lamp.\n====\n\n\n\n\n\n\n')],
  ['sentences below a drawn line', `It is a broken lamp.\n----\n${repeated('A\n')}`],
  ['words of one letter', repeated('a. ')],
  ['abbreviations', repeated('a.b.')],
  ['notices', repeated('Legal notice: confidential, for the addressee\n\n')],
  ['notices that go on', `Hello\n\n${repeated('confidential, for the addressee\n\n')}`],
  ['one endless notice', `Hello\n\n${repeated('Legal notice: confidential, for the addressee ')}`],
  ['a notice of many lines', `Hello\n\n${repeated('Legal notice: confidential, for the addressee\n')}`],
  ['answers that are said to be below', `${repeated('my answers are below\n')}> a`],
  ['excuses', repeated(', please excuse , please excuse ')],
  ['lists of data', repeated('Data:\nFrom: Oslo\nTo: Bergen\nDate: today\nSubject: a\n')],
  ['announcements alone', repeated('> On 2 Nov 2026 at 18:26, Ann <a@b.example> wrote:\n')],
  ['answers between quotations', repeated('> a\nb\n')],
  ['ids', repeated('Message-ID: <a@b>\n ')],
  ['JSON', `{${repeated('"notificationType" : ')}`],
  ['status codes', repeated('550 5.1.')],
  ['failure words', repeated('the message could not ')],
  ['joiners', repeated('\u200d\u200c')],
  ['joiners behind one letter', `م${repeated('\u200c')}`],
  ['joiners and marks behind letters', repeated('م\u200f\u200c\u200c\u200d')],
  ['direction marks', `م${repeated('\u200f\u200e')}`],
  ['flowed lines', repeated('a \r\n')],
  ['titles', repeated('Ann Ex, Lawyer\n')],
  ['titles in blocks', repeated('Ann Ex\n\n')],
  ['greetings', repeated('Best regards\n')],
  ['bars', repeated('| a\n')],
];

const html: readonly (readonly [string, string])[] = [
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

const largeBytes = 2_000_000;
const large = (text: string) => text.repeat(Math.ceil(largeBytes / text.length));
const numbered = (count: number, text: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at));

/** Megabytes of what is small in any real mail; each ends in "last words", which must not be lost. */
const largeHtml: readonly (readonly [string, string])[] = [
  [
    'a rule of twenty thousand declarations',
    `<style>.a{${numbered(20_000, (at) => `p${at}:v`).join(';')}}</style>${large('<b class=a>x</b>')}`,
  ],
  [
    'a property that is declared again and again',
    `<style>.a{${'color:red;'.repeat(20_000)}}</style>${large('<b class=a>x</b>')}`,
  ],
  [
    'many rules for every element',
    `<style>${'.a{display:block;color:red;left:1px}'.repeat(10_000)}</style>${large('<b class=a>x</b>')}`,
  ],
  ['one rule of many selectors', `<style>${'a,'.repeat(200_000)}b{color:red}</style>${large('<a>x</a>')}`],
  [
    'selectors of many ancestors',
    `<style>${`${'b '.repeat(20)}i{color:red}`.repeat(2_000)}</style>${'<b>'.repeat(900)}${large('<i>x</i>')}`,
  ],
  ['open elements', large('<div>')],
  ['open elements and end tags of others', `${'<div>'.repeat(900)}${large('</x>')}`],
  ['cells without end', large('<tr><td>x')],
  ['open forms in forms', large('<form><input>')],
  ['titles in pictures', large('<svg><title>x</title>')],
  ['styles', large('<p style="position:absolute;left:1px;background:#fff url(x);color:#fff">x</p>')],
  ['sheets', large('<style>a{color:red}</style>')],
  ['statements in a sheet', `<style>${'@import a;'.repeat(40_000)}{}</style>x`],
  ['spaces in a value', `<p style="clip:rect(0${large(' ')}">x</p>`],
  ['classes', large(`<p class="${numbered(50, (at) => `c${at}`).join(' ')}">x</p>`)],
  ['attributes', `<div ${numbered(300_000, (at) => `a${at}=b`).join(' ')}>x</div>`],
  ['entities', large('&amp;')],
  ['tables in tables', large('<table><tr><td>x')],
  ['cells of a row', `<table><tr>${large('<td style="border:1px solid rgb(1 2 3)">x')}`],
  ['cells that span', `<table>${large('<tr><td colspan=999 rowspan=999>x')}`],
  ['links without end', large('<a href="https://x.example/">x')],
  ['links under another name', large('<a href="https://x.example/">y.example/</a>')],
  ['links that touch', large('<a href="https://x.example/">y.</a>')],
  ['links that touch under many names', large('<a href="https://x.example/">y.example,</a>')],
  ['tables in links', large('<a href="https://x.example/"><table>')],
  ['words of a link', `<a href="https://x.example/">${large('word ab.cd, ')}</a>`],
  ['blocks in a link', `<a href="https://x.example/">${large('ab.cd<div></div>')}</a>`],
  ['one letter in the words of a link', `<a href="https://x.example/">${large('ü')}.example</a>`],
  ['quotation marks in the address of a link', `<a href='mailto:a@b${large('"')}'>x</a>`],
  ['words of a link to a mail address', `<a href="mailto:a@x.example">${large('a')} ${large('a@')}</a>`],
  ['lists and blank lines', large('<ul></ul>&nbsp;<br>')],
  ['marks in the words of a link', `<a href="https://x.example/">a${'\u0301\u0323'.repeat(200_000)}</a>`],
  ['comments in a sheet', `<style>${'a/**/'.repeat(90_000)}{color:red}</style><p>x</p>`],
  ['spaces and comments in a sheet', `<style>${' /**/'.repeat(90_000)}x{color:red}</style><p>x</p>`],
  ['marks in a sheet', `<style>${'\ufdd0'.repeat(400_000)}{color:red}</style><p>x</p>`],
  ['open brackets in a style', `<p style="${large('(;')}">x</p>`],
  ['open strings in a style', `<p style="${large("'")}">x</p>`],
  ['escapes in a style', `<p style="${large('\\69 ')}:x">x</p>`],
  ['escapes in selectors', `<style>${'.\\61 b,'.repeat(60_000)}x{color:red}</style><p class="ab">x</p>`],
  ['selectors with brackets', `<style>${':is(a,b),'.repeat(50_000)}x{color:red}</style><p>x</p>`],
  ['values of all properties', `<style>${'b{all:unset}'.repeat(40_000)}</style>${large('<b>x</b>')}`],
  ['media queries', `<style>@media ${'(min-width:1px) and '.repeat(25_000)}{p{color:red}}</style><p>x</p>`],
  ['descriptions of the page', large('<meta name="color-scheme" color-scheme')],
  ['columns', large('<col ')],
  ['transformations', large(`<p style="transform:${'scale(1)'.repeat(30)}">x</p>`)],
  ['fields of a form', large('<select><option label=x>y<textarea>z</textarea>')],
  ['drawings', large('<svg><text>x</text></svg>')],
  ['pictures with words', large('<img alt="word">')],
  ['a picture in the HTML', `<img src="data:image/png;base64,${large('A')}">x`],
];

/** Milliseconds of processor time, which other programs on the machine do not lengthen. */
async function timeOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

async function throughEverything(raw: Uint8Array): Promise<ParsedMail> {
  const mail = await parseMail(raw);
  const ownAddresses = new Set(['help@desk.example']);
  await classifyMail(mail, {
    writer: writerOf(mail, ownAddresses),
    ownAddresses,
    labelIds: [],
    recentFromSender: 0,
    isKnownCustomer: async () => false,
    settings: hygieneSettingsSchema.parse(undefined),
  });
  safeHtmlForFreeScout(mail);
  splitReply(mail.text);
  return mail;
}

describe('hostile input takes bounded time', { timeout: 120_000 }, () => {
  it.each(texts)('%s', async (_, text) => {
    expect(await timeOf(() => splitReply(text))).toBeLessThan(limitMs);
    expect(await timeOf(() => ownWords(text, { name: 'Ann Ex', email: 'ann@shop.example' }))).toBeLessThan(
      limitMs,
    );
    const headers = {
      From: 'MAILER-DAEMON@x.example',
      'Content-Type': 'text/plain; charset=utf-8; format=flowed',
    };
    expect(await timeOf(() => throughEverything(buildMail(headers, text)))).toBeLessThan(limitMs);
  });

  it.each(html)('HTML with %s', async (_, html) => {
    expect(await timeOf(() => visibleText(html))).toBeLessThan(limitMs);
    expect(
      await timeOf(() => throughEverything(buildMail({ 'Content-Type': 'text/html' }, html))),
    ).toBeLessThan(limitMs);
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
    expect(await timeOf(() => throughEverything(buildMail({ [name]: value })))).toBeLessThan(limitMs);
  });

  it.each(largeHtml)('megabytes of HTML with %s', async (_, html) => {
    const raw = buildMail({ 'Content-Type': 'text/html' }, `${html}<p>last words</p>`);
    let mail: ParsedMail | undefined;
    const time = await timeOf(async () => {
      mail = await throughEverything(raw);
    });
    expect(time).toBeLessThan(limitMs);
    expect(mail?.text).toContain('last words');
    expect(mail && safeHtmlForFreeScout(mail).length).toBeLessThan(2_100_000);
  });

  it.each([
    ['line feeds', '\n'],
    ['carriage returns', '\r'],
  ])('more lines than any mail has, ended by %s', async (_, lineEnd) => {
    const text = `Subject: Question\n\nFirst words\n${'a\n'.repeat(1_200_000)}`;
    const raw = Buffer.from(text.replaceAll('\n', lineEnd));
    let mail: ParsedMail | undefined;
    const time = await timeOf(async () => {
      mail = await parseMail(raw);
    });
    expect(time).toBeLessThan(limitMs);
    expect(mail?.subject).toBe('Question');
    expect(mail?.text).toMatch(
      /^First words\na\n(?:a\n)+\n\[This mail has too many lines .* The original is attached as message\.eml\.]$/,
    );
    expect(mail?.attachments.map(({ fileName, content }) => [fileName, content.byteLength])).toEqual([
      ['message.eml', raw.byteLength],
    ]);
  });

  it.each([
    ['levels', Buffer.from('3080'.repeat(1_000_000), 'hex')],
    ['levels with lengths', Buffer.from('3084ffffff00'.repeat(300_000), 'hex')],
    ['elements', ber(0x30, Buffer.from('0500'.repeat(5_000_000), 'hex'))],
    ['pieces of one byte', streamedCms(Buffer.alloc(500_000, 'a'), 1)],
    [
      'pieces of no byte',
      cmsMessage(cmsTypes.signed, berWithoutLength(0x24, Buffer.alloc(5_000_000, '0400', 'hex'))),
    ],
    ['compressed zeros', compressedCms(Buffer.alloc(200_000_000))],
    ['one large file', signedCms(Buffer.alloc(24_000_000, 'Content-Type: text/plain\n'))],
    ['the start of a mail again and again', Buffer.alloc(5_000_000, 'Content-Type: x')],
    ['headers without end', signedCms(Buffer.alloc(5_000_000, 'a: b\n '))],
  ])('an envelope of S/MIME with endless %s', async (_, cms) => {
    const part = base64Part({ 'Content-Type': 'application/pkcs7-mime; name=smime.p7m' }, cms);
    let mail: ParsedMail | undefined;
    const time = await timeOf(async () => {
      mail = await throughEverything(Buffer.concat([Buffer.from('From: a@b.example\r\n'), part]));
    });
    expect(time).toBeLessThan(limitMs);
    expect(mail?.parsed).toBe(true);
    expect(mail?.attachments.at(-1)?.content.byteLength).toBe(cms.byteLength);
  });

  it.each([
    ['events', 'BEGIN:VEVENT\nEND:VEVENT\n'],
    ['quotation marks', 'BEGIN:VEVENT\nA;B="'],
    ['parameters', 'A;B=C'],
    ['folded lines', ' \n '],
    ['backslashes', 'SUMMARY:\\'],
  ])('a calendar of endless %s', async (_, text) => {
    const raw = buildMail({ 'Content-Type': 'text/calendar' }, large(text));
    expect(await timeOf(() => throughEverything(raw))).toBeLessThan(limitMs);
  });

  it.each([
    ['words that begin', '=?utf-8?Q?'],
    ['words', '=?utf-8?B?w7w=?= '],
    ['words of two charsets', '=?utf-8?B?w7w=?= =?x?Q?=FC?= '],
    ['question marks', '=?'],
    ['raw bytes', 'ü\n '],
  ])('megabytes of a header of %s', async (_, text) => {
    const raw = buildMail({ Subject: text.repeat(Math.ceil(1_000_000 / text.length)) });
    expect(await timeOf(() => throughEverything(raw))).toBeLessThan(limitMs);
  });

  it.each([
    ['utf-7', '8bit', '+'],
    ['utf-7', '8bit', '+APw-'],
    ['utf-8', 'base64', 'a b '],
    ['utf-8', 'base64', 'ab c\n'],
    ['utf-8', 'quoted-printable', '='],
    ['utf-8', 'quoted-printable', '=C3 \t'],
    ['gb2312', 'quoted-printable', '=FF\n'],
  ])('megabytes of text in %s and %s: %j', async (charset, encoding, text) => {
    const headers = {
      'Content-Type': `text/plain; charset=${charset}`,
      'Content-Transfer-Encoding': encoding,
    };
    expect(await timeOf(() => throughEverything(buildMail(headers, text.repeat(300_000))))).toBeLessThan(
      limitMs,
    );
  });

  it('five thousand parts', async () => {
    const { type, body } = buildMultipart(
      'mixed',
      Array.from({ length: 5_000 }, () => textPart('a')),
    );
    expect(await timeOf(() => throughEverything(buildMail({ 'Content-Type': type }, body)))).toBeLessThan(
      limitMs,
    );
  });
});
