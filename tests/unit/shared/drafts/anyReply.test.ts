import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asBrowserWrites } from '#infra/standins/freescout/browserHtml.ts';
import { fingerprintOf } from '#shared/drafts/fingerprint.ts';
import { markerNames } from '#shared/drafts/markers.ts';
import { shapeReply } from '#shared/drafts/shapeReply.ts';
import { hostOf } from '#shared/mail/visible/webAddresses.ts';

const allowedHosts = new Set(['example.com']);

/** Pieces that have a meaning somewhere on the way, in any order, among any other text. */
const pieces = [
  ...[
    '<',
    '>',
    '&',
    '"',
    "'",
    '&amp;',
    '<b>',
    '</div>',
    '<script>',
    '<!-- csm:draft:1:2 -->',
    '<a href="https://evil.test">',
  ],
  ...[
    '**',
    '*',
    '`',
    '```',
    '![a](https://example.com/a.png)',
    '[a](https://evil.test)',
    '[a](https://example.com/"x)',
  ],
  ...[
    'https://example.com/?a=1&b=2',
    'https://evil.test/',
    'www.example.com',
    'javascript:alert(1)',
    '[',
    '](',
    ')',
  ],
  ...[
    '\n',
    '\n\n',
    '- ',
    '1. ',
    '# ',
    '\u200b',
    '\u200d',
    '\u202e',
    '\u0000',
    '\u0001',
    '\ud83d',
    '\ude00',
    'می\u200cخواهم',
    '\u00a0',
    'é',
    'e\u0301',
    '漢字',
    '👩‍💻',
    ' word ',
    'Regards,',
  ],
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 8 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));
const block = fc.oneof(
  text.map((value) => ({ kind: 'paragraph' as const, text: value })),
  fc.array(text, { maxLength: 4 }).map((items) => ({ kind: 'list' as const, items })),
);
const reply = fc
  .array(block, { maxLength: 5 })
  .map((blocks) => shapeReply({ language: 'en', blocks }, { expectedLanguage: '', allowedHosts }))
  .filter((shaped) => shaped.outcome === 'usable')
  .map(({ html }) => html);

describe('whatever the model writes', () => {
  it('becomes allowed tags around escaped text, with links to known hosts only', () => {
    fc.assert(
      fc.property(reply, (html) => {
        const rest = html
          .replace(/<a href="([^"<>]*)">/g, (_, href: string) => {
            expect(hostOf(href.replaceAll('&amp;', '&'))).toBe('example.com');
            return '';
          })
          .replace(/<\/?(?:div|b|i|ul|ol|li)>|<br>|<\/a>/g, '');
        expect(rest).not.toMatch(/[<>"]|&(?!(?:amp|lt|gt|quot);)/);
        expect(html).not.toMatch(/\p{Cc}|[\u200b\u202a-\u202e]|[\p{Script=Latin}\s>]\u200d/u);
        expect(html.isWellFormed()).toBe(true);
        expect(markerNames(html)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has the same fingerprint after the editor saved it', () => {
    fc.assert(
      fc.property(reply, (html) => {
        expect(fingerprintOf(asBrowserWrites(html))).toBe(fingerprintOf(html));
      }),
      { numRuns: 1_000 },
    );
  });
});
