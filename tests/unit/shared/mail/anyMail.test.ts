import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { parseMail } from '#shared/mail/parsing/parseMail.ts';
import { safeHtmlForFreeScout, visibleText } from '#shared/mail/visible/safeHtml.ts';
import { buildMail } from '#tests/support/mailBuilder.ts';

const names =
  'table tbody thead tr td th caption div p span b a ul ol li blockquote section form center font dl dt dd pre h1 br hr img script style svg select button input o:p'.split(
    ' ',
  );

const attributes = [
  ...[
    'border',
    'border=1',
    'cellpadding=5',
    'rowspan=2',
    'colspan="2"',
    'colspan="9;x"',
    'hidden',
    'class=x',
  ],
  ...['onclick=x()', 'background="/bg"', 'action=/a', 'src="/i"', 'srcset="/i 2x"', 'ping="/p"', 'cite="/c"'],
  ...['href=/mailbox/1', 'href="https:conversation/3"', 'href=//evil.example', 'href="javascript:x"', 'href'],
  ...['href="https://shop.example/"', 'href="mailto:a@shop.example"', 'href=" &#9;HTTPS://Shop.Example"'],
  ...['href="https://shop.example\\@evil.example"', `href='https://shop.example/"onclick="x'`, 'target=_top'],
  ...['style="border:1px solid #333"', 'style="border-top:2px dotted"', 'style="padding:0;margin:-9px"'],
  ...['style="position:fixed;z-index:9;opacity:.5"', 'style="background:url(/x);width:expression(x)"'],
  ...['style="display:none"', 'style="font-size:0"', 'style="color:#fff"', 'style="border:1px solid;x:\\"y"'],
];

const tag = fc
  .tuple(
    fc.constantFrom(...names),
    fc.array(fc.constantFrom(...attributes), { maxLength: 3 }),
    fc.constantFrom('', '', '', '/'),
  )
  .map(([name, attributes, end]) => `<${end}${[name, ...attributes].join(' ')}>`);

const pieces = [
  ...[
    '</td>',
    '</tr>',
    '</table>',
    '<td>',
    '<tr><td>',
    '<table><tr><td>',
    '</a>',
    '</ul>',
    '<ul><li>',
    '</div>',
  ],
  ...[' ', '\n', '&nbsp;', '\u200b', '<', '>', '&', '"', "'", '<!--', '-->', '<!-- csm:1 -->', ']]>', '<b '],
  ...['<a href="https://shop.example/">', '<a href="http://evil.example/">', '<a href="/relative">'],
  ...['<a href="https://shop.example/">evil.example/pay</a>', '<a href="https://shop.example/"> </a>'],
  ...['evil.example/pay', 'https://evil.example', '<style>.x{display:none}</style>', '</script>'],
];

/** HTML in which every word occurs once. */
const html = fc
  .array(fc.oneof(tag, fc.constantFrom(...pieces), fc.constant(null), fc.constant(null)), { maxLength: 40 })
  .map((parts) => parts.map((part, at) => part ?? `word${at}x`).join(''));

/** What is wrong with HTML for FreeScout, by rules of its own. */
function faultsOf(written: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  let link: { readonly href: string; words: string } | null = null;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const around = open.at(-1) ?? '';
        if (!/^(?:div|p|span|b|a|br|ul|ol|li|blockquote|pre|h1|center|table|tr|td|th)$/.test(name)) {
          faults.push(`an element ${name}`);
        }
        if ((name === 'tr') !== (around === 'table')) {
          faults.push(`${name} in ${around}`);
        }
        if ((name === 'td' || name === 'th') !== (around === 'tr')) {
          faults.push(`${name} in ${around}`);
        }
        for (const [attribute, value] of Object.entries(attributes)) {
          if (!isAllowed(name, attribute, value)) {
            faults.push(`${attribute}="${value}" of ${name}`);
          }
        }
        if (name === 'a') {
          if (attributes.href === undefined || attributes.rel === undefined) {
            faults.push('a bare link');
          }
          link = { href: attributes.href ?? '', words: '' };
        }
        if (name !== 'br') {
          open.push(name);
        }
      },
      ontext(text) {
        const around = open.at(-1) ?? '';
        if (text.trim() !== '' && (around === 'table' || around === 'tr')) {
          faults.push(`text in ${around}`);
        }
        if (link !== null) {
          link.words += text;
        }
      },
      onclosetag(name) {
        if (name === 'br') {
          return;
        }
        open.pop();
        if (name !== 'a') {
          return;
        }
        const { href = '', words = '' } = link ?? {};
        if (words.replace(/[\s\u200b]/g, '') === '') {
          faults.push('a link without words');
        }
        if (/^https:\/\/shop/.test(href) && words.includes('evil.example')) {
          faults.push(`a link to ${href} that says ${words}`);
        }
        link = null;
      },
      oncomment: () => faults.push('a comment'),
      onprocessinginstruction: (name) => faults.push(`an instruction ${name}`),
    },
    { recognizeSelfClosing: true },
  );
  parser.end(written);
  return faults;
}

function isAllowed(element: string, attribute: string, value: string): boolean {
  return (
    (/^(?:rel|target)$/.test(attribute) && element === 'a') ||
    (attribute === 'href' && element === 'a' && isTheSameEverywhere(value)) ||
    (/^(?:col|row)span$/.test(attribute) && /^t[dh]$/.test(element) && /^\d{1,3}$/.test(value)) ||
    (attribute === 'style' &&
      /^t(?:able|r|d|h)$/.test(element) &&
      /^(?:(?:^|;)(?:padding:2px 8px|border(?:-[a-z]+)?:1px solid #ccc))+$/.test(value))
  );
}

function isTheSameEverywhere(href: string): boolean {
  const [one, other] = ['https://desk.example/mailbox/1', 'http://other.example/'].map(
    (page) => new URL(href, page),
  );
  return one?.href === other?.href && /^(?:https?|mailto|tel):$/.test(one?.protocol ?? '');
}

describe('whatever a mail contains', () => {
  it('becomes safe HTML that shows each word the reader saw, and none that was hidden', async () => {
    await fc.assert(
      fc.asyncProperty(html, async (given) => {
        const mail = await parseMail(
          buildMail(
            { 'Content-Type': 'text/html; charset=utf-8' },
            `<p>start</p><i style="display:none">secret</i>${given}`,
          ),
        );
        const written = safeHtmlForFreeScout(mail);
        expect(faultsOf(written)).toEqual([]);
        const shown = (text: string) => text.match(/word\d+x/g) ?? [];
        expect(shown(written.replace(/<[^>]*>/g, ''))).toEqual(shown(visibleText(mail.html ?? '')));
        expect(written).not.toContain('secret');
      }),
      { numRuns: 3_000 },
    );
  }, 120_000);
});
